/** The hosted page in Chromium: by keyboard, by axe, on small screens, with and without JavaScript. */
import { brotliCompressSync, constants } from "node:zlib"
import type { Browser, BrowserContext, Page } from "playwright-core"
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest"
import { languages } from "../../src/ui/texts/languages.ts"
import { type Complaints, collectComplaints, screenshots } from "../support/browser.ts"
import { launchChromium } from "../support/chromium.ts"
import {
  fieldsOf,
  type Hosted,
  startHosted,
  stickingOut,
  tabTo,
  violationsOf,
} from "../support/hosted-page.ts"
import { paste, walkPages } from "../support/page-states.ts"

let browser: Browser
let hosted: Hosted
const contexts: BrowserContext[] = []

beforeAll(async () => {
  const launched = launchChromium()
  hosted = await startHosted()
  browser = await launched
})

afterEach(async () => {
  await Promise.all(contexts.splice(0).map((context) => context.close()))
})

afterAll(async () => {
  await browser?.close()
  await hosted?.stop()
})

async function open(
  url: string,
  options: Parameters<Browser["newContext"]>[0] = {},
): Promise<{ page: Page; complaints: Complaints }> {
  const context = await browser.newContext({ locale: "en-GB", ...options })
  context.setDefaultTimeout(20_000)
  contexts.push(context)
  const page = await context.newPage()
  const complaints = collectComplaints(page)
  await page.goto(url)
  return { page, complaints }
}

/** Types into fields one after another, by Tab alone. */
async function typeAll(page: Page, fields: Record<string, string>): Promise<void> {
  for (const [name, value] of Object.entries(fields)) {
    await tabTo(page, (one) => one.name === name)
    await page.keyboard.type(value)
  }
}

/** By magic name: what stands in the heading of the page, or in its note. */
const verdicts: [string, string, RegExp][] = [
  ["nmbrs:employees.read", "works", /^Ready/],
  ["nmbrs:employees.read", "slow", /^Ready/],
  ["nmbrs:employees.read", "revoked-later", /^Ready/],
  ["nmbrs:employees.read", "no-companies", /sees no companies/],
  ["nmbrs:employees.read", "accountant", /more than one client/],
  ["nmbrs:employees.read", "wrong-token", /does not know this token/],
  ["nmbrs:employees.read", "wrong-domain", /the address is a different one/],
  ["nmbrs:employees.read", "disabled", /switched off/],
  ["nmbrs:employees.read", "missing-permission", /One right is missing/],
  ["nmbrs:employees.read", "timeout", /did not answer in time/],
  ["nmbrs:employees.read", "down", /could not reach Nmbrs/],
  ["nmbrs:employees.read", "garbled", /do not understand/],
  ["nimbus:api", "works", /^Ready/],
  ["nimbus:api", "wrong-password", /did not accept this login code/],
  ["nimbus:api", "locked", /locked in Nimbus/],
  ["nimbus:api", "sso", /through another system/],
  ["nimbus:api", "pin", /6-digit pin/],
  ["nimbus:api", "passkey", /passkey code/],
  ["nimbus:api", "not-api-user", /ordinary employee/],
  ["nimbus:api", "no-status", /no workflow status/],
  ["nimbus:api", "revoked-later", /^Ready/],
  ["nimbus:api", "slow", /^Ready/],
  ["nimbus:api", "timeout", /did not answer in time/],
  ["nimbus:api", "down", /could not reach Nimbus/],
  ["nimbus:api", "garbled", /something we cannot read/],
]

