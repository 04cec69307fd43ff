/**
 * The connection id: on output a compact JWS (RFC 7515) that only Koppel can make and only one app
 * can use; on input that, or the bare `con_…`. Signed anew each time, so apps store the `sub`.
 */
import { decodeJwt, jwtVerify, SignJWT } from "jose"
import { epochSeconds } from "../lib/clock.ts"
import type { SigningKeys } from "../signing/signing-keys.ts"

/** Kept apart from every other token of ours (RFC 8725 §3.11). */
const TYP = "connection-id+jwt"
const CON_ID = /^con_[0-9A-HJKMNP-TV-Z]{26}$/

/** What a connection id says. */
export interface ConnectionIdClaims {
  readonly connectionId: string
  readonly clientId: string
  readonly provider: string
  readonly environment: "test" | "live"
  readonly nonce?: string | undefined
}

/** Signs a connection id (ES256) for one app; gives the compact JWS. */
export async function signConnectionId(
  keys: SigningKeys,
  issuer: string,
  claims: ConnectionIdClaims,
  now: number,
): Promise<string> {
  const { connectionId, clientId, provider, environment, nonce } = claims
  return await new SignJWT({
    provider,
    env: environment,
    ...(nonce === undefined ? {} : { nonce }),
  })
    .setProtectedHeader({ alg: "ES256", typ: TYP, kid: keys.active })
    .setIssuer(issuer)
    .setAudience(clientId)
    .setSubject(connectionId)
    .setIssuedAt(epochSeconds(now))
    .sign(keys.signing)
}

/**
 * Reads a connection id that an app sent, signed or bare; gives the `con_…`, or undefined where it is
 * malformed, of another app, or not signed by a key of ours.
 */
export async function readConnectionId(
  keys: SigningKeys,
  issuer: string,
  text: string,
  clientId: string,
): Promise<string | undefined> {
  if (CON_ID.test(text)) return text
  if (text.length > 4096) return undefined
  try {
    const { payload } = await jwtVerify(
      text,
      ({ kid }) => {
        const key = keys.verifying.get(kid ?? "")
        if (key === undefined) throw new Error("unknown kid")
        return key
      },
      {
        algorithms: ["ES256"],
        typ: TYP,
        issuer,
        audience: clientId,
        requiredClaims: ["sub", "iat"],
      },
    )
    return CON_ID.test(payload.sub ?? "") ? payload.sub : undefined
  } catch {
    return undefined
  }
}

/** Reads the `con_…` that a connection id claims, unproven, to look it up before the app is known. */
export function readSubject(text: string): string {
  if (CON_ID.test(text) || text.length > 4096) return text.slice(0, 64)
  try {
    return decodeJwt(text).sub ?? ""
  } catch {
    return ""
  }
}
