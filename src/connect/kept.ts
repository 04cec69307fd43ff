/** What is kept sealed while the page is open, so that nothing has to be pasted twice. */
import type { Deps } from "../context.ts"
import type { Credentials, Method, Problem, Verification } from "../providers/provider.ts"
import { open, type Purpose, seal } from "../vault/seal.ts"
import { isPastedKept, type Session, type Verdict } from "./session.ts"

/** Opens what was pasted in this session; empty where nothing was kept any more at `now`. */
export async function openPasted(deps: Deps, session: Session, now: number): Promise<Credentials> {
  if (session.pastedSealed === undefined || !isPastedKept(session, now)) return {}
  return await openFor(deps, session, "session", session.pastedSealed)
}

/** Opens what may be written back into the form. */
export async function openDraft(deps: Deps, session: Session | undefined): Promise<Credentials> {
  if (session?.draftSealed === undefined) return {}
  return await openFor(deps, session, "draft", session.draftSealed)
}

/** Seals values for a session's connection. */
export async function sealFor(
  { config }: Deps,
  { connectionId: id, clientId, provider }: Session,
  purpose: Purpose,
  values: Credentials,
): Promise<string> {
  return await seal(config.keyRing, values, { purpose, id, clientId, provider })
}

/**
 * Fills secret fields that were left empty from what is kept, as long as the fields that they are
 * kept with are unchanged.
 */
export function fillFromKept(
  method: Method,
  submitted: Credentials,
  kept: Credentials,
): Credentials {
  const filled: Record<string, string> = { ...submitted }
  const { credentials } = method.normalise(submitted)
  for (const { name, secret, oneTime, keptWith = [] } of method.fields) {
    const value = kept[name]
    if (!secret || oneTime === true || value === undefined || (submitted[name] ?? "") !== "")
      continue
    if (keptWith.every((other) => credentials[other] === kept[other])) filled[name] = value
  }
  return filled
}

/** Splits values into what may be written back and what is kept: all but one-time and blamed secrets. */
export function splitKept(
  method: Method,
  credentials: Credentials,
  verification: Verification,
): { draft: Credentials; pasted: Credentials } {
  const blamed = new Set(
    verification.outcome === "refused" ? verification.problems.map(({ field }) => field) : [],
  )
  const draft: Record<string, string> = {}
  const pasted: Record<string, string> = {}
  for (const { name, secret, oneTime } of method.fields) {
    const value = credentials[name]
    if (value === undefined || value === "" || oneTime === true) continue
    if (!secret) draft[name] = value
    if (!secret || !blamed.has(name)) pasted[name] = value
  }
  return { draft, pasted }
}

/**
 * Leaves out of problems what was suggested out of the form itself: that is what was typed, and the
 * verdict is stored plain. `refill` makes it again from the draft, which is sealed.
 */
export function withoutTyped(
  problems: readonly Problem[],
  found: readonly Problem[],
): readonly Problem[] {
  return problems.map((problem) =>
    found.includes(problem) ? { field: problem.field, code: problem.code } : problem,
  )
}

/** Puts suggestions back that `withoutTyped` left out. */
export function refill<V extends Verdict>(method: Method, verdict: V, draft: Credentials): V {
  if (verdict.outcome !== "refused") return verdict
  const found = method.normalise(draft).problems
  const problems = verdict.problems.map(
    (problem) =>
      found.find(({ field, code }) => field === problem.field && code === problem.code) ?? problem,
  )
  return { ...verdict, problems }
}

async function openFor(
  { config }: Deps,
  { connectionId: id, clientId, provider }: Session,
  purpose: Purpose,
  sealed: string,
): Promise<Credentials> {
  return (await open(config.keyRing, sealed, { purpose, id, clientId, provider })) as Credentials
}
