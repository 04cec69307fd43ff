/** Refreshes an access token (RFC 6749 §6): confidential apps keep their token, public ones rotate. */
import { isPublic } from "../apps/app.ts"
import { noteUseByToken, selectConnectionOfToken, toConnection } from "../connections/store.ts"
import type { Deps } from "../context.ts"
import { sha256 } from "../lib/bytes.ts"
import { KoppelError } from "../lib/errors.ts"
import { newSecret } from "../lib/ids.ts"
import { deriveSuccessor } from "../tokens/derive.ts"
import { refreshStatements, rotateStatements, toLiveToken } from "../tokens/store.ts"
import type { Client } from "./client.ts"
import { narrowScope } from "./narrow-scope.ts"
import type { Granted } from "./token.ts"

/** Gives a new access token; throws `invalid_request`, `invalid_grant` or `invalid_scope`. */
export async function refresh(deps: Deps, client: Client): Promise<Granted> {
  const { db, now, config } = deps
  const { app, form, results } = client
  const token = form.get("refresh_token")
  if (token === undefined) {
    throw new KoppelError(400, "invalid_request", "refresh_token is missing")
  }
  // Read along with the app: the connection's scope as it is now, which a reconnect may have changed.
  const live = toLiveToken(results[0])
  const isOwn = live?.clientId === app.clientId
  const scope = isOwn ? narrowScope(live.scope, form.get("scope")) : ""
  const accessToken = newSecret("acc")
  const change = {
    tokenHash: await sha256(token),
    clientId: app.clientId,
    accessTokenHash: await sha256(accessToken),
    scope,
    now: now(),
  }
  const successor = isPublic(app) ? await deriveSuccessor(config.fingerprintKey, token) : undefined
  const statements =
    successor === undefined
      ? refreshStatements(db, change)
      : rotateStatements(db, { ...change, successorHash: await sha256(successor) })
  const outcome = await client.run([
    ...statements,
    noteUseByToken(db, change.accessTokenHash, change.now),
    selectConnectionOfToken(db, change.accessTokenHash, "", now()),
  ])
  // The access token was inserted only where every condition held.
  const connection = toConnection(outcome.at(-1))
  if (connection === undefined) {
    throw new KoppelError(400, "invalid_grant", "The refresh token is not valid.", {
      detail: "unknown, expired, revoked, another app's, or used again",
    })
  }
  return {
    accessToken,
    refreshToken: successor ?? token,
    scope,
    connection,
    nonce: undefined,
  }
}
