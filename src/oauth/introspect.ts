/** Introspection (RFC 7662): one round trip; everything that is wrong looks the same. */
import { invalidClient } from "../apps/authenticate.ts"
import type { KoppelContext } from "../context.ts"
import { sha256 } from "../lib/bytes.ts"
import { epochSeconds } from "../lib/clock.ts"
import { KoppelError } from "../lib/errors.ts"
import { selectAccessToken, selectRefreshToken, toLiveToken } from "../tokens/store.ts"
import { readClient } from "./client.ts"

/** Gives what a token of the calling app is worth, else `{ active: false }` without a reason. */
export async function introspect(c: KoppelContext): Promise<Record<string, unknown>> {
  const { db, now, config } = c.var.deps
  const client = await readClient(c, async (form) => {
    const hash = await sha256(form.get("token") ?? "")
    return [selectAccessToken(db, hash, now()), selectRefreshToken(db, hash, now())]
  })
  // A public app proves nothing, so anybody could ask in its name.
  if (client.by === "none") throw invalidClient("a public app may not introspect", "none")
  if (!client.form.has("token")) {
    throw new KoppelError(400, "invalid_request", "token is missing")
  }
  await client.run([])
  const access = toLiveToken(client.results[0])
  const token = access ?? toLiveToken(client.results[1])
  if (token === undefined || token.isUsed || token.clientId !== client.app.clientId) {
    return { active: false }
  }
  return {
    active: true,
    iss: config.issuer,
    client_id: token.clientId,
    sub: token.connectionId ?? token.clientId,
    scope: token.scope,
    iat: epochSeconds(token.createdAt),
    exp: epochSeconds(token.expiresAt),
    ...(access === undefined ? {} : { token_type: "Bearer" }),
  }
}
