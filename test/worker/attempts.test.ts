/** Nimbus locks a user after five refused logins: at most two are made, one a click, never a retry. */
import { env } from "cloudflare:workers"
import { describe, expect, it } from "vitest"
import { nimbusSandbox } from "../../src/sandbox/nimbus/index.ts"
import {
  type Arrival,
  authorizePath,
  Browser,
  nimbusFields,
  registerApp,
} from "../support/worker/harness.ts"
import { type Answer, type LiveHarness, startLive } from "../support/worker/live.ts"

const DAY = 24 * 60 * 60 * 1000

/** Each test has a user of its own: attempts count for a user wherever they are made. */
let users = 0
const userUrl = () => `https://firm${++users}.nimbus.test/`
const simulator = nimbusSandbox.fetch({ sleep: () => Promise.resolve(), stored: false })

/** Nimbus with as many firms as there are names below its host. */
function start(answer: Answer = () => undefined): LiveHarness {
  const any: Answer = async (call) => {
    const own = await answer(call)
    const { method, url, headers, body } = call
    if (own !== undefined || !url.startsWith("https://firm")) return own
    const init = { method, headers, ...(method === "GET" ? {} : { body }) }
    return await simulator(url.replace(/firm\d+/, "sandbox"), init)
  }
  return startLive(any, { NIMBUS_ALLOWED_HOSTS: "*.nimbus.test" })
}

async function open(harness: LiveHarness, environment = "live") {
  const app = await registerApp(harness, { environment })
  const browser = new Browser(harness)
  return { app, browser, form: await browser.open(authorizePath(app, { scope: "nimbus" })) }
}

function isStopped(page: Arrival): boolean {
  return page.html.includes("we stop here") || page.html.includes("Let&#39;s stop here")
}

