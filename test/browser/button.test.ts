/** The button on pages of other origins, in Chromium: both modes, every policy, and hostile pages. */
import { readFileSync } from "node:fs"
import { createRequire } from "node:module"
import type { Browser, BrowserContext, BrowserContextOptions, Page } from "playwright-core"
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest"
import { freePort } from "../../scripts/lib/ports.ts"
import { registerApp } from "../../scripts/lib/registration.ts"
import {
  collectComplaints,
  type Started,
  screenshots,
  startBroker,
  startSampleApp,
  type TestBroker,
} from "../support/browser.ts"
import {
  type AppHost,
  type Host,
  POLICIES,
  sendPage,
  serveApp,
  serveOn,
} from "../support/button-host.ts"
import { launchChromium } from "../support/chromium.ts"

const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8")
const FIELDS = {
  domain: "sandbox",
  username: "works@koppel.test",
  token: "0123456789abcdef".repeat(2),
}

let browser: Browser
let broker: TestBroker
let app: AppHost
let sample: Started
let sampleUrl: string
const contexts: BrowserContext[] = []
const hosts: Host[] = []

beforeAll(async () => {
  const launched = launchChromium()
  app = await serveApp()
  const port = await freePort()
  sampleUrl = `http://localhost:${port}`
  broker = await startBroker({ appPort: port })
  sample = await startSampleApp(broker, port)
  const { client_id } = await registerApp(broker.issuer, broker.registrationToken, {
    client_name: "Host",
    redirect_uris: app.callbacks,
    response_types: ["code"],
    scope: "nmbrs nimbus",
    environment: "test",
  })
  app.use(broker.issuer, client_id)
  browser = await launched
})

afterEach(async () => {
  await Promise.all(contexts.splice(0).map((context) => context.close()))
  for (const host of hosts.splice(0)) host.close()
})

afterAll(async () => {
  await browser?.close()
  await sample?.stop()
  await broker?.stop()
  app?.close()
})

async function newContext(options: BrowserContextOptions = {}): Promise<BrowserContext> {
  const context = await browser.newContext({ locale: "en-GB", ...options })
  context.setDefaultTimeout(10_000)
  contexts.push(context)
  return context
}

/** Opens the app's page under a policy; `query` changes the buttons. */
async function openHost(
  policy: string,
  query: Readonly<Record<string, string>> = {},
  options: BrowserContextOptions = {},
) {
  const page = await (await newContext(options)).newPage()
  const complaints = collectComplaints(page)
  await page.goto(`${app.origin}/${policy}/?${new URLSearchParams(query)}`)
  return { page, complaints }
}

/** The button is a link, found as a screen reader finds it. */
const nmbrs = (page: Page) => page.getByRole("link", { name: "Connect Nmbrs" })
const nimbus = (page: Page) => page.getByRole("link", { name: "Connect Nimbus" })
const events = (page: Page) => page.locator("li").allTextContents()

async function openPopup(page: Page, link = nmbrs(page)): Promise<Page> {
  await page.locator("a[part=link]").first().waitFor()
  const [popup] = await Promise.all([page.waitForEvent("popup"), link.click()])
  await popup.locator("form").first().waitFor()
  expect(new URL(popup.url()).origin).toBe(broker.issuer)
  return popup
}

/** Goes through the hosted page up to its summary. */
async function verify(page: Page): Promise<void> {
  for (const [name, value] of Object.entries(FIELDS)) {
    await page.locator(`input[name="${name}"]`).fill(value)
  }
  await page.locator("button.go").click()
  await page.locator("button[name=cancel]").waitFor()
}

/** Connects in a popup, which closes itself. */
async function finish(popup: Page): Promise<void> {
  await verify(popup)
  await Promise.all([popup.waitForEvent("close"), popup.locator("button.go").click()])
}

/** Sends a popup on as a page does it; a test's own `goto` would cut its ties as an address bar does. */
async function sendOn(popup: Page, address: string): Promise<void> {
  await popup.evaluate((next) => location.assign(next), address)
}

/** Lets the broker refuse, which ends in the app's callback. */
async function fail(popup: Page, policy: string): Promise<void> {
  await Promise.all([
    popup.waitForEvent("close"),
    sendOn(popup, `${app.origin}/${policy}/connect/nimbus:nothing`),
  ])
}

