/** Live apps: the same page against providers of one's own, and Nimbus where it can't be asked. */
import { describe, expect, it } from "vitest"
import { en } from "../../src/ui/texts/en.ts"
import {
  type Arrival,
  authorizePath,
  Browser,
  claim,
  type Harness,
  nimbusFields,
  nmbrsFields,
  registerApp,
  returned,
  startHarness,
} from "../support/worker/harness.ts"
import { NMBRS_API, nmbrsFault, startLive } from "../support/worker/live.ts"
import { settings } from "../support/worker/observe.ts"

async function open(harness: Harness, scope: string, members = {}) {
  const app = await registerApp(harness, { environment: "live", ...members })
  const browser = new Browser(harness)
  return { app, browser, form: await browser.open(authorizePath(app, { scope })) }
}

async function finish(
  harness: Harness,
  app: { basic: string },
  browser: Browser,
  summary: Arrival,
) {
  const query = returned(await browser.submit(summary))
  const claimed = await claim(harness, app, query.get("connection_id") ?? "")
  return (await claimed.json()) as Record<string, unknown>
}

describe("a live Nmbrs app", () => {
  it("asks the configured API, with the login in the body and nowhere else", async () => {
    const harness = startLive()
    const { app, browser, form } = await open(harness, "nmbrs:employees.read")
    const { token = "", username = "" } = nmbrsFields()
    const summary = await browser.submit(form, nmbrsFields())
    expect(await finish(harness, app, browser, summary)).toMatchObject({
      environment: "live",
      account: { domain: "sandbox" },
      verification: { outcome: "works" },
    })
    expect(harness.calls.length).toBeGreaterThan(3)
    for (const { method, url, headers, body } of harness.calls) {
      expect(method).toBe("POST")
      expect(url.startsWith(`${NMBRS_API}/soap/v3/`)).toBe(true)
      expect(body).toContain(`<Token>${token}</Token>`)
      expect(url + JSON.stringify([...headers])).not.toContain(token)
      expect(url + JSON.stringify([...headers])).not.toContain(username)
    }
  })

  const isDomainless = (body: string) => body.includes("<AuthHeader ")
  it.each([
    ["1001 with and without domain", () => nmbrsFault(1001), ["token"]],
    [
      "1001 with the domain only",
      (body: string) => (isDomainless(body) ? undefined : nmbrsFault(1001)),
      [],
    ],
    ["1004", () => nmbrsFault(1004), ["domain"]],
    ["9999", () => nmbrsFault(9999), []],
    ["a number that nobody knows", () => nmbrsFault(4711), []],
    ["HTML", () => new Response("<!DOCTYPE html><html></html>"), []],
    ["nothing", () => new Response(null), []],
    ["500 without a fault", () => new Response("x", { status: 500 }), []],
    ["429", () => new Response("x", { status: 429 }), []],
    ["a redirect", () => Response.redirect("https://evil.example/", 307), []],
    ["a document type", () => new Response('<!DOCTYPE a [<!ENTITY x "y">]><a>&x;</a>'), []],
    ["no answer at all", () => Promise.reject(new TypeError("fetch failed")), []],
  ])("blames what is to blame and nothing else: %s", async (_, answer, blamed) => {
    const harness = startLive(({ body }) => answer(body))
    const { browser, form } = await open(harness, "nmbrs:employees.read")
    const page = await browser.submit(form, nmbrsFields())
    expect([page.status, page.url, page.blamed]).toEqual([200, form.url, blamed])
    expect(harness.calls.every(({ url }) => url.startsWith(NMBRS_API))).toBe(true)
  })

  it("asks nobody where the form can't be right", async () => {
    const harness = startLive()
    const { browser, form } = await open(harness, "nmbrs:employees.read")
    await browser.submit(form, { ...nmbrsFields(), token: "" })
    expect(harness.calls).toEqual([])
  })
})

