/**
 * All SQL about the health of connections. The sweep goes over all apps, in the order of
 * `next_check_at`, which is also where it resumes.
 */
import { secondsAfter } from "../../lib/clock.ts"
import type { Account, PermissionState, Verification } from "../../providers/provider.ts"
import type { Connection } from "../connection.ts"

/** What a verification changes in a connection. */
export interface Outcome {
  readonly outcome: Verification["outcome"]
  readonly at: number
  /** Refusals in a row that make it `broken`. */
  readonly refusalsUntilBroken: number
  /** Put into the row where the status changes. */
  readonly statusChangeId: string
  /** Put into the row where the status stays, but the app should know of a change. */
  readonly updateChangeId: string | undefined
  readonly nextCheckAt: number
  readonly permissions: Readonly<Record<string, PermissionState>> | undefined
  readonly account: Account | undefined
}

/**
 * Statement that notes the outcome of a verification, while the connection has the credentials that
 * were verified. The row decides what the outcome means, so that two at once can't both break it.
 */
export function saveOutcome(
  db: D1Database,
  { id, clientId, credentialsSealed }: Connection,
  outcome: Outcome,
): D1PreparedStatement {
  const breaks = "?4 = 'refused' AND refusals + 1 >= ?6"
  return db
    .prepare(
      `UPDATE connections SET verification_outcome = ?4, verification_at = ?5,
         refusals = CASE ?4 WHEN 'works' THEN 0 WHEN 'refused' THEN refusals + 1 ELSE refusals END,
         change_id = CASE
           WHEN ?4 = 'works' AND status = 'broken' THEN ?7
           WHEN ?4 = 'works' AND ?8 IS NOT NULL THEN ?8
           WHEN status = 'active' AND ${breaks} THEN ?7
           ELSE change_id END,
         next_check_at = CASE WHEN ?4 <> 'works' AND (status = 'broken' OR ${breaks})
           THEN NULL ELSE ?9 END,
         status = CASE WHEN ?4 = 'works' THEN 'active' WHEN ${breaks} THEN 'broken' ELSE status END,
         permissions = coalesce(?10, permissions), account = coalesce(?11, account)
       WHERE id = ?1 AND client_id = ?2 AND credentials_sealed = ?3 AND claimed_at IS NOT NULL`,
    )
    .bind(
      id,
      clientId,
      credentialsSealed,
      outcome.outcome,
      outcome.at,
      outcome.refusalsUntilBroken,
      outcome.statusChangeId,
      outcome.updateChangeId ?? null,
      outcome.nextCheckAt,
      outcome.permissions === undefined ? null : JSON.stringify(outcome.permissions),
      outcome.account === undefined ? null : JSON.stringify(outcome.account),
    )
}

/** Statement that puts a check off, where nothing could be asked. */
export function postponeCheck(
  db: D1Database,
  { id, clientId }: Connection,
  nextCheckAt: number,
): D1PreparedStatement {
  return db
    .prepare(
      `UPDATE connections SET next_check_at = ?3
       WHERE id = ?1 AND client_id = ?2 AND next_check_at IS NOT NULL`,
    )
    .bind(id, clientId, nextCheckAt)
}

/** Notes that an active connection is suspected; gives false where it has been a short time ago. */
export async function suspect(
  db: D1Database,
  { id, clientId }: Connection,
  now: number,
  restSeconds: number,
): Promise<boolean> {
  const { meta } = await db
    .prepare(
      `UPDATE connections SET suspected_at = ?3
       WHERE id = ?1 AND client_id = ?2 AND status = 'active' AND claimed_at IS NOT NULL
         AND coalesce(suspected_at, 0) <= ?4`,
    )
    .bind(id, clientId, now, secondsAfter(now, -restSeconds))
    .run()
  return meta.changes === 1
}

/** Statement that takes a lease that nobody holds, or whose time is over: one row changed, or none. */
export function takeLease(
  db: D1Database,
  name: string,
  holder: string,
  now: number,
  seconds: number,
): D1PreparedStatement {
  return db
    .prepare(
      `INSERT INTO leases (name, holder, until) VALUES (?1, ?2, ?4)
       ON CONFLICT (name) DO UPDATE SET holder = excluded.holder, until = excluded.until
       WHERE leases.until <= ?3`,
    )
    .bind(name, holder, now, secondsAfter(now, seconds))
}

/** Statement that gives a lease back. */
export function giveLeaseBack(db: D1Database, name: string, holder: string): D1PreparedStatement {
  return db.prepare("DELETE FROM leases WHERE name = ?1 AND holder = ?2").bind(name, holder)
}

export interface ProviderStatus {
  readonly provider: string
  readonly status: "up" | "down"
  /** Checks in a row that could not be made. */
  readonly failures: number
  readonly at: number
}

/** Statement that reads the status of every provider; one row each. */
export function selectProviderStatus(db: D1Database): D1PreparedStatement {
  return db.prepare("SELECT provider, status, failures, at FROM provider_status ORDER BY provider")
}

/** Statement that reads the status of one provider. */
export function selectStatusOf(db: D1Database, provider: string): D1PreparedStatement {
  return db
    .prepare("SELECT provider, status, failures, at FROM provider_status WHERE provider = ?1")
    .bind(provider)
}

/** Statement that notes how a provider was found. */
export function saveProviderStatus(db: D1Database, found: ProviderStatus): D1PreparedStatement {
  return db
    .prepare(
      `INSERT INTO provider_status (provider, status, failures, at) VALUES (?1, ?2, ?3, ?4)
       ON CONFLICT (provider) DO UPDATE SET status = excluded.status, failures = excluded.failures,
         at = excluded.at`,
    )
    .bind(found.provider, found.status, found.failures, found.at)
}
