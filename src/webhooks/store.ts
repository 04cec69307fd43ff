/**
 * All SQL about the outbox. What a message says is read from the row that it tells of, in the batch of
 * the change, so a message and a change stand or fall together. An app without a webhook_uri gets none.
 */
import { secondsAfter } from "../lib/clock.ts"
import type { ConnectionEvent, SessionEvent } from "./event.ts"

/** How long a delivered message is kept, and a parked one. */
const DELIVERED_KEPT_SECONDS = 3 * 24 * 60 * 60
const PARKED_KEPT_SECONDS = 30 * 24 * 60 * 60
/** A run that was killed gives its messages back after so long. */
export const LEASE_SECONDS = 5 * 60

const HAS_RECEIVER = "json_extract(apps.registration, '$.webhookUri') IS NOT NULL"
const RFC3339 = (at: string) => `strftime('%Y-%m-%dT%H:%M:%fZ', ${at} / 1000.0, 'unixepoch')`

/** Statement that writes the message of a connection's change; it follows the change in its batch. */
export function enqueueConnectionEvent(
  db: D1Database,
  event: ConnectionEvent,
): D1PreparedStatement {
  return db
    .prepare(
      `INSERT INTO webhooks (id, client_id, type, payload, status, next_try_at, created_at)
       SELECT ?1, apps.client_id, ?2, json_object('type', ?2, 'timestamp', ${RFC3339("?5")}, 'data',
           json_object('id', connections.id, 'provider', provider, 'environment',
             connections.environment, 'status', status, 'scope', scope,
             'end_user', json(end_user))), 'pending', ?5, ?5
       FROM connections JOIN apps ON apps.client_id = connections.client_id
       WHERE connections.id = coalesce(?4, (SELECT connection_id FROM codes
           WHERE hash = ?7 AND codes.client_id = ?3))
         AND connections.client_id = ?3 AND claimed_at IS NOT NULL
         AND (?6 IS NULL OR change_id = ?6) AND ${HAS_RECEIVER}
       ON CONFLICT (id) DO NOTHING`,
    )
    .bind(
      event.id,
      event.type,
      event.clientId,
      "id" in event.connection ? event.connection.id : null,
      event.at,
      event.changeId ?? null,
      "codeHash" in event.connection ? event.connection.codeHash : null,
    )
}

/** A session ends once, so its message has the session's own id. */
const sessionMessage = (outcome: string) => `
  INSERT INTO webhooks (id, client_id, type, payload, status, next_try_at, created_at)
  SELECT 'msg_' || substr(sessions.id, 5), apps.client_id, 'session.ended',
    json_object('type', 'session.ended', 'timestamp', ${RFC3339("?1")}, 'data', json_object(
      'provider', provider, 'outcome', ${outcome},
      'connection_id', iif(ended_at IS NULL OR ending <> 'done', NULL,
        iif(reconnect_id = '' OR as_new = 1, connection_id, reconnect_id)),
      'end_user_id', nullif(end_user_id, ''),
      'step', ${lastLogged("step")}, 'reference', ${lastLogged("reference")})), 'pending', ?1, ?1
  FROM sessions JOIN apps ON apps.client_id = sessions.client_id`

const lastLogged = (column: "step" | "reference") =>
  `(SELECT ${column} FROM session_log WHERE session_log.client_id = sessions.client_id
    AND session_id = sessions.id ORDER BY at DESC LIMIT 1)`

/** Statement that writes a session's end; it follows the one that ends the session in its batch. */
export function enqueueSessionEvent(db: D1Database, event: SessionEvent): D1PreparedStatement {
  return db
    .prepare(
      `${sessionMessage("?4")}
       WHERE sessions.id = ?2 AND sessions.client_id = ?3 AND ended_at = ?1 AND ${HAS_RECEIVER}
       ON CONFLICT (id) DO NOTHING`,
    )
    .bind(event.at, event.sessionId, event.clientId, event.outcome)
}

/**
 * Statement that writes the end of sessions that nobody finished: of exactly those that the purge
 * removes next in its batch. One that the person finished, or that lived its whole life, expired.
 */
export function enqueueExpiredSessions(
  db: D1Database,
  now: number,
  limit: number,
  lifeSeconds: number,
): D1PreparedStatement {
  const outcome = `iif(confirmed_at IS NOT NULL OR sessions.expires_at >= sessions.created_at + ?3,
    'expired', 'abandoned')`
  return db
    .prepare(
      `${sessionMessage(outcome)}
       WHERE sessions.id IN (
           SELECT id FROM sessions WHERE expires_at <= ?1 ORDER BY expires_at LIMIT ?2)
         AND ended_at IS NULL AND ${HAS_RECEIVER}
       ON CONFLICT (id) DO NOTHING`,
    )
    .bind(now, limit, lifeSeconds * 1000)
}

