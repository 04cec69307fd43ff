/** All SQL about apps. */
import type { App } from "./app.ts"
import type { RegistrationMetadata } from "./metadata.ts"

const COLUMNS = `client_id, environment, suspended, registration, secret_hash, previous_secret_hash,
  previous_secret_until, registration_token_hash, webhook_secret_sealed, created_at, updated_at,
  EXISTS (SELECT 1 FROM logos WHERE logos.client_id = apps.client_id) AS has_logo`

interface AppRow {
  readonly client_id: string
  readonly environment: "test" | "live"
  readonly suspended: number
  readonly registration: string
  readonly secret_hash: string | null
  readonly previous_secret_hash: string | null
  readonly previous_secret_until: number | null
  readonly registration_token_hash: string
  readonly webhook_secret_sealed: string
  readonly created_at: number
  readonly updated_at: number
  readonly has_logo: number
}

/** What a new app's row is made from. */
export interface NewApp {
  readonly clientId: string
  readonly environment: "test" | "live"
  readonly suspended: boolean
  readonly metadata: RegistrationMetadata
  readonly secretHash: string | undefined
  readonly registrationTokenHash: string
  readonly webhookSecretSealed: string
  readonly at: number
}

/** Statement that reads one app; run it in a batch and give the result to `toApp`. */
export function selectApp(db: D1Database, clientId: string): D1PreparedStatement {
  return db.prepare(`SELECT ${COLUMNS} FROM apps WHERE client_id = ?1`).bind(clientId)
}

/** Takes the app out of a batch result, or gives undefined where there is none. */
export function toApp(result: D1Result | undefined): App | undefined {
  const row = result?.results[0] as AppRow | undefined
  return row === undefined ? undefined : fromRow(row)
}

/** Reads one app by its `client_id`, or gives undefined. */
export async function findApp(db: D1Database, clientId: string): Promise<App | undefined> {
  const row = await selectApp(db, clientId).first<AppRow>()
  return row === null ? undefined : fromRow(row)
}

/** Reads up to `limit` apps after the `client_id` of the last page, in the order of the key. */
export async function listApps(db: D1Database, after: string, limit: number): Promise<App[]> {
  const { results } = await db
    .prepare(`SELECT ${COLUMNS} FROM apps WHERE client_id > ?1 ORDER BY client_id LIMIT ?2`)
    .bind(after, limit)
    .all<AppRow>()
  return results.map(fromRow)
}

/** Statement that inserts a new app. */
export function insertApp(db: D1Database, app: NewApp): D1PreparedStatement {
  return db
    .prepare(
      `INSERT INTO apps (client_id, environment, suspended, registration, secret_hash,
         registration_token_hash, webhook_secret_sealed, created_at, updated_at)
       VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?8)`,
    )
    .bind(
      app.clientId,
      app.environment,
      app.suspended ? 1 : 0,
      JSON.stringify(app.metadata),
      app.secretHash ?? null,
      app.registrationTokenHash,
      app.webhookSecretSealed,
      app.at,
    )
}

/** Statement that replaces an app's metadata and whether it is suspended. */
export function updateApp(
  db: D1Database,
  clientId: string,
  change: { metadata: RegistrationMetadata; suspended: boolean; at: number },
): D1PreparedStatement {
  return db
    .prepare(
      "UPDATE apps SET registration = ?2, suspended = ?3, updated_at = ?4 WHERE client_id = ?1",
    )
    .bind(clientId, JSON.stringify(change.metadata), change.suspended ? 1 : 0, change.at)
}

/** Puts a new secret in; the one in use stays valid until `previousUntil`. Gives whether it did. */
export async function rotateSecret(
  db: D1Database,
  clientId: string,
  change: { secretHash: string; previousUntil: number; at: number },
): Promise<boolean> {
  const { meta } = await db
    .prepare(
      `UPDATE apps SET previous_secret_hash = secret_hash, previous_secret_until = ?3,
         secret_hash = ?2, updated_at = ?4
       WHERE client_id = ?1 AND secret_hash IS NOT NULL`,
    )
    .bind(clientId, change.secretHash, change.previousUntil, change.at)
    .run()
  return meta.changes === 1
}

/** Puts a new webhook secret in; the one in use signs beside it until `previousUntil`. */
export async function rotateWebhookSecret(
  db: D1Database,
  clientId: string,
  change: { webhookSecretSealed: string; previousUntil: number; at: number },
): Promise<void> {
  await db
    .prepare(
      `UPDATE apps SET previous_webhook_secret_sealed = webhook_secret_sealed,
         previous_webhook_secret_until = ?3, webhook_secret_sealed = ?2, updated_at = ?4
       WHERE client_id = ?1`,
    )
    .bind(clientId, change.webhookSecretSealed, change.previousUntil, change.at)
    .run()
}

/** Deletes an app with everything that belongs to it (foreign keys cascade). */
export async function deleteApp(db: D1Database, clientId: string): Promise<boolean> {
  const { meta } = await db.prepare("DELETE FROM apps WHERE client_id = ?1").bind(clientId).run()
  return meta.changes > 0
}

