/** All SQL about sessions. */
import { secondsAfter } from "../lib/clock.ts"
import {
  IDLE_SECONDS,
  LIFE_SECONDS,
  type Session,
  type SessionKey,
  type Verdict,
} from "./session.ts"

/** Columns of a session, for `toSession`. */
export const COLUMNS = `id, client_id, provider, browser_hash, connection_id, draft_sealed, pasted_sealed,
  pasted_until, verdict, checks, confirmed_at, ticks, handover_hash, handover_until, handed_over_at,
  helper_hash, as_new, typed_by, agreed_access, created_at, expires_at, ended_at, ending`

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
  readonly ticks: string | null
  readonly handover_hash: string | null
  readonly handover_until: number | null
  readonly handed_over_at: number | null
  readonly helper_hash: string | null
  readonly as_new: number
  readonly typed_by: string | null
  readonly agreed_access: number | null
  readonly created_at: number
  readonly expires_at: number
  readonly ended_at: number | null
  readonly ending: "done" | "cancelled" | null
}

/** The same person's sessions: by the browser, or by whom the app says it is. */
function mine(key: SessionKey): string {
  const who = key.endUserId === "" ? "browser_hash = ?3" : "?3 <> ''"
  return `client_id = ?1 AND provider = ?2 AND ${who} AND end_user_id = ?4 AND reconnect_id = ?5`
}

