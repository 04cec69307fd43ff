/** Bearer tokens (RFC 6750): the app and the connection that one opens, in one round trip. */
import type { App } from "../apps/app.ts"
import { selectAppOfToken, toApp } from "../apps/store.ts"
import type { Deps } from "../context.ts"
import { sha256 } from "../lib/bytes.ts"
import { KoppelError } from "../lib/errors.ts"
import { type LiveToken, selectAccessToken, toLiveToken } from "../tokens/store.ts"
import type { Connection } from "./connection.ts"
import { selectConnectionOfToken, toConnection } from "./store.ts"

export interface Bearer {
  readonly app: App
  readonly token: LiveToken
  /** The token's connection; for a token of the app itself, the one that was named. */
  readonly connection: Connection | undefined
  /** What the statements of `along` gave. */
  readonly results: readonly D1Result[]
}

/** Tells whether a request carries a bearer token, valid or not. */
export function hasBearer(header: string | undefined): boolean {
  return /^bearer /i.test(header ?? "")
}

/**
 * Reads the bearer token of a request, and the connection that it opens; `named` is which one a token
 * of the app itself is used for. `along` gives statements for the same round trip, from the token's
 * hash. Throws `invalid_token` (401) for every other.
 */
export async function readBearer(
  deps: Deps,
  header: string | undefined,
  named = "",
  along: (tokenHash: string) => readonly D1PreparedStatement[] = () => [],
): Promise<Bearer> {
  const match = /^bearer +([A-Za-z0-9._~+/-]+=*)$/i.exec(header ?? "")
  if (match?.[1] === undefined) throw invalidToken("no bearer token", false)
  const hash = await sha256(match[1])
  const now = deps.now()
  const [tokenResult, appResult, connectionResult, ...results] = await deps.db.batch([
    selectAccessToken(deps.db, hash, now),
    selectAppOfToken(deps.db, hash),
    selectConnectionOfToken(deps.db, hash, named, now),
    ...along(hash),
  ])
  const token = toLiveToken(tokenResult)
  const app = toApp(appResult)
  if (token === undefined || app === undefined) throw invalidToken("unknown or expired token", true)
  if (app.suspended) throw invalidToken("suspended app", true)
  return { app, token, connection: toConnection(connectionResult), results }
}

function invalidToken(detail: string, wasSent: boolean): KoppelError {
  return new KoppelError(401, "invalid_token", "The access token is not valid.", {
    detail,
    headers: {
      // RFC 6750 §3.1: no error code where no token was sent.
      "WWW-Authenticate": wasSent ? 'Bearer error="invalid_token"' : "Bearer",
    },
  })
}
