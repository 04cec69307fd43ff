/** All SQL about connections and their events. Every statement carries the app. */
import { OWNER, type Owner, ownerValues } from "../apps/store.ts"
import type { Account, PermissionState } from "../providers/provider.ts"
import type { Connection, EndUser } from "./connection.ts"

/** Every column of a connection, for `toConnection`. */
export const COLUMNS = `id, client_id, provider, method, environment, status, credentials_sealed,
  account_fingerprint, account, scope, permissions, credentials_access, verification_outcome,
  verification_at, handed_over, end_user, state_hash, browser_hash, created_at, claimed_at, expires_at,
  last_used_at`

interface ConnectionRow {
  readonly id: string
  readonly client_id: string
  readonly provider: string
  readonly method: string
  readonly environment: "test" | "live"
  readonly status: "active" | "broken"
  readonly credentials_sealed: string
  readonly account_fingerprint: string | null
  readonly account: string
  readonly scope: string
  readonly permissions: string
  readonly credentials_access: number
  readonly verification_outcome: "works" | "refused" | "could_not_check"
  readonly verification_at: number
  readonly handed_over: number
  readonly end_user: string | null
  readonly state_hash: string | null
  readonly browser_hash: string | null
  readonly created_at: number
  readonly claimed_at: number | null
  readonly expires_at: number | null
  readonly last_used_at: number | null
}

/** Statement that reads one connection of an app, claimed or not; give its result to `toConnection`. */
export function selectConnection(
  db: D1Database,
  clientId: string,
  id: string,
): D1PreparedStatement {
  return db
    .prepare(`SELECT ${COLUMNS} FROM connections WHERE id = ?1 AND client_id = ?2`)
    .bind(id, clientId)
}

/** Statement that reads the connection that a code was made for. */
export function selectConnectionOfCode(
  db: D1Database,
  clientId: string,
  codeHash: string,
): D1PreparedStatement {
  return db
    .prepare(
      `SELECT ${COLUMNS} FROM connections WHERE client_id = ?1 AND id = (
         SELECT connection_id FROM codes WHERE hash = ?2 AND client_id = ?1)`,
    )
    .bind(clientId, codeHash)
}

/**
 * Statement that reads the connection that a valid access token opens: its own, or, for a token of
 * the app itself, the one `named`.
 */
export function selectConnectionOfToken(
  db: D1Database,
  tokenHash: string,
  named: string,
  now: number,
): D1PreparedStatement {
  return db
    .prepare(
      `SELECT ${COLUMNS} FROM connections
       WHERE (id, client_id) = (SELECT coalesce(connection_id, ?2), client_id FROM access_tokens
         WHERE hash = ?1 AND expires_at > ?3)`,
    )
    .bind(tokenHash, named, now)
}

/** Takes the connection out of a batch result, or gives undefined where there is none. */
export function toConnection(result: D1Result | undefined): Connection | undefined {
  const row = result?.results[0] as ConnectionRow | undefined
  return row === undefined ? undefined : fromRow(row)
}

/**
 * Statement that inserts a pending connection while its session is still open, so that a session
 * handed off twice at once makes one. It runs before the statement that ends the session.
 */
export function insertPending(
  db: D1Database,
  connection: Connection,
  sessionId: string,
): D1PreparedStatement {
  return db
    .prepare(
      `INSERT INTO connections (id, client_id, provider, method, environment, status,
         credentials_sealed, account_fingerprint, account, scope, permissions, credentials_access,
         verification_outcome, verification_at, handed_over, state_hash, created_at, expires_at,
         end_user, browser_hash)
       SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?20, ?21
       FROM sessions
       WHERE id = ?19 AND client_id = ?2 AND connection_id = ?1 AND ended_at IS NULL
         AND expires_at > ?17`,
    )
    .bind(
      connection.id,
      connection.clientId,
      connection.provider,
      connection.method,
      connection.environment,
      connection.status,
      connection.credentialsSealed,
      connection.accountFingerprint ?? null,
      JSON.stringify(connection.account),
      connection.scope,
      JSON.stringify(connection.permissions),
      connection.credentialsAccess ? 1 : 0,
      connection.verificationOutcome,
      connection.verificationAt,
      connection.handedOver ? 1 : 0,
      connection.stateHash ?? null,
      connection.createdAt,
      connection.expiresAt ?? null,
      sessionId,
      connection.endUser === undefined ? null : JSON.stringify(connection.endUser),
      connection.browserHash ?? null,
    )
}

/**
 * Statement that claims a pending connection: single use is this one, with its conditions inside.
 * Give its result to `toConnection`, which gives undefined where a condition did not hold.
 */
export function claimPending(
  db: D1Database,
  claim: {
    id: string
    clientId: string
    stateHash: string
    at: number
    nextCheckAt: number
    changeId: string
  },
): D1PreparedStatement {
  return db
    .prepare(
      `UPDATE connections SET claimed_at = ?4, expires_at = NULL, next_check_at = ?5, change_id = ?6
       WHERE id = ?1 AND client_id = ?2 AND state_hash = ?3 AND claimed_at IS NULL AND expires_at > ?4
       RETURNING ${COLUMNS}`,
    )
    .bind(claim.id, claim.clientId, claim.stateHash, claim.at, claim.nextCheckAt, claim.changeId)
}

/** What a list may be narrowed to. */
export interface ConnectionFilter {
  readonly provider: string | undefined
  readonly status: "active" | "broken" | undefined
  readonly endUserId: string | undefined
}

