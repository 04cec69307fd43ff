/** What follows when a provider turns down the credentials of a stored connection. */
import type { Connection } from "../connections/connection.ts"
import { suspectConnection as verifySuspect } from "../connections/suspect.ts"
import { type KoppelContext, note } from "../context.ts"
import { deliver } from "../webhooks/deliver.ts"
import { forgetKept } from "./store.ts"

/** Time for telling the app at once; the sweep tells what is left. */
const TELLING_SECONDS = 10

/**
 * Notes in the request's log line that a connection may be dead, and starts the one verification that
 * decides it. Resolves when that is done; the caller is not kept waiting.
 */
export async function suspectConnection(c: KoppelContext, connection: Connection): Promise<void> {
  note(c, { code: "suspect" })
  const { deps } = c.var
  const checked = await verifySuspect(deps, connection)
  if (checked === undefined) return
  if (checked.verification.outcome === "works") {
    // What was remembered as a refusal of these credentials was none.
    await forgetKept(deps.db, connection.clientId, connection.id).run()
  }
  const budget = { seconds: TELLING_SECONDS, random: Math.random }
  await deliver(deps, { ids: checked.messageIds }, budget)
}
