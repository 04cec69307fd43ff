/**
 * The connection that a reconnect is for. Whoever opens the page may be anybody who knows its id, so
 * what is told of it depends on who vouches for them: the app, by PAR, or the browser it was made in.
 */
import type { Connection } from "../connections/connection.ts"
import { openCredentials } from "../connections/verify.ts"
import type { Deps } from "../context.ts"
import type { AuthorizationRequest } from "../oauth/request.ts"
import type { Credentials, Method } from "../providers/provider.ts"
import type { PassedVerdict } from "./ready.ts"
import type { Visit } from "./visit.ts"

/** Tells whether this visitor may know how the connection is, and why it broke. */
export function mayKnowStatus(target: Connection, request: AuthorizationRequest): boolean {
  return request.pushedHash !== undefined || target.browserHash === request.browserHash
}

/**
 * Tells whether this visitor may see what was typed: it was typed in this browser, or the app says who
 * they are. What a colleague typed is the colleague's alone, and a link vouches for nobody.
 */
export function mayKnowFields(target: Connection, request: AuthorizationRequest): boolean {
  if (target.browserHash === request.browserHash) return true
  const { pushedHash, handoverHash } = request
  return pushedHash !== undefined && handoverHash === undefined && !target.handedOver
}

/** Opens what is not secret of the login that is to be replaced; empty for who may not see it. */
export async function openKnown(
  deps: Deps,
  { target, request, provider }: Pick<Visit, "target" | "request" | "provider">,
): Promise<Credentials> {
  if (target === undefined || !mayKnowFields(target, request)) return {}
  const credentials = await openCredentials(deps, target)
  return Object.fromEntries(
    shownFields(provider.method).flatMap((name) => {
      const value = credentials[name]
      return value === undefined ? [] : [[name, value]]
    }),
  )
}

/**
 * Tells whether a login that passed is of the connection's own provider account. Where one of the two
 * was never checked there is no fingerprint to compare: then it is the same only if everything but
 * the secrets is as before, for who may know that; a stranger could find it out by trying.
 */
export async function isSameAccount(
  deps: Deps,
  visit: Pick<Visit, "target" | "request" | "provider">,
  verdict: PassedVerdict,
  typed: Credentials,
): Promise<boolean> {
  const before = visit.target?.accountFingerprint
  if (before !== undefined && verdict.outcome === "works") {
    return before === verdict.accountFingerprint
  }
  const known = await openKnown(deps, visit)
  const names = Object.keys(known)
  return (
    names.length > 0 &&
    shownFields(visit.provider.method).every((name) => (known[name] ?? "") === (typed[name] ?? ""))
  )
}

function shownFields({ fields }: Method): string[] {
  return fields.filter(({ secret, oneTime }) => !secret && oneTime !== true).map(({ name }) => name)
}
