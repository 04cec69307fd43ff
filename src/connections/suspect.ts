/** What follows when a provider turns stored credentials down during a call: one verification. */
import type { Deps } from "../context.ts"
import { findProvider } from "../providers/registry.ts"
import type { Connection } from "./connection.ts"
import { suspect } from "./health/store.ts"
import { type Checked, verifyConnection } from "./verify.ts"

/** Many calls may fail at once; they start one verification together. */
const REST_SECONDS = 60

/**
 * Verifies a connection whose credentials were refused in a call; that refusal and this one break it.
 * Gives undefined where that happens already, or it is broken. Its webhooks are for the caller to
 * deliver soon.
 */
export async function suspectConnection(
  deps: Deps,
  connection: Connection,
): Promise<Checked | undefined> {
  if (connection.status === "broken") return undefined
  if (!(await suspect(deps.db, connection, deps.now(), REST_SECONDS))) return undefined
  // Where a login that fails too often is locked, the refusal that was seen has to do.
  const locks = findProvider(connection.provider)?.method.attempts !== undefined
  return await verifyConnection(deps, connection, {
    isDecisive: true,
    ...(locks ? { known: { outcome: "refused", problems: [], accepted: [] } as const } : {}),
  })
}
