/** All SQL about what a provider's login gave. Every statement carries the app. */

/** Names the row: a connection, its app, and the credentials that it counts for. */
export interface TokenKey {
  readonly connectionId: string
  readonly clientId: string
  readonly credentialsHash: string
}

/** A row that has not expired. */
export interface KeptToken {
  readonly credentialsHash: string
  readonly tokenSealed: string | undefined
  readonly isRefused: boolean
}

/** Statement that reads what is kept for the connection of a valid access token. */
export function selectKeptOfAccess(
  db: D1Database,
  tokenHash: string,
  now: number,
): D1PreparedStatement {
  return db
    .prepare(
      `SELECT credentials_hash, token_sealed, refused_at FROM provider_tokens
       WHERE expires_at > ?2 AND (connection_id, client_id) = (
         SELECT connection_id, client_id FROM access_tokens WHERE hash = ?1 AND expires_at > ?2)`,
    )
    .bind(tokenHash, now)
}

/** Takes the row out of a batch result, or gives undefined where nothing is kept. */
export function toKept(result: D1Result | undefined): KeptToken | undefined {
  const row = result?.results[0] as
    | { credentials_hash: string; token_sealed: string | null; refused_at: number | null }
    | undefined
  return row === undefined
    ? undefined
    : {
        credentialsHash: row.credentials_hash,
        tokenSealed: row.token_sealed ?? undefined,
        isRefused: row.refused_at !== null,
      }
}

/**
 * Takes the turn to log in, where nobody has it, no login with these credentials was refused, and no
 * token is kept but the one that is `stale`. Gives whether it was taken, and what is kept otherwise.
 */
export async function takeTurn(
  db: D1Database,
  key: TokenKey,
  turn: { id: string; stale: string | undefined; now: number; until: number },
): Promise<{ readonly isMine: boolean; readonly kept: KeptToken | undefined }> {
  const { connectionId, clientId, credentialsHash } = key
  const [taken, kept] = await db.batch([
    db
      .prepare(
        `INSERT INTO provider_tokens (connection_id, client_id, credentials_hash, turn_id,
           expires_at)
         SELECT id, client_id, ?3, ?4, ?7 FROM connections
         WHERE id = ?1 AND client_id = ?2 AND status = 'active'
         ON CONFLICT (connection_id) DO UPDATE SET credentials_hash = ?3, turn_id = ?4,
           token_sealed = NULL, refused_at = NULL, expires_at = ?7
         WHERE credentials_hash <> ?3 OR expires_at <= ?6
           OR (refused_at IS NULL AND turn_id IS NULL AND token_sealed = ?5)
         RETURNING turn_id`,
      )
      .bind(
        connectionId,
        clientId,
        credentialsHash,
        turn.id,
        turn.stale ?? "",
        turn.now,
        turn.until,
      ),
    db
      .prepare(
        `SELECT credentials_hash, token_sealed, refused_at FROM provider_tokens
         WHERE connection_id = ?1 AND client_id = ?2 AND expires_at > ?3`,
      )
      .bind(connectionId, clientId, turn.now),
  ])
  return { isMine: taken?.results.length === 1, kept: toKept(kept) }
}

/** Keeps the token that a turn got. */
export async function keepToken(
  db: D1Database,
  { connectionId, clientId }: TokenKey,
  token: { turnId: string; sealed: string; expiresAt: number },
): Promise<void> {
  await db
    .prepare(
      `UPDATE provider_tokens SET token_sealed = ?4, expires_at = ?5, turn_id = NULL
       WHERE connection_id = ?1 AND client_id = ?2 AND turn_id = ?3`,
    )
    .bind(connectionId, clientId, token.turnId, token.sealed, token.expiresAt)
    .run()
}

/** Gives back a turn that came to nothing. */
export async function endTurn(
  db: D1Database,
  { connectionId, clientId }: TokenKey,
  turnId: string,
): Promise<void> {
  await db
    .prepare(
      "DELETE FROM provider_tokens WHERE connection_id = ?1 AND client_id = ?2 AND turn_id = ?3",
    )
    .bind(connectionId, clientId, turnId)
    .run()
}

/** Remembers until `until` that the provider refused these credentials. */
export async function keepRefusal(
  db: D1Database,
  key: TokenKey,
  refusal: { now: number; until: number },
): Promise<void> {
  await db
    .prepare(
      `INSERT INTO provider_tokens (connection_id, client_id, credentials_hash, refused_at,
         expires_at)
       SELECT id, client_id, ?3, ?4, ?5 FROM connections WHERE id = ?1 AND client_id = ?2
       ON CONFLICT (connection_id) DO UPDATE SET credentials_hash = ?3, token_sealed = NULL,
         refused_at = ?4, turn_id = NULL, expires_at = ?5`,
    )
    .bind(key.connectionId, key.clientId, key.credentialsHash, refusal.now, refusal.until)
    .run()
}

/** Statement that forgets what is kept for a connection: for when a verification found that it works. */
export function forgetKept(
  db: D1Database,
  clientId: string,
  connectionId: string,
): D1PreparedStatement {
  return db
    .prepare("DELETE FROM provider_tokens WHERE connection_id = ?1 AND client_id = ?2")
    .bind(connectionId, clientId)
}

/** Statements of the purge: tokens, turns and refusals that are over, at most `limit` rows. */
export function purgeStatements(db: D1Database, now: number, limit: number): D1PreparedStatement[] {
  return [
    db
      .prepare(
        `DELETE FROM provider_tokens WHERE connection_id IN (
           SELECT connection_id FROM provider_tokens WHERE expires_at <= ?1
           ORDER BY expires_at LIMIT ?2)`,
      )
      .bind(now, limit),
  ]
}
