/** The health sweep: about once a day each, bounded, paced, resumed, never twice at once. */
import { env } from "cloudflare:workers"
import { beforeEach, describe, expect, it } from "vitest"
import type { HealthBudget } from "../../src/connections/health/meter.ts"
import { listProvidersDown } from "../../src/connections/health/provider-down.ts"
import { takeLease } from "../../src/connections/health/store.ts"
import { sweepHealth } from "../../src/connections/health/sweep.ts"
import { selectDue } from "../../src/connections/store.ts"
import type { Deps } from "../../src/context.ts"
import { runSchedule } from "../../src/cron.ts"
import { seal } from "../../src/vault/seal.ts"
import {
  nimbusFields,
  nmbrsFields,
  type RegisteredApp,
  registerApp,
  startHarness,
} from "../support/worker/harness.ts"
import { api, connected, HEALTH, jobDeps, resealAs, sleepNot } from "../support/worker/jobs.ts"
import { NMBRS_API, nmbrsFault, startLive } from "../support/worker/live.ts"
import { captureConsole, captureSql } from "../support/worker/observe.ts"

const HOUR = 60 * 60 * 1000
const DAY = 24 * HOUR

beforeEach(async () => {
  await env.DB.batch(
    ["connections", "leases", "provider_status", "webhooks"].map((table) =>
      env.DB.prepare(`DELETE FROM ${table}`),
    ),
  )
})

interface Row {
  readonly status: string
  readonly verification_at: number
  readonly verification_outcome: string
  readonly next_check_at: number | null
}

async function read(id: string): Promise<Row> {
  const row = await env.DB.prepare(
    "SELECT status, verification_at, verification_outcome, next_check_at FROM connections WHERE id = ?1",
  )
    .bind(id)
    .first<Row>()
  if (row === null) throw new Error("no such connection")
  return row
}

async function start() {
  const harness = startHarness()
  const deps = await jobDeps(harness)
  return { harness, deps, app: await registerApp(harness) }
}

/** Copies a connection's row under new ids, each with credentials of its own, all of them due. */
async function multiply(deps: Deps, app: RegisteredApp, id: string, count: number, at: number) {
  const columns = `client_id, provider, method, environment, status, account, scope, permissions,
    credentials_access, verification_outcome, verification_at, created_at, claimed_at`
  const ids = Array.from({ length: count }, (_, i) => `con_00${String(i).padStart(24, "0")}`)
  for (let from = 0; from < count; from += 1000) {
    const part = await Promise.all(
      ids.slice(from, from + 1000).map(async (own, i) => {
        const place = { purpose: "connection", id: own, clientId: app.client_id, provider: "nmbrs" }
        const sealed = await seal(deps.config.keyRing, nmbrsFields(), {
          ...place,
          purpose: "connection",
        })
        return [own, sealed, at + from + i]
      }),
    )
    await env.DB.prepare(
      `INSERT INTO connections (id, credentials_sealed, next_check_at, ${columns})
       SELECT json_extract(value, '$[0]'), json_extract(value, '$[1]'), json_extract(value, '$[2]'),
         ${columns} FROM json_each(?2) JOIN connections ON connections.id = ?1`,
    )
      .bind(id, JSON.stringify(part))
      .run()
  }
  await env.DB.prepare("DELETE FROM connections WHERE id = ?1").bind(id).run()
  return ids
}