async function expectEvents(page: Page, expected: readonly string[]): Promise<void> {
  await page.locator(`li:nth-child(${expected.length})`).waitFor()
  expect(await events(page)).toEqual(expected)
}

const CONNECTED = 'koppel:connected a {"provider":"nmbrs"}'

describe.each(Object.keys(POLICIES))("a host with the policy %s", (policy) => {
  it("connects by redirect", async () => {
    const { page, complaints } = await openHost(policy)
    await nmbrs(page).click()
    expect(new URL(page.url()).origin).toBe(broker.issuer)
    await verify(page)
    await page.locator("button.go").click()
    await page.waitForURL(`${app.origin}/${policy}/callback?*`)
    expect(await page.locator("h1").textContent()).toBe("connected")
    expect(complaints).toEqual({ console: [], requests: [] })
  })

  it("connects in a popup, more than once", async () => {
    const { page, complaints } = await openHost(policy, { mode: "popup" })
    await finish(await openPopup(page))
    await expectEvents(page, [CONNECTED])
    await finish(await openPopup(page))
    await expectEvents(page, [CONNECTED, CONNECTED])
    expect(await page.evaluate(() => sessionStorage.length)).toBe(0)
    expect(complaints).toEqual({ console: [], requests: [] })
  })

  it("is told when the person stops in the popup", async () => {
    const { page } = await openHost(policy, { mode: "popup" })
    const popup = await openPopup(page)
    await verify(popup)
    await Promise.all([popup.waitForEvent("close"), popup.locator("button[name=cancel]").click()])
    await expectEvents(page, ['koppel:cancelled a {"provider":"nmbrs"}'])
  })
})

describe("the popup", () => {
  it("says koppel:error for every other end", async () => {
    const start = "/plain/connect/nmbrs:nothing"
    const { page } = await openHost("plain", { mode: "popup", start })
    await Promise.all([page.waitForEvent("popup"), nmbrs(page).click()])
    await expectEvents(page, ['koppel:error a {"provider":"nmbrs"}'])
  })

  it("becomes a redirect where it is blocked", async () => {
    const context = await newContext()
    await context.addInitScript(() => {
      window.open = () => null
    })
    const page = await context.newPage()
    await page.goto(`${app.origin}/plain/?mode=popup`)
    await nmbrs(page).click()
    await verify(page)
    await page.locator("button.go").click()
    await page.waitForURL(`${app.origin}/plain/callback?*`)
    expect(await page.locator("h1").textContent()).toBe("connected")
    expect(context.pages()).toEqual([page])
    expect(await page.evaluate(() => sessionStorage.length)).toBe(0)
  })

  it.each(["plain", "coop"])("may be closed; the button is usable again (%s)", async (policy) => {
    const { page } = await openHost(policy, { mode: "popup" })
    await (await openPopup(page)).close()
    expect(await events(page)).toEqual([])
    await finish(await openPopup(page))
    await expectEvents(page, [CONNECTED])
  })

  it.each(["plain", "coop"])("may be open twice; each answers its button (%s)", async (policy) => {
    const { page } = await openHost(policy, { mode: "popup" })
    const first = await openPopup(page)
    const second = await openPopup(page, nimbus(page))
    await fail(second, policy)
    await expectEvents(page, ['koppel:error b {"provider":"nimbus"}'])
    expect(first.isClosed()).toBe(false)
    await finish(first)
    await expectEvents(page, ['koppel:error b {"provider":"nimbus"}', CONNECTED])
  })

  it.each(["plain", "coop"])("answers its own tab only (%s)", async (policy) => {
    const { page } = await openHost(policy, { mode: "popup" })
    const other = await page.context().newPage()
    await other.goto(page.url())
    const popup = await openPopup(page)
    await fail(await openPopup(other), policy)
    await expectEvents(other, ['koppel:error a {"provider":"nmbrs"}'])
    expect(await events(page)).toEqual([])
    await finish(popup)
    await expectEvents(page, [CONNECTED])
    expect(await events(other)).toHaveLength(1)
  })

  it("is one for a double click, and large enough for two columns", async () => {
    const { page } = await openHost("plain", { mode: "popup" })
    const [popup] = await Promise.all([page.waitForEvent("popup"), nmbrs(page).dblclick()])
    await popup.locator("form").first().waitFor()
    expect(page.context().pages()).toHaveLength(2)
    expect(await popup.evaluate(() => innerWidth)).toBeGreaterThan(960)
    await finish(popup)
    await expectEvents(page, [CONNECTED])
  })

  it("is not for modified clicks: they stay clicks on a link", async () => {
    const { page } = await openHost("plain", { mode: "popup" })
    // Hears each click after the button has; stops it, so that no tab opens.
    await page.evaluate(() => {
      const taken: boolean[] = []
      Object.assign(window, { taken })
      for (const type of ["click", "auxclick"]) {
        addEventListener(type, (event) => {
          taken.push(event.defaultPrevented)
          event.preventDefault()
        })
      }
    })
    for (const modifier of ["Control", "Meta", "Shift", "Alt"] as const) {
      await nmbrs(page).click({ modifiers: [modifier] })
    }
    await nmbrs(page).click({ button: "middle" })
    expect(await page.evaluate(() => Reflect.get(window, "taken"))).toEqual(Array(5).fill(false))
    expect(page.context().pages()).toEqual([page])
  })

  it("is not missed: the link in a tab of its own connects, and the tab stays", async () => {
    const { page } = await openHost("plain", { mode: "popup" })
    const tab = await page.context().newPage()
    await tab.goto(new URL((await nmbrs(page).getAttribute("href")) ?? "", page.url()).href)
    await verify(tab)
    await tab.locator("button.go").click()
    await tab.waitForURL(`${app.origin}/plain/callback?*`)
    expect(await tab.locator("h1").textContent()).toBe("connected")
    expect(await events(page)).toEqual([])
  })
})

