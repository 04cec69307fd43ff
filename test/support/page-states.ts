/** Every kind of page that the hosted flow has, one after another, for whoever looks at them. */
import type { Browser, BrowserContext, Page } from "playwright-core"
import { fieldsOf, type Hosted } from "./hosted-page.ts"

/** Looks at one page. */
export type Look = (name: string, page: Page) => Promise<void>

/** Fills the form and sends it by its main button. */
export async function paste(page: Page, fields: Readonly<Record<string, string>>): Promise<void> {
  for (const [name, value] of Object.entries(fields)) {
    await page.locator(`input[name="${name}"]`).fill(value)
  }
  await page.locator("button.go").click()
}

/** Opens an address in a browser profile of its own. */
async function open(context: BrowserContext, url: string): Promise<Page> {
  const page = await context.newPage()
  await page.goto(url)
  return page
}

const OUTCOMES = [
  ["nmbrs:employees.read", "wrong-token", "refused"],
  ["nmbrs:employees.read", "wrong-domain", "suggestion"],
  ["nmbrs:employees.read nmbrs:hours.write", "missing-permission", "rights"],
  ["nmbrs:employees.read", "down", "trouble"],
  ["nmbrs:employees.read nmbrs:hours.write", "works", "summary"],
  ["nmbrs:employees.read", "accountant", "notice"],
  ["nimbus:api", "pin", "pin"],
  ["nimbus:api", "locked", "locked"],
  ["nimbus:api", "not-api-user", "warning"],
] as const

/** The requester and the colleague, from the form to the last page. */
async function walkHandover(browser: Browser, hosted: Hosted, language: string, look: Look) {
  const requester = await browser.newContext()
  const colleague = await browser.newContext()
  const page = await open(requester, await hosted.pushedUrl({ ui_locales: language }))
  const { origin } = new URL(page.url())
  const address = page.url()
  await look("form of a known asker", page)
  await page.locator('button[name="handover"]').click()
  await look("link", page)
  const message = await page.locator("textarea").inputValue()
  const link = message.slice(message.indexOf(`${origin}/handover/`)).split(/\s/)[0] ?? ""
  await page.goto(address)
  await look("waiting", page)
  const other = await open(colleague, `${link}?ui_locales=${language}`)
  await look("lead", other)
  await other.locator("button.go").click()
  await look("lead without the tick", other)
  await other.locator('input[name="expected"]').check()
  await other.locator("button.go").click()
  await paste(other, fieldsOf("nmbrs", "works"))
  await other.locator("button.go").click()
  await look("helped", other)
  await page.goto(address)
  await look("handed", page)
  await page.goto(`${address}/cancel`)
  await look("cancel", page)
  await other.goto(`${link.slice(0, -4)}zzzz?ui_locales=${language}`)
  await look("link that is none", other)
  await requester.close()
  await colleague.close()
}

/** Walks through every kind of page in one language. */
export async function walkPages(browser: Browser, hosted: Hosted, language: string, look: Look) {
  for (const [scope, who, name] of OUTCOMES) {
    const context = await browser.newContext({ locale: language })
    const url = hosted.authorizeUrl({ scope, ui_locales: language })
    const page = await open(context, url)
    if (name === "refused" || name === "pin") await look(`form of ${scope}`, page)
    const address = page.url()
    await paste(page, fieldsOf(scope, who))
    await page.locator("h1").waitFor()
    await look(name, page)
    if (name === "summary") {
      const stranger = await browser.newContext({ locale: language })
      await look("page of another browser", await open(stranger, address))
      await look("address that is none", await open(stranger, `${hosted.broker.issuer}/connect/x`))
      await stranger.close()
    }
    await context.close()
  }
  await walkHandover(browser, hosted, language, look)
}