describe("a connection", () => {
  it("is checked about a day after it was made, and about a day after that", async () => {
    const { harness, deps, app } = await start()
    const id = await connected(harness, app)
    const first = (await read(id)).next_check_at ?? 0
    expect(first - harness.clock.at).toBeGreaterThan(0.5 * DAY - HOUR)
    expect(first - harness.clock.at).toBeLessThan(1.5 * DAY + HOUR)
    harness.clock.at = first - 10_000
    expect(await sweepHealth(deps, HEALTH)).toEqual({ ran: true, checked: 0, down: [] })
    harness.clock.at = first + 1
    expect((await sweepHealth(deps, HEALTH)).checked).toBe(1)
    const checked = await read(id)
    expect(checked.verification_at).toBeGreaterThan(first)
    expect((checked.next_check_at ?? 0) - harness.clock.at).toBeGreaterThan(0.9 * DAY)
    expect((checked.next_check_at ?? 0) - harness.clock.at).toBeLessThan(1.1 * DAY)
  })

  it("is broken by two refusals in a row, an hour apart, and not asked again", async () => {
    const { harness, deps, app } = await start()
    const id = await connected(harness, app, { fields: nmbrsFields("revoked-later") })
    harness.clock.at += 2 * DAY
    await sweepHealth(deps, HEALTH)
    expect(await read(id)).toMatchObject({ status: "active", verification_outcome: "refused" })
    await sweepHealth(deps, HEALTH)
    expect((await read(id)).status).toBe("active")
    harness.clock.at += 2 * HOUR
    await sweepHealth(deps, HEALTH)
    expect(await read(id)).toMatchObject({ status: "broken", next_check_at: null })
    harness.clock.at += 30 * DAY
    expect((await sweepHealth(deps, HEALTH)).checked).toBe(0)
  })

  it("at Nimbus is broken by one, because a second would bring the lock nearer", async () => {
    const { harness, deps, app } = await start()
    const id = await connected(harness, app, {
      parameters: { scope: "nimbus:api" },
      fields: nimbusFields("revoked-later"),
    })
    harness.clock.at += 2 * DAY
    await sweepHealth(deps, HEALTH)
    expect(await read(id)).toMatchObject({ status: "broken", next_check_at: null })
  })

  it("is never broken by what could not be checked", async () => {
    const { harness, deps, app } = await start()
    const id = await connected(harness, app)
    await resealAs(deps, id, { username: "down@koppel.test" })
    for (let i = 0; i < 6; i++) {
      harness.clock.at += 2 * DAY
      await sweepHealth(deps, HEALTH)
    }
    expect(await read(id)).toMatchObject({
      status: "active",
      verification_outcome: "could_not_check",
    })
    // The sandbox says nothing about the provider.
    expect(await listProvidersDown(env.DB, harness.clock.at)).not.toContain("nmbrs")
  })

  it("of a suspended app is not asked about, one that can't be opened keeps nobody waiting", async () => {
    const { harness, deps, app } = await start()
    const suspended = await registerApp(harness)
    const ids = [await connected(harness, suspended), await connected(harness, app)]
    const fine = await connected(harness, app)
    await env.DB.batch([
      env.DB.prepare("UPDATE apps SET suspended = 1 WHERE client_id = ?1").bind(
        suspended.client_id,
      ),
      env.DB.prepare("UPDATE connections SET credentials_sealed = 'x' WHERE id = ?1").bind(ids[1]),
    ])
    harness.clock.at += 2 * DAY
    const begun = harness.clock.at
    expect((await sweepHealth(deps, HEALTH)).checked).toBe(1)
    expect((await read(fine)).verification_at).toBeGreaterThan(begun)
    for (const id of ids) {
      const { verification_at, next_check_at } = await read(id)
      expect(verification_at).toBeLessThan(begun)
      expect(next_check_at).toBeGreaterThan(begun)
    }
  })

  it("that is deleted during its check stays deleted", async () => {
    const { harness, deps, app } = await start()
    const id = await connected(harness, app)
    harness.clock.at += 2 * DAY
    const slow: Deps = {
      ...deps,
      upstream: (provider, environment, stored) => {
        const upstream = deps.upstream(provider, environment, stored)
        const fetch: typeof globalThis.fetch = async (input, init) => {
          await api(harness, app, "DELETE", `/v1/connections/${id}`)
          return await (upstream?.fetch ?? globalThis.fetch)(input, init)
        }
        return upstream && { adapter: upstream.adapter, fetch }
      },
    }
    expect((await sweepHealth(slow, HEALTH)).checked).toBe(1)
    const left = await env.DB.prepare("SELECT count(*) AS n FROM connections").first()
    expect(left).toEqual({ n: 0 })
  })
})