/** A message that this run may try, and where it goes. */
export interface Due {
  readonly id: string
  readonly clientId: string
  readonly payload: string
  /** This try counted. */
  readonly tries: number
  readonly webhookUri: string | undefined
  readonly suspended: boolean
  readonly secretSealed: string
  readonly previousSecretSealed: string | undefined
  readonly previousSecretUntil: number
}

/** Which messages a run takes: the oldest that are due, or the ones that were just written. */
export type Wanted = { readonly oldest: number } | { readonly ids: readonly string[] }

/** Takes messages for one run, so that no other tries them; each counts as tried. */
export async function takeDue(
  db: D1Database,
  wanted: Wanted,
  leaseId: string,
  now: number,
): Promise<Due[]> {
  const take = (which: string, value: string | number) =>
    db
      .prepare(
        `UPDATE webhooks SET lease_id = ?1, next_try_at = ?3, tries = tries + 1, tried_at = ?2
         WHERE ${which} AND status = 'pending' AND next_try_at <= ?2`,
      )
      .bind(leaseId, now, secondsAfter(now, LEASE_SECONDS), value)
  const oldest = `id IN (SELECT id FROM webhooks WHERE status = 'pending' AND next_try_at <= ?2
    ORDER BY next_try_at LIMIT ?4)`
  const results = await db.batch<DueRow>([
    ...("oldest" in wanted
      ? [take(oldest, wanted.oldest)]
      : wanted.ids.map((id) => take("id = ?4", id))),
    db
      .prepare(
        `SELECT webhooks.id, webhooks.client_id, payload, tries, suspended,
           json_extract(registration, '$.webhookUri') AS webhook_uri, webhook_secret_sealed,
           previous_webhook_secret_sealed, previous_webhook_secret_until
         FROM webhooks JOIN apps ON apps.client_id = webhooks.client_id WHERE lease_id = ?1`,
      )
      .bind(leaseId),
  ])
  return (results.at(-1)?.results ?? []).map(toDue)
}

interface DueRow {
  readonly id: string
  readonly client_id: string
  readonly payload: string
  readonly tries: number
  readonly suspended: number
  readonly webhook_uri: string | null
  readonly webhook_secret_sealed: string
  readonly previous_webhook_secret_sealed: string | null
  readonly previous_webhook_secret_until: number | null
}

function toDue(row: DueRow): Due {
  return {
    id: row.id,
    clientId: row.client_id,
    payload: row.payload,
    tries: row.tries,
    webhookUri: row.webhook_uri ?? undefined,
    suspended: row.suspended === 1,
    secretSealed: row.webhook_secret_sealed,
    previousSecretSealed: row.previous_webhook_secret_sealed ?? undefined,
    previousSecretUntil: row.previous_webhook_secret_until ?? 0,
  }
}

/** What a try came to. */
export type TryResult =
  | { readonly next: "delivered" | "parked"; readonly code: string }
  | { readonly next: "again"; readonly code: string; readonly nextTryAt: number }
  /** The run had no time for it; it does not count. */
  | { readonly next: "untried" }

/** Statement that notes what came of a message, where this run still holds it. */
export function settleTry(
  db: D1Database,
  { id, clientId }: Pick<Due, "id" | "clientId">,
  leaseId: string,
  result: TryResult,
  now: number,
): D1PreparedStatement {
  const where = "WHERE id = ?1 AND client_id = ?2 AND lease_id = ?3"
  switch (result.next) {
    case "untried":
      return db
        .prepare(
          `UPDATE webhooks SET lease_id = NULL, next_try_at = ?4, tries = tries - 1 ${where}`,
        )
        .bind(id, clientId, leaseId, now)
    case "again":
      return db
        .prepare(`UPDATE webhooks SET lease_id = NULL, next_try_at = ?4, code = ?5 ${where}`)
        .bind(id, clientId, leaseId, result.nextTryAt, result.code)
    case "delivered":
    case "parked":
      return db
        .prepare(
          `UPDATE webhooks SET lease_id = NULL, next_try_at = NULL, status = ?4, code = ?5,
             expires_at = ?6 ${where}`,
        )
        .bind(
          id,
          clientId,
          leaseId,
          result.next,
          result.code,
          secondsAfter(
            now,
            result.next === "parked" ? PARKED_KEPT_SECONDS : DELIVERED_KEPT_SECONDS,
          ),
        )
  }
}

/** Statements of the purge: what was delivered, and what stayed parked, long enough. */
export function purgeStatements(db: D1Database, now: number, limit: number): D1PreparedStatement[] {
  return [
    db
      .prepare(
        `DELETE FROM webhooks WHERE id IN (SELECT id FROM webhooks
           WHERE expires_at IS NOT NULL AND expires_at <= ?1 ORDER BY expires_at LIMIT ?2)`,
      )
      .bind(now, limit),
  ]
}
