/** The ring of signing keys (ES256): the first signs, all of them stand in the JWKS. */
import { importJWK, type JWK } from "jose"
import * as z from "zod/mini"
import { SettingError } from "../lib/errors.ts"
import { parseJson } from "../lib/json.ts"

export interface SigningKeys {
  readonly active: string
  readonly signing: CryptoKey
  readonly verifying: ReadonlyMap<string, CryptoKey>
  /** Public halves, as the JWKS has them (RFC 7517). */
  readonly jwks: { readonly keys: readonly JWK[] }
}

const coordinate = z.string().check(z.length(43))
const signingKeys = z.object({
  keys: z
    .array(
      z.object({
        kty: z.literal("EC"),
        crv: z.literal("P-256"),
        kid: z.string().check(z.regex(/^[\w.:-]{1,64}$/)),
        x: coordinate,
        y: coordinate,
        d: coordinate,
      }),
    )
    .check(z.minLength(1)),
})

/**
 * Imports a JWK set (JSON text, private P-256 keys, first one active) once per isolate.
 * Throws `SettingError` naming `SIGNING_KEYS`.
 */
export async function importSigningKeys(json: string | undefined): Promise<SigningKeys> {
  const set = signingKeys.safeParse(parseJson(json))
  if (!set.success) throw new SettingError("SIGNING_KEYS", "not a JWK set of private P-256 keys")
  const verifying = new Map<string, CryptoKey>()
  const published: JWK[] = []
  let signing: CryptoKey | undefined
  for (const { kty, crv, kid, x, y, d } of set.data.keys) {
    if (verifying.has(kid)) throw new SettingError("SIGNING_KEYS", "a kid stands twice")
    const jwk: JWK = { kty, crv, kid, x, y, use: "sig", alg: "ES256" }
    try {
      verifying.set(kid, (await importJWK(jwk, "ES256")) as CryptoKey)
      signing ??= (await importJWK({ ...jwk, d }, "ES256")) as CryptoKey
    } catch {
      throw new SettingError("SIGNING_KEYS", `${kid} is not a P-256 key`)
    }
    published.push(jwk)
  }
  const [active] = verifying.keys()
  if (active === undefined || signing === undefined) {
    throw new SettingError("SIGNING_KEYS", "no key")
  }
  return { active, signing, verifying, jwks: { keys: published } }
}
