/** What runs on a schedule: one purge that names every expiring table. */
import { purgeStatements as purgeApps } from "./apps/store.ts"
import { purgeStatements as purgeSessions } from "./connect/store.ts"
import { purgeStatements as purgeConnections } from "./connections/store.ts"
import { purgeStatements as purgeRequests } from "./oauth/store.ts"
import { purgeStatements as purgeTokens } from "./tokens/store.ts"

/** Rows that one run removes from a table at most; the next minute goes on. */
const PURGE_LIMIT = 500

/** Removes what has expired, in every table that has an end; each table is named by its store. */
export async function purge(db: D1Database, now: number): Promise<void> {
  await db.batch([
    ...purgeSessions(db, now, PURGE_LIMIT),
    ...purgeTokens(db, now, PURGE_LIMIT),
    ...purgeRequests(db, now, PURGE_LIMIT),
    ...purgeApps(db, now, PURGE_LIMIT),
    ...purgeConnections(db, now, PURGE_LIMIT),
  ])
}