describe("10,000 connections", () => {
  const title = "are swept within the bound, in order, each run going on where the last one stopped"
  it(title, { timeout: 60_000 }, async () => {
    const { harness, deps, app } = await start()
    const seed = await connected(harness, app)
    harness.clock.at += 2 * DAY
    const ids = await multiply(deps, app, seed, 10_000, harness.clock.at - DAY)
    const budget: HealthBudget = { ...HEALTH, subrequests: 200, checks: 25 }
    const checked = async () => {
      const { results } = await env.DB.prepare(
        "SELECT id FROM connections WHERE next_check_at > ?1 ORDER BY id",
      )
        .bind(harness.clock.at)
        .all<{ id: string }>()
      return results.map(({ id }) => id)
    }
    const calls = { count: 0 }
    const counted: Deps = {
      ...deps,
      upstream: (provider, environment, stored) => {
        const upstream = deps.upstream(provider, environment, stored)
        const fetch: typeof globalThis.fetch = (input, init) => {
          calls.count++
          return (upstream?.fetch ?? globalThis.fetch)(input, init)
        }
        return upstream && { adapter: upstream.adapter, fetch }
      },
    }
    let before = 0
    for (let run = 0; run < 4; run++) {
      calls.count = 0
      const report = await sweepHealth(counted, budget)
      expect(report.checked).toBeGreaterThan(5)
      expect(report.checked).toBeLessThanOrEqual(25)
      expect(calls.count).toBeLessThanOrEqual(200)
      const done = await checked()
      expect(done).toHaveLength(before + report.checked)
      expect(done).toEqual(ids.slice(0, done.length))
      before = done.length
    }
    // Time is a bound, too: the clock of this test moves on with every look at it.
    expect((await sweepHealth(deps, { ...budget, seconds: 0.05 })).checked).toBeLessThan(12)
    expect((await sweepHealth(deps, { ...budget, subrequests: 5 })).checked).toBe(0)
  })

  it("are found by index", async () => {
    const { db, statements } = captureSql(env.DB)
    selectDue(db, "nmbrs", "live", 0, 1)
    const [sql = ""] = statements
    const { results } = await env.DB.prepare(`EXPLAIN QUERY PLAN ${sql}`)
      .bind("a", "a", 1, 1)
      .all<{ detail: string }>()
    const plan = results.map(({ detail }) => detail).join("\n")
    expect(plan).toContain("SEARCH connections USING INDEX connections_due")
    expect(plan).not.toMatch(/SCAN|TEMP B-TREE/)
  })
})

describe("a run", () => {
  it("spaces its calls to one host", async () => {
    const { harness, deps, app } = await start()
    await connected(harness, app)
    harness.clock.at += 2 * DAY
    const stopped = { ...deps, now: () => harness.clock.at }
    let slept = 0
    let calls = 0
    await sweepHealth(
      {
        ...stopped,
        upstream: (provider, environment, stored) => {
          const upstream = deps.upstream(provider, environment, stored)
          const fetch: typeof globalThis.fetch = (input, init) => {
            calls++
            return (upstream?.fetch ?? globalThis.fetch)(input, init)
          }
          return upstream && { adapter: upstream.adapter, fetch }
        },
      },
      {
        ...HEALTH,
        perSecond: 2,
        sleep: async (seconds) => {
          slept = Math.max(slept, seconds)
        },
      },
    )
    expect(calls).toBeGreaterThan(4)
    // With a clock that stands still the last call waits for all that went before it.
    expect(slept).toBeCloseTo((calls - 1) / 2, 5)
  })

  it("never overlaps with another; a killed one leaves a lease that ends", async () => {
    const { harness, deps, app } = await start()
    for (let i = 0; i < 3; i++) await connected(harness, app)
    harness.clock.at += 2 * DAY
    const reports = await Promise.all([1, 2, 3].map(() => sweepHealth(deps, HEALTH)))
    expect(reports.filter(({ ran }) => ran)).toHaveLength(1)
    expect(reports.reduce((sum, { checked }) => sum + checked, 0)).toBe(3)

    await takeLease(env.DB, "health", "run_killed", harness.clock.at, 300).run()
    expect((await sweepHealth(deps, HEALTH)).ran).toBe(false)
    harness.clock.at += 301_000
    expect((await sweepHealth(deps, HEALTH)).ran).toBe(true)
    expect((await sweepHealth(deps, HEALTH)).ran).toBe(true)
  })
})

