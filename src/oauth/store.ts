/** All SQL about pushed authorization requests. */
import { secondsAfter } from "../lib/clock.ts"

/** A pushed request must be opened within a minute (RFC 9126 §2.2). */
export const PUSHED_OPEN_SECONDS = 60
/** As long as a session may live: until then another browser's POST is refused. */
const PUSHED_KEPT_SECONDS = 7 * 24 * 60 * 60

/** Statement that inserts a pushed request. */
export function insertPushedRequest(
  db: D1Database,
  pushed: { hash: string; clientId: string; requestSealed: string; now: number },
): D1PreparedStatement {
  return db
    .prepare(
      `INSERT INTO pushed_requests (hash, client_id, request_sealed, open_until, expires_at)
       VALUES (?1, ?2, ?3, ?4, ?5)`,
    )
    .bind(
      pushed.hash,
      pushed.clientId,
      pushed.requestSealed,
      secondsAfter(pushed.now, PUSHED_OPEN_SECONDS),
      secondsAfter(pushed.now, PUSHED_KEPT_SECONDS),
    )
}

/**
 * Statement that reads a pushed request that may be opened: in time and not spent by another browser.
 * Opening writes nothing, so scanners and reloads do no harm.
 */
export function selectPushedRequest(
  db: D1Database,
  clientId: string,
  hash: string,
  browserHash: string,
  now: number,
): D1PreparedStatement {
  return db
    .prepare(
      `SELECT request_sealed FROM pushed_requests
       WHERE hash = ?1 AND client_id = ?2
         AND ((spent_by IS NULL AND open_until > ?4) OR spent_by = ?3)`,
    )
    .bind(hash, clientId, browserHash, now)
}

/** Takes the sealed request out of a batch result, or gives undefined where none may be opened. */
export function toPushedRequest(result: D1Result | undefined): string | undefined {
  return (result?.results[0] as { request_sealed: string } | undefined)?.request_sealed
}

/** Statement that spends a pushed request for the browser of the first POST. */
export function spendPushedRequest(
  db: D1Database,
  clientId: string,
  hash: string,
  browserHash: string,
): D1PreparedStatement {
  return db
    .prepare(
      `UPDATE pushed_requests SET spent_by = ?3
       WHERE hash = ?1 AND client_id = ?2 AND spent_by IS NULL`,
    )
    .bind(hash, clientId, browserHash)
}

/** Statement that tells whether another browser has spent a pushed request: one row, or none. */
export function selectSpentElsewhere(
  db: D1Database,
  clientId: string,
  hash: string,
  browserHash: string,
): D1PreparedStatement {
  return db
    .prepare(
      "SELECT 1 AS elsewhere FROM pushed_requests WHERE hash = ?1 AND client_id = ?2 AND spent_by <> ?3",
    )
    .bind(hash, clientId, browserHash)
}

/** Statements of the purge: pushed requests that have expired, at most `limit`. */
export function purgeStatements(db: D1Database, now: number, limit: number): D1PreparedStatement[] {
  return [
    db
      .prepare(
        `DELETE FROM pushed_requests WHERE hash IN (
           SELECT hash FROM pushed_requests WHERE expires_at <= ?1 ORDER BY expires_at LIMIT ?2)`,
      )
      .bind(now, limit),
  ]
}
