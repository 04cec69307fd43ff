/** What only a live app can be told of a Nimbus login, against a Nimbus that is not the sandbox. */
import type { Browser } from "playwright-core"
import { afterAll, beforeAll, expect, it } from "vitest"
import { type RegisteredApp, registerApp } from "../../scripts/lib/registration.ts"
import { collectComplaints, startBroker, type TestBroker } from "../support/browser.ts"
import { launchChromium } from "../support/chromium.ts"
import { tabTo } from "../support/hosted-page.ts"
import { exampleProfiles, type NimbusServer, startNimbusServer } from "../support/nimbus-server.ts"

const CALLBACK = "http://127.0.0.1:9/callback"

let nimbus: NimbusServer
let broker: TestBroker
let browser: Browser

beforeAll(async () => {
  nimbus = await startNimbusServer({
    kind: "json",
    answer: ({ login, body }, response) => {
      if (!(login && body.includes("of-a-client"))) return false
      response.writeHead(401, { "content-type": "application/json" })
      response.end(JSON.stringify({ error: { code: "CLIENT" } }))
      return true
    },
  })
  const profile = JSON.stringify(JSON.parse(exampleProfiles.json))
  const [started, launched] = await Promise.all([
    startBroker({
      args: ["--var", `NIMBUS_PROFILE:${profile}`, `NIMBUS_ALLOWED_HOSTS:${nimbus.host}`],
    }),
    launchChromium(),
  ])
  broker = started
  browser = launched
})

afterAll(async () => {
  await browser?.close()
  await broker?.stop()
  await nimbus?.close()
})

async function register(client_name: string): Promise<RegisteredApp> {
  return await registerApp(broker.issuer, broker.registrationToken, {
    client_name,
    redirect_uris: [CALLBACK],
    response_types: ["connection_id"],
    scope: "nimbus:api",
    environment: "live",
  })
}

/** Pastes by Tab and Enter alone. */
async function paste(app: RegisteredApp, login_code: string) {
  const page = await (await browser.newContext({ locale: "en-GB" })).newPage()
  const complaints = collectComplaints(page)
  const query = new URLSearchParams({
    response_type: "connection_id",
    client_id: app.client_id,
    redirect_uri: CALLBACK,
    scope: "nimbus:api",
    state: "state-of-this-flow",
  })
  await page.goto(`${broker.issuer}/oauth/authorize?${query}`)
  const fields = { account_url: nimbus.url, login_code, password: "correct horse" }
  for (const [field, value] of Object.entries(fields)) {
    await tabTo(page, ({ name }) => name === field)
    await page.keyboard.type(value)
  }
  await Promise.all([page.waitForNavigation(), page.keyboard.press("Enter")])
  return { page, complaints }
}

it("says that the address is the clients', and blames it alone", async () => {
  const { page, complaints } = await paste(await register("Urenweek"), "of-a-client")
  expect(await page.locator("body").textContent()).toContain("This is the login page for clients.")
  const blamed = page.locator("input[aria-invalid=true]")
  expect(await blamed.evaluateAll((all) => all.map((one) => one.getAttribute("name")))).toEqual([
    "account_url",
  ])
  expect(complaints).toEqual({ console: [], requests: [] })
})

it("warns of a login that another app uses, and lets the person connect anyway", async () => {
  const first = await register("Firstcomer")
  const one = await paste(first, "koppel")
  expect(await one.page.locator("body").textContent()).not.toContain("Connect anyway")
  await tabTo(one.page, ({ text }) => text === "Connect")
  const [arrival] = await Promise.all([
    one.page.waitForRequest((request) => request.url().startsWith(CALLBACK)),
    one.page.keyboard.press("Enter"),
  ])
  const token = new URL(arrival.url()).searchParams.get("connection_id") ?? ""
  const { sub } = JSON.parse(Buffer.from(token.split(".")[1] ?? "", "base64url").toString())
  const secret = Buffer.from(`${first.client_id}:${first.client_secret}`).toString("base64")
  const claimed = await fetch(`${broker.issuer}/v1/connections/${sub}/claim`, {
    method: "POST",
    headers: { authorization: `Basic ${secret}` },
    body: new URLSearchParams({ state: "state-of-this-flow" }),
  })
  expect(claimed.status).toBe(200)

  const { page, complaints } = await paste(await register("Urenweek"), "koppel")
  const text = await page.locator("body").textContent()
  expect(text).toContain("another app uses this API User already")
  expect(text).not.toContain("Firstcomer")
  expect(page.url()).toMatch(/\/summary$/)
  expect(complaints).toEqual({ console: [], requests: [] })
})
