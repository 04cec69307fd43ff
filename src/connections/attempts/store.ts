/**
 * All SQL about login attempts. No query here carries the app: a provider locks a user whichever app
 * tried.
 */
import { secondsAfter } from "../../lib/clock.ts"

/** How long a login that is being asked may take before it counts as a failed one. */
const RUNNING_SECONDS = 15
/** A lock at the provider has no end of its own; a year is longer than anybody's patience. */
const ATTEMPT_KEPT_SECONDS = 365 * 24 * 60 * 60

export interface AttemptCap {
  readonly inADay: number
  readonly untilSuccess: number
}

/**
 * Statement that frees the latest refused login, where the cap is reached (the password was reset):
 * once a day, for a tick is only somebody's word.
 */
export function freeAttempt(
  db: D1Database,
  login: string,
  cap: AttemptCap,
  now: number,
): D1PreparedStatement {
  return db
    .prepare(
      `UPDATE attempts SET freed = 1, freed_at = ?5
       WHERE id IN (SELECT id FROM attempts
           WHERE login_fingerprint = ?1 AND freed = 0 AND settled = 1 ORDER BY at DESC LIMIT 1)
         AND NOT EXISTS (SELECT 1 FROM attempts
           WHERE login_fingerprint = ?1 AND freed = 1 AND freed_at > ?2)
         AND ((SELECT count(*) FROM attempts
             WHERE login_fingerprint = ?1 AND freed = 0 AND at > ?2) >= ?3
           OR (SELECT count(*) FROM attempts WHERE login_fingerprint = ?1 AND freed = 0) >= ?4)`,
    )
    .bind(login, secondsAfter(now, -24 * 60 * 60), cap.inADay, cap.untilSuccess, now)
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

/** Statements of the purge: attempts that have expired, at most `limit`. */
export function purgeStatements(db: D1Database, now: number, limit: number): D1PreparedStatement[] {
  return [
    db
      .prepare(
        `DELETE FROM attempts WHERE id IN (
           SELECT id FROM attempts WHERE expires_at <= ?1 ORDER BY expires_at LIMIT ?2)`,
      )
      .bind(now, limit),
  ]
}
