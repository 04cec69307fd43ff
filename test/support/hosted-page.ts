/** The hosted page in Chromium: apps of its own, requests, what axe says, what is wider than the screen. */
import { createRequire } from "node:module"
import type { Page } from "playwright-core"
import { type RegisteredApp, registerApp } from "../../scripts/lib/registration.ts"
import type { TestBroker } from "./browser.ts"

const AXE = createRequire(import.meta.url).resolve("axe-core/axe.min.js")

/** Nothing listens there: what a test wants to see is at the broker. */
export const CALLBACK = "http://localhost:9/callback"

export const ASKER = {
  end_user: JSON.stringify({ id: "user-7", email: "anna@bakkerij.example", name: "Anna" }),
  organization: JSON.stringify({ name: "Bakkerij Jansen" }),
}

/** The fields of a magic login, by provider. */
export function fieldsOf(scope: string, who: string): Record<string, string> {
  return scope.startsWith("nmbrs")
    ? { domain: "sandbox", username: `${who}@koppel.test`, token: "0123456789abcdef".repeat(2) }
    : { account_url: "https://sandbox.nimbus.test/", login_code: who, password: "correct-horse" }
}

/** Registers a test app with a broker; members replace those of an ordinary one. */
export async function registerTestApp(
  { issuer, registrationToken }: TestBroker,
  members: Record<string, unknown> = {},
): Promise<RegisteredApp> {
  return await registerApp(issuer, registrationToken, {
    client_name: "Urenweek",
    redirect_uris: [CALLBACK],
    response_types: ["code"],
    scope: "nmbrs:companies.read nmbrs:employees.read nmbrs:hours.write nimbus:api",
    environment: "test",
    client_uri: "https://urenweek.example/",
    accent_color: "#0b6b5d",
    ...members,
  })
}

/** The address of an authorize request. */
export function authorizeUrl(
  { issuer }: TestBroker,
  app: RegisteredApp,
  parameters: Record<string, string> = {},
): string {
  const query = new URLSearchParams({
    response_type: "code",
    client_id: app.client_id,
    redirect_uri: CALLBACK,
    scope: "nmbrs:employees.read",
    state: "a-state-of-the-app",
    ...parameters,
  })
  return `${issuer}/oauth/authorize?${query}`
}

/** The same by PAR, which says who asks. */
export async function pushedUrl(
  { issuer }: TestBroker,
  app: RegisteredApp,
  parameters: Record<string, string> = {},
): Promise<string> {
  const secret = Buffer.from(`${app.client_id}:${app.client_secret}`).toString("base64")
  const response = await fetch(`${issuer}/oauth/par`, {
    method: "POST",
    headers: { authorization: `Basic ${secret}` },
    body: new URLSearchParams({
      response_type: "code",
      redirect_uri: CALLBACK,
      scope: "nmbrs:employees.read",
      state: "a-state-of-the-app",
      ...ASKER,
      ...parameters,
    }),
  })
  const { request_uri } = (await response.json()) as { request_uri: string }
  const query = new URLSearchParams({ client_id: app.client_id, request_uri })
  return `${issuer}/oauth/authorize?${query}`
}

/** What axe finds wrong; best practices too. The page's policy does not bind the test's own script. */
export async function violationsOf(page: Page): Promise<string[]> {
  const session = await page.context().newCDPSession(page)
  await session.send("Page.setBypassCSP", { enabled: true })
  await page.addScriptTag({ path: AXE })
  const found = await page.evaluate(async () => {
    const { axe } = globalThis as unknown as {
      axe: {
        run(options: object): Promise<{
          violations: { id: string; nodes: { html: string; failureSummary: string }[] }[]
        }>
      }
    }
    const { violations } = await axe.run({ resultTypes: ["violations"] })
    return violations.map(
      ({ id, nodes }) => `${id}: ${nodes[0]?.html.slice(0, 160)} ${nodes[0]?.failureSummary}`,
    )
  })
  await session.detach()
  return found
}

/** What sticks out of the page at the right; nothing where there is no scroll bar. */
export async function stickingOut(page: Page): Promise<string[]> {
  return await page.evaluate(() => {
    const room = document.documentElement.clientWidth
    if (document.documentElement.scrollWidth <= room) return []
    const wide = [...document.querySelectorAll("body *")].filter(
      (element) => element.getBoundingClientRect().right > room + 1,
    )
    return [`${document.documentElement.scrollWidth} > ${room}`].concat(
      wide.map((element) => element.outerHTML.slice(0, 120)),
    )
  })
}

/** What has the keyboard: its tag, name and value. */
export async function focused(page: Page): Promise<{ tag: string; name: string; text: string }> {
  return await page.evaluate(() => {
    const element = document.activeElement as HTMLElement & { name?: string }
    return {
      tag: element.tagName.toLowerCase(),
      name: element.name ?? "",
      text: (element.textContent ?? "").trim(),
    }
  })
}

/** Presses Tab until what has the keyboard fits; fails after a whole round. */
export async function tabTo(
  page: Page,
  fits: (one: { tag: string; name: string; text: string }) => boolean,
): Promise<void> {
  for (let presses = 0; presses < 120; presses++) {
    await page.keyboard.press("Tab")
    if (fits(await focused(page))) return
  }
  throw new Error("The keyboard does not get there.")
}
