/** `GET /v1/sessions`: how far the app's own sessions came, by reference, without a value. */
import { env } from "cloudflare:workers"
import { beforeAll, describe, expect, it } from "vitest"
import { sessionList } from "../../src/connections/schemas.ts"
import { listSteps, sessionStep } from "../../src/connections/session-log/store.ts"
import { purge } from "../../src/cron.ts"
import { type RegisteredApp, registerApp, startHarness } from "../support/worker/harness.ts"
import { api, bearer, connected } from "../support/worker/jobs.ts"
import { captureSql } from "../support/worker/observe.ts"

const DAY = 24 * 60 * 60 * 1000
const harness = startHarness()
let app: RegisteredApp
let other: RegisteredApp
beforeAll(async () => {
  app = await registerApp(harness)
  other = await registerApp(harness)
})

/** Writes steps as the page does, a second apart. */
async function walk(
  owner: RegisteredApp,
  sessionId: string,
  steps: readonly (readonly [string, string | undefined, string])[],
): Promise<void> {
  await env.DB.batch(
    steps.map(([step, code, reference], i) =>
      sessionStep(env.DB, {
        sessionId,
        clientId: owner.client_id,
        provider: "nmbrs",
        reference,
        step,
        code,
        at: harness.clock.at + i * 1000,
      }),
    ),
  )
}

const find = (reference: string, owner = app, authorization?: string) =>
  api(harness, owner, "GET", `/v1/sessions?reference=${reference}`, authorization)

describe("steps of a session", () => {
  it("come all together, in order, for any reference of it, in one round trip", async () => {
    await walk(app, "ses_1", [
      ["form", "domain_wrong", "AAAAAAAA"],
      ["form", "token_refused", "BBBBBBBB"],
      ["summary", undefined, "CCCCCCCC"],
    ])
    await walk(app, "ses_2", [["form", "works", "DDDDDDDD"]])
    for (const authorization of [app.basic, await bearer(harness, app)]) {
      harness.roundTrips.count = 0
      const { status, body } = await find("BBBBBBBB", app, authorization)
      expect([status, harness.roundTrips.count]).toEqual([200, 1])
      expect(sessionList.parse(body)).toEqual(body)
      expect(body).toMatchObject({
        sessions: [
          {
            provider: "nmbrs",
            steps: [
              { step: "form", code: "domain_wrong", reference: "AAAAAAAA" },
              { step: "form", code: "token_refused", reference: "BBBBBBBB" },
              { step: "summary", code: null, reference: "CCCCCCCC" },
            ],
          },
        ],
      })
    }
  })

  it("are the app's own", async () => {
    await walk(app, "ses_3", [["form", "works", "EEEEEEEE"]])
    expect((await find("EEEEEEEE", other)).body).toEqual({ sessions: [] })
    expect((await find("ZZZZZZZZ")).body).toEqual({ sessions: [] })
    const forOne = await bearer(harness, app, await connected(harness, app))
    expect((await find("EEEEEEEE", app, forOne)).status).toBe(403)
  })

  it("are asked for by a reference only", async () => {
    for (const query of ["", "?reference=", "?reference=x%27", "?reference=AAAAAAAA&reference=B"]) {
      expect((await api(harness, app, "GET", `/v1/sessions${query}`)).status).toBe(400)
    }
  })

  it("are kept for 30 days", async () => {
    await walk(app, "ses_4", [["form", "works", "FFFFFFFF"]])
    harness.clock.at += 29 * DAY
    await purge(env.DB, harness.clock.at)
    expect((await find("FFFFFFFF")).body.sessions).toHaveLength(1)
    harness.clock.at += 2 * DAY
    expect((await find("FFFFFFFF")).body.sessions).toEqual([])
    await purge(env.DB, harness.clock.at)
    const row = await env.DB.prepare("SELECT count(*) AS n FROM session_log").first()
    expect(row).toEqual({ n: 0 })
  })

  it("written twice stand once, and are found by index", async () => {
    await walk(app, "ses_5", [["form", "works", "GGGGGGGG"]])
    await walk(app, "ses_5", [["form", "works", "GGGGGGGG"]])
    const { body } = await find("GGGGGGGG")
    expect((body.sessions as { steps: unknown[] }[])[0]?.steps.length).toBe(1)
    for (const owner of [{ clientId: "a" }, { tokenHash: "a" }]) {
      const { db, statements } = captureSql(env.DB)
      listSteps(db, owner, "a", { limit: 1, now: 1 })
      const { results } = await env.DB.prepare(`EXPLAIN QUERY PLAN ${[...statements][0]}`)
        .bind(1, 1, 1, 1, 1)
        .all<{ detail: string }>()
      const plan = results.map(({ detail }) => detail).join("\n")
      expect(plan).toContain("session_log_of_reference")
      expect(plan).not.toMatch(/SCAN (?!CONSTANT)|TEMP B-TREE/)
    }
  })
})
