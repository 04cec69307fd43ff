/** Redeems an authorization code (RFC 6749 §4.1.3): one statement decides, with its conditions inside. */
import { isPublic } from "../apps/app.ts"
import { firstCheckAt } from "../connections/health/schedule.ts"
import { applyReconnect, isWaiting } from "../connections/reconnect/apply.ts"
import { toReconnect } from "../connections/reconnect/store.ts"
import { noteUseByToken, selectConnectionOfCode, toConnection } from "../connections/store.ts"
import type { Deps } from "../context.ts"
import { sha256 } from "../lib/bytes.ts"
import { KoppelError } from "../lib/errors.ts"
import { newId, newSecret } from "../lib/ids.ts"
import { redeemStatements, toRedeemed } from "../tokens/store.ts"
import { enqueueConnectionEvent } from "../webhooks/store.ts"
import type { Client } from "./client.ts"
import { challengeOf } from "./pkce.ts"
import type { Granted } from "./token.ts"

/** Gives tokens for a code; throws `invalid_request` or `invalid_grant`, and then nothing is consumed. */
export async function redeem(deps: Deps, client: Client, arrivedAt: number): Promise<Granted> {
  const { app, form } = client
  const code = form.get("code")
  if (code === undefined) throw new KoppelError(400, "invalid_request", "code is missing")
  const codeHash = await sha256(code)
  const accessToken = newSecret("acc")
  const refreshToken = app.grantTypes.includes("refresh_token") ? newSecret("ref") : undefined
  const id = newId("red")
  const messageId = newId("msg")
  const now = deps.now()
  const accessTokenHash = await sha256(accessToken)
  // Read along with the app: what the code puts into a connection that exists already.
  const found = toReconnect(client.results[0])
  const reconnect = isWaiting(found)
    ? await applyReconnect(deps.db, deps.config.keyRing, found, { codeHash, redemptionId: id }, now)
    : undefined
  const redemption = {
    id,
    codeHash,
    clientId: app.clientId,
    redirectUri: form.get("redirect_uri"),
    codeChallenge: await readChallenge(client),
    reconnectId: reconnect === undefined ? undefined : found?.id,
    accessTokenHash,
    refreshTokenHash: refreshToken === undefined ? undefined : await sha256(refreshToken),
    nextCheckAt: firstCheckAt(now, Math.random),
    arrivedAt,
    now,
  }
  const results = await client.run([
    ...redeemStatements(deps.db, redemption, reconnect?.statements),
    noteUseByToken(deps.db, accessTokenHash, now),
    enqueueConnectionEvent(deps.db, {
      id: messageId,
      type: "connection.created",
      clientId: app.clientId,
      connection: { codeHash },
      at: now,
      changeId: id,
    }),
    selectConnectionOfCode(deps.db, app.clientId, codeHash),
  ])
  const redeemed = toRedeemed(results[0])
  const connection = toConnection(results.at(-1))
  if (redeemed === undefined || connection === undefined) {
    throw new KoppelError(400, "invalid_grant", "The code is not valid, or not for this request.", {
      detail: "unknown, used, expired, or redirect_uri or code_verifier don't match",
    })
  }
  const { nonce } = redeemed
  const { scope } = connection
  const messageIds = [messageId, ...(reconnect?.messageIds ?? [])]
  return { accessToken, refreshToken, scope, connection, nonce, messageIds }
}

/** A verifier that is malformed matches no challenge; a public app can't do without one. */
async function readChallenge({ app, form }: Client): Promise<string | undefined> {
  const verifier = form.get("code_verifier")
  if (verifier === undefined) {
    if (!isPublic(app) && !app.requirePkce) return undefined
    throw new KoppelError(400, "invalid_request", "code_verifier is missing")
  }
  const challenge = await challengeOf(verifier)
  if (challenge === undefined) {
    throw new KoppelError(400, "invalid_request", "code_verifier is malformed")
  }
  return challenge
}