describe("by keyboard alone", () => {
  it.each(verdicts)("%s %s is reached, with nothing to complain of", async (scope, who, words) => {
    const { page, complaints } = await open(hosted.authorizeUrl({ scope }))
    await typeAll(page, fieldsOf(scope, who))
    await Promise.all([page.waitForNavigation(), page.keyboard.press("Enter")])
    const note = page.locator(".note strong, h1")
    expect(await note.first().textContent()).toMatch(words)
    expect(complaints).toEqual({ console: [], requests: [] })
  })

  it("goes from the form to the app, and past a suggestion that stands in the way", async () => {
    const { page, complaints } = await open(hosted.authorizeUrl())
    await typeAll(page, fieldsOf("nmbrs", "wrong-domain"))
    await Promise.all([page.waitForNavigation(), page.keyboard.press("Enter")])
    await tabTo(page, ({ name }) => name === "domain")
    const [request] = await Promise.all([
      page.waitForRequest((one) => one.method() === "POST"),
      page.waitForNavigation(),
      page.keyboard.press("Enter"),
    ])
    // Enter is the main button; the suggestion is taken by its own, and only then.
    expect(new URLSearchParams(request.postData() ?? "").has("use")).toBe(false)
    await tabTo(page, ({ name }) => name === "use")
    await Promise.all([page.waitForNavigation(), page.keyboard.press("Space")])
    expect(page.url()).toMatch(/\/summary$/)
    await tabTo(page, ({ text }) => text === languages.en.connect)
    await page.keyboard.press("Enter")
    await page.waitForURL(`${hosted.callback}?*`)
    expect(complaints).toEqual({ console: [], requests: [] })
  })

  it("opens a step, ticks it off, and takes the tick back", async () => {
    const { page, complaints } = await open(hosted.authorizeUrl())
    await tabTo(page, ({ tag, text }) => tag === "summary" && text === "Find your Nmbrs address")
    await page.keyboard.press("Space")
    await tabTo(page, ({ name }) => name === "tick")
    const posted = page.waitForResponse((one) => one.request().method() === "POST")
    await page.keyboard.press("Enter")
    await posted
    await page.reload()
    expect(await page.locator("li.done summary").allTextContents()).toEqual([
      "Find your Nmbrs address",
    ])
    await page.locator("li.done summary").click()
    const back = page.waitForResponse((one) => one.request().method() === "POST")
    await page.locator("li.done button[name=tick]").click()
    await back
    await page.reload()
    expect(await page.locator("li.done").count()).toBe(0)
    // The answer of a tick is a redirect that is not followed, which Chromium counts as a failure.
    expect(complaints.console).toEqual([])
  })
})

describe.each(["en", "nl"])("every kind of page in %s", (language) => {
  it("has no violation that axe finds, light and dark, and fits 320 px and 200 %", async () => {
    const seen: string[] = []
    const wrong: Record<string, string[]> = {}
    await walkPages(browser, hosted, language, async (name, page) => {
      seen.push(name)
      expect([name, await page.locator("html").getAttribute("lang")]).toEqual([name, language])
      await screenshots(page, `${language}-${name.replace(/\W+/g, "-")}`)
      // 1280 px at 200 % are 640.
      for (const width of [320, 640, 1280]) {
        await page.setViewportSize({ width, height: 800 })
        await page.evaluate(() => {
          for (const one of document.querySelectorAll("details")) one.open = true
        })
        const out = await stickingOut(page)
        if (out.length > 0) wrong[`${name} at ${width}`] = out
      }
      for (const colorScheme of ["light", "dark"] as const) {
        await page.emulateMedia({ colorScheme })
        const found = await violationsOf(page)
        if (found.length > 0) wrong[`${name} ${colorScheme}`] = found
      }
    })
    expect(wrong).toEqual({})
    expect(seen).toHaveLength(22)
  })

  it.each(["nmbrs:employees.read", "nimbus:api"])(
    "is at most 13 kB as first response, for %s",
    async (scope) => {
      for (const url of [
        hosted.authorizeUrl({ scope, ui_locales: language }),
        await hosted.pushedUrl({ scope, ui_locales: language }),
      ]) {
        const start = await fetch(url, { redirect: "manual" })
        const cookie = start.headers.getSetCookie()[0]?.split(";")[0] ?? ""
        const address = new URL(start.headers.get("location") ?? "", url)
        const response = await fetch(address, { headers: { cookie } })
        expect(response.status).toBe(200)
        const body = Buffer.from(await response.arrayBuffer())
        const params = { [constants.BROTLI_PARAM_QUALITY]: 5 }
        expect(brotliCompressSync(body, { params }).length).toBeLessThanOrEqual(13_000)
      }
    },
  )
})

describe("without JavaScript", () => {
  const options = { javaScriptEnabled: false }

  it("a field's link opens its step, a tick is kept, and the journey ends at the app", async () => {
    const { page } = await open(hosted.authorizeUrl(), options)
    const step = page.locator("#step-token")
    expect(await step.isVisible()).toBe(false)
    await page.locator('a[href="#step-token"]').click()
    await step.waitFor({ state: "visible" })
    await page.locator('input[name="domain"]').fill("sandbox")
    await step.locator("button[name=tick]").click()
    await page.locator("li.done").waitFor()
    expect(await page.locator('input[name="domain"]').inputValue()).toBe("sandbox")
    await paste(page, fieldsOf("nmbrs", "works"))
    await page.locator("button[name=cancel]").waitFor()
    await page.locator("button.go").click()
    await page.waitForURL(`${hosted.callback}?*`)
  })

  it("nothing is shown that would need it, and the SSO step says what to type", async () => {
    const { page } = await open(hosted.authorizeUrl({ scope: "nimbus:api" }), options)
    for (const one of await page.locator("[data-js]").all())
      expect(await one.isVisible()).toBe(false)
    const sso = page.locator("#step-sso")
    expect(await sso.locator("code").first().textContent()).toBe("&ssooverride=yes")
  })
})

