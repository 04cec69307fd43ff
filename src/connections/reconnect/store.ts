/** All SQL about reconnects that wait beside their connection. Every statement carries the app. */
import { OWNER, type Owner, ownerValues } from "../../apps/store.ts"
import type { Connection } from "../connection.ts"
import { COLUMNS } from "../store.ts"

/** What a reconnect puts into its connection. */
export interface Reconnect
  extends Pick<
    Connection,
    | "clientId"
    | "method"
    | "accountFingerprint"
    | "account"
    | "scope"
    | "permissions"
    | "credentialsAccess"
    | "verificationOutcome"
    | "verificationAt"
    | "handedOver"
    | "endUser"
    | "stateHash"
    | "createdAt"
  > {
  readonly id: string
  readonly connectionId: string
  readonly browserHash: string
  readonly credentialsSealed: string
  readonly expiresAt: number
}

/** A reconnect as it is found again: applied, or waiting with what is sealed. */
export interface FoundReconnect {
  readonly id: string
  readonly connectionId: string
  readonly clientId: string
  readonly provider: string
  readonly credentialsSealed: string | undefined
  readonly stateHash: string | undefined
  readonly isApplied: boolean
}

const FOUND = `reconnects.id, connection_id, reconnects.client_id, provider,
  reconnects.credentials_sealed, reconnects.state_hash, applied_at`

/**
 * Statement that lays a reconnect beside its connection while its session is open. It runs before the
 * statement that ends the session, so that a session handed off twice at once makes one.
 */
export function insertReconnect(
  db: D1Database,
  reconnect: Reconnect,
  sessionId: string,
): D1PreparedStatement {
  return db
    .prepare(
      `INSERT INTO reconnects (id, connection_id, client_id, method, credentials_sealed,
         account_fingerprint, account, scope, permissions, credentials_access, verification_outcome,
         verification_at, handed_over, end_user, browser_hash, state_hash, created_at, expires_at)
       SELECT ?1, connections.id, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16,
         ?17
       FROM sessions JOIN connections ON connections.id = sessions.reconnect_id
       WHERE sessions.id = ?18 AND sessions.client_id = ?2 AND sessions.connection_id = ?1
         AND sessions.ended_at IS NULL AND sessions.expires_at > ?16
         AND connections.client_id = ?2 AND connections.claimed_at IS NOT NULL`,
    )
    .bind(
      reconnect.id,
      reconnect.clientId,
      reconnect.method,
      reconnect.credentialsSealed,
      reconnect.accountFingerprint ?? null,
      JSON.stringify(reconnect.account),
      reconnect.scope,
      JSON.stringify(reconnect.permissions),
      reconnect.credentialsAccess ? 1 : 0,
      reconnect.verificationOutcome,
      reconnect.verificationAt,
      reconnect.handedOver ? 1 : 0,
      reconnect.endUser === undefined ? null : JSON.stringify(reconnect.endUser),
      reconnect.browserHash,
      reconnect.stateHash ?? null,
      reconnect.createdAt,
      reconnect.expiresAt,
      sessionId,
    )
}

/** Statement that reads the reconnect that a session made. */
export function selectReconnect(db: D1Database, clientId: string, id: string): D1PreparedStatement {
  return db
    .prepare(
      `SELECT ${FOUND} FROM reconnects JOIN connections ON connections.id = connection_id
       WHERE reconnects.id = ?1 AND reconnects.client_id = ?2`,
    )
    .bind(id, clientId)
}

/** Statement that reads the reconnect that a code was made for. */
export function selectReconnectOfCode(
  db: D1Database,
  clientId: string,
  codeHash: string,
): D1PreparedStatement {
  return db
    .prepare(
      `SELECT ${FOUND} FROM reconnects JOIN connections ON connections.id = connection_id
       WHERE reconnects.client_id = ?1 AND reconnects.id = (
         SELECT reconnect_id FROM codes WHERE hash = ?2 AND client_id = ?1)`,
    )
    .bind(clientId, codeHash)
}

/** Statement that reads the reconnect of a connection that a state claims: one that waits comes first. */
export function selectReconnectOfState(
  db: D1Database,
  owner: Owner,
  connectionId: string,
  stateHash: string,
  now: number,
): D1PreparedStatement {
  return db
    .prepare(
      `SELECT ${FOUND} FROM reconnects JOIN connections ON connections.id = connection_id
       WHERE connection_id = ?4 AND reconnects.client_id = ${OWNER} AND reconnects.state_hash = ?5
         AND reconnects.expires_at > ?3
       ORDER BY applied_at LIMIT 1`,
    )
    .bind(...ownerValues(owner, now), connectionId, stateHash)
}

