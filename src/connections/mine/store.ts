/**
 * All SQL about the connections of one browser, for the person. It goes over all apps: the cookie of
 * the browser that they were typed in is what opens them.
 */
import { COLUMNS } from "../store.ts"

/** Statement that reads what was connected from a browser, the newest first, over all apps. */
export function listOfBrowser(
  db: D1Database,
  browserHash: string,
  limit: number,
): D1PreparedStatement {
  return db
    .prepare(
      `SELECT ${COLUMNS} FROM connections
       WHERE browser_hash = ?1 AND claimed_at IS NOT NULL ORDER BY created_at DESC LIMIT ?2`,
    )
    .bind(browserHash, limit)
}

/** Statement that reads one connection for the browser that it was connected from, and no other. */
export function selectOfBrowser(
  db: D1Database,
  browserHash: string,
  id: string,
): D1PreparedStatement {
  return db
    .prepare(
      `SELECT ${COLUMNS} FROM connections
       WHERE id = ?1 AND browser_hash = ?2 AND claimed_at IS NOT NULL`,
    )
    .bind(id, browserHash)
}