describe("refused logins", () => {
  it("are two at most; then the reset is asked for and Nimbus is not called", async () => {
    const harness = start()
    const { browser, form } = await open(harness)
    const fields = { ...nimbusFields("wrong-password"), account_url: userUrl() }
    for (const logins of [1, 2]) {
      const page = await browser.submit(form, fields)
      expect([page.blamed, harness.logins()]).toEqual([["password"], logins])
    }
    for (let i = 0; i < 3; i++) {
      const page = await browser.submit(form, fields)
      expect([page.blamed, isStopped(page), harness.logins()]).toEqual([["login_code"], true, 2])
      expect(page.html).toContain('type="checkbox" name="reset_done"')
    }
  })

  it("count for the user in another browser, another app and another spelling too", async () => {
    const harness = start()
    const url = userUrl()
    const wrong = { ...nimbusFields("wrong-password"), account_url: url }
    const first = await open(harness)
    await first.browser.submit(first.form, wrong)
    const second = await open(harness)
    const shouted = { ...wrong, login_code: "Wrong-Password ", account_url: `${url}#x` }
    await second.browser.submit(second.form, shouted)
    const third = await open(harness)
    expect(isStopped(await third.browser.submit(third.form, wrong))).toBe(true)
    expect(harness.logins()).toBe(2)
    const elsewhere = { ...wrong, account_url: `${url}another/page?of=it` }
    expect(isStopped(await third.browser.submit(third.form, elsewhere))).toBe(true)
    const other = { ...wrong, login_code: "somebody-else" }
    expect((await third.browser.submit(third.form, other)).blamed).toEqual(["password"])
    expect(harness.logins()).toBe(3)
  })

  it("are freed one by one by a ticked reset", async () => {
    const harness = start()
    const { browser, form } = await open(harness)
    const fields = { ...nimbusFields("wrong-password"), account_url: userUrl() }
    await browser.submit(form, fields)
    await browser.submit(form, fields)
    const stopped = await browser.submit(form, fields)
    const tried = await browser.submit(stopped, { ...fields, reset_done: "1" })
    expect([tried.blamed, harness.logins()]).toEqual([["password"], 3])
    expect(isStopped(await browser.submit(form, fields))).toBe(true)
    expect(harness.logins()).toBe(3)
    // A tick is only somebody's word: once a day.
    const again = { ...fields, reset_done: "1" }
    expect(isStopped(await browser.submit(form, again))).toBe(true)
    harness.clock.at += DAY + 1000
    const later = await open(harness)
    expect((await later.browser.submit(later.form, again)).blamed).toEqual(["password"])
    expect(harness.logins()).toBe(4)
  })

  it("are made for nothing but the very login that was reserved, suggestions included", async () => {
    const harness = start()
    const { browser, form } = await open(harness)
    const wrong = nimbusFields("wrong-password")
    for (let i = 0; i < 6; i++) {
      const typed = { ...wrong, account_url: `http://sandbox.nimbus.test/?x=${i}` }
      const page = await browser.submit(form, typed)
      const use = /name="use" value="([^"]*)"/.exec(page.html)?.[1]?.replaceAll("&amp;", "&")
      await browser.submit(page, typed, { use: use ?? "" })
    }
    expect(harness.logins()).toBe(2)
  })

  it("are not freed beforehand by a tick that nobody asked for", async () => {
    const harness = start()
    const { browser, form } = await open(harness)
    const fields = { ...nimbusFields("wrong-password"), account_url: userUrl() }
    await browser.submit(form, { ...fields, reset_done: "1" })
    await browser.submit(form, { ...fields, reset_done: "1" })
    expect(isStopped(await browser.submit(form, fields))).toBe(true)
    expect(harness.logins()).toBe(2)
  })

  it("are three until a success, however many days pass", async () => {
    const harness = start()
    const app = await registerApp(harness, { environment: "live" })
    const fields = { ...nimbusFields("wrong-password"), account_url: userUrl() }
    const tryOnce = async () => {
      const browser = new Browser(harness)
      return await browser.submit(
        await browser.open(authorizePath(app, { scope: "nimbus" })),
        fields,
      )
    }
    await tryOnce()
    await tryOnce()
    harness.clock.at += DAY + 1000
    expect((await tryOnce()).blamed).toEqual(["password"])
    expect(isStopped(await tryOnce())).toBe(true)
    harness.clock.at += 30 * DAY
    expect(isStopped(await tryOnce())).toBe(true)
    expect(harness.logins()).toBe(3)
  })

  it("are forgotten after a success", async () => {
    let right = false
    const url = userUrl()
    const harness = start(({ url: to }) =>
      to.includes("/login") && !right
        ? Response.json({ error: "invalid_login" }, { status: 401 })
        : undefined,
    )
    const { browser, form } = await open(harness)
    const fields = { ...nimbusFields(), account_url: url }
    await browser.submit(form, fields)
    right = true
    expect((await browser.submit(form, fields)).url).toMatch(/\/summary$/)
    right = false
    const changing = await browser.open(`${form.url}?change=1`)
    for (let i = 0; i < 2; i++) {
      expect((await browser.submit(changing, fields)).blamed).toEqual(["password"])
    }
    expect(isStopped(await browser.submit(changing, fields))).toBe(true)
    expect(harness.logins()).toBe(4)
  })
})

