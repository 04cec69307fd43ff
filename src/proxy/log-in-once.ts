/**
 * Logs in for the calls of one connection: one at a time, whoever calls, within what is safe at a
 * provider that locks a user, and never again after a refusal.
 */
import {
  type Attempt,
  makeAttempt,
  reserveStatements,
  toReservation,
} from "../connections/attempts/attempt.ts"
import { settleAttempt } from "../connections/attempts/store.ts"
import type { Deps } from "../context.ts"
import { secondsAfter, sleep } from "../lib/clock.ts"
import { newId } from "../lib/ids.ts"
import type { ProxyLogin } from "../providers/provider.ts"
import type { LoginPlace } from "./keep-token.ts"
import { endTurn, keepRefusal, keepToken, takeTurn } from "./store.ts"

/** As long as Koppel counts failed logins: a mistake at the provider may have been put right. */
const REFUSAL_SECONDS = 24 * 60 * 60
const WAIT_SECONDS = 0.25
/** Beyond the time of a call, so that a turn outlives the login that it was taken for. */
const TURN_MARGIN_SECONDS = 5

export interface LoginRequest {
  readonly login: () => Promise<ProxyLogin>
  /** Sealed text of a token that is of no use any more. */
  readonly stale: string | undefined
  readonly signal: AbortSignal
}

/** Logs in when it is this call's turn, or waits for the token that another call gets. */
export async function logInOnce(
  deps: Deps,
  place: LoginPlace,
  { login, stale: turnedDown, signal }: LoginRequest,
): Promise<ProxyLogin> {
  const id = newId("trn")
  let stale = turnedDown
  for (;;) {
    const now = deps.now()
    const until = secondsAfter(now, deps.proxySeconds + TURN_MARGIN_SECONDS)
    const { isMine, kept } = await takeTurn(deps.db, place.key, { id, stale, now, until })
    if (isMine) return await useTurn(deps, place, id, login)
    // Without a row the connection is no longer one that may log in.
    if (kept === undefined || kept.isRefused) return { outcome: "refused", code: "login_refused" }
    const token = await place.opener.open(kept)
    if (token !== undefined) return { outcome: "token", token }
    stale = kept.tokenSealed
    try {
      await sleep(WAIT_SECONDS, signal)
    } catch {
      return { outcome: "refused", code: "login_busy" }
    }
  }
}

/** Counts and remembers a refusal that was no login of its own. */
export async function countRefusal(deps: Deps, place: LoginPlace): Promise<void> {
  const attempt = await attemptOf(deps, place)
  if (attempt !== undefined) {
    await deps.db.batch([
      ...reserveStatements(deps.db, attempt, false, deps.now()),
      settleAttempt(deps.db, attempt, "refused"),
    ])
  }
  await remember(deps, place)
}

async function useTurn(
  deps: Deps,
  place: LoginPlace,
  turnId: string,
  login: () => Promise<ProxyLogin>,
): Promise<ProxyLogin> {
  try {
    const result = await logInWithinCap(deps, place, login)
    if (result.outcome === "token") {
      const sealed = await place.opener.seal(result.token)
      const { expiresAt } = result.token
      await keepToken(deps.db, place.key, { turnId, sealed, expiresAt })
    } else if (result.code === "login_refused") {
      await remember(deps, place)
    } else {
      await endTurn(deps.db, place.key, turnId)
    }
    return result
  } catch (error) {
    await endTurn(deps.db, place.key, turnId)
    throw error
  }
}

async function logInWithinCap(
  deps: Deps,
  place: LoginPlace,
  login: () => Promise<ProxyLogin>,
): Promise<ProxyLogin> {
  const attempt = await attemptOf(deps, place)
  if (attempt === undefined) return await login()
  const statements = reserveStatements(deps.db, attempt, false, deps.now())
  const reservation = toReservation(await deps.db.batch(statements))
  if (reservation === "running") return { outcome: "refused", code: "login_busy" }
  if (reservation === "used_up") {
    return { outcome: "refused", code: "login_refused", detail: "too many failed logins" }
  }
  const result = await login()
  await settleAttempt(deps.db, attempt, meaningOf(result)).run()
  return result
}

function meaningOf(result: ProxyLogin): "success" | "refused" | "released" {
  if (result.outcome === "token") return "success"
  return result.code === "login_refused" && result.isFailedLogin !== false ? "refused" : "released"
}

async function attemptOf(deps: Deps, place: LoginPlace): Promise<Attempt | undefined> {
  const { provider, credentials, connection } = place
  const { environment, clientId, id } = connection
  return await makeAttempt(deps, provider, credentials, { environment, who: [clientId, id] })
}

async function remember(deps: Deps, { key }: LoginPlace): Promise<void> {
  const now = deps.now()
  await keepRefusal(deps.db, key, { now, until: secondsAfter(now, REFUSAL_SECONDS) })
}
