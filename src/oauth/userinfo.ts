/** Userinfo, for clients that insist on one: whose account was connected. */
import { readBearer } from "../connections/bearer.ts"
import { signConnectionId } from "../connections/connection-id.ts"
import { type KoppelContext, note } from "../context.ts"
import { KoppelError } from "../lib/errors.ts"

/** Gives `sub` (the connection), `name` of the provider account, `provider` and the connection id. */
export async function describeUser(c: KoppelContext): Promise<Record<string, unknown>> {
  const { config, now } = c.var.deps
  const { app, connection } = await readBearer(c.var.deps, c.req.header("authorization"))
  note(c, { client_id: app.clientId, provider: connection?.provider })
  if (connection === undefined) {
    throw new KoppelError(403, "insufficient_scope", "This token is not for a connection.", {
      headers: { "WWW-Authenticate": 'Bearer error="insufficient_scope"' },
    })
  }
  const { id: connectionId, clientId, provider, environment } = connection
  const claims = { connectionId, clientId, provider, environment }
  return {
    sub: connectionId,
    name: connection.account.name,
    provider,
    connection_id: await signConnectionId(config.signingKeys, config.issuer, claims, now()),
  }
}
