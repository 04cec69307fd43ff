/** All SQL about handovers: a colleague's link stands in the session that it belongs to. */
import { IDLE_SECONDS, LIFE_SECONDS, type Session } from "../session.ts"
import { COLUMNS } from "../store.ts"

/**
 * Statement that puts a colleague's link in, in the place of the one before. What the requester
 * pasted goes: it is the colleague's turn.
 */
export function openHandover(
  db: D1Database,
  session: Session,
  handover: { hash: string; sealed: string; until: number; now: number },
): D1PreparedStatement {
  return db
    .prepare(
      `UPDATE sessions SET handover_hash = ?3, handover_sealed = ?4, handover_until = ?5,
         expires_at = max(expires_at, ?5 + ?7), pasted_sealed = NULL, pasted_until = NULL,
         draft_sealed = NULL, verdict = NULL, confirmed_at = NULL
       WHERE id = ?1 AND client_id = ?2 AND ended_at IS NULL AND expires_at > ?6
         AND handed_over_at IS NULL`,
    )
    .bind(
      session.id,
      session.clientId,
      handover.hash,
      handover.sealed,
      handover.until,
      handover.now,
      IDLE_SECONDS * 1000,
    )
}

/** Statement that withdraws a colleague's link, and what the colleague typed with it. */
export function closeHandover(db: D1Database, session: Session, now: number): D1PreparedStatement {
  return db
    .prepare(
      `UPDATE sessions SET handover_until = ?3, pasted_sealed = NULL, pasted_until = NULL,
         draft_sealed = NULL, verdict = NULL, confirmed_at = NULL
       WHERE id = ?1 AND client_id = ?2 AND ended_at IS NULL AND handed_over_at IS NULL
         AND handover_hash IS NOT NULL`,
    )
    .bind(session.id, session.clientId, now)
}

/** Statement by which the colleague's yes is kept, and the link used up. */
export function finishHandover(
  db: D1Database,
  session: Session,
  yes: { hash: string; browserHash: string; asNew: boolean; access: boolean; now: number },
): D1PreparedStatement {
  return db
    .prepare(
      `UPDATE sessions SET handed_over_at = ?4, confirmed_at = ?4, handover_until = ?4,
         helper_hash = ?6, as_new = ?7, agreed_access = ?8,
         expires_at = max(expires_at, ?4 + ?5), pasted_until = max(expires_at, ?4 + ?5)
       WHERE id = ?1 AND client_id = ?2 AND handover_hash = ?3 AND handover_until > ?4
         AND ended_at IS NULL AND pasted_until > ?4 AND typed_by = ?6`,
    )
    .bind(
      session.id,
      session.clientId,
      yes.hash,
      yes.now,
      LIFE_SECONDS * 1000,
      yes.browserHash,
      yes.asNew ? 1 : 0,
      yes.access ? 1 : 0,
    )
}

/** Statement that reads the session that a colleague's link belongs to; it carries no app yet. */
export function selectHandover(db: D1Database, hash: string): D1PreparedStatement {
  return db
    .prepare(
      `SELECT ${COLUMNS}, handover_sealed FROM sessions
       WHERE handover_hash = ?1 AND ended_at IS NULL`,
    )
    .bind(hash)
}

/** Takes the requester's sealed request out of a result of `selectHandover`. */
export function toHandoverSealed(result: D1Result | undefined): string | undefined {
  const row = result?.results[0] as { handover_sealed: string | null } | undefined
  return row?.handover_sealed ?? undefined
}
