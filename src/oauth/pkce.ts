/** Proof Key for Code Exchange (RFC 7636), S256 only. */
import { sha256 } from "../lib/bytes.ts"

const VERIFIER = /^[A-Za-z0-9._~-]{43,128}$/
const S256_CHALLENGE = /^[A-Za-z0-9_-]{43}$/

/** Tells whether a text can be an S256 challenge: the base64url of 32 bytes (RFC 7636 §4.2). */
export function isChallenge(text: string): boolean {
  return S256_CHALLENGE.test(text)
}

/** Makes the challenge of a verifier, or gives undefined where it is none (RFC 7636 §4.1, §4.6). */
export async function challengeOf(verifier: string): Promise<string | undefined> {
  return VERIFIER.test(verifier) ? await sha256(verifier) : undefined
}
