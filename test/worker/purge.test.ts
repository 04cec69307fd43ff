/** The purge, and the plans of every statement: nothing expired stays, nothing scans a table. */
import { env } from "cloudflare:workers"
import { beforeAll, describe, expect, it } from "vitest"
import { purge } from "../../src/cron.ts"
import {
  authorizePath,
  Browser,
  claim,
  connect,
  type Harness,
  nimbusFields,
  nmbrsFields,
  type RegisteredApp,
  registerApp,
  startHarness,
} from "../support/worker/harness.ts"
import { captureSql, settings } from "../support/worker/observe.ts"

const MINUTE = 60 * 1000
const DAY = 24 * 60 * MINUTE

let harness: Harness
let app: RegisteredApp
beforeAll(async () => {
  harness = startHarness()
  app = await registerApp(harness, { credentials_access: true })
})

/** A column of this app's rows. */
async function column(table: string, name: string): Promise<unknown[]> {
  const { results } = await env.DB.prepare(`SELECT ${name} AS v FROM ${table} WHERE client_id = ?1`)
    .bind(app.client_id)
    .all<{ v: unknown }>()
  return results.map(({ v }) => v)
}

/** Every table of ours with a column that says when it ends. */
async function expiringTables(): Promise<string[]> {
  const { results } = await env.DB.prepare(
    "SELECT name, sql FROM sqlite_master WHERE type = 'table' AND sql LIKE '%expires_at%'",
  ).all<{ name: string }>()
  return results.map(({ name }) => name).sort()
}

async function purgeSql(): Promise<string[]> {
  const { db, statements } = captureSql(env.DB)
  await purge(db, 0)
  return [...statements]
}

describe("the purge", () => {
  it("names every expiring table", async () => {
    const sql = await purgeSql()
    const tables = await expiringTables()
    expect(tables).toEqual(
      expect.arrayContaining(["attempts", "connections", "events", "sessions"]),
    )
    for (const table of tables) {
      expect([table, sql.some((one) => one.includes(`DELETE FROM ${table} `))]).toEqual([
        table,
        true,
      ])
    }
  })

  it("is one round trip, and bounded in each statement", async () => {
    const sql = await purgeSql()
    for (const one of sql) expect(one).toMatch(/LIMIT \?\d/)
    let batches = 0
    const counting = new Proxy(env.DB, {
      get(target, name) {
        if (name === "batch") batches++
        const value = Reflect.get(target, name)
        return typeof value === "function" ? value.bind(target) : value
      },
    })
    await purge(counting, 0)
    expect(batches).toBe(1)
  })

  it("takes what was pasted after 15 minutes, and leaves the rest of the session", async () => {
    const browser = new Browser(harness)
    const form = await browser.open(authorizePath(app))
    await browser.submit(form, nmbrsFields("down"))
    const at = harness.clock.at
    await purge(env.DB, at + 15 * MINUTE - 100)
    expect(await column("sessions", "pasted_sealed IS NULL")).toEqual([0])
    await purge(env.DB, at + 15 * MINUTE)
    expect(await column("sessions", "pasted_sealed IS NULL")).toEqual([1])
    expect(await column("sessions", "draft_sealed IS NULL")).toEqual([0])
    expect((await browser.open(form.url)).forms[0]?.values.username).toBe("down@koppel.test")
    await purge(env.DB, at + DAY)
    expect(await column("sessions", "id")).toEqual([])
  })

  it("takes a connection that nobody claimed after 24 hours, and no claimed one ever", async () => {
    const claimed = (await connect(harness, app)).get("connection_id") ?? ""
    expect((await claim(harness, app, claimed)).status).toBe(200)
    await connect(harness, app)
    const at = harness.clock.at
    await purge(env.DB, at + DAY - 100)
    expect(await column("connections", "id")).toHaveLength(2)
    await purge(env.DB, at + DAY)
    expect(await column("connections", "claimed_at IS NULL")).toEqual([0])
    await purge(env.DB, at + 4000 * DAY)
    expect(await column("connections", "claimed_at IS NULL")).toEqual([0])
  })

  it("takes events after 90 days and attempts after a year", async () => {
    const id = (await connect(harness, app)).get("connection_id") ?? ""
    await claim(harness, app, id)
    const authorization = app.basic
    await harness.request(`/v1/connections/${id}/credentials`, {
      method: "POST",
      headers: { authorization },
    })
    const browser = new Browser(harness)
    const form = await browser.open(authorizePath(app, { scope: "nimbus" }))
    await browser.submit(form, nimbusFields("wrong-password"))
    const attempts = () => env.DB.prepare("SELECT count(*) AS n FROM attempts").first("n")
    const at = harness.clock.at
    await purge(env.DB, at + 89 * DAY)
    expect([await column("events", "type"), await attempts()]).toEqual([
      ["connection.credentials_read"],
      1,
    ])
    await purge(env.DB, at + 90 * DAY)
    expect([await column("events", "type"), await attempts()]).toEqual([[], 1])
    await purge(env.DB, at + 365 * DAY)
    expect(await attempts()).toBe(0)
  })

  it("goes on where it stopped: 500 rows of a table in one run", async () => {
    const values = (i: number) =>
      env.DB.prepare(
        "INSERT INTO attempts (id, login_fingerprint, at, expires_at) SELECT 'b' || ?1 || '_' || value, 'f', 0, 1 FROM json_each(?2)",
      ).bind(i, JSON.stringify(Array.from({ length: 600 }, (_, n) => n)))
    await env.DB.batch([values(1)])
    const left = () =>
      env.DB.prepare("SELECT count(*) AS n FROM attempts WHERE login_fingerprint = 'f'").first("n")
    await purge(env.DB, 2)
    expect(await left()).toBe(100)
    await purge(env.DB, 2)
    expect(await left()).toBe(0)
  })
})

