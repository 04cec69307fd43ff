/**
 * Checks the health of stored connections, each about once a day. A run stays within its budget and
 * goes on, the next minute, where the order of `next_check_at` says.
 */
import type { Deps } from "../../context.ts"
import { secondsAfter } from "../../lib/clock.ts"
import { newId } from "../../lib/ids.ts"
import { providers } from "../../providers/registry.ts"
import { type Due, selectDue, toDue } from "../store.ts"
import { permissionsOfConnection, verifyConnection } from "../verify.ts"
import { type HealthBudget, type Meter, meter } from "./meter.ts"
import { nextCheckAt } from "./schedule.ts"
import {
  giveLeaseBack,
  type ProviderStatus,
  postponeCheck,
  saveProviderStatus,
  selectProviderStatus,
  takeLease,
} from "./store.ts"

const LEASE = "health"
/** Longer than any run, so that only a run that was killed leaves it behind. */
const LEASE_SECONDS = 5 * 60
/** Fewer failures say nothing about a provider. */
const FAILURES_UNTIL_DOWN = 3
/** Calls of one check besides its probes, round trips to D1 included. */
const CALLS_BESIDE_PROBES = 8

export interface HealthReport {
  /** False where another run is at it. */
  readonly ran: boolean
  readonly checked: number
  readonly down: readonly string[]
}

interface Lane {
  readonly provider: string
  readonly environment: "test" | "live"
}

const LANES: readonly Lane[] = Object.keys(providers).flatMap((provider) => [
  { provider, environment: "live" as const },
  { provider, environment: "test" as const },
])

/** Runs one sweep; two at once never overlap. */
export async function sweepHealth(deps: Deps, budget: HealthBudget): Promise<HealthReport> {
  const { db } = deps
  const now = deps.now()
  const holder = newId("run")
  const [lease, statuses, ...dues] = await db.batch([
    takeLease(db, LEASE, holder, now, LEASE_SECONDS),
    selectProviderStatus(db),
    ...LANES.map(({ provider, environment }) =>
      selectDue(db, provider, environment, now, budget.checks),
    ),
  ])
  if (lease?.meta.changes !== 1) return { ran: false, checked: 0, down: [] }
  const metered = meter(deps, budget, secondsAfter(now, budget.seconds))
  const known = (statuses?.results ?? []) as unknown as ProviderStatus[]
  const found: ProviderStatus[] = []
  try {
    // Side by side: a provider that hangs must not use up the time of the others.
    const work = LANES.map(async ({ provider, environment }, i) => {
      const isLive = environment === "live"
      const before = isLive ? known.find((one) => one.provider === provider) : undefined
      const health = await runLane(metered, toDue(dues[i]), before)
      // The sandbox says nothing about the real provider.
      if (isLive && health !== undefined) found.push({ provider, at: deps.now(), ...health })
    })
    await Promise.all(work)
  } finally {
    await db.batch([
      ...found.map((one) => saveProviderStatus(db, one)),
      giveLeaseBack(db, LEASE, holder),
    ])
  }
  const down = found.filter(({ status }) => status === "down").map(({ provider }) => provider)
  return { ran: true, checked: metered.checked(), down }
}

/** Checks the connections of one lane until it is done, the budget is used, or the provider is down. */
async function runLane(
  metered: Meter,
  due: readonly Due[],
  before: ProviderStatus | undefined,
): Promise<Pick<ProviderStatus, "status" | "failures"> | undefined> {
  let asked = before?.failures ?? 0
  let failed = asked
  let answered = 0
  // While it is down the first check of a run tries whether it is back.
  let isDown = false
  const wasDown = before?.status === "down"
  for (const one of due) {
    const calls = permissionsOfConnection(one.connection).length + CALLS_BESIDE_PROBES
    if (isDown || !metered.hasRoomFor(calls)) break
    const outcome = await checkOne(metered, one)
    if (outcome === "not_asked") continue
    if (outcome === "answered") {
      if (answered === 0 && wasDown) asked = failed = 0
      answered++
    } else failed++
    asked++
    isDown = failed >= FAILURES_UNTIL_DOWN && failed * 2 > asked
  }
  if (asked === (before?.failures ?? 0) && answered === 0) return undefined
  return { status: isDown ? "down" : "up", failures: answered > 0 && !isDown ? 0 : failed }
}

async function checkOne(
  { deps, budget, count }: Meter,
  { connection, suspended }: Due,
): Promise<"answered" | "failed" | "not_asked"> {
  const postpone = async () => {
    const at = nextCheckAt("could_not_check", deps.now(), budget.random)
    await postponeCheck(deps.db, connection, at).run()
    return "not_asked" as const
  }
  if (suspended) return await postpone()
  try {
    const { verification, isAsked } = await verifyConnection(deps, connection, {
      random: budget.random,
    })
    if (!isAsked) return "not_asked"
    count()
    return verification.outcome === "could_not_check" ? "failed" : "answered"
  } catch {
    // One row that can't be opened must not keep the others from being checked.
    return await postpone()
  }
}