describe("without the script", () => {
  it("is a link where JavaScript is off", async () => {
    const { page } = await openHost("plain", { mode: "popup" }, { javaScriptEnabled: false })
    await nmbrs(page).click()
    await page.locator("form").first().waitFor()
    expect(new URL(page.url()).origin).toBe(broker.issuer)
  })

  it("is a link where the script is blocked", async () => {
    const context = await newContext()
    await context.route("**/button.js", (route) => route.abort())
    const page = await context.newPage()
    await page.goto(`${app.origin}/plain/?mode=popup`)
    await nmbrs(page).click()
    await page.locator("form").first().waitFor()
    expect(new URL(page.url()).origin).toBe(broker.issuer)
  })
})

describe("the published hash", () => {
  async function openWith(integrity: (published: string) => string) {
    const published = await (await fetch(`${broker.issuer}/button.json`)).json()
    const host = await serveOn("127.0.0.1", (_url, _request, response) => {
      const tag = published.tag.replace(published.integrity, integrity(published.integrity))
      const link = '<a href="/connect">Connect Nmbrs</a>'
      const button = `<koppel-button provider="nmbrs" start="/connect">${link}</koppel-button>`
      sendPage(response, `${button}${tag}`)
    })
    hosts.push(host)
    const page = await (await newContext()).newPage()
    await page.goto(host.origin)
    return page
  }
  const isDrawn = (page: Page) =>
    page.evaluate(() => document.querySelector("koppel-button")?.shadowRoot !== null)

  it("lets the versioned script run", async () => {
    expect(await isDrawn(await openWith((published) => published))).toBe(true)
  })

  it("stops any other, and the link stays", async () => {
    const page = await openWith(() => `sha384-${"A".repeat(64)}`)
    expect(await isDrawn(page)).toBe(false)
    expect(await nmbrs(page).getAttribute("href")).toBe("/connect")
  })
})

describe("start", () => {
  it.each([
    "https://evil.example/",
    "//evil.example/connect",
    "/\\evil.example/connect",
    "http://localhost:1/connect",
    "javascript:alert(1)",
    "data:text/html,x",
    "blob:http://127.0.0.1/x",
    "http://",
    "",
  ])("must be of the page's own site: %s", async (start) => {
    const { page, complaints } = await openHost("plain", { mode: "popup", start })
    const drawn = page.locator("koppel-button#a").locator("a[part=link]")
    expect(await drawn.getAttribute("href")).toBeNull()
    expect(complaints.console[0]).toContain("start must be a path of this page's own site")
    await drawn.click()
    expect(page.context().pages()).toHaveLength(1)
    expect(new URL(page.url()).origin).toBe(app.origin)
  })
})