/** Statement that tells whether a connection has a reconnect that waits for its claim: one row, or none. */
export function selectClaimable(
  db: D1Database,
  owner: Owner,
  connectionId: string,
  now: number,
): D1PreparedStatement {
  return db
    .prepare(
      `SELECT 1 AS claimable FROM reconnects
       WHERE connection_id = ?4 AND client_id = ${OWNER} AND state_hash IS NOT NULL
         AND applied_at IS NULL AND expires_at > ?3 LIMIT 1`,
    )
    .bind(...ownerValues(owner, now), connectionId)
}

/** Takes the reconnect out of a batch result, or gives undefined where there is none. */
export function toReconnect(result: D1Result | undefined): FoundReconnect | undefined {
  const row = result?.results[0] as
    | {
        id: string
        connection_id: string
        client_id: string
        provider: string
        credentials_sealed: string | null
        state_hash: string | null
        applied_at: number | null
      }
    | undefined
  return row === undefined
    ? undefined
    : {
        id: row.id,
        connectionId: row.connection_id,
        clientId: row.client_id,
        provider: row.provider,
        credentialsSealed: row.credentials_sealed ?? undefined,
        stateHash: row.state_hash ?? undefined,
        isApplied: row.applied_at !== null,
      }
}

/** What tells which of several claims or redemptions applies a reconnect. */
export type Proof =
  | { readonly stateHash: string }
  /** The redemption that has just won the code. */
  | { readonly codeHash: string; readonly redemptionId: string }

/**
 * Statement by which a reconnect is applied once: single use is this one, with its conditions inside.
 * What is sealed in it goes at the same moment.
 */
export function winReconnect(
  db: D1Database,
  { id, clientId }: Pick<FoundReconnect, "id" | "clientId">,
  proof: Proof,
  changeId: string,
  now: number,
): D1PreparedStatement {
  const proven =
    "stateHash" in proof
      ? "state_hash = ?5 AND ?6 IS NULL"
      : `id = (SELECT reconnect_id FROM codes
           WHERE hash = ?5 AND client_id = ?2 AND redemption_id = ?6)`
  return db
    .prepare(
      `UPDATE reconnects SET applied_at = ?3, change_id = ?4, credentials_sealed = NULL
       WHERE id = ?1 AND client_id = ?2 AND applied_at IS NULL AND expires_at > ?3 AND ${proven}`,
    )
    .bind(
      id,
      clientId,
      now,
      changeId,
      "stateHash" in proof ? proof.stateHash : proof.codeHash,
      "stateHash" in proof ? null : proof.redemptionId,
    )
}

/**
 * Statement that replaces what a connection holds with what the reconnect that has just won brought;
 * give its result to `toConnection`. A broken one gets `recoveredId` as its change.
 */
export function replaceConnection(
  db: D1Database,
  { id, clientId, connectionId }: Pick<FoundReconnect, "id" | "clientId" | "connectionId">,
  change: {
    credentialsSealed: string
    updatedId: string
    recoveredId: string
    nextCheckAt: number
  },
): D1PreparedStatement {
  return db
    .prepare(
      `UPDATE connections SET credentials_sealed = ?4, method = brought.method,
         account_fingerprint = brought.account_fingerprint, account = brought.account,
         scope = brought.scope, permissions = brought.permissions,
         credentials_access = brought.credentials_access,
         verification_outcome = brought.verification_outcome,
         verification_at = brought.verification_at, handed_over = brought.handed_over,
         end_user = coalesce(brought.end_user, connections.end_user),
         browser_hash = brought.browser_hash,
         change_id = iif(connections.status = 'broken', ?6, ?5), status = 'active', refusals = 0,
         suspected_at = NULL, next_check_at = ?7
       FROM reconnects AS brought
       WHERE connections.id = ?3 AND connections.client_id = ?2
         AND connections.claimed_at IS NOT NULL AND brought.id = ?1 AND brought.client_id = ?2
         AND brought.connection_id = ?3 AND brought.change_id = ?5
       RETURNING ${COLUMNS}`,
    )
    .bind(
      id,
      clientId,
      connectionId,
      change.credentialsSealed,
      change.updatedId,
      change.recoveredId,
      change.nextCheckAt,
    )
}

/** Statement that makes a recovery an update as well, for the message that follows. */
export function renameChange(
  db: D1Database,
  { clientId, connectionId }: Pick<FoundReconnect, "clientId" | "connectionId">,
  from: string,
  to: string,
): D1PreparedStatement {
  return db
    .prepare(
      `UPDATE connections SET change_id = ?4 WHERE id = ?1 AND client_id = ?2 AND change_id = ?3`,
    )
    .bind(connectionId, clientId, from, to)
}

/** Statements of the purge: reconnects that nobody redeemed or claimed, and applied ones, after a day. */
export function purgeStatements(db: D1Database, now: number, limit: number): D1PreparedStatement[] {
  return [
    db
      .prepare(
        `DELETE FROM reconnects WHERE id IN (
           SELECT id FROM reconnects WHERE expires_at <= ?1 ORDER BY expires_at LIMIT ?2)`,
      )
      .bind(now, limit),
  ]
}
