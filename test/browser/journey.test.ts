/** A person connects the sample app, in Chromium, from its button back to its page. */
import { createServer, type RequestListener, type Server } from "node:http"
import type { AddressInfo } from "node:net"
import type { Browser, BrowserContext, Page } from "playwright-core"
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest"
import { freePort } from "../../scripts/lib/ports.ts"
import { registerApp } from "../../scripts/lib/registration.ts"
import {
  type Complaints,
  collectComplaints,
  type Started,
  screenshots,
  startBroker,
  startSampleApp,
  type TestBroker,
} from "../support/browser.ts"
import { launchChromium } from "../support/chromium.ts"

const NMBRS = {
  domain: "sandbox",
  username: "works@koppel.test",
  token: "0123456789abcdef".repeat(2),
}
const NIMBUS = {
  account_url: "https://sandbox.nimbus.test/",
  login_code: "works",
  password: "correct-horse",
}

let browser: Browser
let broker: TestBroker
let sample: Started
let appUrl: string
const contexts: BrowserContext[] = []
const servers: Server[] = []

beforeAll(async () => {
  const port = await freePort()
  appUrl = `http://localhost:${port}`
  const launched = launchChromium()
  broker = await startBroker({ appPort: port })
  sample = await startSampleApp(broker, port)
  browser = await launched
})

afterEach(async () => {
  await Promise.all(contexts.splice(0).map((context) => context.close()))
  for (const server of servers.splice(0)) server.close()
})

afterAll(async () => {
  await browser?.close()
  await sample?.stop()
  await broker?.stop()
})

/** Opens a page in a browser profile of its own. */
async function openPage(options: { readonly javaScriptEnabled?: boolean } = {}) {
  const context = await browser.newContext({ locale: "en-GB", ...options })
  context.setDefaultTimeout(10_000)
  contexts.push(context)
  const page = await context.newPage()
  return { page, complaints: collectComplaints(page) }
}

async function paste(page: Page, fields: Readonly<Record<string, string>>): Promise<void> {
  for (const [name, value] of Object.entries(fields)) {
    await page.locator(`input[name="${name}"]`).fill(value)
  }
  await page.locator("button.go").click()
}

/** Goes from the sample app's start page through the hosted page, and agrees to the summary. */
async function connect(page: Page, provider: string, fields: Readonly<Record<string, string>>) {
  await page.goto(appUrl)
  await page.getByRole("link", { name: `Connect ${provider}` }).click()
  expect(new URL(page.url()).origin).toBe(broker.issuer)
  await screenshots(page, `${provider.toLowerCase()}-first`)
  await paste(page, fields)
  await page.locator("button[name=cancel]").waitFor()
  await screenshots(page, `${provider.toLowerCase()}-summary`)
  await page.locator("button.go").click()
}

function expectQuiet(complaints: Complaints): void {
  expect(complaints).toEqual({ console: [], requests: [] })
}

async function serve(listener: RequestListener): Promise<number> {
  const server = createServer(listener)
  servers.push(server)
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening))
  return (server.address() as AddressInfo).port
}

describe("the sample app", () => {
  it.each([
    ["Nmbrs", NMBRS],
    ["Nimbus", NIMBUS],
  ])("connects %s", async (provider, fields) => {
    const { page, complaints } = await openPage()
    await connect(page, provider, fields)
    await page.waitForURL(`${appUrl}/callback?*`)
    expect(await page.locator("h1").textContent()).toContain(`${provider} is connected`)
    await screenshots(page, `${provider.toLowerCase()}-connected`)
    const shown = await page.locator("pre").textContent()
    expect(JSON.parse(shown ?? "")).toMatchObject({
      provider: provider.toLowerCase(),
      environment: "test",
      status: "active",
      verification: { outcome: "works" },
    })
    for (const secret of [NMBRS.token, NIMBUS.password])
      expect(await page.content()).not.toContain(secret)
    expectQuiet(complaints)
  })

  it("connects with JavaScript switched off", async () => {
    const { page } = await openPage({ javaScriptEnabled: false })
    await connect(page, "Nmbrs", NMBRS)
    await page.waitForURL(`${appUrl}/callback?*`)
    expect(await page.locator("h1").textContent()).toContain("Nmbrs is connected")
  })

  it("is told access_denied when the person cancels", async () => {
    const { page, complaints } = await openPage()
    await page.goto(appUrl)
    await page.getByRole("link", { name: "Connect Nmbrs" }).click()
    await paste(page, NMBRS)
    await page.locator("button[name=cancel]").click()
    await page.waitForURL(`${appUrl}/callback?*`)
    expect(new URL(page.url()).searchParams.get("error")).toBe("access_denied")
    expect(await page.locator("h1").textContent()).toBe("Nothing was connected")
    expectQuiet(complaints)
  })

  it("refuses an answer that another browser began", async () => {
    const first = await openPage()
    await connect(first.page, "Nmbrs", NMBRS)
    await first.page.waitForURL(`${appUrl}/callback?*`)
    const { page } = await openPage()
    const answer = await page.goto(first.page.url())
    expect(answer?.status()).toBe(400)
    expect(await page.content()).not.toContain("is connected")
  })
})

describe("a refused token", () => {
  it("blames its field, keeps the others and never shows the secret again", async () => {
    const { page, complaints } = await openPage()
    await page.goto(appUrl)
    await page.getByRole("link", { name: "Connect Nmbrs" }).click()
    await paste(page, { ...NMBRS, username: "wrong-token@koppel.test" })
    const token = page.locator('input[name="token"]')
    await page.locator('input[name="token"][aria-invalid="true"]').waitFor()
    expect(await token.inputValue()).toBe("")
    expect(await page.locator('input[name="username"]').inputValue()).toBe(
      "wrong-token@koppel.test",
    )
    const message = page.locator(
      `#${(await token.getAttribute("aria-describedby"))?.split(" ")[0]}`,
    )
    expect((await message.textContent())?.length).toBeGreaterThan(10)
    expect(await page.content()).not.toContain(NMBRS.token)
    expectQuiet(complaints)
  })
})

describe("an app whose callback redirects to a third origin", () => {
  it("gets the person there: form-action covers the whole chain", async () => {
    const third = await serve((_, response) => {
      response.end("<!doctype html><link rel=icon href='data:,'><h1>Arrived</h1>")
    })
    const callback = await serve((_, response) => {
      response.writeHead(302, { location: `http://127.0.0.1:${third}/arrived` }).end()
    })
    const redirectUri = `http://localhost:${callback}/callback`
    const app = await registerApp(broker.issuer, broker.registrationToken, {
      client_name: "Third origin",
      redirect_uris: [redirectUri],
      response_types: ["code"],
      scope: "nmbrs",
      environment: "test",
    })
    const authorize = new URL("/oauth/authorize", broker.issuer)
    authorize.search = new URLSearchParams({
      response_type: "code",
      client_id: app.client_id,
      redirect_uri: redirectUri,
      scope: "nmbrs",
      state: "a-state-of-the-app",
    }).toString()

    const { page, complaints } = await openPage()
    await page.goto(authorize.href)
    await paste(page, NMBRS)
    await page.locator("button[name=cancel]").waitFor()
    await page.locator("button.go").click()
    await page.waitForURL(`http://127.0.0.1:${third}/arrived`)
    expect(await page.locator("h1").textContent()).toBe("Arrived")
    expectQuiet(complaints)
  })
})
