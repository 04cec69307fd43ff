/** App authentication with a secret (RFC 6749 §2.3.1). */
import { sameText, sha256 } from "../lib/bytes.ts"
import { KoppelError } from "../lib/errors.ts"
import type { App } from "./app.ts"

export interface BasicCredentials {
  readonly clientId: string
  readonly secret: string
}

/** The one answer to every failed authentication; 401 with a challenge, as Basic wants it. */
export function invalidClient(detail: string): KoppelError {
  return new KoppelError(401, "invalid_client", "App authentication failed.", {
    detail,
    headers: { "WWW-Authenticate": 'Basic realm="koppel", charset="UTF-8"' },
  })
}

/**
 * Reads an `Authorization: Basic` header: id and secret are form-encoded before base64
 * (RFC 6749 §2.3.1). Throws `invalid_client` where there is none or it is malformed.
 */
export function readBasic(header: string | undefined): BasicCredentials {
  const match = /^basic +([A-Za-z0-9+/]+={0,2})$/i.exec(header ?? "")
  if (match?.[1] === undefined) throw invalidClient("no Basic credentials")
  try {
    const text = atob(match[1])
    const colon = text.indexOf(":")
    if (colon < 1) throw invalidClient("Basic without a colon")
    return {
      clientId: formDecode(text.slice(0, colon)),
      secret: formDecode(text.slice(colon + 1)),
    }
  } catch (error) {
    if (error instanceof KoppelError) throw error
    throw invalidClient("malformed Basic credentials")
  }
}

/**
 * Checks a secret against the app's current and, while it lasts, previous one; then that the app is
 * not suspended. Throws `invalid_client`. An unknown app costs the same hash as a known one.
 */
export async function checkSecret(app: App | undefined, secret: string, now: number): Promise<App> {
  const hash = await sha256(secret)
  const isCurrent = sameText(hash, app?.secretHash ?? "")
  const isPrevious =
    (app?.previousSecretUntil ?? 0) > now && sameText(hash, app?.previousSecretHash ?? "")
  if (app === undefined) throw invalidClient("unknown app")
  if (!isCurrent && !isPrevious) throw invalidClient("wrong secret")
  if (app.suspended) throw invalidClient("suspended app")
  return app
}

function formDecode(text: string): string {
  return decodeURIComponent(text.replaceAll("+", " "))
}