describe("a live Nimbus app", () => {
  it("logs in once, with the password in the body and nowhere else", async () => {
    const harness = startLive()
    const { app, browser, form } = await open(harness, "nimbus:api")
    const summary = await browser.submit(form, nimbusFields())
    expect(await finish(harness, app, browser, summary)).toMatchObject({
      environment: "live",
      verification: { outcome: "works" },
      scope: "nimbus:api",
    })
    expect(harness.logins()).toBe(1)
    const { password = "" } = nimbusFields()
    for (const { url, headers, body } of harness.calls) {
      expect(url + JSON.stringify([...headers])).not.toContain(password)
      expect(body.includes(password)).toBe(url.endsWith("/login"))
    }
  })

  it.each([
    "https://evil.example/",
    "https://sandbox.nimbus.test.evil.example/",
    "https://evil.sandbox.nimbus.test/",
    "https://sandbox.nimbus.test:8443/",
    "https://\u24e2andbox.nimbus.test.evil.example/",
    "https://127.0.0.1/",
    "https://localhost/",
    "http://localhost/",
  ])("sends nothing to a host that is not allowed: %s", async (account_url) => {
    const harness = startLive()
    const { browser, form } = await open(harness, "nimbus:api")
    const page = await browser.submit(form, { ...nimbusFields(), account_url })
    expect([page.blamed, harness.calls]).toEqual([["account_url"], []])
    expect((await browser.submit(page, nimbusFields())).url).toMatch(/\/summary$/)
  })

  it("follows no redirect with the password", async () => {
    const harness = startLive(() => Response.redirect("https://sandbox.nimbus.test/elsewhere", 307))
    const { browser, form } = await open(harness, "nimbus:api")
    const page = await browser.submit(form, nimbusFields())
    expect([page.status, page.blamed, harness.calls.length]).toEqual([200, [], 1])
    expect(page.html).toContain("sent us on to another page")
  })
})

describe("a live Nimbus app without a profile", () => {
  const start = () => {
    const calls: string[] = []
    const fetch: typeof globalThis.fetch = async (input) => {
      calls.push(String(input))
      throw new TypeError("fetch failed")
    }
    return { harness: startHarness({ fetch }, settings({ NIMBUS_PROFILE: "" })), calls }
  }

  it("is told before the first step that nothing can be checked", async () => {
    const { harness } = start()
    const { form } = await open(harness, "nimbus:api")
    expect(form.html.indexOf("We cannot check what you type")).toBeGreaterThan(0)
    expect(form.html.indexOf("We cannot check what you type")).toBeLessThan(
      form.html.indexOf("<form"),
    )
    expect(form.html).not.toContain("Check and continue")
    expect(form.html).not.toContain("We check this with")
    const tested = await open(harness, "nimbus:api", { environment: "test" })
    expect(tested.form.html).not.toContain("We cannot check what you type")
  })

  it("hands off by a second, explicit button, as could_not_check, with nothing fetched", async () => {
    const { harness, calls } = start()
    const { app, browser, form } = await open(harness, "nimbus:api")
    const summary = await browser.submit(form, nimbusFields())
    expect(summary.url).toMatch(/\/summary$/)
    expect(summary.html).toContain(en.connectUnchecked)
    expect(summary.html).toContain("We cannot check this with Nimbus from here.")
    expect(summary.html).not.toContain("Your login sees")
    expect(await finish(harness, app, browser, summary)).toMatchObject({
      status: "active",
      verification: { outcome: "could_not_check" },
      account: { name: "Nimbus" },
      scope: "nimbus:api",
    })
    expect(calls).toEqual([])
  })

  it("still tells what can't be right", async () => {
    const { harness } = start()
    const { browser, form } = await open(harness, "nimbus:api")
    const page = await browser.submit(form, { ...nimbusFields(), password: "123456" })
    expect(page.blamed).toEqual(["password"])
  })

  it("does not let Nmbrs go on unchecked", async () => {
    const { harness } = start()
    const { browser, form } = await open(harness, "nmbrs")
    const page = await browser.submit(form, nmbrsFields())
    expect([page.url, page.blamed]).toEqual([form.url, []])
    const sealed = new URL(form.url).pathname
    const values = page.forms[0]?.values ?? {}
    const pressed = await browser.submit({
      ...page,
      forms: [{ action: `${sealed}/summary`, values }],
    })
    expect([pressed.status, pressed.url]).toEqual([200, form.url])
  })
})
