/** The hosted page in Chromium: an app and its callback, what axe says, what is wider than the screen. */
import { readFileSync } from "node:fs"
import { createServer } from "node:http"
import { createRequire } from "node:module"
import type { AddressInfo } from "node:net"
import type { Page } from "playwright-core"
import { type RegisteredApp, registerApp } from "../../scripts/lib/registration.ts"
import { startBroker, type TestBroker } from "./browser.ts"

/** Evaluated from outside, which the page's policy does not forbid. */
const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8")

let people = 0

/** Who asks, each time somebody else: the same person would resume what was begun. */
const newAsker = () => ({
  end_user: JSON.stringify({ id: `user-${++people}`, email: "anna@bakkerij.example" }),
  organization: JSON.stringify({ name: "Bakkerij Jansen" }),
})

/** The fields of a magic login, by provider. */
export function fieldsOf(scope: string, who: string): Record<string, string> {
  return scope.startsWith("nmbrs")
    ? { domain: "sandbox", username: `${who}@koppel.test`, token: "0123456789abcdef".repeat(2) }
    : { account_url: "https://sandbox.nimbus.test/", login_code: who, password: "correct-horse" }
}

export interface Hosted {
  readonly broker: TestBroker
  readonly app: RegisteredApp
  /** The app's callback: a page that says what came back. */
  readonly callback: string
  /** The address of an authorize request. */
  authorizeUrl(parameters?: Record<string, string>): string
  /** The same by PAR, which says who asks. */
  pushedUrl(parameters?: Record<string, string>): Promise<string>
  stop(): Promise<void>
}

/** Starts a broker, and the callback of a test app that is registered there. */
export async function startHosted(): Promise<Hosted> {
  const server = createServer((_, response) => {
    response.setHeader("content-type", "text/html")
    response.end("<!doctype html><link rel=icon href='data:,'><h1>Back at the app</h1>")
  })
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening))
  const callback = `http://127.0.0.1:${(server.address() as AddressInfo).port}/callback`
  const broker = await startBroker()
  const app = await registerApp(broker.issuer, broker.registrationToken, {
    client_name: "Urenweek",
    redirect_uris: [callback],
    response_types: ["code"],
    scope: "nmbrs:companies.read nmbrs:employees.read nmbrs:hours.write nimbus:api",
    environment: "test",
    client_uri: "https://urenweek.example/",
  })
  const request = {
    response_type: "code",
    client_id: app.client_id,
    redirect_uri: callback,
    scope: "nmbrs:employees.read",
    state: "a-state-of-the-app",
  }
  const open = (query: Record<string, string>) =>
    `${broker.issuer}/oauth/authorize?${new URLSearchParams(query)}`
  return {
    broker,
    app,
    callback,
    authorizeUrl: (parameters = {}) => open({ ...request, ...parameters }),
    pushedUrl: async (parameters = {}) => {
      const secret = Buffer.from(`${app.client_id}:${app.client_secret}`).toString("base64")
      const response = await fetch(`${broker.issuer}/oauth/par`, {
        method: "POST",
        headers: { authorization: `Basic ${secret}` },
        body: new URLSearchParams({ ...request, ...newAsker(), ...parameters }),
      })
      const { request_uri } = (await response.json()) as { request_uri: string }
      return open({ client_id: app.client_id, request_uri })
    },
    stop: async () => {
      server.close()
      await broker.stop()
    },
  }
}

/** What axe finds wrong: WCAG and its best practices. */
export async function violationsOf(page: Page): Promise<string[]> {
  await page.evaluate(AXE)
  return await page.evaluate(async () => {
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
