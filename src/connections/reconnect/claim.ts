/** Claims a reconnect: the same proof as for a new connection, and it is applied in the same batch. */
import type { Owner } from "../../apps/store.ts"
import type { Deps } from "../../context.ts"
import { sha256 } from "../../lib/bytes.ts"
import { alreadyClaimed, notItsState } from "../claim.ts"
import type { Connection } from "../connection.ts"
import { toConnection } from "../store.ts"
import { applyReconnect, isWaiting } from "./apply.ts"
import { selectClaimable, selectReconnectOfState, toReconnect } from "./store.ts"

/** Statements for the round trip that reads the caller; give their results to `claimReconnect`. */
export function selectForClaim(
  db: D1Database,
  owner: Owner,
  connectionId: string,
  stateHash: string,
  now: number,
): D1PreparedStatement[] {
  return [
    selectReconnectOfState(db, owner, connectionId, stateHash, now),
    selectClaimable(db, owner, connectionId, now),
  ]
}

/**
 * Applies the reconnect of a claimed connection that `state` names; gives the connection as it is
 * then. Throws 409 where there is none to claim, or no more; 400 where one waits for another state.
 */
export async function claimReconnect(
  { db, config, now }: Deps,
  [foundResult, claimableResult]: readonly D1Result[],
  state: string | undefined,
): Promise<{ readonly connection: Connection; readonly messageIds: readonly string[] }> {
  const found = state === undefined ? undefined : toReconnect(foundResult)
  if (state === undefined || !isWaiting(found)) {
    const isForAnother = found === undefined && claimableResult?.results.length === 1
    throw isForAnother ? notItsState(state) : alreadyClaimed()
  }
  const proof = { stateHash: await sha256(state) }
  const application = await applyReconnect(db, config.keyRing, found, proof, now())
  const results = await db.batch([...application.statements])
  const connection = toConnection(results[application.replacedAt])
  // It was waiting a moment ago, so another claim has won.
  if (connection === undefined) throw alreadyClaimed()
  return { connection, messageIds: application.messageIds }
}
