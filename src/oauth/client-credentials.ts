/** Client credentials (RFC 6749 §4.4): a token for one connection, or for what Basic opens on /v1. */
import { isPublic } from "../apps/app.ts"
import { readConnectionId } from "../connections/connection-id.ts"
import { noteUseByToken, selectConnection, toConnection } from "../connections/store.ts"
import type { Deps } from "../context.ts"
import { sha256 } from "../lib/bytes.ts"
import { KoppelError } from "../lib/errors.ts"
import { newId, newSecret } from "../lib/ids.ts"
import { insertAccessToken } from "../tokens/store.ts"
import type { Client } from "./client.ts"
import { narrowScope } from "./narrow-scope.ts"
import type { Granted } from "./token.ts"

/**
 * Gives an access token without a refresh token; with `connection_id` for that one connection. Throws
 * `unauthorized_client` for public apps, `invalid_request` for a connection that is not the app's.
 */
export async function grantClientCredentials(deps: Deps, client: Client): Promise<Granted> {
  const { app, form, results } = client
  if (isPublic(app)) {
    throw new KoppelError(400, "unauthorized_client", "a public app has no credentials")
  }
  const named = form.get("connection_id")
  const connection = named === undefined ? undefined : toConnection(results[0])
  if (named !== undefined && connection?.claimedAt === undefined) {
    throw new KoppelError(400, "invalid_request", "connection_id: there is no such connection", {
      detail: "unknown, not yet redeemed or claimed, or another app's",
    })
  }
  if (connection === undefined && form.has("scope")) {
    throw new KoppelError(400, "invalid_scope", "scope goes with connection_id")
  }
  const scope = connection === undefined ? "" : narrowScope(connection.scope, form.get("scope"))
  const accessToken = newSecret("acc")
  const hash = await sha256(accessToken)
  const now = deps.now()
  await client.run([
    insertAccessToken(deps.db, {
      hash,
      clientId: app.clientId,
      connectionId: connection?.id,
      familyId: newId("fam"),
      scope,
      now,
    }),
    noteUseByToken(deps.db, hash, now),
  ])
  return { accessToken, refreshToken: undefined, scope, connection, nonce: undefined }
}

/** Gives the one statement that reads the connection named in a form along with the app. */
export async function selectNamedConnection(
  { db, config }: Deps,
  form: ReadonlyMap<string, string>,
  clientId: string,
): Promise<[D1PreparedStatement]> {
  const named = form.get("connection_id") ?? ""
  const { signingKeys, issuer } = config
  const id = await readConnectionId(signingKeys, issuer, named, clientId)
  return [selectConnection(db, clientId, id ?? "")]
}
