/**
 * One submit of the form: normalise, ask the provider, seal what was pasted, keep the verdict.
 * Two round trips: one before the provider is asked, one after.
 */
import { selectApp, toApp } from "../apps/store.ts"
import type { Deps } from "../context.ts"
import { secondsAfter } from "../lib/clock.ts"
import { newId } from "../lib/ids.ts"
import type { AuthorizationRequest } from "../oauth/request.ts"
import { spendPushedRequest } from "../oauth/store.ts"
import type { Credentials, Normalised, Provider, Verification } from "../providers/provider.ts"
import { permissionsOf, readScopes } from "../providers/scope.ts"
import { fingerprint } from "../vault/fingerprint.ts"
import {
  type Attempt,
  prepareAttempt,
  type Reservation,
  reserveStatements,
  settle,
  toReservation,
} from "./attempt.ts"
import { fillFromKept, openPasted, sealFor, splitKept } from "./kept.ts"
import {
  MAX_CHECKS,
  PASTED_SECONDS,
  type Session,
  type SessionKey,
  type Verdict,
} from "./session.ts"
import { beginStatements, saveVerdict, selectSession, toSession } from "./store.ts"
import { DeadEndError, isStale, requireApp } from "./visit.ts"

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
}

/** `asking`: another submit is asking for the same login right now; `tired`: asked too often. */
export type SubmitResult = Verdict | "asking" | "tired"

/** Runs one submit; gives its verdict. Throws `DeadEndError` where the session is over. */
export async function submit(deps: Deps, submission: Submission): Promise<SubmitResult> {
  const { session, attempt, reservation } = await begin(deps, submission)
  const release = async () => {
    if (attempt !== undefined && reservation === "reserved")
      await settle(deps.db, attempt, undefined).run()
  }
  if (session.checks > MAX_CHECKS) {
    await release()
    return "tired"
  }
  const normalised = complete(submission, session, await openPasted(deps, session))
  if (normalised.problems.length === 0 && reservation === "running") return "asking"
  const verification = await decide(deps, submission, normalised, reservation)
  const settled =
    attempt === undefined || reservation !== "reserved"
      ? []
      : [settle(deps.db, attempt, normalised.problems.length > 0 ? undefined : verification)]
  return await save(deps, submission, session, normalised, verification, settled)
}

/** First round trip: the row is made or found, and a login reserved where that is needed. */
async function begin(
  deps: Deps,
  { key, request, provider, fields, resetDone }: Submission,
): Promise<{
  session: Session
  attempt: Attempt | undefined
  reservation: Reservation | undefined
}> {
  const { db } = deps
  const now = deps.now()
  const attempt = await prepareAttempt(deps, request, provider, fields)
  const mayBegin = !isStale(request, now)
  const start = {
    id: newId("ses"),
    connectionId: newId("con"),
    requestedAt: request.issuedAt,
    mayBegin,
    pushedHash: request.pushedHash,
    now,
  }
  const spend =
    request.pushedHash === undefined
      ? []
      : [spendPushedRequest(db, key.clientId, request.pushedHash, key.browserHash)]
  const begun = beginStatements(db, key, start)
  const results = await db.batch([
    selectApp(db, key.clientId),
    ...spend,
    ...begun,
    selectSession(db, key, request.issuedAt, now),
    ...(attempt === undefined ? [] : reserveStatements(db, attempt, resetDone, now)),
  ])
  const app = requireApp(toApp(results[0]))
  const session = toSession(results[1 + spend.length + begun.length])
  const reservation = attempt === undefined ? undefined : toReservation(results)
  if (session !== undefined && session.endedAt === undefined) {
    return { session, attempt, reservation }
  }
  if (attempt !== undefined && reservation === "reserved")
    await settle(db, attempt, undefined).run()
  if (session !== undefined) throw new DeadEndError("over", app)
  throw new DeadEndError(mayBegin ? "other_browser" : "expired", app)
}

/** Puts a taken suggestion and what is kept into the fields, and normalises the whole. */
function complete(
  { provider, fields, use }: Submission,
  session: Session,
  kept: Credentials,
): Normalised {
  const suggested =
    session.verdict?.outcome === "refused"
      ? session.verdict.problems.find(
          ({ suggestion }) => suggestion !== undefined && suggestion === use,
        )
      : undefined
  const typed =
    suggested?.suggestion === undefined
      ? fields
      : { ...fields, [suggested.field]: suggested.suggestion }
  return provider.method.normalise(fillFromKept(provider.method, typed, kept))
}

/** Decides without the provider what can be, else asks it, within the time budget. */
async function decide(
  deps: Deps,
  { request, provider }: Submission,
  { credentials, problems }: Normalised,
  reservation: Reservation | undefined,
): Promise<Verification> {
  if (problems.length > 0) return { outcome: "refused", problems, accepted: [] }
  const limit = provider.method.attempts
  if (reservation === "used_up" && limit !== undefined) {
    return { outcome: "refused", problems: [limit.problem], accepted: [] }
  }
  const upstream = deps.upstream(provider, request.environment, false)
  if (upstream === undefined)
    return { outcome: "could_not_check", code: "down", uncheckable: false }
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
  { request, provider }: Submission,
  session: Session,
  { credentials, repairs }: Normalised,
  verification: Verification,
  settled: readonly D1PreparedStatement[],
): Promise<Verdict> {
  const values = verification.outcome === "works" ? verification.credentials : credentials
  const { draft, pasted } = splitKept(provider.method, values, verification)
  const secrets = provider.method.fields.filter(({ name, secret }) => secret && name in pasted)
  const verdict: Verdict = {
    ...(await describe(deps, request, verification)),
    at: deps.now(),
    scope: request.scope,
    repairs,
    kept: secrets.map(({ name }) => name),
  }
  const hasKept = secrets.length > 0
  await deps.db.batch([
    saveVerdict(deps.db, session, {
      draftSealed: await sealFor(deps, session, "draft", draft),
      pastedSealed: hasKept ? await sealFor(deps, session, "session", pasted) : undefined,
      pastedUntil: hasKept ? secondsAfter(deps.now(), PASTED_SECONDS) : undefined,
      verdict,
    }),
    ...settled,
  ])
  return verdict
}

async function describe(deps: Deps, request: AuthorizationRequest, verification: Verification) {
  switch (verification.outcome) {
    case "works": {
      const { outcome, account, sights, permissions, notices, identity } = verification
      const parts = [request.environment, request.provider, identity]
      const accountFingerprint = await fingerprint(deps.config.fingerprintKey, "account", parts)
      return { outcome, account, accountFingerprint, sights, permissions, notices }
    }
    case "refused": {
      const { outcome, problems, accepted } = verification
      return { outcome, problems, accepted }
    }
    case "could_not_check": {
      const { outcome, code, uncheckable } = verification
      return { outcome, code, uncheckable }
    }
  }
}
