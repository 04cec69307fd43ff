/** What somebody pastes is theirs: neither a link, nor a second tab, nor a later change moves it. */
import { env } from "cloudflare:workers"
import { describe, expect, it } from "vitest"
import {
  type Arrival,
  authorizePath,
  Browser,
  claim,
  type Harness,
  nmbrsFields,
  type RegisteredApp,
  registerApp,
  returned,
  startHarness,
} from "../support/worker/harness.ts"
import { startLive } from "../support/worker/live.ts"
import { pressAt, pushed, textOf } from "../support/worker/page.ts"

const ACCOUNT = "Voorbeeld"

async function makeLink(browser: Browser, form: Arrival): Promise<string> {
  const made = await pressAt(browser, form, "/handover", { handover: "create" })
  const link = /http[^\s<]*(\/handover\/[\w-]+)/.exec(made.html)?.[1]
  if (link === undefined) throw new Error(`no link at ${made.status}`)
  return link
}

async function accept(harness: Harness, link: string) {
  const browser = new Browser(harness)
  return { browser, page: await browser.submit(await browser.open(link), { expected: "1" }) }
}

async function setAccess(app: RegisteredApp, access: boolean): Promise<void> {
  await env.DB.prepare(
    "UPDATE apps SET registration = json_set(registration, '$.credentialsAccess', json(?2)) WHERE client_id = ?1",
  )
    .bind(app.client_id, String(access))
    .run()
}

describe("what a lured person pasted", () => {
  it("is not handed to whoever sent the link, however they come back", async () => {
    const harness = startHarness()
    const app = await registerApp(harness)
    const lured = new Browser(harness)
    const form = await lured.open(await pushed(harness, app))
    expect((await lured.submit(form, nmbrsFields())).url).toMatch(/\/summary$/)
    const attacker = new Browser(harness)
    const back = await attacker.open(await pushed(harness, app))
    expect(back.url).not.toMatch(/\/summary$/)
    expect(back.html).not.toContain(ACCOUNT)
    expect(back.forms[0]?.values).toMatchObject({ domain: "", username: "", token: "" })
    const pressed = await pressAt(attacker, back, "/summary", { shown: "x" })
    expect(pressed.response.headers.get("location")).toBeNull()
  })
})

describe("what a colleague pasted", () => {
  it("is seen and said yes to by that colleague's browser alone", async () => {
    const harness = startHarness()
    const app = await registerApp(harness)
    const requester = new Browser(harness)
    const form = await requester.open(await pushed(harness, app))
    const link = await makeLink(requester, form)
    const colleague = await accept(harness, link)
    const summary = await colleague.browser.submit(colleague.page, nmbrsFields())
    expect(summary.html).toContain(ACCOUNT)
    const nosy = await accept(harness, link)
    expect(nosy.page.html).not.toContain(ACCOUNT)
    expect(nosy.page.forms[0]?.values.username).toBe("")
    await pressAt(nosy.browser, nosy.page, "/summary", {
      shown: summary.forms[0]?.values.shown ?? "",
    })
    expect(textOf(await requester.open(form.url))).toContain("Your colleague has the link")
  })

  it("goes with the link that was withdrawn, also where the check was under way", async () => {
    let answer = () => {}
    const gate = new Promise<void>((resolve) => {
      answer = resolve
    })
    const harness = startLive(async () => {
      await gate
      return undefined
    })
    const app = await registerApp(harness, { environment: "live" })
    const requester = new Browser(harness)
    const form = await requester.open(await pushed(harness, app))
    const link = await makeLink(requester, form)
    const colleague = await accept(harness, link)
    const submitting = colleague.browser.submit(colleague.page, nmbrsFields())
    const waiting = await requester.open(form.url)
    await requester.submit(waiting, {}, { handover: "revoke" })
    answer()
    expect((await submitting).url).not.toMatch(/\/summary$/)
    const after = await requester.open(form.url)
    expect(after.url).not.toMatch(/\/summary$/)
    expect(after.html).not.toContain(ACCOUNT)
  })

  it("is asked for by a form of our own page, not by another site's", async () => {
    const harness = startHarness()
    const app = await registerApp(harness)
    const requester = new Browser(harness)
    const link = await makeLink(requester, await requester.open(await pushed(harness, app)))
    const forged = await harness.request(link, {
      method: "POST",
      headers: {
        "content-type": "application/x-www-form-urlencoded",
        "sec-fetch-site": "cross-site",
      },
      body: "expected=1",
    })
    expect([forged.status, forged.headers.get("set-cookie")]).toEqual([403, null])
  })
})

