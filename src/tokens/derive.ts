/**
 * Secrets that are derived rather than drawn, where the same request must get the same answer twice:
 * a second press of a button, a retry of a refresh. 256 bits under a key that never leaves us.
 */
import { SHARD } from "../lib/ids.ts"
import { fingerprint } from "../vault/fingerprint.ts"

/** Derives the code of one handoff: the same connection and request give the same code. */
export async function deriveCode(
  key: CryptoKey,
  connectionId: string,
  requestId: string,
): Promise<string> {
  return `code_${SHARD}${await fingerprint(key, "code", [connectionId, requestId])}`
}

/** Derives the refresh token that follows another. */
export async function deriveSuccessor(key: CryptoKey, refreshToken: string): Promise<string> {
  return `ref_${SHARD}${await fingerprint(key, "refresh", [refreshToken])}`
}
