/** Ends a connection: what is sealed is gone at once, tokens and codes go with it. */
import { enqueueConnectionEvent } from "../webhooks/store.ts"
import { connectionNotFound } from "./claim.ts"
import type { Connection } from "./connection.ts"
import { deleteConnection } from "./store.ts"

/** Deletes a connection and writes the webhook `messageId`; throws 404 where it was just deleted. */
export async function removeConnection(
  db: D1Database,
  { id, clientId }: Connection,
  { now, messageId }: { readonly now: number; readonly messageId: string },
): Promise<void> {
  const [, deleted] = await db.batch([
    // Told of while the row is still there; whoever deletes it first is the only one to tell.
    enqueueConnectionEvent(db, {
      id: messageId,
      type: "connection.deleted",
      clientId,
      connection: { id },
      at: now,
    }),
    deleteConnection(db, clientId, id),
  ])
  if ((deleted?.meta.changes ?? 0) === 0) throw connectionNotFound("deleted meanwhile")
}
