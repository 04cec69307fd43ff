/** Client assertions (RFC 7523 §3): JWTs that an app signs with its own key. */
import { createLocalJWKSet, decodeJwt, errors, type JWTVerifyOptions, jwtVerify } from "jose"
import { sha256 } from "../lib/bytes.ts"
import { epochSeconds } from "../lib/clock.ts"
import { KoppelError } from "../lib/errors.ts"
import type { App } from "./app.ts"

export const ASSERTION_ALGORITHMS = ["ES256", "PS256", "RS256", "EdDSA"]
/** An assertion is made for one request; one that lives longer was not. */
const MAX_LIFE_SECONDS = 10 * 60
const CLOCK_TOLERANCE_SECONDS = 30

/** Reads whose assertion it claims to be, unproven; undefined where it is malformed. */
export function readAssertionIssuer(assertion: string): string | undefined {
  if (assertion.length > 8192) return undefined
  try {
    return decodeJwt(assertion).iss
  } catch {
    return undefined
  }
}

/**
 * Checks an assertion with the app's registered keys: signature, `iss` and `sub` the app, `aud` one of
 * `audiences`, life of ten minutes at most. Gives the hash of its `jti`, which counts once. Throws
 * `invalid_client`.
 */
export async function checkAssertion(
  assertion: string,
  app: App,
  { audiences, now }: { readonly audiences: readonly string[]; readonly now: number },
): Promise<{ jtiHash: string; expiresAt: number }> {
  const keys = createLocalJWKSet({ keys: [...(app.jwks?.keys ?? [])] })
  try {
    const { payload } = await verifyWithAny(assertion, keys, {
      algorithms: ASSERTION_ALGORITHMS,
      issuer: app.clientId,
      subject: app.clientId,
      audience: [...audiences],
      requiredClaims: ["exp", "jti"],
      clockTolerance: CLOCK_TOLERANCE_SECONDS,
      currentDate: new Date(now),
    })
    const { exp = 0, jti } = payload
    if (exp > epochSeconds(now) + MAX_LIFE_SECONDS) throw refused("lives too long")
    if (typeof jti !== "string" || jti === "") throw refused("no jti")
    return {
      jtiHash: await sha256(jti),
      expiresAt: Math.ceil(exp + CLOCK_TOLERANCE_SECONDS) * 1000,
    }
  } catch (error) {
    if (error instanceof KoppelError) throw error
    throw refused(error instanceof errors.JOSEError ? error.code : "not readable")
  }
}

/** Without a `kid` several registered keys may fit, as when an app changes its key. */
async function verifyWithAny(
  assertion: string,
  keys: ReturnType<typeof createLocalJWKSet>,
  options: JWTVerifyOptions,
) {
  try {
    return await jwtVerify(assertion, keys, options)
  } catch (error) {
    if (!(error instanceof errors.JWKSMultipleMatchingKeys)) throw error
    for await (const key of error) {
      try {
        return await jwtVerify(assertion, key, options)
      } catch (next) {
        if (!(next instanceof errors.JWSSignatureVerificationFailed)) throw next
      }
    }
    throw new errors.JWSSignatureVerificationFailed()
  }
}

function refused(detail: string): KoppelError {
  return new KoppelError(401, "invalid_client", "App authentication failed.", {
    detail: `assertion: ${detail}`,
  })
}
