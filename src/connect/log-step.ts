/** How far a session came, for the app that asks what went wrong: steps and codes, never a value. */
import { sessionStep } from "../connections/session-log/store.ts"
import type { Session, Verdict } from "./session.ts"

/** What a POST of the page did; a submit is named for what the provider answered. */
export type Step =
  | Verdict["outcome"]
  | "guide"
  | "handover_created"
  | "handover_revoked"
  | "handover_completed"
  | "confirmed"
  | "handed_off"
  | "cancelled"

/** Statement that notes a step; it goes into the batch of what the step wrote. */
export function logStep(
  db: D1Database,
  { id: sessionId, clientId, provider }: Session,
  step: {
    readonly step: Step
    readonly code?: string | undefined
    readonly reference: string
    readonly at: number
  },
): D1PreparedStatement {
  const { code, ...rest } = step
  return sessionStep(db, { sessionId, clientId, provider, code, ...rest })
}

/** The code of a verdict: what was wrong, where something was. */
export function codeOf(verdict: Verdict): string | undefined {
  switch (verdict.outcome) {
    case "works":
      return undefined
    case "refused":
      return verdict.problems[0]?.code
    case "could_not_check":
      return verdict.code
  }
}

/** Id of the message that tells of a session's end: it ends once. */
export function endMessageId({ id }: Session): string {
  return `msg_${id.slice("ses_".length)}`
}