describe("a login that is no refused one", () => {
  it.each(["down", "garbled", "pin", "sso-host"])("gives its attempt back: %s", async (who) => {
    const harness = start()
    const { app, browser, form } = await open(harness)
    const isElsewhere = who === "sso-host"
    const account_url = isElsewhere ? "https://elsewhere.example/" : userUrl()
    const fields = { ...nimbusFields(isElsewhere ? "works" : who), account_url }
    for (let i = 0; i < 4; i++) expect(isStopped(await browser.submit(form, fields))).toBe(false)
    expect(harness.logins()).toBe(isElsewhere ? 0 : 4)
    const left = await env.DB.prepare("SELECT count(*) AS n FROM attempts WHERE settled = 0").first(
      "n",
    )
    expect([app.client_id, left]).toEqual([app.client_id, 0])
  })

  it("needs none where the form can't be right", async () => {
    const harness = start()
    const { browser, form } = await open(harness)
    const fields = { ...nimbusFields(), account_url: userUrl(), password: "123456" }
    for (let i = 0; i < 4; i++)
      expect((await browser.submit(form, fields)).blamed).toEqual(["password"])
    expect(harness.logins()).toBe(0)
  })

  it("is a wrong pin: that counts", async () => {
    const harness = start()
    const { browser, form } = await open(harness)
    const fields = { ...nimbusFields("pin"), account_url: userUrl() }
    await browser.submit(form, fields)
    await browser.submit(form, { ...fields, pin: "000000" })
    await browser.submit(form, { ...fields, pin: "000001" })
    expect(isStopped(await browser.submit(form, { ...fields, pin: "123456" }))).toBe(true)
    expect(harness.logins()).toBe(3)
  })
})

describe("eight submits at once", () => {
  it.each([
    ["right", "works", "/summary"],
    ["wrong", "wrong-password", ""],
  ])("with %s credentials make one login", async (_, who, end) => {
    let release = () => {}
    const gate = new Promise<void>((resolve) => {
      release = resolve
    })
    const harness = start(async ({ url }) => {
      if (url.endsWith("/login")) await gate
      return undefined
    })
    const { browser, form } = await open(harness)
    const fields = { ...nimbusFields(who), account_url: userUrl() }
    const submits = Array.from({ length: 8 }, () => browser.submit(form, fields))
    // The seven others are answered while the one is still waiting for Nimbus.
    const answered: Arrival[] = []
    await new Promise<void>((resolve) => {
      for (const one of submits) {
        void one.then((page) => {
          answered.push(page)
          if (answered.length === 7) resolve()
        })
      }
    })
    for (const page of answered) {
      expect(page.url).toMatch(/\/asking$/)
      expect(page.html).toContain("Asking Nimbus")
      expect(page.html).toMatch(/http-equiv="refresh" content="2;url=\/connect\//)
    }
    release()
    await Promise.all(submits)
    expect(harness.logins()).toBe(1)
    expect((await browser.open(form.url)).url).toBe(`${form.url}${end}`)
  })

  it("from eight browsers, too", async () => {
    const harness = start()
    const app = await registerApp(harness, { environment: "live" })
    const fields = { ...nimbusFields("wrong-password"), account_url: userUrl() }
    const pages = await Promise.all(
      Array.from({ length: 8 }, async () => {
        const browser = new Browser(harness)
        const form = await browser.open(authorizePath(app, { scope: "nimbus" }))
        return { browser, form }
      }),
    )
    await Promise.all(pages.map(({ browser, form }) => browser.submit(form, fields)))
    expect(harness.logins()).toBeLessThanOrEqual(2)
  })
})

it("a session that asks too often is stopped, and gives its attempt back", async () => {
  const harness = start()
  const { app, browser, form } = await open(harness)
  const fields = { ...nimbusFields("down"), account_url: userUrl() }
  await browser.submit(form, fields)
  await env.DB.prepare("UPDATE sessions SET checks = 50 WHERE client_id = ?1")
    .bind(app.client_id)
    .run()
  const page = await browser.submit(form, fields)
  expect([page.status, harness.logins()]).toEqual([429, 1])
  expect(page.html).toContain("Let&#39;s stop here for today")
})

it("the sandbox counts for one browser at one app, so that one developer doesn't stop another", async () => {
  const harness = start()
  const fields = nimbusFields("wrong-password")
  const app = await registerApp(harness)
  for (let i = 0; i < 3; i++) {
    const browser = new Browser(harness)
    const form = await browser.open(authorizePath(app, { scope: "nimbus" }))
    expect(isStopped(await browser.submit(form, fields))).toBe(false)
    await browser.submit(form, fields)
    expect(isStopped(await browser.submit(form, fields))).toBe(true)
  }
})
