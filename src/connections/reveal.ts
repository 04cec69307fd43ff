/** Gives an app the plain credentials, where the person was told so when they connected. */
import { runWithAssertion } from "../apps/run-with-assertion.ts"
import { secondsAfter } from "../lib/clock.ts"
import { KoppelError } from "../lib/errors.ts"
import { newId } from "../lib/ids.ts"
import type { Credentials } from "../providers/provider.ts"
import type { KeyRing } from "../vault/key-ring.ts"
import { open } from "../vault/seal.ts"
import { enqueueConnectionEvent } from "../webhooks/store.ts"
import type { Connection } from "./connection.ts"
import { insertEvent, noteUse } from "./store.ts"

const EVENT_KEPT_SECONDS = 90 * 24 * 60 * 60

/**
 * Opens a connection's credentials after an event row stands. Throws 403 unless the copy of
 * `credentials_access` on the connection allows it.
 */
export async function revealCredentials(
  db: D1Database,
  keyRing: KeyRing,
  connection: Connection,
  request: {
    readonly now: number
    /** Of the webhook that tells of it. */
    readonly messageId: string
    readonly reference: string
    readonly assertion: { readonly jtiHash: string; readonly expiresAt: number } | undefined
  },
): Promise<Credentials> {
  if (!connection.credentialsAccess) {
    throw new KoppelError(403, "no_credentials_access", "This connection keeps its credentials.", {
      detail: "connected without credentials_access",
    })
  }
  const { id, clientId, provider } = connection
  const place = { purpose: "connection", id, clientId, provider } as const
  const credentials = (await open(keyRing, connection.credentialsSealed, place)) as Credentials
  const event = insertEvent(db, {
    id: newId("evt"),
    clientId,
    connectionId: id,
    type: "connection.credentials_read",
    at: request.now,
    reference: request.reference,
    expiresAt: secondsAfter(request.now, EVENT_KEPT_SECONDS),
  })
  const message = enqueueConnectionEvent(db, {
    id: request.messageId,
    type: "connection.credentials_read",
    clientId,
    connection: { id },
    at: request.now,
  })
  await runWithAssertion(db, clientId, request.assertion, [
    event,
    message,
    noteUse(db, clientId, id, request.now),
  ])
  return credentials
}
