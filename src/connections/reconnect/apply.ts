/**
 * Applies a reconnect: what it brought replaces what the connection holds, in the batch that redeems or
 * claims it. Until then the old goes on working; whoever comes second changes nothing.
 */
import { newId } from "../../lib/ids.ts"
import type { KeyRing } from "../../vault/key-ring.ts"
import { open, seal } from "../../vault/seal.ts"
import { enqueueConnectionEvent } from "../../webhooks/store.ts"
import { firstCheckAt } from "../health/schedule.ts"
import {
  type FoundReconnect,
  type Proof,
  renameChange,
  replaceConnection,
  winReconnect,
} from "./store.ts"

export interface Application {
  readonly statements: readonly D1PreparedStatement[]
  /** Which statement's result `toConnection` takes; undefined there means that another has won. */
  readonly replacedAt: number
  /** Webhooks that may be written. */
  readonly messageIds: readonly string[]
}

/** Where a waiting reconnect's sealed text belongs: in its own row, beside its connection. */
export function placeOfReconnect(
  reconnect: Pick<FoundReconnect, "id" | "connectionId" | "clientId" | "provider">,
) {
  const { id, connectionId, clientId, provider } = reconnect
  return { purpose: "reconnect", id: `${connectionId}/${id}`, clientId, provider } as const
}

/**
 * Gives the statements that apply a waiting reconnect where `proof` holds. What it brought is sealed
 * anew, for the connection's own row. Throws `KoppelError` where it can't be opened.
 */
export async function applyReconnect(
  db: D1Database,
  keyRing: KeyRing,
  found: FoundReconnect & { readonly credentialsSealed: string },
  proof: Proof,
  now: number,
): Promise<Application> {
  const { connectionId, clientId, provider } = found
  const credentials = await open(keyRing, found.credentialsSealed, placeOfReconnect(found))
  const place = { purpose: "connection", id: connectionId, clientId, provider } as const
  const credentialsSealed = await seal(keyRing, credentials, place)
  const updatedId = newId("msg")
  const recoveredId = newId("msg")
  const nextCheckAt = firstCheckAt(now, Math.random)
  const event = { clientId, connection: { id: connectionId }, at: now }
  return {
    statements: [
      winReconnect(db, found, proof, updatedId, now),
      replaceConnection(db, found, { credentialsSealed, updatedId, recoveredId, nextCheckAt }),
      enqueueConnectionEvent(db, {
        ...event,
        id: recoveredId,
        type: "connection.recovered",
        changeId: recoveredId,
      }),
      renameChange(db, found, recoveredId, updatedId),
      enqueueConnectionEvent(db, {
        ...event,
        id: updatedId,
        type: "connection.updated",
        changeId: updatedId,
      }),
    ],
    replacedAt: 1,
    messageIds: [recoveredId, updatedId],
  }
}

/** Tells a reconnect that still waits. */
export function isWaiting(
  found: FoundReconnect | undefined,
): found is FoundReconnect & { readonly credentialsSealed: string } {
  return found?.credentialsSealed !== undefined && !found.isApplied
}
