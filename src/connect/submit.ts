/**
 * One submit of the form: normalise, ask the provider, seal what was pasted, keep the verdict.
 * Two round trips: one before the provider is asked, one after.
 */
import { reserveStatements, settle, toReservation } from "../connections/attempts/attempt.ts"
import type { Deps } from "../context.ts"
import { secondsAfter } from "../lib/clock.ts"
import type { AuthorizationRequest } from "../oauth/request.ts"
import type {
  Credentials,
  Normalised,
  Problem,
  Provider,
  Verification,
} from "../providers/provider.ts"
import { permissionsOf, readScopes } from "../providers/scope.ts"
import { fingerprint } from "../vault/fingerprint.ts"
import { prepareAttempt } from "./attempt.ts"
import { begin } from "./begin.ts"
import { fillFromKept, openPasted, sealFor, splitKept, withoutTyped } from "./kept.ts"
import { codeOf, logStep } from "./log-step.ts"
import {
  MAX_CHECKS,
  PASTED_SECONDS,
  type Session,
  type SessionKey,
  type Verdict,
} from "./session.ts"
import { saveVerdict } from "./store.ts"
import { typingOf } from "./turn.ts"

/** What came with the form. */
export interface Submission {
  readonly key: SessionKey
  readonly request: AuthorizationRequest
  readonly provider: Provider
  /** Values of the provider's own fields, as submitted. */
  readonly fields: Credentials
  /** A suggested value, taken by its button. */
  readonly use: string | undefined
  /** The person says that the password was reset. */
  readonly resetDone: boolean
  /** What the page and its log line show. */
  readonly reference: string
}

/** `asking`: another submit is asking for the same login right now; `tired`: asked too often. */
export type SubmitResult = Verdict | "asking" | "tired"

/** Runs one submit; gives its verdict. Throws `DeadEndError` where the session can't go on. */
export async function submit(deps: Deps, submission: Submission): Promise<SubmitResult> {
  const { request, provider, resetDone } = submission
  // A login is reserved for what will be sent, so the suggestion is taken first.
  const fields = takeSuggestion(submission, provider.method.normalise(submission.fields).problems)
  const attempt = await prepareAttempt(deps, request, provider, fields)
  const reserve =
    attempt === undefined ? [] : reserveStatements(deps.db, attempt, resetDone, deps.now())
  const release = async (results: readonly D1Result[]) => {
    if (attempt !== undefined && toReservation(results) === "reserved") {
      await settle(deps.db, attempt, undefined).run()
    }
  }
  const { session, results } = await begin(deps, { ...submission, checks: 1 }, reserve, release)
  const reservation = attempt === undefined ? undefined : toReservation(results)
  if (session.checks > MAX_CHECKS) {
    await release(results)
    return "tired"
  }
  const normalised = complete(submission, session, await openPasted(deps, session, deps.now()))
  if (normalised.problems.length === 0 && reservation === "running") return "asking"
  const reserved = reservation === "reserved" ? attempt?.key : undefined
  const verification = await decide(deps, submission, normalised, reserved)
  const settled =
    attempt === undefined || reservation !== "reserved"
      ? []
      : [settle(deps.db, attempt, normalised.problems.length > 0 ? undefined : verification)]
  return await save(deps, submission, session, normalised, verification, settled)
}

/** Puts a taken suggestion and what is kept into the fields, and normalises the whole. */
function complete(submission: Submission, session: Session, kept: Credentials): Normalised {
  const { method } = submission.provider
  const offered = session.verdict?.outcome === "refused" ? session.verdict.problems : []
  const found = method.normalise(submission.fields).problems
  const typed = takeSuggestion(submission, [...offered, ...found])
  return method.normalise(fillFromKept(method, typed, kept))
}

/** Puts the suggestion in whose button was pressed. */
function takeSuggestion({ fields, use }: Submission, problems: readonly Problem[]): Credentials {
  const taken = problems.find(({ suggestion }) => suggestion !== undefined && suggestion === use)
  return taken?.suggestion === undefined ? fields : { ...fields, [taken.field]: taken.suggestion }
}

/** Decides without the provider what can be, else asks it, within the time budget. */
async function decide(
  deps: Deps,
  { request, provider }: Submission,
  { credentials, problems }: Normalised,
  reserved: string | undefined,
): Promise<Verification> {
  if (problems.length > 0) return { outcome: "refused", problems, accepted: [] }
  const upstream = deps.upstream(provider, request.environment, false)
  if (upstream === undefined)
    return { outcome: "could_not_check", code: "down", uncheckable: false }
  const limit = provider.method.attempts
  // Nothing is sent but the very login that was reserved.
  if (limit !== undefined && upstream.adapter.loginKey !== undefined) {
    if (reserved === undefined || reserved !== upstream.adapter.loginKey(credentials)) {
      return { outcome: "refused", problems: [limit.problem], accepted: [] }
    }
  }
  const scopes = readScopes(request.scope.join(" "))
  return await upstream.adapter.verify(credentials, {
    fetch: upstream.fetch,
    now: deps.now,
    signal: AbortSignal.timeout(deps.verificationSeconds * 1000),
    permissions: scopes.ok ? permissionsOf(scopes.scopes) : [],
  })
}

/** Second round trip: what is kept, the verdict, and the attempt settled, together. */
async function save(
  deps: Deps,
  { request, provider, reference }: Submission,
  session: Session,
  { credentials, repairs, problems }: Normalised,
  verification: Verification,
  settled: readonly D1PreparedStatement[],
): Promise<Verdict> {
  const values = verification.outcome === "works" ? verification.credentials : credentials
  const { draft, pasted } = splitKept(provider.method, values, verification)
  const secrets = provider.method.fields.filter(({ name, secret }) => secret && name in pasted)
  const verdict: Verdict = {
    ...(await describe(deps, request, verification, problems)),
    at: deps.now(),
    scope: request.scope,
    repairs,
    kept: secrets.map(({ name }) => name),
  }
  const hasKept = secrets.length > 0
  await deps.db.batch([
    saveVerdict(deps.db, session, typingOf(request, deps.now()), {
      draftSealed: await sealFor(deps, session, "draft", draft),
      pastedSealed: hasKept ? await sealFor(deps, session, "session", pasted) : undefined,
      pastedUntil: hasKept ? secondsAfter(deps.now(), PASTED_SECONDS) : undefined,
      verdict,
    }),
    logStep(deps.db, session, {
      step: verdict.outcome,
      code: codeOf(verdict),
      reference,
      at: deps.now(),
    }),
    ...settled,
  ])
  return verdict
}

async function describe(
  deps: Deps,
  request: AuthorizationRequest,
  verification: Verification,
  found: readonly Problem[],
) {
  switch (verification.outcome) {
    case "works": {
      const { outcome, account, sights, permissions, notices, identity } = verification
      const parts = [request.environment, request.provider, identity]
      const accountFingerprint = await fingerprint(deps.config.fingerprintKey, "account", parts)
      return { outcome, account, accountFingerprint, sights, permissions, notices }
    }
    case "refused": {
      const { outcome, problems, accepted } = verification
      return { outcome, problems: withoutTyped(problems, found), accepted }
    }
    case "could_not_check": {
      const { outcome, code, uncheckable } = verification
      return { outcome, code, uncheckable }
    }
  }
}
