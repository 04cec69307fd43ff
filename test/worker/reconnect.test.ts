/**
 * Reconnect with the `connection_id` response: who may ask, what is told to whom, what waits, and what
 * a claim replaces (invariant 7).
 */

import { env } from "cloudflare:workers"
import { decodeJwt } from "jose"
import { beforeAll, describe, expect, it } from "vitest"
import { purge } from "../../src/cron.ts"
import {
  authorizePath,
  Browser,
  claim,
  connect,
  nimbusFields,
  nmbrsFields,
  type RegisteredApp,
  registerApp,
  returned,
  startHarness,
} from "../support/worker/harness.ts"
import { api, bearer, connected, planOf } from "../support/worker/jobs.ts"
import { DAY, MINUTE, obtainCode, post, redeem, tokensOf } from "../support/worker/oauth.ts"
import { captureSql, settings } from "../support/worker/observe.ts"
import {
  breakConnection,
  connectAgain,
  messagesOf,
  openAgain,
  openPushed,
  reconnectsOf,
  registerListener,
  rowOf,
} from "../support/worker/reconnect.ts"

const harness = startHarness()
let app: RegisteredApp
let other: RegisteredApp
beforeAll(async () => {
  app = await registerApp(harness)
  other = await registerApp(harness)
})

const claimAgain = (id: string, state = "again") => claim(harness, app, id, state)
const AGAIN = { state: "again" }

describe("the connection_id of the request", () => {
  it("must be a claimed connection of this app and provider; every other gets the same answer", async () => {
    const deleted = await connected(harness, app)
    await api(harness, app, "DELETE", `/v1/connections/${deleted}`)
    const foreign = await connected(harness, other)
    const foreignSigned = (await connect(harness, other)).get("connection_id") ?? ""
    const unclaimed = (await connect(harness, app)).get("connection_id") ?? ""
    const nimbus = await connected(harness, app, {
      parameters: { scope: "nimbus" },
      fields: nimbusFields(),
    })
    const wrong = [
      deleted,
      foreign,
      foreignSigned,
      unclaimed,
      String(decodeJwt(unclaimed).sub),
      nimbus,
      "con_00000000000000000000000000",
      "x",
      "x".repeat(5000),
    ]
    const answers = await Promise.all(
      wrong.map(async (id) => {
        harness.roundTrips.count = 0
        const path = authorizePath(app, { connection_id: id })
        const response = await harness.request(path, { redirect: "manual" })
        const location = response.headers.get("location") ?? ""
        return [response.status, location.replace(/reference\+[0-9A-Z]{8}/, "reference")]
      }),
    )
    expect(new Set(answers.map((one) => JSON.stringify(one))).size).toBe(1)
    const query = new URL(String(answers[0]?.[1])).searchParams
    expect(query.get("error")).toBe("invalid_request")
    expect(query.get("state")).toBe("state-of-this-flow")

    const pushed = await Promise.all(
      wrong.map(async (connection_id) => {
        const form = {
          response_type: "connection_id",
          redirect_uri: "https://app.example/callback",
          scope: "nmbrs:employees.read",
          state: "s",
          connection_id,
        }
        const { status, body } = await post(harness, "/oauth/par", form, app.basic)
        const text = String(body.error_description).replace(/reference [0-9A-Z]{8}/, "")
        return JSON.stringify([status, body.error, text])
      }),
    )
    expect(new Set(pushed).size).toBe(1)
    expect(pushed[0]).toContain('400,"invalid_request"')
  })

  it("may be signed or bare, and is read in the round trip that reads the app", async () => {
    const id = await connected(harness, app)
    const { body } = await api(harness, app, "GET", `/v1/connections/${id}`)
    for (const named of [id, String(body.connection_id)]) {
      harness.roundTrips.count = 0
      const path = authorizePath(app, { connection_id: named })
      const response = await harness.request(path, { redirect: "manual" })
      expect(response.headers.get("location")).toContain("/connect/")
      expect(harness.roundTrips.count).toBe(1)
    }
  })
})

