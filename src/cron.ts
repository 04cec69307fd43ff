/** What runs on a schedule: the purge that names every expiring table, health, webhooks. */
import { purgeStatements as purgeApps } from "./apps/store.ts"
import { LIFE_SECONDS } from "./connect/session.ts"
import { purgeStatements as purgeSessions } from "./connect/store.ts"
import { purgeStatements as purgeAttempts } from "./connections/attempts/store.ts"
import { sweepHealth } from "./connections/health/sweep.ts"
import { purgeStatements as purgeReconnects } from "./connections/reconnect/store.ts"
import { sweepReseal } from "./connections/reseal/sweep.ts"
import { purgeStatements as purgeSessionLog } from "./connections/session-log/store.ts"
import { purgeStatements as purgeConnections } from "./connections/store.ts"
import type { Deps } from "./context.ts"
import { newReference } from "./lib/ids.ts"
import { writeLog } from "./lib/log.ts"
import { purgeStatements as purgeRequests } from "./oauth/store.ts"
import { purgeStatements as purgeProviderTokens } from "./proxy/store.ts"
import { purgeStatements as purgeTokens } from "./tokens/store.ts"
import { deliver } from "./webhooks/deliver.ts"
import { enqueueExpiredSessions, purgeStatements as purgeWebhooks } from "./webhooks/store.ts"

/** Rows that one run removes from a table at most; the next minute goes on. */
const PURGE_LIMIT = 500

/** Removes what has expired, in every table that has an end; each table is named by its store. */
export async function purge(db: D1Database, now: number): Promise<void> {
  await db.batch([
    // Before the sessions that it tells of are gone.
    enqueueExpiredSessions(db, now, PURGE_LIMIT, LIFE_SECONDS),
    ...purgeSessions(db, now, PURGE_LIMIT),
    ...purgeTokens(db, now, PURGE_LIMIT),
    ...purgeProviderTokens(db, now, PURGE_LIMIT),
    ...purgeRequests(db, now, PURGE_LIMIT),
    ...purgeApps(db, now, PURGE_LIMIT),
    ...purgeConnections(db, now, PURGE_LIMIT),
    ...purgeReconnects(db, now, PURGE_LIMIT),
    ...purgeAttempts(db, now, PURGE_LIMIT),
    ...purgeSessionLog(db, now, PURGE_LIMIT),
    ...purgeWebhooks(db, now, PURGE_LIMIT),
  ])
}

/** Texts of each table that one run seals anew. */
const RESEAL_LIMIT = 100
/** Calls of a run stay far below what the platform allows one; so does its time. */
const HEALTH = { subrequests: 600, seconds: 20, perSecond: 8, checks: 25 }
const WEBHOOKS = { seconds: 20 }
/** Messages that one run tries. */
const WEBHOOKS_AT_MOST = 50

/** What a schedule has of its own. */
export interface Schedule {
  readonly now: () => number
  readonly db: D1Database
  /** Fails where the configuration does; the purge needs none. */
  readonly deps: () => Promise<Deps>
  readonly sleep: (seconds: number) => Promise<void>
  readonly random: () => number
}

/** Runs everything that is due, one after the other; the failure of one stops no other. */
export async function runSchedule({ now, db, deps, sleep, random }: Schedule): Promise<void> {
  await attempt("purge", async () => {
    await purge(db, now())
    return undefined
  })
  await attempt("reseal", async () => {
    const { keyRing } = (await deps()).config
    const { resealed, failed, reason } = await sweepReseal(db, keyRing, RESEAL_LIMIT, now())
    return failed === 0 ? `${resealed} resealed` : `${failed} can't be opened: ${reason}`
  })
  await attempt("health", async () => {
    const { ran, checked, down } = await sweepHealth(await deps(), { ...HEALTH, sleep, random })
    return ran ? [`${checked} checked`, ...down.map((one) => `${one} is down`)].join(", ") : "busy"
  })
  // After health, so that what it found is told in the same minute.
  await attempt("webhooks", async () => {
    const budget = { ...WEBHOOKS, random }
    const { tried, delivered } = await deliver(await deps(), { oldest: WEBHOOKS_AT_MOST }, budget)
    return `${delivered} of ${tried} delivered`
  })
}

async function attempt(route: string, job: () => Promise<string | undefined>): Promise<void> {
  const line = { reference: newReference(), method: "SCHEDULED", route }
  try {
    writeLog({ ...line, status: 200, outcome: await job() })
  } catch (error) {
    // The class alone: a message may quote what it failed on.
    writeLog({ ...line, status: 500, detail: error instanceof Error ? error.name : typeof error })
  }
}
