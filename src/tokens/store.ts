/** All SQL about codes and tokens. Every statement carries the app. */
import { secondsAfter } from "../lib/clock.ts"

export const CODE_SECONDS = 60
const CODE_KEPT_SECONDS = 24 * 60 * 60
export const ACCESS_TOKEN_SECONDS = 60 * 60
export const REFRESH_TOKEN_SECONDS = 90 * 24 * 60 * 60
/** A public app that lost an answer may ask for the same successor again so long. */
export const RETRY_SECONDS = 30

/** Statement that inserts a code for a connection, or a reconnect, that is pending, and for none other. */
export function insertCode(
  db: D1Database,
  code: {
    hash: string
    clientId: string
    connectionId: string
    /** The code is for a reconnect of that connection. */
    reconnectId?: string | undefined
    redirectUri: string
    codeChallenge: string | undefined
    nonce: string | undefined
    familyId: string
    now: number
  },
): D1PreparedStatement {
  const pending =
    code.reconnectId === undefined
      ? "connections WHERE id = ?3 AND ?10 IS NULL AND claimed_at IS NULL"
      : "reconnects WHERE connection_id = ?3 AND id = ?10 AND applied_at IS NULL"
  return db
    .prepare(
      `INSERT INTO codes (hash, client_id, connection_id, redirect_uri, code_challenge, nonce,
         family_id, expires_at, reconnect_id)
       SELECT ?1, client_id, ?3, ?4, ?5, ?6, ?7, ?8, ?10 FROM ${pending}
         AND client_id = ?2 AND created_at = ?9
       ON CONFLICT (hash) DO NOTHING`,
    )
    .bind(
      code.hash,
      code.clientId,
      code.connectionId,
      code.redirectUri,
      code.codeChallenge ?? null,
      code.nonce ?? null,
      code.familyId,
      secondsAfter(code.now, CODE_SECONDS),
      code.now,
      code.reconnectId ?? null,
    )
}

/** Statement that tells whether a code can still be redeemed, as `live`. */
export function selectLiveCode(
  db: D1Database,
  clientId: string,
  hash: string,
  now: number,
): D1PreparedStatement {
  return db
    .prepare(
      `SELECT 1 AS live FROM codes
       WHERE hash = ?1 AND client_id = ?2 AND used_at IS NULL AND expires_at > ?3`,
    )
    .bind(hash, clientId, now)
}

/** What a redemption has to prove (RFC 6749 §4.1.3, RFC 7636 §4.6). */
export interface Redemption {
  readonly id: string
  readonly codeHash: string
  readonly clientId: string
  /** May be left out where there is a challenge (OAuth 2.1 §4.1.3). */
  readonly redirectUri: string | undefined
  /** Challenge made of the verifier; absent without one. */
  readonly codeChallenge: string | undefined
  /** The waiting reconnect that it was made for. */
  readonly reconnectId: string | undefined
  readonly accessTokenHash: string
  readonly refreshTokenHash: string | undefined
  /** When the connection's health is first checked. */
  readonly nextCheckAt: number
  /** When the request arrived, and now. */
  readonly arrivedAt: number
  readonly now: number
}

const PROVEN = `hash = ?1 AND client_id = ?2 AND code_challenge IS ?4
  AND (redirect_uri = ?3 OR (?3 IS NULL AND code_challenge IS NOT NULL))`

/**
 * Statements that redeem a code. The first is the single use, with every condition inside, so that a
 * failed check consumes nothing; the others act for the winner only. The last one revokes what the
 * code gave when it comes again with the same proof after it was redeemed (RFC 6749 §4.1.2); one
 * that had arrived before was in the same race and revokes nothing. `applied` puts a reconnect in;
 * the tokens are for what the connection is then.
 */