describe("what the page tells", () => {
  const secret = nmbrsFields().token ?? ""

  it("the browser that made it: what was typed but the secret, and why it broke", async () => {
    const browser = new Browser(harness)
    const id = await connected(harness, app, { browser })
    await breakConnection(harness, app, id)
    const form = await openAgain(browser, app, id, AGAIN)
    expect(form.forms[0]?.values).toMatchObject({
      domain: "sandbox",
      username: "revoked-later@koppel.test",
      token: "",
    })
    expect(form.html).toContain("did not accept the login any more")
    expect(form.html).toContain("Until you are done here, nothing changes.")
    expect(form.html).not.toContain(secret)
  })

  it("a stranger: nothing of it, whatever it is", async () => {
    const id = await connected(harness, app)
    const before = await openAgain(new Browser(harness), app, id, AGAIN)
    await breakConnection(harness, app, id)
    const after = await openAgain(new Browser(harness), app, id, AGAIN)
    for (const { html, forms } of [before, after]) {
      expect(forms[0]?.values).toMatchObject({ domain: "", username: "", token: "" })
      expect(html).not.toMatch(/accept the login|last looked|koppel\.test/)
      expect(html).toContain("Until you are done here, nothing changes.")
    }
  })

  it("whoever the app vouches for by PAR: the same as the browser", async () => {
    const id = await connected(harness, app)
    const form = await openPushed(harness, new Browser(harness), app, { connection_id: id })
    expect(form.forms[0]?.values).toMatchObject({ username: "works@koppel.test", token: "" })
    expect(form.html).toContain("The login worked when we last looked")
    expect(form.html).not.toContain(secret)
  })

  it("in one round trip, and writes nothing", async () => {
    const browser = new Browser(harness)
    const id = await connected(harness, app, { browser })
    const form = await openAgain(browser, app, id, AGAIN)
    const rows = () =>
      env.DB.prepare("SELECT count(*) AS n FROM sessions WHERE reconnect_id = ?1")
        .bind(id)
        .first("n")
    harness.roundTrips.count = 0
    await browser.open(form.url)
    expect([harness.roundTrips.count, await rows()]).toEqual([1, 0])
  })
})