describe("every statement", () => {
  /** Statements of a whole journey, each outcome and the purge. */
  async function journey(): Promise<string[]> {
    const { db, statements } = captureSql(env.DB)
    const watched = startHarness({}, settings({ DB: db }))
    const own = await registerApp(watched, { credentials_access: true })
    const browser = new Browser(watched)
    const operator = {
      authorization: `Bearer ${env.REGISTRATION_TOKEN}`,
      "content-type": "application/json",
    }
    const form = await browser.open(authorizePath(own, { scope: "nimbus" }))
    for (const who of ["down", "wrong-password", "wrong-password", "wrong-password"]) {
      await browser.submit(form, nimbusFields(who))
    }
    await browser.submit(form, { ...nimbusFields("wrong-password"), reset_done: "1" })
    await browser.submit(form, nimbusFields())
    const cancel = await browser.open(`${form.url}/cancel`)
    await browser.submit(cancel, {}, { cancel: "1" })
    const id = (await connect(watched, own, { browser })).get("connection_id") ?? ""
    await claim(watched, own, id)
    const late = await browser.open(authorizePath(own))
    const summary = await browser.submit(late, nmbrsFields())
    watched.clock.at += 11 * MINUTE
    await browser.submit(summary)
    const post = { method: "POST", headers: { authorization: own.basic } }
    await watched.request(`/v1/connections/${id}/credentials`, post)
    const path = `/oauth/register/${own.client_id}`
    await watched.request("/oauth/register", { headers: operator })
    const body = JSON.stringify({
      client_id: own.client_id,
      client_name: "X",
      redirect_uris: ["https://app.example/"],
      scope: "nmbrs",
    })
    await watched.request(path, { method: "PUT", headers: operator, body })
    await watched.request(`${path}/rotate-secret`, { method: "POST", headers: operator })
    await watched.request(path, { method: "DELETE", headers: operator })
    await purge(db, watched.clock.at)
    return [...statements]
  }

  let statements: string[] = []
  beforeAll(async () => {
    statements = await journey()
  })

  it("was seen", () => {
    const verbs = statements.map((sql) => /^\s*(\w+(?: (?:INTO|FROM))? \w+)/.exec(sql)?.[1] ?? sql)
    expect(verbs).toEqual(
      expect.arrayContaining([
        "INSERT INTO apps",
        "UPDATE apps",
        "DELETE FROM apps",
        "INSERT INTO sessions",
        "UPDATE sessions",
        "DELETE FROM sessions",
        "INSERT INTO connections",
        "UPDATE connections",
        "DELETE FROM connections",
        "INSERT INTO attempts",
        "UPDATE attempts",
        "DELETE FROM attempts",
        "INSERT INTO events",
        "DELETE FROM events",
      ]),
    )
    expect(statements.length).toBeGreaterThan(20)
  })

  it("finds its rows by an index: no plan scans a table", async () => {
    for (const sql of statements) {
      const { results } = await env.DB.prepare(`EXPLAIN QUERY PLAN ${sql}`)
        .bind(...placesIn(sql))
        .all<{ detail: string }>()
      const scans = results
        .map(({ detail }) => detail)
        .filter(
          (detail) =>
            /^SCAN (?!CONSTANT ROW)/.test(detail) && !/USING (COVERING )?INDEX/.test(detail),
        )
      expect([sql, scans]).toEqual([sql, []])
      expect([sql, results.filter(({ detail }) => detail.includes("TEMP B-TREE")).length]).toEqual([
        sql,
        sql.includes("ORDER BY ended_at IS NULL DESC") ? 1 : 0,
      ])
    }
  })

  it("binds every value: none holds a literal that came from outside", () => {
    for (const sql of statements) {
      expect(sql).not.toMatch(/app_00|con_00|koppel\.test|https?:/)
    }
  })

  it("carries the app wherever a row belongs to one", () => {
    for (const sql of statements.filter((one) =>
      /(FROM|UPDATE|INTO) (sessions|connections|events)\b/.test(one),
    )) {
      // The purge is Koppel's own and goes over all apps.
      const isPurge = /expires_at <= \?1|pasted_until <= \?1/.test(sql)
      expect([sql, isPurge || sql.includes("client_id")]).toEqual([sql, true])
    }
  })
})

/** One value for each numbered place of a statement. */
function placesIn(sql: string): number[] {
  const numbers = [...sql.matchAll(/\?(\d+)/g)].map(([, number]) => Number(number))
  return Array.from({ length: Math.max(0, ...numbers) }, () => 1)
}
