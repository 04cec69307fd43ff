/** Tells how far a session is: whether it can be handed off, and what it would grant. */
import type { App } from "../apps/app.ts"
import type { AuthorizationRequest } from "../oauth/request.ts"
import { type Grant, weighGrant } from "./grant.ts"
import { isPastedKept, type Session, type Verdict } from "./session.ts"

/** A verdict that may be handed off. */
export type PassedVerdict = Extract<Verdict, { outcome: "works" | "could_not_check" }>

export type Progress =
  /** Nothing asked yet, or for other scopes than these. */
  | { readonly stage: "form"; readonly verdict: undefined }
  /** Refused, not checked, or a required permission is missing. */
  | { readonly stage: "form"; readonly verdict: Verdict; readonly grant: Grant | undefined }
  /** It works, but what was pasted is gone by now. */
  | { readonly stage: "pasted_gone"; readonly verdict: Verdict }
  | { readonly stage: "summary"; readonly verdict: PassedVerdict; readonly grant: Grant }

/**
 * Weighs a session. *Works* may be handed off, warnings included; *refused* never; *could not check*
 * only where the provider can't be asked at all.
 */
export function weigh(
  session: Session | undefined,
  request: AuthorizationRequest,
  app: App,
  now: number,
): Progress {
  const verdict = session?.verdict
  if (session === undefined || verdict === undefined || !isSameScope(verdict, request)) {
    return { stage: "form", verdict: undefined }
  }
  const grant = grantOf(verdict, request, app)
  if (grant === undefined || grant.missing.length > 0 || !isPassed(verdict)) {
    return { stage: "form", verdict, grant }
  }
  if (!isPastedKept(session, now)) return { stage: "pasted_gone", verdict }
  return { stage: "summary", verdict, grant }
}

function isPassed(verdict: Verdict): verdict is PassedVerdict {
  return (
    verdict.outcome === "works" || (verdict.outcome === "could_not_check" && verdict.uncheckable)
  )
}

function grantOf(verdict: Verdict, request: AuthorizationRequest, app: App): Grant | undefined {
  if (verdict.outcome === "refused") return undefined
  const permissions = verdict.outcome === "works" ? verdict.permissions : {}
  return weighGrant(request.scope, app.optionalScope, permissions)
}

function isSameScope(verdict: Verdict, request: AuthorizationRequest): boolean {
  return [...verdict.scope].sort().join(" ") === [...request.scope].sort().join(" ")
}
