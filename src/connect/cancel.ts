/** The person says no: the session ends, and the app is told. */
import type { Deps } from "../context.ts"
import { enqueueSessionEvent } from "../webhooks/store.ts"
import { endMessageId, logStep } from "./log-step.ts"
import { endSession } from "./store.ts"
import { DeadEndError, type Visit } from "./visit.ts"

export interface Cancelled {
  /** What the app is sent; undefined where it has forgotten its request. */
  readonly response: Readonly<Record<string, string>> | undefined
  /** Webhooks that may have been written. */
  readonly messageIds: readonly string[]
}

/** Ends a session as cancelled; throws `DeadEndError` for one that was handed off. */
export async function cancel(deps: Deps, visit: Visit): Promise<Cancelled> {
  const { app, session, reference } = visit
  const response = visit.isFresh
    ? { error: "access_denied", error_description: "the person cancelled" }
    : undefined
  if (session?.ending === "done") throw new DeadEndError("over", app)
  if (session === undefined || session.endedAt !== undefined) return { response, messageIds: [] }
  const at = deps.now()
  await deps.db.batch([
    logStep(deps.db, session, { step: "cancelled", reference, at }),
    endSession(deps.db, session, "cancelled", at),
    enqueueSessionEvent(deps.db, {
      sessionId: session.id,
      clientId: session.clientId,
      outcome: "refused",
      at,
    }),
  ])
  return { response, messageIds: [endMessageId(session)] }
}
