/**
 * Logins at a provider that locks a user after too many: each is reserved before it is tried and
 * settled after, so that no race and no crash tries one too often.
 */
import type { Deps } from "../../context.ts"
import { newId } from "../../lib/ids.ts"
import type { AttemptLimit, Credentials, Provider, Verification } from "../../providers/provider.ts"
import { fingerprint } from "../../vault/fingerprint.ts"
import { countRunning, freeAttempt, reserveAttempt, settleAttempt, toRunning } from "./store.ts"

export interface Attempt {
  readonly id: string
  /** Fingerprint of the login. */
  readonly login: string
  /** What the fingerprint is made of; plain, and never stored. */
  readonly key: string
  readonly limit: AttemptLimit
}

/** Whether the login may be tried; `running`: somebody else is trying it at this moment. */
export type Reservation = "reserved" | "running" | "used_up"

/**
 * Gives the attempt to reserve for some credentials, or undefined where the provider doesn't lock. The
 * sandbox has no users to lock: there `who` says for whom the cap is shown.
 */
export async function makeAttempt(
  { config, upstream }: Deps,
  provider: Provider,
  credentials: Credentials,
  { environment, who }: { readonly environment: "test" | "live"; readonly who: readonly string[] },
): Promise<Attempt | undefined> {
  const limit = provider.method.attempts
  const adapter = upstream(provider, environment, false)?.adapter
  // Where nobody is asked nobody is locked.
  if (limit === undefined || adapter?.loginKey === undefined) return undefined
  const key = adapter.loginKey(credentials)
  const parts = [provider.id, key, ...(environment === "test" ? who : [])]
  const login = await fingerprint(config.fingerprintKey, "login", parts)
  return { id: newId("att"), login, key, limit }
}

/** Statements that reserve an attempt, the last two of a batch; give their results to `toReservation`. */
export function reserveStatements(
  db: D1Database,
  { id, login, limit }: Attempt,
  resetDone: boolean,
  now: number,
): D1PreparedStatement[] {
  return [
    ...(resetDone ? [freeAttempt(db, login, limit, now)] : []),
    countRunning(db, login, now),
    reserveAttempt(db, { id, login }, limit, now),
  ]
}

/** Reads the results of a batch that ended with `reserveStatements`. */
export function toReservation(results: readonly D1Result[]): Reservation {
  if (results.at(-1)?.meta.changes === 1) return "reserved"
  return toRunning(results.at(-2)) > 0 ? "running" : "used_up"
}

/** Statement that settles a reserved attempt by what came of it. */
export function settle(
  db: D1Database,
  attempt: Attempt,
  verification: Verification | undefined,
): D1PreparedStatement {
  if (verification?.outcome === "works") return settleAttempt(db, attempt, "success")
  const failed =
    verification?.outcome === "refused" &&
    verification.firstFactorAccepted !== true &&
    verification.notAsked !== true
  return settleAttempt(db, attempt, failed ? "refused" : "released")
}