describe("a provider that is down", () => {
  async function startDown() {
    let isDown = false
    let calls = 0
    const harness = startLive((call) => {
      if (call.url.startsWith(NMBRS_API)) calls++
      return isDown && call.url.startsWith(NMBRS_API)
        ? new Response("<h1>Service Unavailable</h1>", { status: 503 })
        : undefined
    })
    const app = await registerApp(harness, { environment: "live" })
    for (let i = 0; i < 8; i++) await connected(harness, app)
    const nimbus = await connected(harness, app, {
      parameters: { scope: "nimbus:api" },
      fields: nimbusFields(),
    })
    const { assumedV0 } = await import("../../src/sandbox/nimbus/assumed-v0.ts")
    const { nimbusSandbox } = await import("../../src/sandbox/nimbus/index.ts")
    const { nmbrsSandbox } = await import("../../src/sandbox/nmbrs/index.ts")
    const nmbrsFetch = nmbrsSandbox.fetch({ sleep: sleepNot, stored: false })
    const nimbusFetch = nimbusSandbox.fetch({ sleep: sleepNot, stored: false })
    const deps = await jobDeps(
      harness,
      (input, init) => {
        const { url } = new Request(input, init)
        if (!url.startsWith(NMBRS_API)) return nimbusFetch(input, init)
        calls++
        return isDown ? Promise.resolve(nmbrsFault(9999)) : nmbrsFetch(input, init)
      },
      {
        NMBRS_API_URL: NMBRS_API,
        NIMBUS_PROFILE: JSON.stringify(assumedV0),
        NIMBUS_ALLOWED_HOSTS: "sandbox.nimbus.test",
      },
    )
    const healthz = async () => {
      harness.roundTrips.count = 0
      const response = await harness.request("/healthz")
      expect([response.status, harness.roundTrips.count]).toEqual([200, 1])
      return ((await response.json()) as { providers: Record<string, string> }).providers
    }
    return {
      harness,
      deps,
      nimbus,
      healthz,
      set: (down: boolean) => {
        isDown = down
        calls = 0
      },
      calls: () => calls,
    }
  }

  it("is found out by a few checks, left in peace, told at /healthz, and tried until it is back", async () => {
    const { harness, deps, nimbus, healthz, set, calls } = await startDown()
    harness.clock.at += 2 * DAY
    expect((await healthz()).nmbrs).toBe("ok")
    set(true)
    const begun = harness.clock.at
    const report = await sweepHealth(deps, HEALTH)
    // Three of Nmbrs, and the one of Nimbus, which is up.
    expect(report).toEqual({ ran: true, checked: 4, down: ["nmbrs"] })
    expect(await healthz()).toMatchObject({ nmbrs: "down", nimbus: "ok" })
    expect(await listProvidersDown(env.DB, harness.clock.at)).toContain("nmbrs")
    expect(await listProvidersDown(env.DB, harness.clock.at)).not.toContain("nimbus")
    expect((await read(nimbus)).verification_at).toBeGreaterThan(begun)

    set(true)
    expect(await sweepHealth(deps, HEALTH)).toMatchObject({ checked: 1, down: ["nmbrs"] })
    expect(calls()).toBeLessThanOrEqual(2)
    expect((await healthz()).nmbrs).toBe("down")

    set(false)
    expect((await sweepHealth(deps, HEALTH)).down).toEqual([])
    expect((await healthz()).nmbrs).toBe("ok")
    harness.clock.at += 2 * HOUR
    await sweepHealth(deps, HEALTH)
    const { results } = await env.DB.prepare(
      "SELECT DISTINCT status, verification_outcome FROM connections",
    ).all()
    expect(results).toEqual([{ status: "active", verification_outcome: "works" }])
  })

  it("is not said for ever: a finding that nobody renews ends", async () => {
    const { harness, deps, healthz, set } = await startDown()
    harness.clock.at += 2 * DAY
    set(true)
    await sweepHealth(deps, HEALTH)
    harness.clock.at += 3 * HOUR
    expect((await healthz()).nmbrs).toBe("ok")
  })
})

describe("the schedule", () => {
  it("runs each job though another fails, and logs a line each without a value", async () => {
    const { harness, deps, app } = await start()
    const id = await connected(harness, app)
    harness.clock.at += 2 * DAY
    const own = { now: () => harness.clock.at, db: env.DB, sleep: sleepNot, random: () => 0.5 }
    const output = captureConsole()
    await runSchedule({ ...own, deps: async () => deps })
    const statusOf = (lines: Record<string, unknown>[]) =>
      Object.fromEntries(lines.map(({ route, status }) => [route, status]))
    expect(statusOf(output.lines())).toMatchObject({ purge: 200, health: 200, webhooks: 200 })
    const first = output.lines().length
    expect((await read(id)).verification_at).toBeGreaterThanOrEqual(harness.clock.at - 1000)
    await runSchedule({ ...own, deps: () => Promise.reject(new RangeError("secret")) })
    const second = output.lines().slice(first)
    expect(statusOf(second)).toMatchObject({ purge: 200, health: 500, webhooks: 500 })
    expect(second.find(({ route }) => route === "health")?.detail).toBe("RangeError")
    expect(output.text()).not.toContain("secret")
  })
})