describe("a reconnect", () => {
  it("waits beside the old login, and takes its place by the claim, under the same sub", async () => {
    const browser = new Browser(harness)
    const id = await connected(harness, app, { browser })
    const before = await rowOf(id)
    const query = await connectAgain(harness, app, id, {
      browser,
      parameters: AGAIN,
      fields: nmbrsFields("accountant"),
    })
    expect(query.get("state")).toBe("again")
    const connectionId = query.get("connection_id") ?? ""
    expect(decodeJwt(connectionId)).toMatchObject({ sub: id, aud: app.client_id })
    expect(await rowOf(id)).toEqual(before)
    const [waiting] = await reconnectsOf(id)
    expect(waiting?.credentials_sealed).not.toBe(before.credentials_sealed)
    expect(await api(harness, app, "GET", `/v1/connections/${id}`)).toMatchObject({ status: 200 })

    harness.roundTrips.count = 0
    const claimed = await claimAgain(connectionId)
    expect([claimed.status, harness.roundTrips.count]).toEqual([200, 2])
    expect(await claimed.json()).toMatchObject({
      id,
      status: "active",
      account: { domain: "sandbox" },
    })
    const after = await rowOf(id)
    expect(after.credentials_sealed).not.toBe(before.credentials_sealed)
    expect(after.credentials_sealed).not.toBe(waiting?.credentials_sealed)
    expect(after).toMatchObject({
      id,
      created_at: before.created_at,
      claimed_at: before.claimed_at,
      account_fingerprint: before.account_fingerprint,
    })
    const [applied] = await reconnectsOf(id)
    expect(applied).toMatchObject({ credentials_sealed: null })
    expect((await claimAgain(connectionId)).status).toBe(409)
    const verified = await api(harness, app, "POST", `/v1/connections/${id}/verify`)
    expect(verified.body).toMatchObject({ verification: { outcome: "works" } })
  })

  it("is not claimed by another state, by none, nor by another app", async () => {
    const id = await connected(harness, app)
    const before = await rowOf(id)
    await connectAgain(harness, app, id, { parameters: AGAIN })
    expect((await claimAgain(id, "state-of-this-flow")).status).toBe(400)
    expect((await claim(harness, app, id, null)).status).toBe(400)
    expect((await claim(harness, other, id, "again")).status).toBe(404)
    expect(await rowOf(id)).toEqual(before)
    expect((await claimAgain(id)).status).toBe(200)
    expect((await claimAgain(id, "state-of-this-flow")).status).toBe(409)
  })

  it("may be claimed with a token of the app", async () => {
    const id = await connected(harness, app)
    await connectAgain(harness, app, id, { parameters: AGAIN })
    const basic = await bearer(harness, app)
    expect((await claim(harness, { basic }, id, "again")).status).toBe(200)
  })

  it("mends a broken one, and tells the app once of each", async () => {
    const own = await registerListener(harness)
    const id = await connected(harness, own)
    await breakConnection(harness, own, id)
    await connectAgain(harness, own, id)
    expect(await messagesOf(own)).toEqual(["connection.created", "connection.broken"])
    expect((await claim(harness, own, id)).status).toBe(200)
    expect(await rowOf(id)).toMatchObject({ status: "active", refusals: 0, suspected_at: null })
    expect((await rowOf(id)).next_check_at).toBeGreaterThan(harness.clock.at)
    expect(await messagesOf(own)).toEqual([
      "connection.created",
      "connection.broken",
      "connection.recovered",
      "connection.updated",
    ])
  })

  it("of a working one is an update, and nothing recovered", async () => {
    const own = await registerListener(harness)
    const id = await connected(harness, own)
    await connectAgain(harness, own, id)
    await claim(harness, own, id)
    expect(await messagesOf(own)).toEqual(["connection.created", "connection.updated"])
  })

  it("extends what the app may do; tokens keep the old scope", async () => {
    const id = await connected(harness, app)
    const old = await bearer(harness, app, id)
    const scope = "nmbrs:employees.read nmbrs:hours.write"
    await connectAgain(harness, app, id, { parameters: { ...AGAIN, scope } })
    expect((await rowOf(id)).scope).toBe("nmbrs:employees.read")
    expect(await (await claimAgain(id)).json()).toMatchObject({ id, scope })
    const token = old.replace("Bearer ", "")
    const { body } = await post(harness, "/oauth/introspect", { token }, app.basic)
    expect(body.scope).toBe("nmbrs:employees.read")
    const fresh = (await bearer(harness, app, id)).replace("Bearer ", "")
    const now = await post(harness, "/oauth/introspect", { token: fresh }, app.basic)
    expect(now.body.scope).toBe(scope)
  })

  it("that fails, is cancelled or is left changes nothing", async () => {
    const browser = new Browser(harness)
    const id = await connected(harness, app, { browser })
    const before = await rowOf(id)
    const form = await openAgain(browser, app, id, AGAIN)
    const refused = await browser.submit(form, nmbrsFields("wrong-token"))
    expect(refused.blamed).toEqual(["token"])
    const summary = await browser.submit(form, nmbrsFields())
    expect(returned(await browser.submit(summary, {}, { cancel: "1" })).get("error")).toBe(
      "access_denied",
    )
    expect(await rowOf(id)).toEqual(before)
    expect(await reconnectsOf(id)).toEqual([])
  })

  it("that nobody claims is destroyed after 24 hours", async () => {
    const id = await connected(harness, app)
    const before = await rowOf(id)
    await connectAgain(harness, app, id, { parameters: AGAIN })
    const at = harness.clock.at
    await purge(env.DB, at + DAY - MINUTE)
    expect(await reconnectsOf(id)).toHaveLength(1)
    harness.clock.at += DAY + MINUTE
    expect((await claimAgain(id)).status).toBe(409)
    await purge(env.DB, harness.clock.at)
    expect(await reconnectsOf(id)).toEqual([])
    expect(await rowOf(id)).toEqual(before)
  })

  it("goes with its connection", async () => {
    const browser = new Browser(harness)
    const id = await connected(harness, app, { browser })
    await connectAgain(harness, app, id, { parameters: AGAIN })
    const again = await openAgain(browser, app, id, { state: "later" })
    await browser.submit(again, nmbrsFields())
    await api(harness, app, "DELETE", `/v1/connections/${id}`)
    expect(await reconnectsOf(id)).toEqual([])
    expect((await claimAgain(id)).status).toBe(404)
    const gone = await browser.open(again.url)
    expect([gone.status, gone.html.includes("This was ended meanwhile.")]).toEqual([410, true])
    const posted = await browser.submit(again, nmbrsFields())
    expect(posted.status).toBe(410)
  })

  it("has one winner of eight claims, and of two that wait each takes its turn", async () => {
    const own = await registerListener(harness)
    const id = await connected(harness, own)
    await connectAgain(harness, own, id, { parameters: { state: "one" } })
    await connectAgain(harness, own, id, { parameters: { state: "two" } })
    const answers = await Promise.all(
      Array.from({ length: 8 }, () => claim(harness, own, id, "one")),
    )
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1)
    expect(answers.filter(({ status }) => status === 409)).toHaveLength(7)
    expect(await messagesOf(own)).toEqual(["connection.created", "connection.updated"])
    expect((await claim(harness, own, id, "two")).status).toBe(200)
  })

  it("is handed off to the same place by a second press, and makes one row", async () => {
    const browser = new Browser(harness)
    const id = await connected(harness, app, { browser })
    const form = await openAgain(browser, app, id, AGAIN)
    const summary = await browser.submit(form, nmbrsFields())
    const presses = await Promise.all([browser.submit(summary), browser.submit(summary)])
    for (const press of presses) {
      expect(decodeJwt(returned(press).get("connection_id") ?? "").sub).toBe(id)
    }
    expect(await reconnectsOf(id)).toHaveLength(1)
    await claimAgain(id)
    expect((await browser.submit(summary)).status).toBe(410)
  })

  it("never shares a session with a first connect", async () => {
    const browser = new Browser(harness)
    const id = await connected(harness, app, { browser })
    const first = await browser.open(authorizePath(app))
    const again = await openAgain(browser, app, id, AGAIN)
    await browser.submit(again, nmbrsFields())
    expect((await browser.open(first.url)).url).not.toMatch(/summary$/)
    const summary = await browser.submit(first, nmbrsFields())
    const made = returned(await browser.submit(summary)).get("connection_id") ?? ""
    expect(decodeJwt(made).sub).not.toBe(id)
    expect(await reconnectsOf(id)).toEqual([])
  })

  it("opens in its own row only: texts that were swapped replace nothing", async () => {
    const id = await connected(harness, app)
    const before = await rowOf(id)
    await connectAgain(harness, app, id, { parameters: { state: "one" } })
    await connectAgain(harness, app, id, { parameters: { state: "two" } })
    const rows = await reconnectsOf(id)
    const put = (row: string, sealed: unknown) =>
      env.DB.prepare("UPDATE reconnects SET credentials_sealed = ?2 WHERE id = ?1").bind(
        row,
        sealed,
      )
    await env.DB.batch([
      put(String(rows[0]?.id), rows[1]?.credentials_sealed),
      put(String(rows[1]?.id), before.credentials_sealed),
    ])
    for (const state of ["one", "two"]) expect((await claimAgain(id, state)).status).toBe(500)
    expect(await rowOf(id)).toEqual(before)
  })
})