export function redeemStatements(
  db: D1Database,
  redemption: Redemption,
  applied: readonly D1PreparedStatement[] = [],
): D1PreparedStatement[] {
  const { id, codeHash, clientId, now } = redemption
  const proof = [
    codeHash,
    clientId,
    redemption.redirectUri ?? null,
    redemption.codeChallenge ?? null,
  ] as const
  const token = (sql: string, hash: string, lifeSeconds: number) =>
    db.prepare(sql).bind(codeHash, clientId, id, hash, now, secondsAfter(now, lifeSeconds))
  return [
    db
      .prepare(
        `UPDATE codes SET used_at = ?5, redemption_id = ?6
         WHERE ${PROVEN} AND used_at IS NULL AND expires_at > ?5 AND reconnect_id IS ?7
           AND (EXISTS (SELECT 1 FROM connections
               WHERE id = codes.connection_id AND claimed_at IS NULL AND expires_at > ?5)
             OR EXISTS (SELECT 1 FROM reconnects
               WHERE id = codes.reconnect_id AND applied_at IS NULL AND expires_at > ?5))
         RETURNING connection_id, nonce`,
      )
      .bind(...proof, now, id, redemption.reconnectId ?? null),
    db
      .prepare(
        `UPDATE connections SET claimed_at = ?4, expires_at = NULL, next_check_at = ?5,
           change_id = ?3
         WHERE client_id = ?2 AND claimed_at IS NULL AND id = (SELECT connection_id FROM codes
           WHERE hash = ?1 AND client_id = ?2 AND redemption_id = ?3)`,
      )
      .bind(codeHash, clientId, id, now, redemption.nextCheckAt),
    ...applied,
    token(
      `INSERT INTO access_tokens (hash, client_id, connection_id, family_id, scope, created_at,
         expires_at)
       SELECT ?4, codes.client_id, connections.id, codes.family_id, connections.scope, ?5, ?6
       FROM codes JOIN connections ON connections.id = codes.connection_id
       WHERE codes.hash = ?1 AND codes.client_id = ?2 AND codes.redemption_id = ?3`,
      redemption.accessTokenHash,
      ACCESS_TOKEN_SECONDS,
    ),
    ...(redemption.refreshTokenHash === undefined
      ? []
      : [
          token(
            `INSERT INTO refresh_tokens (hash, client_id, connection_id, family_id, created_at,
               expires_at)
             SELECT ?4, client_id, connection_id, family_id, ?5, ?6 FROM codes
             WHERE hash = ?1 AND client_id = ?2 AND redemption_id = ?3`,
            redemption.refreshTokenHash,
            REFRESH_TOKEN_SECONDS,
          ),
        ]),
    ...["access_tokens", "refresh_tokens"].map((table) =>
      db
        .prepare(
          `DELETE FROM ${table} WHERE client_id = ?2 AND family_id = (SELECT family_id FROM codes
             WHERE ${PROVEN} AND used_at < ?5 AND redemption_id <> ?6)`,
        )
        .bind(...proof, redemption.arrivedAt, id),
    ),
  ]
}

/** Reads what the first of `redeemStatements` gave; undefined where this redemption did not win. */
export function toRedeemed(
  result: D1Result | undefined,
): { connectionId: string; nonce: string | undefined } | undefined {
  const row = result?.results[0] as { connection_id: string; nonce: string | null } | undefined
  return row === undefined
    ? undefined
    : { connectionId: row.connection_id, nonce: row.nonce ?? undefined }
}

export interface Refresh {
  readonly tokenHash: string
  readonly clientId: string
  readonly accessTokenHash: string
  readonly scope: string
  readonly now: number
}

/** Statements by which a confidential app's one refresh token gives an access token and lives on. */
export function refreshStatements(db: D1Database, refresh: Refresh): D1PreparedStatement[] {
  const { tokenHash, clientId, accessTokenHash, scope, now } = refresh
  return [
    db
      .prepare(
        `UPDATE refresh_tokens SET expires_at = ?4
         WHERE hash = ?1 AND client_id = ?2 AND expires_at > ?3 AND used_at IS NULL`,
      )
      .bind(tokenHash, clientId, now, secondsAfter(now, REFRESH_TOKEN_SECONDS)),
    db
      .prepare(
        `INSERT INTO access_tokens (hash, client_id, connection_id, family_id, scope, created_at,
           expires_at)
         SELECT ?3, client_id, connection_id, family_id, ?4, ?5, ?6 FROM refresh_tokens
         WHERE hash = ?1 AND client_id = ?2 AND expires_at > ?5 AND used_at IS NULL`,
      )
      .bind(
        tokenHash,
        clientId,
        accessTokenHash,
        scope,
        now,
        secondsAfter(now, ACCESS_TOKEN_SECONDS),
      ),
  ]
}

/** Unused, or used so lately that its answer may have been lost, while the successor is unused. */
const ROTATABLE = `hash = ?1 AND client_id = ?2 AND expires_at > ?3
  AND (used_at IS NULL OR (used_at > ?4 AND NOT EXISTS (
    SELECT 1 FROM refresh_tokens AS next WHERE next.hash = ?5 AND next.used_at IS NOT NULL)))`

/**
 * Statements by which a public app's refresh token is exchanged for its successor (RFC 9700 §4.14).
 * An access token is inserted only where that may be; any other reuse revokes the family.
 */
