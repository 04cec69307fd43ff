/** The token endpoint (RFC 6749 §3.2): authenticate the app, then one of three grants. */
import type { Connection } from "../connections/connection.ts"
import { signConnectionId } from "../connections/connection-id.ts"
import { selectReconnectOfCode } from "../connections/reconnect/store.ts"
import type { Deps, KoppelContext } from "../context.ts"
import { sha256 } from "../lib/bytes.ts"
import { KoppelError } from "../lib/errors.ts"
import { ACCESS_TOKEN_SECONDS, selectRefreshToken } from "../tokens/store.ts"
import { deliverSoon } from "../webhooks/deliver-soon.ts"
import { type Client, readClient } from "./client.ts"
import { grantClientCredentials, selectNamedConnection } from "./client-credentials.ts"
import { redeem } from "./redeem.ts"
import { refresh } from "./refresh.ts"

/** What a grant came to. */
export interface Granted {
  readonly accessToken: string
  readonly refreshToken: string | undefined
  readonly scope: string
  /** The connection that the token opens; none for a token of the app itself. */
  readonly connection: Pick<Connection, "id" | "provider" | "environment"> | undefined
  readonly nonce: string | undefined
  /** Webhooks that the grant has written. */
  readonly messageIds?: readonly string[]
}

/** Gives the token response (RFC 6749 §5.1) with the connection id; throws OAuth's errors. */
export async function issueToken(c: KoppelContext): Promise<Record<string, unknown>> {
  const { deps } = c.var
  const arrivedAt = deps.now()
  const client = await readClient(c, (form, clientId) => readAlongside(deps, form, clientId))
  const granted = await grant(deps, client, arrivedAt)
  deliverSoon(c, client.app, granted.messageIds ?? [])
  return await describe(deps, client, granted)
}

/** What a grant needs to know beforehand comes in the round trip that looks the app up. */
async function readAlongside(
  deps: Deps,
  form: ReadonlyMap<string, string>,
  clientId: string,
): Promise<D1PreparedStatement[]> {
  switch (form.get("grant_type")) {
    case "authorization_code": {
      const codeHash = await sha256(form.get("code") ?? "")
      return [selectReconnectOfCode(deps.db, clientId, codeHash)]
    }
    case "refresh_token": {
      const hash = await sha256(form.get("refresh_token") ?? "")
      return [selectRefreshToken(deps.db, hash, deps.now())]
    }
    case "client_credentials":
      return await selectNamedConnection(deps, form, clientId)
    default:
      return []
  }
}

async function grant(deps: Deps, client: Client, arrivedAt: number): Promise<Granted> {
  const { app, form } = client
  const grantType = form.get("grant_type")
  if (grantType === undefined) {
    throw new KoppelError(400, "invalid_request", "grant_type is missing")
  }
  if (!["authorization_code", "refresh_token", "client_credentials"].includes(grantType)) {
    throw new KoppelError(400, "unsupported_grant_type", "grant_type is not one of ours")
  }
  if (!app.grantTypes.includes(grantType)) {
    throw new KoppelError(400, "unauthorized_client", "this app is not registered for grant_type")
  }
  if (grantType === "authorization_code") return await redeem(deps, client, arrivedAt)
  if (grantType === "refresh_token") return await refresh(deps, client)
  return await grantClientCredentials(deps, client)
}

async function describe(
  { config, now }: Deps,
  { app }: Client,
  { accessToken, refreshToken, scope, connection, nonce }: Granted,
): Promise<Record<string, unknown>> {
  const response = {
    access_token: accessToken,
    token_type: "Bearer",
    expires_in: ACCESS_TOKEN_SECONDS,
    ...(refreshToken === undefined ? {} : { refresh_token: refreshToken }),
    scope,
  }
  if (connection === undefined) return response
  const { id: connectionId, provider, environment } = connection
  const claims = { connectionId, clientId: app.clientId, provider, environment, nonce }
  return {
    ...response,
    connection_id: await signConnectionId(config.signingKeys, config.issuer, claims, now()),
  }
}
