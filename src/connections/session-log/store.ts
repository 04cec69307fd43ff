/** All SQL about how far sessions came. Steps and codes only, never a value. */
import { OWNER, type Owner, ownerValues } from "../../apps/store.ts"
import { secondsAfter } from "../../lib/clock.ts"

const KEPT_SECONDS = 30 * 24 * 60 * 60

/** One request of the page. */
export interface SessionStep {
  readonly sessionId: string
  readonly clientId: string
  readonly provider: string
  /** What the page and the log line of the request show. */
  readonly reference: string
  readonly step: string
  /** What it came to, as a code; undefined where it came to nothing. */
  readonly code: string | undefined
  readonly at: number
}

/** Statement that notes a step; it goes into the batch of what the step wrote. */
export function sessionStep(db: D1Database, step: SessionStep): D1PreparedStatement {
  return db
    .prepare(
      `INSERT INTO session_log (client_id, session_id, at, reference, provider, step, code,
         expires_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)
       ON CONFLICT (client_id, session_id, at, reference) DO NOTHING`,
    )
    .bind(
      step.clientId,
      step.sessionId,
      step.at,
      step.reference,
      step.provider,
      step.step,
      step.code ?? null,
      secondsAfter(step.at, KEPT_SECONDS),
    )
}

/** Statement that reads all steps of the session that a reference belongs to. */
export function listSteps(
  db: D1Database,
  owner: Owner,
  reference: string,
  page: { readonly limit: number; readonly now: number },
): D1PreparedStatement {
  return db
    .prepare(
      `SELECT session_id, provider, reference, step, code, at FROM session_log
       WHERE client_id = ${OWNER} AND expires_at > ?3 AND session_id IN (
         SELECT session_id FROM session_log WHERE client_id = ${OWNER} AND reference = ?4)
       ORDER BY session_id, at LIMIT ?5`,
    )
    .bind(...ownerValues(owner, page.now), reference, page.limit)
}

/** Takes the steps out of a batch result. */
export function toSteps(result: D1Result | undefined): Omit<SessionStep, "clientId">[] {
  return ((result?.results ?? []) as unknown as StepRow[]).map((row) => ({
    sessionId: row.session_id,
    provider: row.provider,
    reference: row.reference,
    step: row.step,
    code: row.code ?? undefined,
    at: row.at,
  }))
}

interface StepRow {
  readonly session_id: string
  readonly provider: string
  readonly reference: string
  readonly step: string
  readonly code: string | null
  readonly at: number
}

/** Statements of the purge: steps of a month ago. */
export function purgeStatements(db: D1Database, now: number, limit: number): D1PreparedStatement[] {
  return [
    db
      .prepare(
        `DELETE FROM session_log WHERE (client_id, session_id, at, reference) IN (
           SELECT client_id, session_id, at, reference FROM session_log
           WHERE expires_at <= ?1 ORDER BY expires_at LIMIT ?2)`,
      )
      .bind(now, limit),
  ]
}
