/** Whose turn it is, where a colleague was asked to help. */
import type { AuthorizationRequest } from "../oauth/request.ts"
import { isHandoverOpen, type Session } from "./session.ts"

/**
 * `yours`: go on. For the requester, `waiting`: a colleague has the link; `handed`: the colleague is
 * done. For the colleague, `helped`: done; `link_ended`: expired, withdrawn or replaced.
 */
export type Turn = "yours" | "waiting" | "handed" | "helped" | "link_ended"

/** Who types on a page, for the statement that keeps it. */
export function typingOf(
  { browserHash, handoverHash }: AuthorizationRequest,
  now: number,
): { browserHash: string; isColleague: boolean; now: number } {
  return { browserHash, isColleague: handoverHash !== undefined, now }
}

/** Tells whose turn it is; what a colleague typed is the colleague's alone. */
export function turnOf(
  session: Session | undefined,
  request: AuthorizationRequest,
  now: number,
): Turn {
  if (request.handoverHash === undefined) {
    if (session?.handedOverAt !== undefined) return "handed"
    return session !== undefined && isHandoverOpen(session, now) ? "waiting" : "yours"
  }
  if (session === undefined || session.handoverHash !== request.handoverHash) return "link_ended"
  if (session.handedOverAt !== undefined) return "helped"
  return isHandoverOpen(session, now) ? "yours" : "link_ended"
}
