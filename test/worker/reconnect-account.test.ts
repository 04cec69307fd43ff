/** A reconnect is the same provider account, or a connection of its own. */

import { env } from "cloudflare:workers"
import { decodeJwt } from "jose"
import { beforeAll, describe, expect, it } from "vitest"
import {
  type Arrival,
  Browser,
  claim,
  nimbusFields,
  nmbrsFields,
  type RegisteredApp,
  returned,
  startHarness,
} from "../support/worker/harness.ts"
import { connected } from "../support/worker/jobs.ts"
import { HOUR, MINUTE } from "../support/worker/oauth.ts"
import { dumpTables } from "../support/worker/observe.ts"
import {
  openAgain,
  openPushed,
  reconnectsOf,
  registerListener,
  rowOf,
} from "../support/worker/reconnect.ts"

const harness = startHarness()
let app: RegisteredApp
beforeAll(async () => {
  app = await registerListener(harness)
})

/** Works, in another Nmbrs environment. */
const another = { ...nmbrsFields("wrong-domain"), domain: "voorbeeld-bv" }
const AS_NEW = { as_new: "1" }

/** Takes the fingerprint off, as a connection that was made without a check has none. */
async function uncheck(id: string): Promise<void> {
  await env.DB.prepare("UPDATE connections SET account_fingerprint = NULL WHERE id = ?1")
    .bind(id)
    .run()
}

const offersNew = ({ html }: Arrival) => html.includes('name="as_new"')

describe("another account", () => {
  it("is said on the summary, and can't take the place of the old one", async () => {
    const browser = new Browser(harness)
    const id = await connected(harness, app, { browser })
    const before = await rowOf(id)
    const form = await openAgain(browser, app, id)
    const summary = await browser.submit(form, another)
    expect(summary.html).toContain("This is another Nmbrs account.")
    expect(summary.html).toContain("Connected until now")
    expect(offersNew(summary)).toBe(true)
    const stays = await browser.submit(summary)
    expect([stays.status, stays.url]).toEqual([200, summary.url])

    const made = returned(await browser.submit(summary, {}, AS_NEW)).get("connection_id") ?? ""
    expect(decodeJwt(made).sub).not.toBe(id)
    expect((await claim(harness, app, made)).status).toBe(200)
    expect(await rowOf(id)).toEqual(before)
    expect(await reconnectsOf(id)).toEqual([])
  })

  it("is not named to a stranger", async () => {
    const id = await connected(harness, app)
    const browser = new Browser(harness)
    const summary = await browser.submit(await openAgain(browser, app, id), another)
    expect(summary.html).toContain("This is another Nmbrs account.")
    expect(summary.html).not.toContain("Connected until now")
  })

  it("can be mended by typing the right one", async () => {
    const browser = new Browser(harness)
    const id = await connected(harness, app, { browser })
    const form = await openAgain(browser, app, id)
    await browser.submit(form, another)
    const change = await browser.open(`${form.url}?change=1`)
    const summary = await browser.submit(change, nmbrsFields())
    expect(offersNew(summary)).toBe(false)
    expect(summary.html).toContain("takes the place of the login")
    const id2 = returned(await browser.submit(summary)).get("connection_id") ?? ""
    expect(decodeJwt(id2).sub).toBe(id)
  })

  it("is no choice where it is the same", async () => {
    const browser = new Browser(harness)
    const id = await connected(harness, app, { browser })
    const summary = await browser.submit(await openAgain(browser, app, id), nmbrsFields())
    const made = returned(await browser.submit(summary, {}, AS_NEW)).get("connection_id") ?? ""
    expect(decodeJwt(made).sub).toBe(id)
  })

  it("at Nimbus is another user", async () => {
    const browser = new Browser(harness)
    const scope = { scope: "nimbus:api" }
    const id = await connected(harness, app, {
      browser,
      parameters: scope,
      fields: nimbusFields(),
    })
    const form = await openAgain(browser, app, id, scope)
    expect(form.forms[0]?.values).toMatchObject({ login_code: "works", password: "" })
    expect(offersNew(await browser.submit(form, nimbusFields()))).toBe(false)
    expect(offersNew(await browser.submit(form, nimbusFields("no-status")))).toBe(true)
  })
})

describe("an account that was never checked", () => {
  it("is the same where all but the secrets is as before, for who may know that", async () => {
    const browser = new Browser(harness)
    const id = await connected(harness, app, { browser })
    await uncheck(id)
    const form = await openAgain(browser, app, id)
    expect(offersNew(await browser.submit(form, nmbrsFields()))).toBe(false)
    expect(offersNew(await browser.submit(form, nmbrsFields("accountant")))).toBe(true)
    const last = await browser.submit(form, nmbrsFields())
    expect(decodeJwt(returned(await browser.submit(last)).get("connection_id") ?? "").sub).toBe(id)
    await claim(harness, app, id)
    expect((await rowOf(id)).account_fingerprint).not.toBeNull()
  })

  it("is never the same for a stranger, who could find it out by trying", async () => {
    const id = await connected(harness, app)
    await uncheck(id)
    const browser = new Browser(harness)
    const form = await openAgain(browser, app, id)
    expect(offersNew(await browser.submit(form, nmbrsFields()))).toBe(true)
    const pushed = await openPushed(harness, new Browser(harness), app, { connection_id: id })
    expect(pushed.forms[0]?.values.username).toBe("works@koppel.test")
  })
})

