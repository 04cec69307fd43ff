/** A connection: app, provider account, sealed credentials, granted scopes, status. */
import type { Account, PermissionState } from "../providers/provider.ts"

/** Who connected, as the app said by PAR. */
export interface EndUser {
  readonly id: string
  readonly name?: string | undefined
  readonly email?: string | undefined
}

export interface Connection {
  readonly id: string
  readonly clientId: string
  readonly provider: string
  readonly method: string
  readonly environment: "test" | "live"
  readonly status: "active" | "broken"
  readonly credentialsSealed: string
  readonly accountFingerprint: string | undefined
  readonly account: Account
  readonly scope: string
  readonly permissions: Readonly<Record<string, PermissionState>>
  readonly credentialsAccess: boolean
  readonly verificationOutcome: "works" | "refused" | "could_not_check"
  readonly verificationAt: number
  readonly handedOver: boolean
  readonly endUser: EndUser | undefined
  readonly stateHash: string | undefined
  /** Hash of the cookie of the browser that it was typed in. */
  readonly browserHash: string | undefined
  readonly createdAt: number
  readonly claimedAt: number | undefined
  readonly expiresAt: number | undefined
  /** When a token for it was last issued, or its credentials were read. */
  readonly lastUsedAt: number | undefined
}
