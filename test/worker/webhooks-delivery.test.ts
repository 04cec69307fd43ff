/** Delivery: at once, again by the sweep, with the same id, until it arrives or is parked. */
import { env } from "cloudflare:workers"
import { describe, expect, it } from "vitest"
import { findWebhookUriProblem } from "../../src/apps/webhook-uri.ts"
import { sessionStep } from "../../src/connections/session-log/store.ts"
import { purge } from "../../src/cron.ts"
import { deliver } from "../../src/webhooks/deliver.ts"
import { listMessages } from "../../src/webhooks/messages/store.ts"
import {
  enqueueConnectionEvent,
  enqueueExpiredSessions,
  enqueueSessionEvent,
  takeDue,
} from "../../src/webhooks/store.ts"
import {
  authorizePath,
  Browser,
  claim,
  connect,
  nmbrsFields,
  registerApp,
  startHarness,
} from "../support/worker/harness.ts"
import { api, bearer, connected, jobDeps } from "../support/worker/jobs.ts"
import { captureSql, dumpTables } from "../support/worker/observe.ts"
import { startReceiver } from "../support/worker/receiver.ts"
import { send } from "../support/worker/registration.ts"

const HOUR = 60 * 60 * 1000
const BUDGET = { seconds: 3600, random: () => 0.5 }

async function start(members: Record<string, unknown> = {}, { sessions = false } = {}) {
  // Other tests' messages and sessions would be swept along.
  await env.DB.batch(
    ["webhooks", "sessions"].map((table) => env.DB.prepare(`DELETE FROM ${table}`)),
  )
  const receiver = startReceiver(undefined, { sessions })
  const harness = startHarness({ fetch: receiver.fetch, webhookSeconds: 0.05 })
  const app = await registerApp(harness, { webhook_uri: receiver.uri, ...members })
  const deps = await jobDeps(harness, receiver.fetch)
  const sweep = () => deliver(deps, { oldest: 50 }, BUDGET)
  return { receiver, harness, app, deps, sweep }
}

async function rows(app: { client_id: string }) {
  const { results } = await env.DB.prepare(
    "SELECT id, type, status, tries, code, next_try_at FROM webhooks WHERE client_id = ?1 AND type <> 'session.ended' ORDER BY created_at, id",
  )
    .bind(app.client_id)
    .all<{
      id: string
      type: string
      status: string
      tries: number
      code: string | null
      next_try_at: number | null
    }>()
  return results
}

describe("what is told", () => {
  it("is every change, at once after it, in order", async () => {
    const { receiver, harness, app } = await start({ credentials_access: true })
    const id = await connected(harness, app, { fields: nmbrsFields("revoked-later") })
    await api(harness, app, "POST", `/v1/connections/${id}/credentials`)
    await api(harness, app, "POST", `/v1/connections/${id}/verify`)
    await api(harness, app, "POST", `/v1/connections/${id}/verify`)
    await api(harness, app, "DELETE", `/v1/connections/${id}`)
    expect(receiver.events().map(({ type }) => type)).toEqual([
      "connection.created",
      "connection.credentials_read",
      "connection.broken",
      "connection.deleted",
    ])
    expect(receiver.events()[2]).toMatchObject({
      data: { id, provider: "nmbrs", environment: "test", status: "broken", end_user: null },
    })
    expect(Date.parse(receiver.events()[0]?.timestamp ?? "")).toBeGreaterThan(0)
    expect(receiver.calls[0]?.headers.get("content-type")).toBe("application/json")
    expect(new Set(receiver.ids()).size).toBe(4)
    expect((await rows(app)).map(({ status }) => status)).toEqual(Array(4).fill("delivered"))
  })

  it("tells of a redemption once, of a claim once, of neither before, whoever races", async () => {
    const { receiver, harness, app } = await start()
    const query = await connect(harness, app, { parameters: { response_type: "code" } })
    expect(receiver.calls).toHaveLength(0)
    const redeem = () =>
      harness.request("/oauth/token", {
        method: "POST",
        headers: {
          authorization: app.basic,
          "content-type": "application/x-www-form-urlencoded",
        },
        body: new URLSearchParams({
          grant_type: "authorization_code",
          code: query.get("code") ?? "",
          redirect_uri: "https://app.example/callback",
        }).toString(),
      })
    const redeemed = await Promise.all(Array.from({ length: 8 }, redeem))
    expect(redeemed.filter(({ status }) => status === 200)).toHaveLength(1)
    const id = (await connect(harness, app)).get("connection_id") ?? ""
    await Promise.all(Array.from({ length: 8 }, () => claim(harness, app, id)))
    expect(receiver.events().map(({ type }) => type)).toEqual([
      "connection.created",
      "connection.created",
    ])
  })

  it("tells of a break and a recovery once, whoever races", async () => {
    const { receiver, harness, app } = await start()
    const id = await connected(harness, app, { fields: nmbrsFields("revoked-later") })
    const path = `/v1/connections/${id}/verify`
    await Promise.all(Array.from({ length: 6 }, () => api(harness, app, "POST", path)))
    expect(receiver.events().map(({ type }) => type)).toEqual([
      "connection.created",
      "connection.broken",
    ])
  })

  it("is nothing where the app has no webhook_uri", async () => {
    const harness = startHarness()
    const app = await registerApp(harness)
    const id = await connected(harness, app)
    await api(harness, app, "DELETE", `/v1/connections/${id}`)
    expect(await rows(app)).toEqual([])
  })

  it("never holds a credential", async () => {
    const { harness, app } = await start({ credentials_access: true })
    const id = await connected(harness, app)
    await api(harness, app, "POST", `/v1/connections/${id}/credentials`)
    await api(harness, app, "POST", `/v1/connections/${id}/verify`)
    const { webhooks = [] } = await dumpTables(env.DB)
    expect(webhooks.length).toBeGreaterThan(0)
    expect(webhooks.join("\n")).not.toMatch(/0123456789abcdef|works@koppel\.test|whsec_/)
  })
})

