/** Makes the secrets of a Koppel: key sets, the fingerprint key, the registration token. */
import { randomBytes } from "node:crypto"
import { exportJWK, generateKeyPair, type JWK } from "jose"

/** Names of the Worker's secrets, in the order in which they are shown. */
export const SECRET_NAMES = [
  "SEALING_KEYS",
  "SIGNING_KEYS",
  "FINGERPRINT_KEY",
  "REGISTRATION_TOKEN",
] as const

export type SecretName = (typeof SECRET_NAMES)[number]

export interface KeySet {
  readonly keys: readonly JWK[]
}

/** Gives a key id that tells when the key was made, such as `2026-11-22-9f3a`. */
function newKeyId(): string {
  return `${new Date().toISOString().slice(0, 10)}-${randomBytes(2).toString("hex")}`
}

function newSealingKey(): JWK {
  const k = randomBytes(32).toString("base64url")
  return { kty: "oct", kid: newKeyId(), alg: "A256GCMKW", k }
}

async function newSigningKey(): Promise<JWK> {
  const { privateKey } = await generateKeyPair("ES256", { extractable: true })
  return { ...(await exportJWK(privateKey)), kid: newKeyId(), alg: "ES256", use: "sig" }
}

/** Makes one key for the named key set. */
export async function newKey(name: "SEALING_KEYS" | "SIGNING_KEYS"): Promise<JWK> {
  return name === "SEALING_KEYS" ? newSealingKey() : newSigningKey()
}

/** Makes a fresh value of one secret, as the Worker's setting holds it. */
export async function newSecret(name: SecretName): Promise<string> {
  switch (name) {
    case "SEALING_KEYS":
    case "SIGNING_KEYS":
      return JSON.stringify({ keys: [await newKey(name)] })
    case "FINGERPRINT_KEY":
      return randomBytes(32).toString("base64url")
    case "REGISTRATION_TOKEN":
      return `reg_${randomBytes(32).toString("base64url")}`
  }
}

/** Makes a fresh value of every secret. */
export async function newSecrets(): Promise<Record<SecretName, string>> {
  const entries = await Promise.all(
    SECRET_NAMES.map(async (name) => [name, await newSecret(name)] as const),
  )
  return Object.fromEntries(entries) as Record<SecretName, string>
}
