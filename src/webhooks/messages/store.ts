/** All SQL about messages as their app sees them: listed, and sent again. */
import { OWNER, type Owner, ownerValues } from "../../apps/store.ts"

/** A message as its app may see it. */
export interface Message {
  readonly id: string
  readonly type: string
  readonly status: "pending" | "delivered" | "parked"
  readonly tries: number
  readonly code: string | undefined
  readonly payload: unknown
  readonly createdAt: number
  readonly triedAt: number | undefined
}

/** Statement that reads an app's messages of one status in the order of their ids. */
export function listMessages(
  db: D1Database,
  owner: Owner,
  status: Message["status"],
  page: { readonly after: string; readonly limit: number; readonly now: number },
): D1PreparedStatement {
  return db
    .prepare(
      `SELECT id, type, status, tries, code, payload, created_at, tried_at FROM webhooks
       WHERE client_id = ${OWNER} AND status = ?4 AND id > ?5 ORDER BY id LIMIT ?6`,
    )
    .bind(...ownerValues(owner, page.now), status, page.after, page.limit)
}

/** Takes the messages out of a batch result. */
export function toMessages(result: D1Result | undefined): Message[] {
  return ((result?.results ?? []) as unknown as MessageRow[]).map((row) => ({
    id: row.id,
    type: row.type,
    status: row.status,
    tries: row.tries,
    code: row.code ?? undefined,
    payload: JSON.parse(row.payload),
    createdAt: row.created_at,
    triedAt: row.tried_at ?? undefined,
  }))
}

interface MessageRow {
  readonly id: string
  readonly type: string
  readonly status: Message["status"]
  readonly tries: number
  readonly code: string | null
  readonly payload: string
  readonly created_at: number
  readonly tried_at: number | null
}

/** Puts a parked or delivered message back, with all its tries; gives whether there was one. */
export async function replayMessage(
  db: D1Database,
  clientId: string,
  id: string,
  now: number,
): Promise<boolean> {
  const { meta } = await db
    .prepare(
      `UPDATE webhooks SET status = 'pending', tries = 0, next_try_at = ?3, expires_at = NULL,
         code = NULL
       WHERE id = ?1 AND client_id = ?2 AND status <> 'pending'`,
    )
    .bind(id, clientId, now)
    .run()
  return meta.changes === 1
}