function fromRow(row: AppRow): App {
  return {
    ...(JSON.parse(row.registration) as RegistrationMetadata),
    clientId: row.client_id,
    environment: row.environment,
    suspended: row.suspended === 1,
    secretHash: row.secret_hash ?? undefined,
    previousSecretHash: row.previous_secret_hash ?? undefined,
    previousSecretUntil: row.previous_secret_until ?? undefined,
    registrationTokenHash: row.registration_token_hash,
    webhookSecretSealed: row.webhook_secret_sealed,
    hasLogo: row.has_logo === 1,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
  }
}

/** Statement that remembers a used assertion; it fails, with its whole batch, for one used before. */
export function insertAssertion(
  db: D1Database,
  clientId: string,
  assertion: { readonly jtiHash: string; readonly expiresAt: number },
): D1PreparedStatement {
  return db
    .prepare("INSERT INTO assertions (client_id, jti_hash, expires_at) VALUES (?1, ?2, ?3)")
    .bind(clientId, assertion.jtiHash, assertion.expiresAt)
}

/** Tells whether a batch failed because its assertion was used before. */
export function isAssertionReused(error: unknown): boolean {
  return error instanceof Error && error.message.includes("UNIQUE constraint failed: assertions")
}

/** Statements of the purge: assertions that have expired, at most `limit`. */
export function purgeStatements(db: D1Database, now: number, limit: number): D1PreparedStatement[] {
  return [
    db
      .prepare(
        `DELETE FROM assertions WHERE (client_id, jti_hash) IN (
           SELECT client_id, jti_hash FROM assertions WHERE expires_at <= ?1
           ORDER BY expires_at LIMIT ?2)`,
      )
      .bind(now, limit),
  ]
}

/** Who asks for a list: an app by its id, or by a token of its own. */
export type Owner = { readonly clientId: string } | { readonly tokenHash: string }

/** The owner's `client_id` in SQL, for which `ownerValues` are bound first. */
export const OWNER = `coalesce(?1, (SELECT client_id FROM access_tokens
  WHERE hash = ?2 AND connection_id IS NULL AND expires_at > ?3))`

/** Values of the first three places of a statement that holds `OWNER`. */
export function ownerValues(owner: Owner, now: number): (string | number | null)[] {
  return "clientId" in owner ? [owner.clientId, null, now] : [null, owner.tokenHash, now]
}

/** Statement that reads the app of an access token; give its result to `toApp`. */
export function selectAppOfToken(db: D1Database, tokenHash: string): D1PreparedStatement {
  return db
    .prepare(
      `SELECT ${COLUMNS} FROM apps WHERE client_id = (
         SELECT client_id FROM access_tokens WHERE hash = ?1)`,
    )
    .bind(tokenHash)
}

/** Statement that reads the app of the session that a colleague's link belongs to. */
export function selectAppOfHandover(db: D1Database, handoverHash: string): D1PreparedStatement {
  return db
    .prepare(
      `SELECT ${COLUMNS} FROM apps WHERE client_id = (
         SELECT client_id FROM sessions WHERE handover_hash = ?1)`,
    )
    .bind(handoverHash)
}

/** Statement that reads the app of a connection; give its result to `toApp`. */
export function selectAppOfConnection(db: D1Database, connectionId: string): D1PreparedStatement {
  return db
    .prepare(
      `SELECT ${COLUMNS} FROM apps WHERE client_id = (
         SELECT client_id FROM connections WHERE id = ?1)`,
    )
    .bind(connectionId)
}

/** Statement that reads the apps that were connected from a browser; give its result to `toApps`. */
export function selectAppsOfBrowser(db: D1Database, browserHash: string): D1PreparedStatement {
  return db
    .prepare(
      `SELECT ${COLUMNS} FROM apps WHERE client_id IN (
         SELECT client_id FROM connections WHERE browser_hash = ?1)`,
    )
    .bind(browserHash)
}

/** Takes the apps out of a batch result. */
export function toApps(result: D1Result | undefined): App[] {
  return (result?.results ?? []).map((row) => fromRow(row as unknown as AppRow))
}

/** Statement that puts an app's logo in (base64), in the place of the one before. */
export function upsertLogo(
  db: D1Database,
  clientId: string,
  logo: { readonly contentType: string; readonly content: string },
): D1PreparedStatement {
  return db
    .prepare(
      `INSERT INTO logos (client_id, content_type, content) VALUES (?1, ?2, ?3)
       ON CONFLICT (client_id) DO UPDATE SET content_type = ?2, content = ?3`,
    )
    .bind(clientId, logo.contentType, logo.content)
}

/** Statement that removes an app's logo. */
export function deleteLogo(db: D1Database, clientId: string): D1PreparedStatement {
  return db.prepare("DELETE FROM logos WHERE client_id = ?1").bind(clientId)
}

/** Reads an app's logo (base64), or gives undefined. */
export async function findLogo(
  db: D1Database,
  clientId: string,
): Promise<{ readonly contentType: string; readonly content: string } | undefined> {
  const row = await db
    .prepare("SELECT content_type, content FROM logos WHERE client_id = ?1")
    .bind(clientId)
    .first<{ content_type: string; content: string }>()
  return row === null ? undefined : { contentType: row.content_type, content: row.content }
}