describe("the person's yes", () => {
  it("is to the login that was checked, not to another one that a tick kept", async () => {
    const harness = startHarness()
    const app = await registerApp(harness, { credentials_access: true })
    const browser = new Browser(harness)
    const form = await browser.open(authorizePath(app))
    const summary = await browser.submit(form, nmbrsFields())
    const changing = await browser.open(`${form.url}?change=1`)
    await pressAt(browser, changing, "/tick", {
      ...nmbrsFields("accountant"),
      tick: "+administrator",
    })
    const pressed = await browser.submit(summary)
    expect(pressed.response.headers.get("location")).toBeNull()
    expect(pressed.url).not.toMatch(/\/summary$/)
  })

  it("survives a tick that changed nothing", async () => {
    const harness = startHarness()
    const app = await registerApp(harness)
    const browser = new Browser(harness)
    const form = await browser.open(authorizePath(app))
    const summary = await browser.submit(form, nmbrsFields())
    const changing = await browser.open(`${form.url}?change=1`)
    await pressAt(browser, changing, "/tick", {
      ...changing.forms[0]?.values,
      tick: "+administrator",
    })
    expect(returned(await browser.submit(summary)).get("connection_id")).toBeTruthy()
  })

  it("is not to an access that the page did not show", async () => {
    const harness = startHarness()
    const app = await registerApp(harness)
    const browser = new Browser(harness)
    const form = await browser.open(authorizePath(app))
    const summary = await browser.submit(form, nmbrsFields())
    await setAccess(app, true)
    const again = await browser.submit(summary)
    expect(again.url).toMatch(/\/summary$/)
    expect(textOf(again)).toContain("can read the token or password itself")
  })

  it("of before is kept without the access that came later", async () => {
    const harness = startHarness()
    const app = await registerApp(harness)
    const browser = new Browser(harness)
    const form = await browser.open(authorizePath(app))
    const summary = await browser.submit(form, nmbrsFields())
    harness.clock.at += 11 * 60 * 1000
    await browser.submit(summary)
    await setAccess(app, true)
    // What is shown now is agreed to now; what was agreed to before had no access.
    const resumed = await browser.open(authorizePath(app, { state: "second" }))
    const id = returned(await browser.submit(resumed)).get("connection_id") ?? ""
    expect((await claim(harness, app, id, "second")).status).toBe(200)
    const row = await env.DB.prepare(
      "SELECT credentials_access FROM connections WHERE client_id = ?1",
    )
      .bind(app.client_id)
      .first("credentials_access")
    expect(row).toBe(0)
  })

  it("leads nowhere once the app has taken its redirect URI back", async () => {
    const harness = startHarness()
    const app = await registerApp(harness)
    const browser = new Browser(harness)
    const form = await browser.open(authorizePath(app))
    const summary = await browser.submit(form, nmbrsFields())
    await env.DB.prepare(
      `UPDATE apps SET registration = json_set(registration, '$.redirectUris',
         json('["https://app.example/other"]')) WHERE client_id = ?1`,
    )
      .bind(app.client_id)
      .run()
    const pressed = await browser.submit(summary)
    expect([pressed.status, pressed.response.headers.get("location")]).toEqual([403, null])
  })
})