describe("a session's end", () => {
  async function opened() {
    const started = await start({}, { sessions: true })
    const browser = new Browser(started.harness)
    const form = await browser.open(authorizePath(started.app))
    await browser.submit(form, nmbrsFields("wrong-token"))
    const row = await env.DB.prepare("SELECT id FROM sessions WHERE client_id = ?1")
      .bind(started.app.client_id)
      .first<{ id: string }>()
    return { ...started, sessionId: row?.id ?? "" }
  }
  const step = (clientId: string, sessionId: string, at: number) =>
    sessionStep(env.DB, {
      sessionId,
      clientId,
      provider: "nmbrs",
      reference: "ABCD1234",
      step: "form",
      code: "token_refused",
      at,
    })

  it("is told from the purge when it was abandoned, with the step, once", async () => {
    const { harness, app, sessionId, receiver, sweep } = await opened()
    await step(app.client_id, sessionId, harness.clock.at).run()
    harness.clock.at += 25 * HOUR
    await purge(env.DB, harness.clock.at)
    await purge(env.DB, harness.clock.at)
    await sweep()
    expect(receiver.events()).toMatchObject([
      {
        type: "session.ended",
        data: {
          provider: "nmbrs",
          outcome: "abandoned",
          step: "form",
          reference: "ABCD1234",
          connection_id: null,
        },
      },
    ])
  })

  it("has expired when its whole life is over", async () => {
    const { harness, app, receiver, sweep } = await opened()
    await env.DB.prepare("UPDATE sessions SET expires_at = created_at + ?2 WHERE client_id = ?1")
      .bind(app.client_id, 7 * 24 * HOUR)
      .run()
    harness.clock.at += 8 * 24 * HOUR
    await env.DB.batch([enqueueExpiredSessions(env.DB, harness.clock.at, 10, 7 * 24 * 3600)])
    await sweep()
    expect(receiver.events()).toMatchObject([{ data: { outcome: "expired" } }])
  })

  it("is told by the statement that ended it, once", async () => {
    const { harness, app, sessionId, receiver, sweep } = await opened()
    const at = harness.clock.at
    const event = { sessionId, clientId: app.client_id, outcome: "refused" as const, at }
    await enqueueSessionEvent(env.DB, event).run()
    expect(await rows(app)).toEqual([])
    await env.DB.prepare("UPDATE sessions SET ended_at = ?2, ending = 'cancelled' WHERE id = ?1")
      .bind(sessionId, at)
      .run()
    await enqueueSessionEvent(env.DB, event).run()
    await enqueueSessionEvent(env.DB, event).run()
    await sweep()
    expect(receiver.events()).toMatchObject([{ data: { outcome: "refused" } }])
  })
})