function keyValues(key: SessionKey) {
  return [key.clientId, key.provider, key.browserHash, key.endUserId, key.reconnectId] as const
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
       WHERE ${mine(key)} AND ((ended_at IS NULL AND expires_at > ?7) OR ended_at >= ?6)
       ORDER BY ended_at IS NULL DESC, ended_at DESC LIMIT 1`,
    )
    .bind(...keyValues(key), requestedAt, now)
}

/**
 * Statement that tells, as `used`, whether the login that the session found serves another app. It
 * looks over all apps, and gives nothing away but that: the person is warned, not told of whom.
 */
export function selectLoginInUse(db: D1Database, key: SessionKey): D1PreparedStatement {
  return db
    .prepare(
      `SELECT EXISTS (SELECT 1 FROM connections
         WHERE account_fingerprint = (SELECT json_extract(verdict, '$.accountFingerprint')
             FROM sessions WHERE ${mine(key)} AND ended_at IS NULL LIMIT 1)
           AND client_id <> ?1 AND claimed_at IS NOT NULL) AS used`,
    )
    .bind(...keyValues(key))
}

/** Reads a result of `selectLoginInUse`. */
export function toLoginInUse(result: D1Result | undefined): boolean {
  return (result?.results[0] as { used: number } | undefined)?.used === 1
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
  /** Hash of the link that a colleague goes on by; while it works, and not a moment longer. */
  readonly handoverHash: string | undefined
  /** 1 where the provider may be asked, 0 for a tick. */
  readonly checks: 0 | 1
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
      .prepare(`DELETE FROM sessions WHERE ${mine(key)} AND ended_at IS NULL AND expires_at <= ?6`)
      .bind(...keyValues(key), start.now),
    // The person goes on in another browser.
    ...(key.endUserId === ""
      ? []
      : [
          db
            .prepare(
              `UPDATE sessions SET browser_hash = ?3 WHERE ${mine(key)} AND ended_at IS NULL
                 AND (?6 IS NULL OR EXISTS (SELECT 1 FROM pushed_requests
                   WHERE hash = ?6 AND client_id = ?1 AND spent_by = ?3))
                 AND (?7 IS NULL OR (handover_hash = ?7 AND handover_until > ?8))`,
            )
            .bind(
              ...keyValues(key),
              start.pushedHash ?? null,
              start.handoverHash ?? null,
              start.now,
            ),
        ]),
    db
      .prepare(
        `INSERT INTO sessions (id, client_id, provider, browser_hash, end_user_id, reconnect_id,
           connection_id, checks, created_at, expires_at)
         SELECT ?7, client_id, ?2, ?3, ?4, ?5, ?8, ?15, ?9, ?10 FROM apps
         WHERE client_id = ?1 AND suspended = 0
           AND NOT EXISTS (SELECT 1 FROM sessions WHERE ${mine(key)} AND ended_at >= ?6)
           AND (?11 = 1 OR EXISTS (
             SELECT 1 FROM sessions WHERE ${mine(key)} AND ended_at IS NULL
               AND (?16 IS NULL OR (handover_hash = ?16 AND handover_until > ?9))))
           AND (?12 IS NULL OR EXISTS (SELECT 1 FROM pushed_requests
             WHERE hash = ?12 AND client_id = ?1 AND spent_by = ?3))
         ON CONFLICT (client_id, provider, browser_hash, end_user_id, reconnect_id)
           WHERE ended_at IS NULL
         DO UPDATE SET checks = checks + excluded.checks, expires_at = max(
           min(created_at + ?13, excluded.expires_at), coalesce(handover_until + ?14, 0))`,
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
        IDLE_SECONDS * 1000,
        start.checks,
        start.handoverHash ?? null,
      ),
  ]
}

/** Who types, and at which moment of a handover: what was withdrawn meanwhile is not written. */
export interface Typing {
  readonly browserHash: string
  readonly isColleague: boolean
  readonly now: number
}

/** The session is as it was read: the same link, or none, and the turn of the one who types. */
const STILL = `ended_at IS NULL AND handed_over_at IS NULL AND handover_hash IS ?4
  AND (CASE WHEN ?5 = 1 THEN coalesce(handover_until, 0) > ?6
    ELSE coalesce(handover_until, 0) <= ?6 END)`

function stillValues(session: Session, { browserHash, isColleague, now }: Typing) {
  const { id, clientId, handoverHash } = session
  return [id, clientId, browserHash, handoverHash ?? null, isColleague ? 1 : 0, now] as const
}

/** Statement that stores what a submit came to, while the session is open. */
export function saveVerdict(
  db: D1Database,
  session: Session,
  typing: Typing,
  result: {
    draftSealed: string
    pastedSealed: string | undefined
    pastedUntil: number | undefined
    verdict: Verdict
  },
): D1PreparedStatement {
  return db
    .prepare(
      `UPDATE sessions SET typed_by = ?3, draft_sealed = ?7, pasted_sealed = ?8, pasted_until = ?9,
         verdict = ?10, confirmed_at = NULL, agreed_access = NULL
       WHERE id = ?1 AND client_id = ?2 AND ${STILL}`,
    )
    .bind(
      ...stillValues(session, typing),
      result.draftSealed,
      result.pastedSealed ?? null,
      result.pastedUntil ?? null,
      JSON.stringify(result.verdict),
    )
}

/**
 * Statement that keeps ticks and what was typed so far, while the session is open. With other values
 * than the verdict was reached for there is no verdict any more.
 */
export function saveProgress(
  db: D1Database,
  session: Session,
  typing: Typing,
  progress: {
    ticks: readonly string[]
    isChanged: boolean
    draftSealed: string
    pastedSealed: string | undefined
    pastedUntil: number | undefined
  },
): D1PreparedStatement {
  return db
    .prepare(
      `UPDATE sessions SET typed_by = ?3, ticks = ?7, draft_sealed = ?8, pasted_sealed = ?9,
         pasted_until = ?10, verdict = CASE WHEN ?11 = 1 THEN NULL ELSE verdict END,
         confirmed_at = CASE WHEN ?11 = 1 THEN NULL ELSE confirmed_at END
       WHERE id = ?1 AND client_id = ?2 AND ${STILL}`,
    )
    .bind(
      ...stillValues(session, typing),
      JSON.stringify(progress.ticks),
      progress.draftSealed,
      progress.pastedSealed ?? null,
      progress.pastedUntil ?? null,
      progress.isChanged ? 1 : 0,
    )
}

/** Statement that ends a session once, with everything removed that was sealed or found. */
export function endSession(
  db: D1Database,
  session: Session,
  ending: "done" | "cancelled",
  now: number,
  { asNew }: { readonly asNew: boolean } = { asNew: false },
): D1PreparedStatement {
  return db
    .prepare(
      `UPDATE sessions SET ended_at = ?3, ending = ?4, pasted_sealed = NULL, pasted_until = NULL,
         draft_sealed = NULL, handover_sealed = NULL, verdict = NULL, as_new = max(as_new, ?5)
       WHERE id = ?1 AND client_id = ?2 AND ended_at IS NULL AND expires_at > ?3`,
    )
    .bind(session.id, session.clientId, now, ending, asNew ? 1 : 0)
}

/**
 * Statement that notes the person's yes, and whether they were told that the app can read the
 * credentials; what was pasted is then kept as long as the row.
 */
export function confirmSession(
  db: D1Database,
  session: Session,
  access: boolean,
  now: number,
): D1PreparedStatement {
  return db
    .prepare(
      `UPDATE sessions SET confirmed_at = ?3, pasted_until = expires_at, agreed_access = ?4
       WHERE id = ?1 AND client_id = ?2 AND ended_at IS NULL AND pasted_until > ?3`,
    )
    .bind(session.id, session.clientId, now, access ? 1 : 0)
}

/** Statements of the purge: what was pasted and kept too long, old sessions. */
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
    ticks: row.ticks === null ? [] : (JSON.parse(row.ticks) as string[]),
    handoverHash: row.handover_hash ?? undefined,
    handoverUntil: row.handover_until ?? undefined,
    handedOverAt: row.handed_over_at ?? undefined,
    helperHash: row.helper_hash ?? undefined,
    isAsNew: row.as_new === 1,
    typedBy: row.typed_by ?? undefined,
    agreedAccess: row.agreed_access === 1,
    createdAt: row.created_at,
    expiresAt: row.expires_at,
    endedAt: row.ended_at ?? undefined,
    ending: row.ending ?? undefined,
  }
}