describe("with JavaScript", () => {
  it("copies, and makes the link of the SSO step, without sending anything", async () => {
    const { page, complaints } = await open(hosted.authorizeUrl({ scope: "nimbus:api" }), {
      permissions: ["clipboard-read", "clipboard-write"],
    })
    const sent: string[] = []
    page.on("request", (request) => sent.push(`${request.method()} ${request.url()}`))
    const employee = page.locator("#step-employee")
    await page.locator("summary", { hasText: "Name the new employee" }).click()
    await employee.locator("[data-copy]").first().click()
    await employee.getByText("Copied").first().waitFor()
    expect(await page.evaluate(() => navigator.clipboard.readText())).toBe("urenweek")
    await page.locator("summary", { hasText: "If you land on Microsoft" }).click()
    const result = page.locator("#sso-result")
    await page.locator("#sso-link").fill(" https://nimbus.example/first?code=s3cret ")
    expect(await result.textContent()).toBe(
      "https://nimbus.example/first?code=s3cret&ssooverride=yes",
    )
    await page.locator("#sso-link").fill("https://nimbus.example/first?ssooverride=yes&code=1")
    await page.locator("#sso-link").fill("")
    expect(await result.textContent()).toBe("")
    await page.locator("#sso-link").fill("https://x.example/?a=1&ssooverride=yes")
    expect(await result.textContent()).toBe("https://x.example/?a=1&ssooverride=yes")
    expect(sent).toEqual([])
    expect(complaints).toEqual({ console: [], requests: [] })
  })

  it("says after one second that Nmbrs is asked, after four that it is slow, and asks once", async () => {
    const { page } = await open("about:blank")
    // Timers of the page wait for the test, and nothing is sent: the page stays while it would ask.
    await page.addInitScript(() => {
      const waiting: [number, () => void][] = []
      const sent: boolean[] = []
      addEventListener("submit", (event) => {
        sent.push(!event.defaultPrevented)
        event.preventDefault()
      })
      Object.assign(globalThis, {
        setTimeout: (run: () => void, after: number) => waiting.push([after, run]),
        pass: (upTo: number) => {
          for (const [after, run] of waiting) if (after === upTo) run()
          return sent
        },
      })
    })
    const pass = (upTo: number) =>
      page.evaluate(
        (ms) => (globalThis as unknown as { pass(ms: number): boolean[] }).pass(ms),
        upTo,
      )
    await page.goto(hosted.authorizeUrl())
    const go = page.locator("button.go")
    const status = page.locator("[role=status]")
    await go.click()
    expect(await status.textContent()).toBe("")
    await pass(1000)
    expect(await status.textContent()).toBe("Asking Nmbrs…")
    await pass(4000)
    expect(await status.textContent()).toBe("Nmbrs is slow today, still trying…")
    await go.click()
    expect(await pass(0)).toEqual([true, false])
  })

  it("lets the requester's page go on by itself when the colleague is done", async () => {
    const { page, complaints } = await open(await hosted.pushedUrl())
    const address = page.url()
    await page.locator('button[name="handover"]').click()
    const message = await page.locator("textarea").inputValue()
    const link = /http\S+\/handover\/\S+/.exec(message)?.[0] ?? ""
    // It looks at once when its timer is due, and stays where it is while nothing has changed.
    await page.addInitScript(() => {
      const due: (() => void)[] = []
      const setTimeout = (run: () => void) => due.push(run)
      const pass = () => due.splice(0).map((run) => run()).length
      Object.assign(globalThis, { setTimeout, pass })
    })
    const pass = () => page.evaluate(() => (globalThis as unknown as { pass(): number }).pass())
    await page.goto(address)
    const looked = page.waitForResponse("**/*?look=1")
    expect(await pass()).toBe(1)
    await (await looked).finished()
    expect(await page.locator("h1").textContent()).toBe(languages.en.waitTitle)
    const { page: other } = await open(link)
    await other.locator('input[name="expected"]').check()
    await other.locator("button.go").click()
    await paste(other, fieldsOf("nmbrs", "works"))
    await other.locator("button.go").click()
    expect(await other.locator("h1").textContent()).toBe(languages.en.helpedTitle)
    expect(await pass()).toBe(1)
    await page.waitForURL(`${hosted.callback}?*`)
    expect(complaints.console).toEqual([])
  })
})