describe("a receiver", () => {
  it("that fails gets it again, with the same id, about eight times in three days; then it is parked", async () => {
    const { receiver, harness, app, sweep } = await start()
    receiver.answer = () => new Response("no", { status: 500 })
    await connected(harness, app)
    const begun = harness.clock.at
    for (let i = 0; i < 20; i++) {
      const [row] = await rows(app)
      if (row?.next_try_at == null) break
      harness.clock.at = row.next_try_at - 1000
      expect((await sweep()).tried).toBe(0)
      harness.clock.at = row.next_try_at
      await sweep()
    }
    expect(await rows(app)).toMatchObject([{ status: "parked", tries: 8, code: "status_500" }])
    expect(receiver.calls).toHaveLength(8)
    expect(new Set(receiver.ids()).size).toBe(1)
    const days = (harness.clock.at - begun) / (24 * HOUR)
    expect(days).toBeGreaterThan(2.5)
    expect(days).toBeLessThan(3.5)
    harness.clock.at += 24 * HOUR
    expect((await sweep()).tried).toBe(0)
  })

  it("that comes back gets what it missed", async () => {
    const { receiver, harness, app, sweep } = await start()
    receiver.answer = () => new Response(null, { status: 503 })
    await connected(harness, app)
    await connected(harness, app)
    receiver.answer = () => new Response(null, { status: 204 })
    harness.clock.at += 2 * 60 * 1000
    expect(await sweep()).toEqual({ tried: 2, delivered: 2 })
    const ids = receiver.ids()
    expect(new Set(ids.slice(0, 2))).toEqual(new Set(ids.slice(2)))
    expect(new Set(ids).size).toBe(2)
  })

  it.each([
    ["hangs", () => new Promise<Response>(() => undefined), "timeout"],
    ["can't be reached", () => Promise.reject(new TypeError("refused")), "unreachable"],
    [
      "redirects",
      () => new Response(null, { status: 302, headers: { location: "http://169.254.169.254/" } }),
      "redirected",
    ],
  ])("that %s is tried later, and nowhere else", async (_, answer, code) => {
    const { receiver, harness, app } = await start()
    receiver.answer = answer
    await connected(harness, app)
    expect(await rows(app)).toMatchObject([{ status: "pending", tries: 1, code }])
    expect(receiver.calls.map(({ url }) => url)).toEqual([receiver.uri])
  })

  it("that is gone (410) is left alone at once; the app lists and replays", async () => {
    const { receiver, harness, app } = await start()
    receiver.answer = () => new Response(null, { status: 410 })
    const id = await connected(harness, app)
    expect(await rows(app)).toMatchObject([{ status: "parked", code: "status_410" }])
    harness.roundTrips.count = 0
    const { body } = await api(harness, app, "GET", "/v1/webhooks?status=parked")
    expect(harness.roundTrips.count).toBe(1)
    const [parked] = body.webhooks as { id: string }[]
    expect(parked).toMatchObject({
      type: "connection.created",
      status: "parked",
      tries: 1,
      code: "status_410",
      payload: { type: "connection.created", data: { id } },
    })
    expect(body.next_cursor).toBeNull()

    const other = await registerApp(harness, { webhook_uri: receiver.uri })
    const path = `/v1/webhooks/${parked?.id}/replay`
    expect((await api(harness, other, "POST", path)).status).toBe(404)
    expect((await api(harness, other, "GET", "/v1/webhooks")).body.webhooks).toEqual([])
    receiver.answer = () => new Response(null, { status: 200 })
    const replayed = await api(harness, app, "POST", path, await bearer(harness, app))
    expect([replayed.status, replayed.body]).toEqual([202, { id: parked?.id, status: "pending" }])
    expect(receiver.ids()).toEqual([parked?.id, parked?.id])
    expect(await rows(app)).toMatchObject([{ status: "delivered" }])
  })

  it("of a suspended app gets nothing, and of one without an address any more neither", async () => {
    const { receiver, harness, app, sweep } = await start()
    receiver.answer = () => new Response(null, { status: 500 })
    await connected(harness, app)
    await env.DB.prepare("UPDATE apps SET suspended = 1 WHERE client_id = ?1")
      .bind(app.client_id)
      .run()
    harness.clock.at += HOUR
    await sweep()
    expect(receiver.calls).toHaveLength(1)
    expect(await rows(app)).toMatchObject([{ status: "pending", code: "suspended" }])
    await env.DB.prepare(
      "UPDATE apps SET suspended = 0, registration = json_remove(registration, '$.webhookUri') WHERE client_id = ?1",
    )
      .bind(app.client_id)
      .run()
    harness.clock.at += HOUR
    await sweep()
    expect(await rows(app)).toMatchObject([{ status: "parked", code: "no_webhook_uri" }])
  })
})

