/** The ring of sealing keys: the first seals, all of them open. */
import { importJWK } from "jose"
import * as z from "zod/mini"
import { SettingError } from "../lib/errors.ts"
import { parseJson } from "../lib/json.ts"

export interface KeyRing {
  readonly active: string
  readonly keys: ReadonlyMap<string, CryptoKey>
}

const sealingKeys = z.object({
  keys: z
    .array(
      z.object({
        kty: z.literal("oct"),
        kid: z.string().check(z.regex(/^[\w.:-]{1,64}$/)),
        alg: z.optional(z.literal("A256GCMKW")),
        k: z.string().check(z.length(43)),
      }),
    )
    .check(z.minLength(1)),
})

/**
 * Imports a JWK set (JSON text, 256-bit `oct` keys, first one active) once per isolate.
 * Throws `SettingError` naming `SEALING_KEYS`.
 */
export async function importKeyRing(json: string | undefined): Promise<KeyRing> {
  const set = sealingKeys.safeParse(parseJson(json))
  if (!set.success) throw new SettingError("SEALING_KEYS", "not a JWK set of 256-bit oct keys")
  const keys = new Map<string, CryptoKey>()
  for (const jwk of set.data.keys) {
    if (keys.has(jwk.kid)) throw new SettingError("SEALING_KEYS", "a kid stands twice")
    keys.set(jwk.kid, await importOct(jwk.k))
  }
  const [first] = keys.keys()
  if (first === undefined) throw new SettingError("SEALING_KEYS", "no key")
  return { active: first, keys }
}

async function importOct(k: string): Promise<CryptoKey> {
  try {
    // jose gives raw bytes for oct keys and would import them anew at each use.
    const bytes = (await importJWK({ kty: "oct", k }, "A256GCMKW")) as Uint8Array<ArrayBuffer>
    return await crypto.subtle.importKey("raw", bytes, "AES-GCM", false, ["encrypt", "decrypt"])
  } catch {
    throw new SettingError("SEALING_KEYS", "a key is not 32 bytes of base64url")
  }
}