describe("a hostile page", () => {
  /** Serves a page on another site, and opens it. */
  async function openHostile(body: string): Promise<Page> {
    const host = await serveOn("localhost", (_url, _request, response) => {
      const collect = "window.heard = []; onmessage = ({ data }) => heard.push(data)"
      sendPage(response, `<script>${collect}</script>${body}`)
    })
    hosts.push(host)
    const page = await (await newContext()).newPage()
    await page.goto(host.origin)
    return page
  }
  const heard = (page: Page) => page.evaluate(() => Reflect.get(window, "heard"))

  it("that embeds the button gets no way to another site's start", async () => {
    const start = `${app.origin}/plain/connect/nmbrs`
    const page = await openHostile(
      `<koppel-button provider="nmbrs" start="${start}" mode="popup"></koppel-button>
       <script src="${broker.issuer}/button.js"></script>`,
    )
    expect(await page.locator("a[part=link]").getAttribute("href")).toBeNull()
  })

  it("that opens the host and posts messages makes it say nothing", async () => {
    const page =
      await openHostile(`<button onclick="w = window.open('${app.origin}/plain/?mode=popup')">
      open</button>`)
    const [victim] = await Promise.all([page.waitForEvent("popup"), page.click("button")])
    const popup = await openPopup(victim)
    await page.evaluate(() => {
      const victim = Reflect.get(window, "w")
      for (const word of ["koppel:connected", "koppel:error"]) victim.postMessage(word, "*")
      new BroadcastChannel("koppel-undefined").postMessage("koppel:connected")
    })
    // Its messages came first: had they counted, there would be more than this one event.
    await finish(popup)
    await expectEvents(victim, [CONNECTED])
    expect(await heard(page)).toEqual([])
  })

  it("that frames the host hears nothing and makes it say nothing", async () => {
    const page = await openHostile(`<iframe src="${app.origin}/plain/?mode=popup"></iframe>`)
    const frame = page.frameLocator("iframe")
    const link = frame.getByRole("link", { name: "Connect Nmbrs" })
    const [popup] = await Promise.all([page.waitForEvent("popup"), link.click()])
    await popup.locator("form").first().waitFor()
    await page.evaluate(() => {
      frames[0]?.postMessage("koppel:error", "*")
      frames[0]?.postMessage({ koppel: "connected" }, "*")
    })
    await verify(popup)
    await popup.locator("button.go").click()
    await frame.locator("li").first().waitFor()
    expect(await frame.locator("li").allTextContents()).toEqual([CONNECTED])
    expect(await heard(page)).toEqual([])
  })

  it("that opens or frames the callback hears nothing", async () => {
    const callback = `${app.origin}/plain/callback?error=access_denied&state=x`
    const page = await openHostile(`<iframe src="${callback}"></iframe>
      <button onclick="w = window.open('${callback}')">open</button>`)
    const [popup] = await Promise.all([page.waitForEvent("popup"), page.click("button")])
    expect(await popup.locator("h1").textContent()).toBe("error")
    await page.frameLocator("iframe").locator("h1").waitFor()
    // A message of this page's own comes after all that was sent before.
    await page.evaluate(() => postMessage("last", "*"))
    await page.waitForFunction(() => Reflect.get(window, "heard").includes("last"))
    expect(await heard(page)).toEqual(["last"])
  })

  it("cannot frame the page that the button leads to", async () => {
    const page = await openHostile(`<iframe src="${app.origin}/plain/connect/nmbrs"></iframe>`)
    const frame = page.frames()[1]
    await frame?.waitForURL(/chrome-error:/)
    expect(frame?.url()).toMatch(/^chrome-error:/)
  })
})

