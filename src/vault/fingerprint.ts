/** Keyed fingerprints: provider accounts and logins are recognised without being stored. */
import { base64url } from "jose"
import { utf8 } from "../lib/bytes.ts"
import { SettingError } from "../lib/errors.ts"

/** Imports the fingerprint key (base64url, 32 bytes or more); throws `SettingError`. */
export async function importFingerprintKey(text: string | undefined): Promise<CryptoKey> {
  let bytes: Uint8Array
  try {
    bytes = base64url.decode(text ?? "")
  } catch {
    throw new SettingError("FINGERPRINT_KEY", "not base64url")
  }
  if (bytes.length < 32) throw new SettingError("FINGERPRINT_KEY", "shorter than 32 bytes")
  const algorithm = { name: "HMAC", hash: "SHA-256" }
  return await crypto.subtle.importKey("raw", new Uint8Array(bytes), algorithm, false, ["sign"])
}

/** Gives HMAC-SHA256 of `kind` and `parts` as base64url; `kind` keeps uses apart. */
export async function fingerprint(
  key: CryptoKey,
  kind: "account" | "login" | "code" | "refresh",
  parts: readonly string[],
): Promise<string> {
  const text = utf8(JSON.stringify([kind, ...parts]))
  return base64url.encode(new Uint8Array(await crypto.subtle.sign("HMAC", key, text)))
}
