/** Claims a connection: the app proves that the flow it began is the one that ended here. */
import { sameText, sha256 } from "../lib/bytes.ts"
import { KoppelError } from "../lib/errors.ts"
import { enqueueConnectionEvent } from "../webhooks/store.ts"
import type { Connection } from "./connection.ts"
import { firstCheckAt } from "./health/schedule.ts"
import { claimPending, toConnection } from "./store.ts"

/** The one answer for what is unknown, deleted, expired, or another app's. */
export function connectionNotFound(detail: string): KoppelError {
  return new KoppelError(404, "not_found", "There is no such connection.", { detail })
}

/**
 * Claims `found` with the `state` that the app sent and writes the webhook `messageId`; gives the
 * claimed connection. Throws 404 for what
 * does not exist for this app, 409 for a second claim, 400 for a state that is not that request's.
 */
export async function claim(
  db: D1Database,
  found: Connection | undefined,
  state: string | undefined,
  { now, messageId }: { readonly now: number; readonly messageId: string },
): Promise<Connection> {
  if (found === undefined) throw connectionNotFound("unknown connection")
  if (found.claimedAt !== undefined) throw alreadyClaimed()
  if ((found.expiresAt ?? 0) <= now) throw connectionNotFound("expired before it was claimed")
  // Handed off with a code: it is redeemed at the token endpoint and can't be claimed.
  if (found.stateHash === undefined) throw connectionNotFound("not of the connection_id response")
  const stateHash = await sha256(state ?? "")
  if (state === undefined || !sameText(stateHash, found.stateHash)) throw notItsState(state)
  const { id, clientId } = found
  const nextCheckAt = firstCheckAt(now, Math.random)
  const [result] = await db.batch([
    claimPending(db, { id, clientId, stateHash, at: now, nextCheckAt, changeId: messageId }),
    enqueueConnectionEvent(db, {
      id: messageId,
      type: "connection.created",
      clientId,
      connection: { id },
      at: now,
      changeId: messageId,
    }),
  ])
  const claimed = toConnection(result)
  // The row was claimable a moment ago, so another claim has won.
  if (claimed === undefined) throw alreadyClaimed()
  return claimed
}

/** The answer to a claim whose state is missing, or not that of the request. */
export function notItsState(state: string | undefined): KoppelError {
  return state === undefined
    ? new KoppelError(400, "invalid_request", "state: send the state of your own request.")
    : new KoppelError(400, "state_mismatch", "state: is not the one this connection began with.")
}

/** The answer to every claim but the first. */
export function alreadyClaimed(): KoppelError {
  return new KoppelError(409, "already_claimed", "This connection has been claimed before.")
}