describe("messages on the host's own origin", () => {
  it("count only from the popup, and only as one of three words", async () => {
    const { page } = await openHost("plain", { mode: "popup" })
    const popup = await openPopup(page)
    await page.evaluate(() => {
      postMessage("koppel:connected", location.origin)
      new BroadcastChannel("koppel-undefined").postMessage("koppel:connected")
    })
    await sendOn(popup, `${app.origin}/plain/`)
    await popup.waitForURL(`${app.origin}/plain/`)
    await popup.evaluate(() => {
      const channel = new BroadcastChannel(`koppel-${sessionStorage.koppel}`)
      for (const data of ["connected", { koppel: "connected" }, ["koppel:connected"], null]) {
        channel.postMessage(data)
        window.opener.postMessage(data, location.origin)
      }
    })
    await sendOn(popup, `${app.origin}/plain/connect/nmbrs`)
    await popup.locator("form").first().waitFor()
    await finish(popup)
    await expectEvents(page, [CONNECTED])
  })
})

describe("the look", () => {
  const LABELS = { en: "Connect Nmbrs", nl: "Nmbrs koppelen" }

  it.each([
    ["light", "en"],
    ["light", "nl"],
    ["dark", "en"],
    ["dark", "nl"],
  ] as const)("%s, %s: clean for axe, named, 44 px, with a focus ring", async (theme, lang) => {
    const { page } = await openHost("plain", { theme, lang })
    const link = page.getByRole("link", { name: LABELS[lang], exact: true })
    const box = await link.boundingBox()
    expect(box?.height).toBeGreaterThanOrEqual(44)
    expect(await link.getAttribute("lang")).toBe(lang)
    expect(await page.getByRole("link").count()).toBe(2)
    await screenshots(page, `button-${theme}-${lang}`)

    await page.keyboard.press("Tab")
    const ring = await link.evaluate((element) => {
      const { outlineStyle, outlineWidth } = getComputedStyle(element)
      return [element.matches(":focus"), outlineStyle, outlineWidth]
    })
    expect(ring).toEqual([true, "solid", "3px"])
    await screenshots(page, `button-focus-${theme}-${lang}`)

    await page.evaluate(AXE)
    const { violations, passes } = await page.evaluate(() => Reflect.get(window, "axe").run())
    expect(violations).toEqual([])
    expect(passes.map(({ id }: { id: string }) => id)).toContain("color-contrast")
    await page.keyboard.press("Enter")
    await page.locator("form").first().waitFor()
    expect(new URL(page.url()).origin).toBe(broker.issuer)
  })

  it("follows the page where it names no theme or language", async () => {
    const page = await (await newContext({ colorScheme: "dark" })).newPage()
    const background = () =>
      page
        .locator("a[part=link]")
        .first()
        .evaluate((link) => getComputedStyle(link).backgroundColor)
    await page.goto(`${app.origin}/plain/`)
    expect(await background()).toBe("rgb(23, 33, 31)")
    await page.evaluate(() => {
      document.documentElement.style.colorScheme = "light dark"
    })
    expect(await background()).toBe("rgb(232, 238, 236)")
    await page.evaluate(() => {
      document.documentElement.lang = "nl-BE"
      const button = document.createElement("koppel-button")
      button.setAttribute("provider", "nmbrs")
      button.setAttribute("start", "/plain/connect/nmbrs")
      document.querySelector("main")?.append(button)
    })
    expect(await page.getByRole("link", { name: "Nmbrs koppelen" }).count()).toBe(1)
  })

  it("is defined once where two scripts are on the page", async () => {
    const { page, complaints } = await openHost("plain")
    await page.addScriptTag({ url: `${broker.issuer}/button.js` })
    expect(complaints).toEqual({ console: [], requests: [] })
  })
})

describe("the sample app", () => {
  it.each([
    ["", "redirect"],
    ["?popup", "popup"],
  ])("has the button (/%s)", async (query, mode) => {
    const page = await (await newContext()).newPage()
    const complaints = collectComplaints(page)
    await page.goto(`${sampleUrl}/${query}`)
    expect(await page.locator("koppel-button a[part=link]").count()).toBe(2)
    await screenshots(page, `sample-${mode}`)
    if (mode === "popup") {
      await finish(await openPopup(page))
      await page.getByText("nmbrs: connected").waitFor()
    } else {
      await nmbrs(page).click()
      await verify(page)
      await page.locator("button.go").click()
      await page.waitForURL(`${sampleUrl}/callback?*`)
      expect(await page.locator("h1").textContent()).toContain("Nmbrs is connected")
    }
    expect(complaints).toEqual({ console: [], requests: [] })
  })
})
