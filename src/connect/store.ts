/** All SQL about sessions and login attempts. */
import { secondsAfter } from "../lib/clock.ts"
import {
  IDLE_SECONDS,
  LIFE_SECONDS,
  type Session,
  type SessionKey,
  type Verdict,
} from "./session.ts"

const COLUMNS = `id, client_id, provider, browser_hash, connection_id, draft_sealed, pasted_sealed,
  pasted_until, verdict, checks, confirmed_at, created_at, expires_at, ended_at, ending`

interface SessionRow {
  readonly id: string
  readonly client_id: string
  readonly provider: string
  readonly browser_hash: string
  readonly connection_id: string
  readonly draft_sealed: string | null
  readonly pasted_sealed: string | null
  readonly pasted_until: number | null
  readonly verdict: string | null
  readonly checks: number
  readonly confirmed_at: number | null
  readonly created_at: number
  readonly expires_at: number
  readonly ended_at: number | null
  readonly ending: "done" | "cancelled" | null
}

/** The same person's sessions: by the browser, or by whom the app says it is. */
function mine(key: SessionKey): string {
  return key.endUserId === ""
    ? "client_id = ?1 AND provider = ?2 AND browser_hash = ?3 AND end_user_id = ?4"
    : "client_id = ?1 AND provider = ?2 AND end_user_id = ?4 AND ?3 <> ''"
}

function keyValues(key: SessionKey) {
  return [key.clientId, key.provider, key.browserHash, key.endUserId] as const
}

/**
 * Statement that reads the session a request belongs to: the open one, else the last that ended
 * after the request was made. Give its result to `toSession`.
 */
export function selectSession(
  db: D1Database,
  key: SessionKey,
  requestedAt: number,
  now: number,
): D1PreparedStatement {
  return db
    .prepare(
      `SELECT ${COLUMNS} FROM sessions
       WHERE ${mine(key)} AND ((ended_at IS NULL AND expires_at > ?6) OR ended_at >= ?5)
       ORDER BY ended_at IS NULL DESC, ended_at DESC LIMIT 1`,
    )
    .bind(...keyValues(key), requestedAt, now)
}

/** Takes the session out of a batch result, or gives undefined where there is none. */
export function toSession(result: D1Result | undefined): Session | undefined {
  const row = result?.results[0] as SessionRow | undefined
  return row === undefined ? undefined : fromRow(row)
}

export interface SessionStart {
  readonly id: string
  readonly connectionId: string
  readonly requestedAt: number
  /** False for a request so old that it may only go on with an open session. */
  readonly mayBegin: boolean
  /** Hash of the pushed request that it came by; that one must be spent by this browser. */
  readonly pushedHash: string | undefined
  readonly now: number
}

/**
 * Statements that begin a session, or count one more submit of the open one. Nothing begins for a
 * suspended app, nor for a request whose session has ended since (another tab was quicker), nor by a
 * pushed request that another browser has spent.
 */
export function beginStatements(
  db: D1Database,
  key: SessionKey,
  start: SessionStart,
): D1PreparedStatement[] {
  return [
    db
      .prepare(`DELETE FROM sessions WHERE ${mine(key)} AND ended_at IS NULL AND expires_at <= ?5`)
      .bind(...keyValues(key), start.now),
    // The person goes on in another browser.
    ...(key.endUserId === ""
      ? []
      : [
          db
            .prepare(
              `UPDATE sessions SET browser_hash = ?3 WHERE ${mine(key)} AND ended_at IS NULL`,
            )
            .bind(...keyValues(key)),
        ]),
    db
      .prepare(
        `INSERT INTO sessions (id, client_id, provider, browser_hash, end_user_id, connection_id,
           checks, created_at, expires_at)
         SELECT ?6, client_id, ?2, ?3, ?4, ?7, 1, ?8, ?9 FROM apps
         WHERE client_id = ?1 AND suspended = 0
           AND NOT EXISTS (SELECT 1 FROM sessions WHERE ${mine(key)} AND ended_at >= ?5)
           AND (?10 = 1 OR EXISTS (
             SELECT 1 FROM sessions WHERE ${mine(key)} AND ended_at IS NULL))
           AND (?11 IS NULL OR EXISTS (SELECT 1 FROM pushed_requests
             WHERE hash = ?11 AND client_id = ?1 AND spent_by = ?3))
         ON CONFLICT (client_id, provider, browser_hash, end_user_id) WHERE ended_at IS NULL
         DO UPDATE SET checks = checks + 1, expires_at = min(created_at + ?12, excluded.expires_at)`,
      )
      .bind(
        ...keyValues(key),
        start.requestedAt,
        start.id,
        start.connectionId,
        start.now,
        secondsAfter(start.now, IDLE_SECONDS),
        start.mayBegin ? 1 : 0,
        start.pushedHash ?? null,
        LIFE_SECONDS * 1000,
      ),
  ]
}

