/**
 * Logins at a provider that locks a user after too many: each is reserved before it is tried and
 * settled after, so that no race and no crash tries one too often.
 */
import type { Deps } from "../context.ts"
import { newId } from "../lib/ids.ts"
import type { AuthorizationRequest } from "../oauth/request.ts"
import type {
  AttemptLimit,
  Credentials,
  Method,
  Provider,
  Verification,
} from "../providers/provider.ts"
import { fingerprint } from "../vault/fingerprint.ts"
import { countRunning, freeAttempt, reserveAttempt, settleAttempt, toRunning } from "./store.ts"

export interface Attempt {
  readonly id: string
  /** Fingerprint of the login. */
  readonly login: string
  readonly limit: AttemptLimit
}

/** Whether the login may be tried; `running`: another submit is trying it at this moment. */
export type Reservation = "reserved" | "running" | "used_up"

/**
 * Gives the attempt to reserve for what was typed, or undefined where the provider doesn't lock or
 * won't be asked. Secret fields may still be filled from what is kept.
 */
export async function prepareAttempt(
  { config }: Deps,
  request: AuthorizationRequest,
  { id, method }: Provider,
  fields: Credentials,
): Promise<Attempt | undefined> {
  const limit = method.attempts
  if (limit === undefined) return undefined
  const { credentials, problems } = method.normalise(fields)
  const blocking = problems.some(
    ({ field, code }) => code !== "missing" || !isSecret(method, field),
  )
  if (blocking) return undefined
  // The sandbox has no users to lock; there the cap is shown to one browser at one app.
  const who = request.environment === "test" ? [request.clientId, request.browserHash] : []
  const login = await fingerprint(config.fingerprintKey, "login", [
    id,
    limit.key(credentials),
    ...who,
  ])
  return { id: newId("att"), login, limit }
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

function isSecret(method: Method, name: string): boolean {
  return method.fields.some((field) => field.name === name && field.secret)
}
