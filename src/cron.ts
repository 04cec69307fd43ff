/** What runs on a schedule: one purge that names every expiring table. */
import { purgeStatements as purgeSessions } from "./connect/store.ts"
import { purgeStatements as purgeConnections } from "./connections/store.ts"

/** Rows that one run removes from a table at most; the next minute goes on. */
const PURGE_LIMIT = 500

/** Removes what has expired: pasted credentials, sessions, attempts, unclaimed connections, events. */
export async function purge(db: D1Database, now: number): Promise<void> {
  await db.batch([
    ...purgeSessions(db, now, PURGE_LIMIT),
    ...purgeConnections(db, now, PURGE_LIMIT),
  ])
}