/** Statement that stores what a submit came to, while the session is open. */
export function saveVerdict(
  db: D1Database,
  session: Session,
  result: {
    draftSealed: string
    pastedSealed: string | undefined
    pastedUntil: number | undefined
    verdict: Verdict
  },
): D1PreparedStatement {
  return db
    .prepare(
      `UPDATE sessions SET draft_sealed = ?3, pasted_sealed = ?4, pasted_until = ?5, verdict = ?6,
         confirmed_at = NULL
       WHERE id = ?1 AND client_id = ?2 AND ended_at IS NULL`,
    )
    .bind(
      session.id,
      session.clientId,
      result.draftSealed,
      result.pastedSealed ?? null,
      result.pastedUntil ?? null,
      JSON.stringify(result.verdict),
    )
}

/** Statement that ends a session once, with everything sealed removed. */
export function endSession(
  db: D1Database,
  session: Session,
  ending: "done" | "cancelled",
  now: number,
): D1PreparedStatement {
  return db
    .prepare(
      `UPDATE sessions SET ended_at = ?3, ending = ?4, pasted_sealed = NULL, pasted_until = NULL,
         draft_sealed = NULL
       WHERE id = ?1 AND client_id = ?2 AND ended_at IS NULL AND expires_at > ?3`,
    )
    .bind(session.id, session.clientId, now, ending)
}

/** Statement that notes the person's yes; what was pasted is then kept as long as the row. */
export function confirmSession(db: D1Database, session: Session, now: number): D1PreparedStatement {
  return db
    .prepare(
      `UPDATE sessions SET confirmed_at = ?3, pasted_until = expires_at
       WHERE id = ?1 AND client_id = ?2 AND ended_at IS NULL AND pasted_until > ?3`,
    )
    .bind(session.id, session.clientId, now)
}

/** How long a login that is being asked may take before it counts as a failed one. */
const RUNNING_SECONDS = 15
/** A lock at the provider has no end of its own; a year is longer than anybody's patience. */
const ATTEMPT_KEPT_SECONDS = 365 * 24 * 60 * 60

export interface AttemptCap {
  readonly inADay: number
  readonly untilSuccess: number
}

/** Statement that frees the latest refused login, where the cap is reached (the password was reset). */
export function freeAttempt(
  db: D1Database,
  login: string,
  cap: AttemptCap,
  now: number,
): D1PreparedStatement {
  return db
    .prepare(
      `UPDATE attempts SET freed = 1
       WHERE id IN (SELECT id FROM attempts WHERE login_fingerprint = ?1 AND freed = 0
           ORDER BY at DESC LIMIT 1)
         AND ((SELECT count(*) FROM attempts
             WHERE login_fingerprint = ?1 AND freed = 0 AND at > ?2) >= ?3
           OR (SELECT count(*) FROM attempts WHERE login_fingerprint = ?1 AND freed = 0) >= ?4)`,
    )
    .bind(login, secondsAfter(now, -24 * 60 * 60), cap.inADay, cap.untilSuccess)
}

