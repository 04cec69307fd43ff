/** Revocation (RFC 7009): in effect at once, because every use asks D1. */
import type { KoppelContext } from "../context.ts"
import { sha256 } from "../lib/bytes.ts"
import { KoppelError } from "../lib/errors.ts"
import { revokeStatements } from "../tokens/store.ts"
import { readClient } from "./client.ts"

/** Revokes a token of the calling app; an unknown one is no error (RFC 7009 §2.2). */
export async function revoke(c: KoppelContext): Promise<void> {
  const client = await readClient(c)
  const token = client.form.get("token")
  if (token === undefined) throw new KoppelError(400, "invalid_request", "token is missing")
  await client.run(revokeStatements(c.var.deps.db, client.app.clientId, await sha256(token)))
}