describe("where webhooks may go", () => {
  const harness = startHarness()
  const register = (uri: string) =>
    send(harness, "POST", "/oauth/register", env.REGISTRATION_TOKEN, {
      client_name: "Urenweek",
      redirect_uris: ["https://app.example/callback"],
      scope: "nmbrs",
      environment: "test",
      webhook_uri: uri,
    })

  it.each([
    "https://hooks.example/koppel?tenant=7",
    "https://hooks.example:443/",
    "http://localhost:8788/webhooks",
    "http://127.0.0.1:8788/webhooks",
  ])("%s is taken", async (uri) => expect((await register(uri)).status).toBe(201))

  it.each([
    "http://hooks.example/",
    "https://hooks.example:8443/",
    "https://10.0.0.1/",
    "https://[::ffff:7f00:1]/",
    "https://[fe80::1]/",
    "https://169.254.169.254./",
    "https://intranet/",
    "https://db.local/",
    "https://db.internal./",
    "https://x.home.arpa/",
    "https://user:pass@hooks.example/",
    "http://localhost:8787/v1/connections",
    "javascript:alert(1)",
  ])("%s is refused", async (uri) => {
    const response = await register(uri)
    expect(response.status).toBe(400)
    expect(await response.text()).toContain("webhook_uri")
  })

  it.each([
    "http://localhost/",
    "https://localhost/",
    "https://127.0.0.1/",
    "https://2130706433/",
    "https://0x7f.1/",
    "https://[::1]/",
    "https://koppel.example/v1/connections",
    "https://KOPPEL.example./",
  ])("%s is refused under a public issuer", (uri) => {
    const own = { issuer: "https://koppel.example", loopback: false }
    expect(findWebhookUriProblem(uri, own)).toBeDefined()
    expect(findWebhookUriProblem("https://hooks.koppel.example/", own)).toBeUndefined()
  })

  it("is asked again before each try: the issuer may have changed since", async () => {
    const { receiver, harness: own, app, sweep } = await start()
    receiver.answer = () => new Response(null, { status: 500 })
    await connected(own, app)
    await env.DB.prepare(
      "UPDATE apps SET registration = json_set(registration, '$.webhookUri', 'https://10.0.0.1/') WHERE client_id = ?1",
    )
      .bind(app.client_id)
      .run()
    own.clock.at += HOUR
    await sweep()
    expect(receiver.calls).toHaveLength(1)
    expect(await rows(app)).toMatchObject([{ status: "parked", code: "webhook_uri_refused" }])
  })
})