/** Statement that counts logins of this user that are being asked at this moment, as `running`. */
export function countRunning(db: D1Database, login: string, now: number): D1PreparedStatement {
  return db
    .prepare(
      `SELECT count(*) AS running FROM attempts
       WHERE login_fingerprint = ?1 AND freed = 0 AND settled = 0 AND at > ?2`,
    )
    .bind(login, secondsAfter(now, -RUNNING_SECONDS))
}

/** Takes the number out of a batch result of `countRunning`. */
export function toRunning(result: D1Result | undefined): number {
  return (result?.results[0] as { running: number } | undefined)?.running ?? 0
}

/** Statement that reserves one login before it is tried: one row, or none where the cap is reached. */
export function reserveAttempt(
  db: D1Database,
  attempt: { id: string; login: string },
  cap: AttemptCap,
  now: number,
): D1PreparedStatement {
  return db
    .prepare(
      `INSERT INTO attempts (id, login_fingerprint, at, expires_at)
       SELECT ?1, ?2, ?3, ?4
       WHERE (SELECT count(*) FROM attempts
           WHERE login_fingerprint = ?2 AND freed = 0 AND at > ?5) < ?6
         AND (SELECT count(*) FROM attempts WHERE login_fingerprint = ?2 AND freed = 0) < ?7
         AND NOT EXISTS (SELECT 1 FROM attempts
           WHERE login_fingerprint = ?2 AND freed = 0 AND settled = 0 AND at > ?8)`,
    )
    .bind(
      attempt.id,
      attempt.login,
      now,
      secondsAfter(now, ATTEMPT_KEPT_SECONDS),
      secondsAfter(now, -24 * 60 * 60),
      cap.inADay,
      cap.untilSuccess,
      secondsAfter(now, -RUNNING_SECONDS),
    )
}

/** Statement that lets a reserved login count as refused, gives it back, or clears all after a success. */
export function settleAttempt(
  db: D1Database,
  attempt: { id: string; login: string },
  result: "refused" | "released" | "success",
): D1PreparedStatement {
  switch (result) {
    case "refused":
      return db.prepare("UPDATE attempts SET settled = 1 WHERE id = ?1").bind(attempt.id)
    case "released":
      return db.prepare("DELETE FROM attempts WHERE id = ?1").bind(attempt.id)
    case "success":
      return db.prepare("DELETE FROM attempts WHERE login_fingerprint = ?1").bind(attempt.login)
  }
}

/** Statements of the purge: what was pasted and kept too long, old sessions, old attempts. */
export function purgeStatements(db: D1Database, now: number, limit: number): D1PreparedStatement[] {
  return [
    db
      .prepare(
        `UPDATE sessions SET pasted_sealed = NULL, pasted_until = NULL WHERE id IN (
           SELECT id FROM sessions WHERE pasted_sealed IS NOT NULL AND pasted_until <= ?1
           ORDER BY pasted_until LIMIT ?2)`,
      )
      .bind(now, limit),
    db
      .prepare(
        `DELETE FROM sessions WHERE id IN (
           SELECT id FROM sessions WHERE expires_at <= ?1 ORDER BY expires_at LIMIT ?2)`,
      )
      .bind(now, limit),
    db
      .prepare(
        `DELETE FROM attempts WHERE id IN (
           SELECT id FROM attempts WHERE expires_at <= ?1 ORDER BY expires_at LIMIT ?2)`,
      )
      .bind(now, limit),
  ]
}

function fromRow(row: SessionRow): Session {
  return {
    id: row.id,
    clientId: row.client_id,
    provider: row.provider,
    browserHash: row.browser_hash,
    connectionId: row.connection_id,
    draftSealed: row.draft_sealed ?? undefined,
    pastedSealed: row.pasted_sealed ?? undefined,
    pastedUntil: row.pasted_until ?? undefined,
    verdict: row.verdict === null ? undefined : (JSON.parse(row.verdict) as Verdict),
    checks: row.checks,
    confirmedAt: row.confirmed_at ?? undefined,
    createdAt: row.created_at,
    expiresAt: row.expires_at,
    endedAt: row.ended_at ?? undefined,
    ending: row.ending ?? undefined,
  }
}
