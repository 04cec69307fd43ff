/**
 * A checked authorization request. Until the first POST it is nowhere stored: it travels sealed in
 * the address of the page, and holds the hash of the cookie of the browser that began it.
 */
import type { EndUser } from "../connections/connection.ts"
import { KoppelError } from "../lib/errors.ts"
import type { KeyRing } from "../vault/key-ring.ts"
import { open, readPlace, seal } from "../vault/seal.ts"
import type { ReturnAddress } from "./redirect.ts"

/** For whom the person connects, as a confidential app said by PAR. */
export interface Organization {
  readonly id?: string | undefined
  readonly name: string
}

/** A request whose every parameter was checked. */
export interface CheckedRequest extends ReturnAddress {
  readonly clientId: string
  readonly environment: "test" | "live"
  readonly provider: string
  readonly responseType: "code" | "connection_id"
  /** Scopes asked for, each known and allowed. */
  readonly scope: readonly string[]
  readonly nonce: string | undefined
  /** S256 challenge (RFC 7636). */
  readonly codeChallenge: string | undefined
  readonly loginHint: string | undefined
  readonly uiLocales: string | undefined
  /** Who the person is, as a confidential app said by PAR. */
  readonly endUser: EndUser | undefined
  readonly organization: Organization | undefined
  /** The `con_…` of the connection that is to be reconnected. */
  readonly reconnect: string | undefined
}

/** A request in the address of the page. */
export interface AuthorizationRequest extends CheckedRequest {
  readonly id: string
  /** Hash of the pushed request that it came by. */
  readonly pushedHash: string | undefined
  /** Hash of the link that a colleague goes on by; this request then leads to no app. */
  readonly handoverHash?: string | undefined
  readonly browserHash: string
  readonly issuedAt: number
}

/** Client libraries forget their `state` after 5 to 15 minutes. */
export const REQUEST_FRESH_SECONDS = 600

/** Seals a request for the page's address. */
export async function sealRequest(ring: KeyRing, request: AuthorizationRequest): Promise<string> {
  return await seal(ring, request, {
    purpose: "request",
    id: request.id,
    clientId: request.clientId,
    provider: request.provider,
  })
}

/** Opens a request out of the page's address; throws a 404 for what we did not seal. */
export async function openRequest(ring: KeyRing, sealed: string): Promise<AuthorizationRequest> {
  try {
    const place = { ...readPlace(sealed), purpose: "request" } as const
    return (await open(ring, sealed, place)) as AuthorizationRequest
  } catch (error) {
    // Whatever is in the address, the person sees the same; the log tells a removed key apart.
    const detail = error instanceof KoppelError ? error.detail : undefined
    throw new KoppelError(404, "not_found", "This address is not complete.", {
      cause: error,
      ...(detail === undefined ? {} : { detail }),
    })
  }
}

/** Tells whether the app still remembers this request, so that the browser may be sent back. */
export function isFresh(request: AuthorizationRequest, now: number): boolean {
  return now - request.issuedAt <= REQUEST_FRESH_SECONDS * 1000
}