describe("nothing is lost", () => {
  it("when the process dies between the commit and the first try", async () => {
    const { receiver, harness, app, sweep } = await start()
    const id = (await connect(harness, app)).get("connection_id") ?? ""
    // Without an execution context nothing is tried after the answer.
    const dead = startHarness({ now: () => harness.clock.at, fetch: receiver.fetch })
    const { createApp } = await import("../../src/app.ts")
    const bare = createApp({
      now: () => ++harness.clock.at,
      fetch: receiver.fetch,
      sleep: () => Promise.resolve(),
      verificationSeconds: 1,
    })
    const request = new Request(`${env.ISSUER}/v1/connections/${id}/claim`, {
      method: "POST",
      headers: { authorization: app.basic, "content-type": "application/x-www-form-urlencoded" },
      body: "state=state-of-this-flow",
    })
    const response = await bare.fetch(request, { ...env })
    expect([response.status, dead.clock.at > 0]).toEqual([200, true])
    expect(receiver.calls).toHaveLength(0)
    expect(await rows(app)).toMatchObject([{ status: "pending", tries: 0 }])
    await sweep()
    expect(receiver.events().map(({ type }) => type)).toEqual(["connection.created"])
  })

  it("when a run dies in the middle of a try: its lease ends, and the id is the same", async () => {
    const { receiver, harness, app, deps, sweep } = await start()
    receiver.answer = () => new Response(null, { status: 500 })
    await connected(harness, app)
    receiver.answer = () => new Response(null, { status: 200 })
    harness.clock.at += HOUR
    const taken = await takeDue(env.DB, { oldest: 10 }, "run_killed", deps.now())
    expect(taken).toHaveLength(1)
    expect((await sweep()).tried).toBe(0)
    harness.clock.at += 6 * 60 * 1000
    expect(await sweep()).toEqual({ tried: 1, delivered: 1 })
    expect(new Set(receiver.ids()).size).toBe(1)
  })

  it("and nothing is sent twice by two sweeps at once", async () => {
    const { receiver, harness, app, sweep } = await start()
    receiver.answer = () => new Response(null, { status: 500 })
    for (let i = 0; i < 5; i++) await connected(harness, app)
    receiver.calls.length = 0
    receiver.answer = () => new Response(null, { status: 200 })
    harness.clock.at += HOUR
    const reports = await Promise.all([sweep(), sweep(), sweep()])
    expect(reports.reduce((sum, { delivered }) => sum + delivered, 0)).toBe(5)
    expect(receiver.calls).toHaveLength(5)
  })

  it("when a run has no time left: what was not begun counts for nothing", async () => {
    const { receiver, harness, app, deps } = await start()
    receiver.answer = () => new Response(null, { status: 500 })
    for (let i = 0; i < 3; i++) await connected(harness, app)
    harness.clock.at += HOUR
    receiver.calls.length = 0
    await deliver(deps, { oldest: 50 }, { seconds: -1, random: () => 0.5 })
    expect(receiver.calls).toHaveLength(0)
    expect((await rows(app)).map(({ tries }) => tries)).toEqual([1, 1, 1])
    expect((await deliver(deps, { oldest: 2 }, BUDGET)).tried).toBe(2)
  })

  it("when an app signs with a key that is gone: it stays in the outbox", async () => {
    const { harness, app, sweep } = await start()
    await env.DB.prepare("UPDATE apps SET webhook_secret_sealed = 'x' WHERE client_id = ?1")
      .bind(app.client_id)
      .run()
    await connected(harness, app)
    harness.clock.at += HOUR
    await sweep()
    expect(await rows(app)).toMatchObject([{ status: "pending", tries: 2, code: "not_signed" }])
  })

  it("when the key of the secret before is gone: the one in use signs alone", async () => {
    const { receiver, harness, app } = await start()
    await env.DB.prepare(
      "UPDATE apps SET previous_webhook_secret_sealed = 'x', previous_webhook_secret_until = ?2 WHERE client_id = ?1",
    )
      .bind(app.client_id, harness.clock.at + HOUR)
      .run()
    await connected(harness, app)
    expect(receiver.calls[0]?.headers.get("webhook-signature")?.split(" ")).toHaveLength(1)
    expect(await rows(app)).toMatchObject([{ status: "delivered" }])
  })
})

describe("the outbox", () => {
  it("is purged: delivered after days, parked after a month", async () => {
    const { receiver, harness, app } = await start()
    await connected(harness, app)
    receiver.answer = () => new Response(null, { status: 410 })
    await connected(harness, app)
    harness.clock.at += 4 * 24 * HOUR
    await purge(env.DB, harness.clock.at)
    expect((await rows(app)).map(({ status }) => status)).toEqual(["parked"])
    harness.clock.at += 30 * 24 * HOUR
    await purge(env.DB, harness.clock.at)
    expect(await rows(app)).toEqual([])
  })

  it("is read by index, whatever is asked", async () => {
    const { db, statements } = captureSql(env.DB)
    await takeDue(db, { oldest: 1 }, "run", 0)
    await takeDue(db, { ids: ["a"] }, "run", 0)
    listMessages(db, { clientId: "a" }, "parked", { after: "", limit: 1, now: 0 })
    enqueueSessionEvent(db, { sessionId: "a", clientId: "a", outcome: "done", at: 1 })
    enqueueExpiredSessions(db, 0, 1, 1)
    enqueueConnectionEvent(db, {
      id: "a",
      type: "connection.created",
      clientId: "a",
      connection: { codeHash: "a" },
      at: 1,
    })
    expect(statements.size).toBe(7)
    for (const sql of statements) {
      const places = Math.max(...[...sql.matchAll(/\?(\d+)/g)].map(([, n]) => Number(n)))
      const { results } = await env.DB.prepare(`EXPLAIN QUERY PLAN ${sql}`)
        .bind(...Array.from({ length: places }, () => 1))
        .all<{ detail: string }>()
      const plan = results.map(({ detail }) => detail).join("\n")
      expect([sql, plan]).not.toEqual([sql, expect.stringMatching(/SCAN (?!CONSTANT)|TEMP B-TREE/)])
    }
  })
})