/** Statement that reads an app's claimed connections in the order of their ids, those after `after`. */
export function listConnections(
  db: D1Database,
  owner: Owner,
  filter: ConnectionFilter,
  page: { readonly after: string; readonly limit: number; readonly now: number },
): D1PreparedStatement {
  const values = [...ownerValues(owner, page.now), page.after, page.limit]
  const narrow = [
    { column: "provider", value: filter.provider },
    { column: "status", value: filter.status },
    { column: "json_extract(end_user, '$.id')", value: filter.endUserId },
  ].flatMap(({ column, value }) =>
    value === undefined ? [] : [` AND ${column} = ?${values.push(value)}`],
  )
  return db
    .prepare(
      `SELECT ${COLUMNS} FROM connections
       WHERE client_id = ${OWNER} AND id > ?4 AND claimed_at IS NOT NULL${narrow.join("")}
       ORDER BY id LIMIT ?5`,
    )
    .bind(...values)
}

/** Takes the connections out of a batch result. */
export function toConnections(result: D1Result | undefined): Connection[] {
  return (result?.results ?? []).map((row) => fromRow(row as unknown as ConnectionRow))
}

/**
 * Statement that reads connections of one provider and environment whose health is due, in that order,
 * over all apps; give its result to `toDue`.
 */
export function selectDue(
  db: D1Database,
  provider: string,
  environment: "test" | "live",
  now: number,
  limit: number,
): D1PreparedStatement {
  return db
    .prepare(
      `SELECT ${COLUMNS},
         (SELECT suspended FROM apps WHERE apps.client_id = connections.client_id) AS suspended
       FROM connections
       WHERE provider = ?1 AND environment = ?2 AND next_check_at IS NOT NULL
         AND next_check_at <= ?3
       ORDER BY next_check_at LIMIT ?4`,
    )
    .bind(provider, environment, now, limit)
}

/** A connection whose health is due; one of a suspended app is not asked about. */
export interface Due {
  readonly connection: Connection
  readonly suspended: boolean
}

/** Takes the connections out of a batch result of `selectDue`. */
export function toDue(result: D1Result | undefined): Due[] {
  return ((result?.results ?? []) as unknown as (ConnectionRow & { suspended: number })[]).map(
    (row) => ({ connection: fromRow(row), suspended: row.suspended === 1 }),
  )
}

/** Statement that deletes a claimed connection; its tokens and codes go with it (foreign keys cascade). */
export function deleteConnection(
  db: D1Database,
  clientId: string,
  id: string,
): D1PreparedStatement {
  return db
    .prepare("DELETE FROM connections WHERE id = ?1 AND client_id = ?2 AND claimed_at IS NOT NULL")
    .bind(id, clientId)
}

/** Statement that writes one event row; holds what happened and when, never a value. */
export function insertEvent(
  db: D1Database,
  event: {
    id: string
    clientId: string
    connectionId: string
    type: string
    at: number
    reference: string
    expiresAt: number
  },
): D1PreparedStatement {
  return db
    .prepare(
      `INSERT INTO events (id, client_id, connection_id, type, at, reference, expires_at)
       VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)`,
    )
    .bind(
      event.id,
      event.clientId,
      event.connectionId,
      event.type,
      event.at,
      event.reference,
      event.expiresAt,
    )
}

/** Statement that notes a use of a connection: its credentials are read. */
export function noteUse(
  db: D1Database,
  clientId: string,
  id: string,
  now: number,
): D1PreparedStatement {
  return db
    .prepare("UPDATE connections SET last_used_at = ?3 WHERE id = ?1 AND client_id = ?2")
    .bind(id, clientId, now)
}

/** Statement that notes a use of a connection: the access token that was just issued for it. */
export function noteUseByToken(
  db: D1Database,
  tokenHash: string,
  now: number,
): D1PreparedStatement {
  return db
    .prepare(
      `UPDATE connections SET last_used_at = ?2 WHERE (id, client_id) = (
         SELECT connection_id, client_id FROM access_tokens WHERE hash = ?1)`,
    )
    .bind(tokenHash, now)
}

/** Statements of the purge: what was never claimed, and old events; at most `limit` rows each. */
export function purgeStatements(db: D1Database, now: number, limit: number): D1PreparedStatement[] {
  return [
    db
      .prepare(
        `DELETE FROM connections WHERE id IN (
           SELECT id FROM connections
           WHERE expires_at IS NOT NULL AND expires_at <= ?1 AND claimed_at IS NULL
           ORDER BY expires_at LIMIT ?2)`,
      )
      .bind(now, limit),
    db
      .prepare(
        `DELETE FROM events WHERE id IN (
           SELECT id FROM events WHERE expires_at <= ?1 ORDER BY expires_at LIMIT ?2)`,
      )
      .bind(now, limit),
  ]
}

function fromRow(row: ConnectionRow): Connection {
  return {
    id: row.id,
    clientId: row.client_id,
    provider: row.provider,
    method: row.method,
    environment: row.environment,
    status: row.status,
    credentialsSealed: row.credentials_sealed,
    accountFingerprint: row.account_fingerprint ?? undefined,
    account: JSON.parse(row.account) as Account,
    scope: row.scope,
    permissions: JSON.parse(row.permissions) as Record<string, PermissionState>,
    credentialsAccess: row.credentials_access === 1,
    verificationOutcome: row.verification_outcome,
    verificationAt: row.verification_at,
    handedOver: row.handed_over === 1,
    endUser: row.end_user === null ? undefined : (JSON.parse(row.end_user) as EndUser),
    stateHash: row.state_hash ?? undefined,
    browserHash: row.browser_hash ?? undefined,
    createdAt: row.created_at,
    claimedAt: row.claimed_at ?? undefined,
    expiresAt: row.expires_at ?? undefined,
    lastUsedAt: row.last_used_at ?? undefined,
  }
}
