/** A connection: app, provider account, sealed credentials, granted scopes, status. */
import type { Account, PermissionState } from "../providers/provider.ts"

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
  readonly stateHash: string | undefined
  readonly createdAt: number
  readonly claimedAt: number | undefined
  readonly expiresAt: number | undefined
}
