/** All SQL about which key sealed texts are under. It looks over all apps: keys belong to none. */

/** A sealed text that may be under an older key. */
export interface Sealed {
  readonly table: "connections" | "apps"
  readonly id: string
  readonly clientId: string
  readonly provider: string
  readonly sealed: string
}

const CONNECTIONS = "id, client_id, provider, credentials_sealed AS sealed"
const APPS = "client_id AS id, client_id, '' AS provider, webhook_secret_sealed AS sealed"

/**
 * Reads at most `limit` texts of each table that are not known to be under the active key. What could
 * not be opened stands aside under `~` and its key's id, until that key is in the ring again.
 */
export async function listToReseal(
  db: D1Database,
  active: string,
  kids: readonly string[],
  limit: number,
): Promise<Sealed[]> {
  const aside = JSON.stringify(kids.map((kid) => `~${kid}`))
  // Ranges of the index; "not equal" would read it all.
  const due = (column: string) =>
    `${column} < ?1 OR (${column} > ?1 AND ${column} < '~')
     OR ${column} IN (SELECT value FROM json_each(?3))`
  const [connections, apps] = await db.batch([
    db
      .prepare(`SELECT ${CONNECTIONS} FROM connections WHERE ${due("credentials_kid")} LIMIT ?2`)
      .bind(active, limit, aside),
    db
      .prepare(`SELECT ${APPS} FROM apps WHERE ${due("webhook_secret_kid")} LIMIT ?2`)
      .bind(active, limit, aside),
  ])
  return [...toSealed("connections", connections), ...toSealed("apps", apps)]
}

/** Statement that puts a text in, and which key it is under, unless the row has changed since. */
export function replaceSealed(
  db: D1Database,
  before: Sealed,
  sealed: string,
  kid: string,
): D1PreparedStatement {
  const sql =
    before.table === "connections"
      ? `UPDATE connections SET credentials_sealed = ?3, credentials_kid = ?4
         WHERE id = ?1 AND credentials_sealed = ?2`
      : `UPDATE apps SET webhook_secret_sealed = ?3, webhook_secret_kid = ?4
         WHERE client_id = ?1 AND webhook_secret_sealed = ?2`
  return db.prepare(sql).bind(before.id, before.sealed, sealed, kid)
}

/** Statement that tells, for one key, whether a text is under it, or not looked at yet (`waiting`). */
export function selectKeyUse(db: D1Database, kid: string): D1PreparedStatement {
  return db
    .prepare(
      `SELECT EXISTS (SELECT 1 FROM connections WHERE credentials_kid = ?1)
         OR EXISTS (SELECT 1 FROM apps WHERE webhook_secret_kid = ?1) AS used,
         EXISTS (SELECT 1 FROM connections WHERE credentials_kid = '')
         OR EXISTS (SELECT 1 FROM apps WHERE webhook_secret_kid = '') AS waiting`,
    )
    .bind(kid)
}

/** Reads a result of `selectKeyUse`: true where the key may still be needed. */
export function toKeyNeeded(result: D1Result | undefined): boolean {
  const row = result?.results[0] as { used: number; waiting: number } | undefined
  return row === undefined || row.used === 1 || row.waiting === 1
}

function toSealed(table: Sealed["table"], result: D1Result | undefined): Sealed[] {
  const rows = (result?.results ?? []) as {
    id: string
    client_id: string
    provider: string
    sealed: string
  }[]
  return rows.map(({ id, client_id, provider, sealed }) => ({
    table,
    id,
    clientId: client_id,
    provider,
    sealed,
  }))
}

/** Statement that notes since when a key has been the active one; the first note stays. */
export function noteActiveKey(db: D1Database, kid: string, now: number): D1PreparedStatement {
  return db
    .prepare("INSERT INTO active_keys (kid, since) VALUES (?1, ?2) ON CONFLICT (kid) DO NOTHING")
    .bind(kid, now)
}

/** Statement that reads since when a key has been the active one. */
export function selectActiveSince(db: D1Database, kid: string): D1PreparedStatement {
  return db.prepare("SELECT since FROM active_keys WHERE kid = ?1").bind(kid)
}

/** Takes the instant out of a result of `selectActiveSince`; undefined where it was not noted yet. */
export function toActiveSince(result: D1Result | undefined): number | undefined {
  return (result?.results[0] as { since: number } | undefined)?.since
}
