/** One run of the hosted page, and what the provider answered in it. */
import type { Account, PermissionState, Problem, Repair, Sight } from "../providers/provider.ts"

/** What the last submit came to, in codes and the provider's own names; nothing typed in secret. */
export type Verdict = VerdictBase &
  (
    | {
        readonly outcome: "works"
        readonly account: Account
        readonly accountFingerprint: string
        readonly sights: readonly Sight[]
        readonly permissions: Readonly<Record<string, PermissionState>>
        readonly notices: readonly string[]
      }
    | {
        readonly outcome: "refused"
        readonly problems: readonly Problem[]
        readonly accepted: readonly string[]
      }
    | {
        readonly outcome: "could_not_check"
        readonly code: string
        readonly uncheckable: boolean
      }
  )

interface VerdictBase {
  readonly at: number
  /** Scopes that it was reached for; asked for others, it counts for nothing. */
  readonly scope: readonly string[]
  readonly repairs: readonly Repair[]
  /** Secret fields that are kept, so that they need not be pasted again. */
  readonly kept: readonly string[]
}

export interface Session {
  readonly id: string
  readonly clientId: string
  readonly provider: string
  readonly browserHash: string
  readonly connectionId: string
  readonly draftSealed: string | undefined
  readonly pastedSealed: string | undefined
  readonly pastedUntil: number | undefined
  readonly verdict: Verdict | undefined
  readonly checks: number
  readonly confirmedAt: number | undefined
  /** Steps of the guide that the person ticked. */
  readonly ticks: readonly string[]
  /** The colleague's link, while there is one, and until when it works. */
  readonly handoverHash: string | undefined
  readonly handoverUntil: number | undefined
  /** When the colleague said yes at the end. */
  readonly handedOverAt: number | undefined
  /** Hash of the cookie of that colleague's browser. */
  readonly helperHash: string | undefined
  /** What was to be a reconnect is to be a connection of its own. */
  readonly isAsNew: boolean
  /** Hash of the cookie of the browser that typed what is kept and found here. */
  readonly typedBy: string | undefined
  /** The person who said yes was told that the app can read the credentials. */
  readonly agreedAccess: boolean
  readonly createdAt: number
  readonly expiresAt: number
  readonly endedAt: number | undefined
  readonly ending: "done" | "cancelled" | undefined
}

/**
 * What names a session: the app, the provider and the browser; or, where the app said by PAR who the
 * person is, that person, in whatever browser.
 */
export interface SessionKey {
  readonly clientId: string
  readonly provider: string
  readonly browserHash: string
  /** Empty where the app did not say. */
  readonly endUserId: string
  /** The connection that is to be reconnected; empty for a first connect. */
  readonly reconnectId: string
}

/** How long what was pasted is kept sealed while the page is open. */
export const PASTED_SECONDS = 15 * 60
/** How long a row lives without progress, and at most. */
export const IDLE_SECONDS = 24 * 60 * 60
export const LIFE_SECONDS = 7 * 24 * 60 * 60
/** How often one session may ask a provider. */
export const MAX_CHECKS = 50

/** How long a colleague's link works. */
export const HANDOVER_SECONDS = 7 * 24 * 60 * 60

/** Tells whether a colleague's link is out and not used up. */
export function isHandoverOpen(session: Session, now: number): boolean {
  return session.handoverHash !== undefined && (session.handoverUntil ?? 0) > now
}

/** Tells whether what was pasted is still kept. */
export function isPastedKept(session: Session, now: number): boolean {
  return session.pastedSealed !== undefined && (session.pastedUntil ?? 0) > now
}
