/** Who calls through the proxy: the token of one connection, and what it opens. One round trip. */
import { readBearer } from "../connections/bearer.ts"
import type { Connection } from "../connections/connection.ts"
import { permissionsOfConnection } from "../connections/verify.ts"
import { type KoppelContext, note } from "../context.ts"
import { KoppelError } from "../lib/errors.ts"
import type { Provider } from "../providers/provider.ts"
import { permissionsOf, readScopes } from "../providers/scope.ts"
import type { LiveToken } from "../tokens/store.ts"
import { refusalError } from "./refusals.ts"
import { type KeptToken, selectKeptOfAccess, toKept } from "./store.ts"

export interface ProxyCaller {
  readonly connection: Connection
  /** What the person granted, as far as this token goes. */
  readonly permissions: readonly string[]
  readonly kept: KeptToken | undefined
}

/**
 * Reads the caller of a provider's API. Throws 401 without a valid token, 403 for one that is not for a
 * connection of this provider, 409 `connection_broken`.
 */
export async function readProxyCaller(c: KoppelContext, provider: Provider): Promise<ProxyCaller> {
  const { deps } = c.var
  const { app, token, connection, results } = await readBearer(
    deps,
    c.req.header("authorization"),
    "",
    (hash) => [selectKeptOfAccess(deps.db, hash, deps.now())],
  )
  note(c, { client_id: app.clientId, provider: provider.id })
  requireConnectionToken(token)
  const claimed = requireClaimed(connection)
  requireProvider(claimed, provider)
  requireActive(claimed)
  return {
    connection: claimed,
    permissions: permissionsOfToken(token, claimed),
    kept: toKept(results[0]),
  }
}

function requireConnectionToken(token: LiveToken): void {
  if (token.connectionId === undefined) {
    throw refusalError("insufficient_scope", "a token of the app itself")
  }
}

function requireClaimed(connection: Connection | undefined): Connection {
  if (connection?.claimedAt !== undefined) return connection
  throw new KoppelError(401, "invalid_token", "The access token is not valid.", {
    detail: "its connection is gone",
    headers: { "WWW-Authenticate": 'Bearer error="invalid_token"' },
  })
}

function requireProvider(connection: Connection, provider: Provider): void {
  if (connection.provider !== provider.id) {
    throw refusalError("insufficient_scope", "a connection of another provider")
  }
}

function requireActive(connection: Connection): void {
  if (connection.status === "active") return
  throw new KoppelError(
    409,
    "connection_broken",
    "The provider no longer takes these credentials. Ask the person to connect once more.",
  )
}

// A token keeps the scope that it was given; what the person has taken back since then is not in it.
function permissionsOfToken(token: LiveToken, connection: Connection): string[] {
  const granted = new Set(permissionsOfConnection(connection))
  const scopes = readScopes(token.scope)
  return scopes.ok ? permissionsOf(scopes.scopes).filter((name) => granted.has(name)) : []
}