it("every statement goes by index, and carries the app", async () => {
  const { db, statements } = captureSql(env.DB)
  const watched = startHarness({}, settings({ DB: db }))
  const own = await registerListener(watched)
  const browser = new Browser(watched)
  const id = await connected(watched, own, { browser })
  await connectAgain(watched, own, id, { browser })
  await claim(watched, own, id)
  tokensOf(
    await redeem(watched, own, await obtainCode(watched, own, { connection_id: id }, browser)),
  )
  await bearer(watched, own, id)
  await browser.open("/connect/mine")
  await browser.submit(await browser.open(`/connect/mine/${id}`))
  const ofOurs = [...statements].filter((sql) => /reconnects|browser_hash = \?|last_used/.test(sql))
  expect(ofOurs.length).toBeGreaterThan(10)
  for (const sql of ofOurs) {
    const places = Math.max(0, ...[...sql.matchAll(/\?(\d+)/g)].map(([, number]) => Number(number)))
    const plan = await planOf(sql, places)
    const scans = plan.filter((one) => /^SCAN (?!CONSTANT ROW)/.test(one))
    const sorts = plan.filter((one) => one.includes("TEMP B-TREE"))
    // One browser's session: its last one, of a handful.
    const isSession = sql.includes("ORDER BY ended_at IS NULL DESC")
    expect([sql, scans, isSession ? [] : sorts]).toEqual([sql, [], []])
    expect(sql).toContain("client_id")
  }
})
