/** A registered app (OAuth client) as the rest of Koppel sees it. */
import type { RegistrationMetadata } from "./metadata.ts"

export interface App extends RegistrationMetadata {
  readonly clientId: string
  readonly environment: "test" | "live"
  readonly suspended: boolean
  readonly secretHash: string | undefined
  readonly previousSecretHash: string | undefined
  readonly previousSecretUntil: number | undefined
  readonly registrationTokenHash: string
  readonly webhookSecretSealed: string
  /** A logo of it is kept here, and served by us. */
  readonly hasLogo: boolean
  readonly createdAt: number
  readonly updatedAt: number
}

/** Tells whether an app can't keep a secret (RFC 6749 §2.1). */
export function isPublic(app: App): boolean {
  return app.tokenEndpointAuthMethod === "none"
}