export function rotateStatements(
  db: D1Database,
  refresh: Refresh & { readonly successorHash: string },
): D1PreparedStatement[] {
  const { tokenHash, clientId, successorHash, now } = refresh
  const key = [tokenHash, clientId, now, secondsAfter(now, -RETRY_SECONDS), successorHash] as const
  return [
    ...["access_tokens", "refresh_tokens"].map((table) =>
      db
        .prepare(
          `DELETE FROM ${table} WHERE client_id = ?2 AND family_id = (SELECT family_id
             FROM refresh_tokens WHERE hash = ?1 AND client_id = ?2 AND used_at IS NOT NULL
               AND NOT (${ROTATABLE}))`,
        )
        .bind(...key),
    ),
    db
      .prepare(`UPDATE refresh_tokens SET used_at = coalesce(used_at, ?3) WHERE ${ROTATABLE}`)
      .bind(...key),
    db
      .prepare(
        `INSERT INTO refresh_tokens (hash, client_id, connection_id, family_id, created_at,
           expires_at)
         SELECT ?5, client_id, connection_id, family_id, ?3, ?6 FROM refresh_tokens
         WHERE ${ROTATABLE} ON CONFLICT (hash) DO NOTHING`,
      )
      .bind(...key, secondsAfter(now, REFRESH_TOKEN_SECONDS)),
    db
      .prepare(
        `INSERT INTO access_tokens (hash, client_id, connection_id, family_id, scope, created_at,
           expires_at)
         SELECT ?6, client_id, connection_id, family_id, ?7, ?3, ?8 FROM refresh_tokens
         WHERE ${ROTATABLE}`,
      )
      .bind(
        ...key,
        refresh.accessTokenHash,
        refresh.scope,
        secondsAfter(now, ACCESS_TOKEN_SECONDS),
      ),
  ]
}

/** Statement that inserts an access token which no code gave. */
export function insertAccessToken(
  db: D1Database,
  token: {
    hash: string
    clientId: string
    connectionId: string | undefined
    familyId: string
    scope: string
    now: number
  },
): D1PreparedStatement {
  return db
    .prepare(
      `INSERT INTO access_tokens (hash, client_id, connection_id, family_id, scope, created_at,
         expires_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)`,
    )
    .bind(
      token.hash,
      token.clientId,
      token.connectionId ?? null,
      token.familyId,
      token.scope,
      token.now,
      secondsAfter(token.now, ACCESS_TOKEN_SECONDS),
    )
}

/** A token that has not expired. */
export interface LiveToken {
  readonly clientId: string
  readonly connectionId: string | undefined
  readonly scope: string
  readonly createdAt: number
  readonly expiresAt: number
  /** A refresh token that was exchanged for its successor is good for a retry only. */
  readonly isUsed: boolean
}

/** Statement that reads a valid access token; give its result to `toLiveToken`. */
export function selectAccessToken(db: D1Database, hash: string, now: number): D1PreparedStatement {
  return db
    .prepare(
      `SELECT client_id, connection_id, scope, created_at, expires_at FROM access_tokens
       WHERE hash = ?1 AND expires_at > ?2`,
    )
    .bind(hash, now)
}

/** Statement that reads a refresh token, used or not, with its connection's scope of today. */
export function selectRefreshToken(db: D1Database, hash: string, now: number): D1PreparedStatement {
  return db
    .prepare(
      `SELECT refresh_tokens.client_id, connection_id, scope, refresh_tokens.created_at,
         refresh_tokens.expires_at, used_at
       FROM refresh_tokens JOIN connections ON connections.id = refresh_tokens.connection_id
       WHERE hash = ?1 AND refresh_tokens.expires_at > ?2`,
    )
    .bind(hash, now)
}

/** Takes the token out of a batch result, or gives undefined where none is valid. */
export function toLiveToken(result: D1Result | undefined): LiveToken | undefined {
  const row = result?.results[0] as
    | {
        client_id: string
        connection_id: string | null
        scope: string
        created_at: number
        expires_at: number
        used_at?: number | null
      }
    | undefined
  return row === undefined
    ? undefined
    : {
        clientId: row.client_id,
        connectionId: row.connection_id ?? undefined,
        scope: row.scope,
        createdAt: row.created_at,
        expiresAt: row.expires_at,
        isUsed: (row.used_at ?? null) !== null,
      }
}

/** Statements that revoke a token of an app: an access token alone, a refresh token with its family. */
export function revokeStatements(
  db: D1Database,
  clientId: string,
  hash: string,
): D1PreparedStatement[] {
  const family = "(SELECT family_id FROM refresh_tokens WHERE hash = ?2 AND client_id = ?1)"
  return [
    "DELETE FROM access_tokens WHERE hash = ?2 AND client_id = ?1",
    `DELETE FROM access_tokens WHERE client_id = ?1 AND family_id = ${family}`,
    `DELETE FROM refresh_tokens WHERE client_id = ?1 AND family_id = ${family}`,
  ].map((sql) => db.prepare(sql).bind(clientId, hash))
}

/** Statements of the purge: expired codes and tokens, at most `limit` rows each. */
export function purgeStatements(db: D1Database, now: number, limit: number): D1PreparedStatement[] {
  return ["codes", "access_tokens", "refresh_tokens"].map((table) =>
    db
      .prepare(
        `DELETE FROM ${table} WHERE hash IN (
           SELECT hash FROM ${table} WHERE expires_at <= ?1 ORDER BY expires_at LIMIT ?2)`,
      )
      // A used code is kept for a day more: only so is its replay recognised.
      .bind(table === "codes" ? secondsAfter(now, -CODE_KEPT_SECONDS) : now, limit),
  )
}