it("outlives the request that began it: one more press, and nothing to paste", async () => {
  const browser = new Browser(harness)
  const id = await connected(harness, app, { browser })
  const form = await openAgain(browser, app, id)
  harness.clock.at += 15 * MINUTE
  const summary = await browser.submit(form, nmbrsFields())
  const later = await browser.submit(summary)
  expect(later.html).toContain("press Connect once more")
  expect(await reconnectsOf(id)).toEqual([])
  harness.clock.at += 3 * HOUR
  const resumed = await openAgain(browser, app, id, { state: "second" })
  expect(resumed.url).toMatch(/\/summary$/)
  await browser.submit(resumed)
  expect((await claim(harness, app, id)).status).toBe(400)
  expect((await claim(harness, app, id, "second")).status).toBe(200)
})

it("leaves nothing of what was pasted in D1, waiting or applied", async () => {
  const token = "feedfacefeedfacefeedfacefeedface"
  const browser = new Browser(harness)
  const id = await connected(harness, app, { browser })
  const summary = await browser.submit(await openAgain(browser, app, id), {
    ...nmbrsFields(),
    token,
  })
  const all = async () => JSON.stringify(await dumpTables(env.DB))
  expect(await all()).not.toContain(token)
  await browser.submit(summary)
  expect(await all()).not.toContain(token)
  expect((await claim(harness, app, id)).status).toBe(200)
  expect(await all()).not.toContain(token)
})

describe("with a colleague's help", () => {
  const end_user = JSON.stringify({ id: "p-1", email: "piet@example.com" })
  const organization = JSON.stringify({ name: "Bakkerij" })

  /** The colleague's page for a link that the requester has made. */
  async function lead(requester: Browser, colleague: Browser, id: string): Promise<Arrival> {
    const form = await openPushed(harness, requester, app, {
      connection_id: id,
      end_user,
      organization,
    })
    const link = await requester.open(`${new URL(form.url).pathname}/handover`, {
      method: "POST",
      headers: { "content-type": "application/x-www-form-urlencoded" },
      body: new URLSearchParams({
        form_token: form.forms[0]?.values.form_token ?? "",
        handover: "create",
      }).toString(),
    })
    const [path = ""] = /\/handover\/hnd_[\w-]+/.exec(link.html) ?? []
    return await colleague.submit(await colleague.open(path), { expected: "1" })
  }

  it("the colleague sees nothing of the old login, and chooses; the app hears of a new one", async () => {
    const id = await connected(harness, app)
    const [requester, colleague] = [new Browser(harness), new Browser(harness)]
    const page = await lead(requester, colleague, id)
    expect(page.forms[0]?.values).toMatchObject({ username: "", domain: "" })
    const summary = await colleague.submit(page, another)
    expect(offersNew(summary)).toBe(true)
    expect((await colleague.submit(summary)).url).toBe(summary.url)
    const done = await colleague.submit(summary, {}, AS_NEW)
    expect(done.html).toContain("Done. Thank you.")
    expect(done.html).toContain('href="/connect/mine"')
    const back = await openPushed(harness, requester, app, {
      connection_id: id,
      end_user,
      organization,
    })
    const made = returned(await requester.submit(back)).get("connection_id") ?? ""
    expect(decodeJwt(made).sub).not.toBe(id)
  })

  it("what the colleague typed is the colleague's: the requester isn't shown it, nor by PAR", async () => {
    const id = await connected(harness, app)
    const [requester, colleague] = [new Browser(harness), new Browser(harness)]
    const summary = await colleague.submit(await lead(requester, colleague, id), nmbrsFields())
    await colleague.submit(summary)
    const parameters = { connection_id: id, end_user, organization }
    const back = await openPushed(harness, requester, app, parameters)
    expect(decodeJwt(returned(await requester.submit(back)).get("connection_id") ?? "").sub).toBe(
      id,
    )
    expect((await claim(harness, app, id)).status).toBe(200)
    expect(await rowOf(id)).toMatchObject({ handed_over: 1 })

    const again = await openPushed(harness, requester, app, parameters)
    expect(again.forms[0]?.values).toMatchObject({ username: "", domain: "" })
    expect(again.html).toContain("The login worked when we last looked")
    const own = await openAgain(colleague, app, id)
    expect(own.forms[0]?.values.username).toBe("works@koppel.test")
    expect((await colleague.open("/connect/mine")).html).toContain(id)
    expect((await requester.open("/connect/mine")).html).not.toContain(id)
  })
})
