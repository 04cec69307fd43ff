/** `/connect/mine`: what was connected from this browser, and the person's own way to end it. */
import { env } from "cloudflare:workers"
import { beforeEach, describe, expect, it } from "vitest"
import { listOfBrowser } from "../../src/connections/mine/store.ts"
import {
  Browser,
  connect,
  type Harness,
  nimbusFields,
  type RegisteredApp,
  registerApp,
  startHarness,
} from "../support/worker/harness.ts"
import { api, bearer, connected, planOf } from "../support/worker/jobs.ts"
import { captureSql, dumpTables } from "../support/worker/observe.ts"
import {
  breakConnection,
  messagesOf,
  registerListener,
  rowOf,
} from "../support/worker/reconnect.ts"

let harness: Harness
let app: RegisteredApp
let browser: Browser
let id: string
beforeEach(async () => {
  harness = startHarness()
  app = await registerApp(harness)
  browser = new Browser(harness)
  id = await connected(harness, app, { browser })
})

const endPath = (one = id) => `/connect/mine/${one}`

describe("the list", () => {
  it("says which app may do what at which account, since when, and when it was last used", async () => {
    const before = await browser.open("/connect/mine")
    expect(before.status).toBe(200)
    expect(before.html).toContain("Urenweek: Nmbrs")
    expect(before.html).toContain("2026-11-22")
    expect(before.html).toContain("not yet")
    await bearer(harness, app, id)
    await breakConnection(harness, app, id)
    const after = await browser.open("/connect/mine")
    expect(after.html).not.toContain("not yet")
    expect(after.html).toContain("It has stopped working.")
    expect(after.html).not.toContain("koppel.test")
    expect(after.html).toContain(`href="${endPath()}"`)
  })

  it("is of this browser alone, over all its apps, claimed ones only", async () => {
    const other = await registerApp(harness, { client_name: "Rooster" })
    const second = await connected(harness, other, {
      browser,
      parameters: { scope: "nimbus:api" },
      fields: nimbusFields(),
    })
    await connect(harness, app, { browser, parameters: { state: "never-claimed" } })
    const { html } = await browser.open("/connect/mine")
    expect(html).toContain(id)
    expect(html).toContain(second)
    expect(html).toContain("Rooster: Nimbus")
    expect(html.match(/href="\/connect\/mine\/con_/g)).toHaveLength(2)
    for (const stranger of [new Browser(harness), await strange()]) {
      const empty = await stranger.open("/connect/mine")
      expect(empty.status).toBe(200)
      expect(empty.html).not.toContain("con_00")
      expect(empty.html).not.toContain("Urenweek")
    }
  })

  it("is linked from the summary", async () => {
    const again = new Browser(harness)
    const form = await again.open(
      `/oauth/authorize?response_type=connection_id&client_id=${app.client_id}&redirect_uri=https%3A%2F%2Fapp.example%2Fcallback&scope=nmbrs&state=s`,
    )
    const summary = await again.submit(form, {
      domain: "sandbox",
      username: "works@koppel.test",
      token: "0123456789abcdef0123456789abcdef",
    })
    expect(summary.html).toContain('href="/connect/mine"')
  })

  it("speaks Dutch where that is asked for, and keeps it", async () => {
    const { html } = await browser.open("/connect/mine?ui_locales=nl")
    expect(html).toContain('<html lang="nl"')
    expect(html).toContain(`href="${endPath()}?ui_locales=nl"`)
  })

  it("takes one round trip and goes by index", async () => {
    harness.roundTrips.count = 0
    await browser.open("/connect/mine")
    expect(harness.roundTrips.count).toBe(1)
    const { db, statements } = captureSql(env.DB)
    listOfBrowser(db, "b", 50)
    const [sql = ""] = statements
    const plan = (await planOf(sql, 2)).join("\n")
    expect(plan).toContain("SEARCH connections USING INDEX connections_of_browser")
    expect(plan).not.toMatch(/TEMP B-TREE|SCAN/)
  })
})

describe("ending it", () => {
  it("asks first, deletes at once, tells the app, and gives an honest receipt", async () => {
    const own = await registerListener(harness)
    const one = await connected(harness, own, { browser })
    const token = await bearer(harness, own, one)
    const asked = await browser.open(endPath(one))
    expect(asked.html).toContain("End the access of Urenweek?")
    expect(asked.html).toContain("What we keep")
    const ended = await browser.submit(asked)
    expect(ended.status).toBe(200)
    expect(ended.html).toContain("We deleted the login at 2026-11-22")
    expect(ended.html).toContain("history of 30 days")
    expect(ended.html).toContain("unreadable sooner if the key")
    expect(ended.html).toContain("Reset the token there, or switch it off")
    expect(await rowOf(one)).toEqual({})
    expect(await messagesOf(own)).toEqual(["connection.created", "connection.deleted"])
    expect((await api(harness, own, "GET", `/v1/connections/${one}`)).status).toBe(404)
    expect((await api(harness, own, "GET", `/v1/connections/${one}`, token)).status).toBe(401)
    expect((await browser.open("/connect/mine")).html).not.toContain(one)
    expect((await browser.submit(asked)).status).toBe(404)
  })

  it("takes two round trips; a GET changes nothing", async () => {
    const before = await dumpTables(env.DB)
    await browser.open("/connect/mine")
    harness.roundTrips.count = 0
    const asked = await browser.open(endPath())
    expect(harness.roundTrips.count).toBe(1)
    expect(await dumpTables(env.DB)).toEqual(before)
    harness.roundTrips.count = 0
    await browser.submit(asked)
    expect(harness.roundTrips.count).toBe(2)
  })

  it("is for nobody else: another browser, no cookie, an invented id", async () => {
    const asked = await browser.open(endPath())
    for (const stranger of [new Browser(harness), await strange()]) {
      expect((await stranger.open(endPath())).status).toBe(404)
      expect((await stranger.submit(asked)).status).toBe(404)
    }
    expect((await browser.open(endPath("con_00000000000000000000000000"))).status).toBe(404)
    expect(await rowOf(id)).toMatchObject({ id })
  })

  it("needs the form of that very page", async () => {
    const second = await connected(harness, app, { browser })
    const asked = await browser.open(endPath(second))
    const post = (form: string, site = "same-origin") =>
      browser.open(endPath(), {
        method: "POST",
        headers: {
          "content-type": "application/x-www-form-urlencoded",
          "sec-fetch-site": site,
        },
        body: form,
      })
    const other = new URLSearchParams(asked.forms[0]?.values).toString()
    const own = new URLSearchParams((await browser.open(endPath())).forms[0]?.values).toString()
    expect((await post("")).status).toBe(403)
    expect((await post(other)).status).toBe(403)
    expect((await post(own, "cross-site")).status).toBe(403)
    expect((await post(own)).status).toBe(200)
  })

  it("ends once of eight", async () => {
    const asked = await browser.open(endPath())
    const all = await Promise.all(Array.from({ length: 8 }, () => browser.submit(asked)))
    expect(all.filter(({ status }) => status === 200)).toHaveLength(1)
    expect(all.filter(({ status }) => status === 404)).toHaveLength(7)
  })

  it("is there for the app's suspension, too: the person can always end it", async () => {
    await env.DB.prepare("UPDATE apps SET suspended = 1 WHERE client_id = ?1")
      .bind(app.client_id)
      .run()
    const ended = await browser.submit(await browser.open(endPath()))
    expect([ended.status, await rowOf(id)]).toEqual([200, {}])
  })
})

/** A browser with a cookie of its own. */
async function strange(): Promise<Browser> {
  const stranger = new Browser(harness)
  await connected(harness, await registerApp(harness, { client_name: "Elders" }), {
    browser: stranger,
  })
  const first = (await stranger.open("/connect/mine")).html
  const [, path = ""] = /href="(\/connect\/mine\/con_[0-9A-Z]+)"/.exec(first) ?? []
  await stranger.submit(await stranger.open(path))
  return stranger
}
