/** What was typed belongs to the browser that typed it. */
import type { AuthorizationRequest } from "../oauth/request.ts"
import type { Session } from "./session.ts"

/**
 * Gives a session as this browser may see it: what another one typed, and what came of it, is not
 * there. Only ticks go with the person to another browser, for whoever sends somebody a link must not
 * get what that person pastes. The one exception is the requester's, once the colleague said yes.
 */
export function ownView(
  session: Session | undefined,
  { browserHash, handoverHash }: AuthorizationRequest,
): Session | undefined {
  if (session === undefined || session.typedBy === undefined) return session
  const isHanded = handoverHash === undefined && session.handedOverAt !== undefined
  if (session.typedBy === browserHash || isHanded) return session
  return {
    ...session,
    draftSealed: undefined,
    pastedSealed: undefined,
    pastedUntil: undefined,
    verdict: undefined,
    confirmedAt: undefined,
  }
}
