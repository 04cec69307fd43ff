/** The application in workerd with real D1, a clock of its own and a browser made of a cookie jar. */

import { createExecutionContext, waitOnExecutionContext } from "cloudflare:test"
import { env } from "cloudflare:workers"
import { createApp, type Outside } from "../../../src/app.ts"
import type { Environment } from "../../../src/config.ts"

export const ISSUER = env.ISSUER
export const CALLBACK = "https://app.example/callback"

export interface Harness {
  /** The instant that the application sees, in milliseconds; tests move it. */
  clock: { at: number }
  /** Statements and batches sent to D1 since the last reset; a batch is one. */
  roundTrips: { count: number }
  /** What the application says that it is; another than `ISSUER` by the setting of that name. */
  readonly issuer: string
  request(path: string, init?: RequestInit): Promise<Response>
}

/** Starts the application; `outside` and `settings` replace what tests decide about. */
export function startHarness(
  outside: Partial<Outside> = {},
  settings: Partial<Environment> = {},
): Harness {
  const clock = { at: Date.UTC(2026, 10, 22, 12) }
  const roundTrips = { count: 0 }
  const app = createApp({
    // Each look at the clock is a millisecond later, as it nearly is in life.
    now: () => ++clock.at,
    fetch: () => Promise.reject(new TypeError("no network in this test")),
    sleep: (_seconds, signal) =>
      new Promise((resolve, reject) => {
        signal?.addEventListener("abort", () => reject(signal.reason))
        if (_seconds < 10) resolve()
      }),
    verificationSeconds: 0.2,
    ...outside,
  })
  const bindings = { ...env, DB: countRoundTrips(env.DB, roundTrips), ...settings }
  const named = String(bindings.ISSUER)
  // Tests also start it with what is no issuer.
  const issuer = URL.canParse(named) ? new URL(named).origin : ISSUER
  return {
    clock,
    roundTrips,
    issuer,
    request: async (path, init) => {
      const context = createExecutionContext()
      const response = await app.fetch(new Request(new URL(path, issuer), init), bindings, context)
      await waitOnExecutionContext(context)
      return response
    },
  }
}

/** Wraps D1 so that every journey to it is counted. */
function countRoundTrips(db: D1Database, roundTrips: { count: number }): D1Database {
  const wrapStatement = (statement: D1PreparedStatement): D1PreparedStatement =>
    new Proxy(statement, {
      get(target, name) {
        const value = Reflect.get(target, name)
        if (typeof value !== "function") return value
        return (...parameters: unknown[]) => {
          if (["run", "all", "first", "raw"].includes(String(name))) roundTrips.count++
          const result = value.apply(target, parameters)
          return name === "bind" ? wrapStatement(result) : result
        }
      },
    })
  return new Proxy(db, {
    get(target, name) {
      if (name === "prepare") return (sql: string) => wrapStatement(target.prepare(sql))
      if (name === "batch") {
        return (statements: D1PreparedStatement[]) => {
          roundTrips.count++
          return target.batch(statements)
        }
      }
      const value = Reflect.get(target, name)
      return typeof value === "function" ? value.bind(target) : value
    },
  })
}

export interface RegisteredApp {
  readonly client_id: string
  readonly client_secret: string
  readonly registration_access_token: string
  readonly basic: string
}

/** Registers an app over HTTP; members replace those of an ordinary test app. */
export async function registerApp(
  harness: Harness,
  members: Record<string, unknown> = {},
): Promise<RegisteredApp> {
  const response = await harness.request("/oauth/register", {
    method: "POST",
    headers: {
      authorization: `Bearer ${env.REGISTRATION_TOKEN}`,
      "content-type": "application/json",
    },
    body: JSON.stringify({
      client_name: "Urenweek",
      redirect_uris: [CALLBACK],
      response_types: ["connection_id", "code"],
      scope: "nmbrs nmbrs:companies.read nmbrs:employees.read nmbrs:hours.write nimbus nimbus:api",
      environment: "test",
      client_uri: "https://app.example/",
      ...members,
    }),
  })
  const body = (await response.json()) as RegisteredApp
  if (response.status !== 201) throw new Error(JSON.stringify(body))
  return { ...body, basic: basic(body.client_id, body.client_secret) }
}

/** Gives an `Authorization: Basic` value. */
export function basic(id: string, secret: string): string {
  return `Basic ${btoa(`${encodeURIComponent(id)}:${encodeURIComponent(secret)}`)}`
}

/** Gives the address of an authorize request. */
export function authorizePath(
  app: { client_id: string },
  parameters: Record<string, string | undefined> = {},
): string {
  const query = new URLSearchParams()
  const all = {
    response_type: "connection_id",
    client_id: app.client_id,
    redirect_uri: CALLBACK,
    scope: "nmbrs:employees.read",
    state: "state-of-this-flow",
    ...parameters,
  }
  for (const [name, value] of Object.entries(all)) if (value !== undefined) query.set(name, value)
  return `/oauth/authorize?${query}`
}

/** One form of a page. */
export interface Form {
  readonly action: string
  /** Values of its inputs, hidden ones too. */
  readonly values: Record<string, string>
}

/** What a browser has arrived at. */
export interface Arrival {
  readonly response: Response
  readonly url: string
  readonly status: number
  readonly html: string
  readonly forms: readonly Form[]
  /** Fields with `aria-invalid="true"`. */
  readonly blamed: readonly string[]
}

/** A browser without JavaScript: a cookie jar that follows redirects while they stay at Koppel. */
export class Browser {
  readonly #harness: Harness
  readonly cookies = new Map<string, string>()

  constructor(harness: Harness) {
    this.#harness = harness
  }

  /** Opens an address; redirects away from Koppel are not followed. */
  async open(path: string, init: RequestInit = {}): Promise<Arrival> {
    let url = new URL(path, this.#harness.issuer)
    let response = await this.#send(url, init)
    for (let hops = 0; hops < 10 && response.status >= 300 && response.status < 400; hops++) {
      const next = new URL(response.headers.get("location") ?? "", url)
      if (next.origin !== this.#harness.issuer) break
      url = next
      response = await this.#send(url, {})
    }
    return await arrive(response, url.href)
  }

  /** Fills a form of the page and presses its button (`button`: its name and value). */
  async submit(
    page: Arrival,
    values: Record<string, string> = {},
    button: Record<string, string> = {},
  ): Promise<Arrival> {
    const [form] = page.forms
    if (form === undefined) throw new Error(`no form at ${page.status} ${page.html}`)
    const body = new URLSearchParams({ ...form.values, ...values, ...button }).toString()
    return await this.open(new URL(form.action || page.url, page.url).href, {
      method: "POST",
      headers: {
        "content-type": "application/x-www-form-urlencoded",
        "sec-fetch-site": "same-origin",
        origin: "null",
      },
      body,
    })
  }

  async #send(url: URL, init: RequestInit): Promise<Response> {
    const headers = new Headers(init.headers)
    if (this.cookies.size > 0) {
      headers.set("cookie", [...this.cookies].map(([name, value]) => `${name}=${value}`).join("; "))
    }
    const response = await this.#harness.request(url.pathname + url.search, {
      ...init,
      headers,
      redirect: "manual",
    })
    for (const cookie of response.headers.getSetCookie()) {
      const [pair = ""] = cookie.split(";")
      const separator = pair.indexOf("=")
      this.cookies.set(pair.slice(0, separator), pair.slice(separator + 1))
    }
    return response
  }
}

async function arrive(response: Response, url: string): Promise<Arrival> {
  const html = await response.clone().text()
  const forms: { action: string; values: Record<string, string> }[] = []
  const blamed: string[] = []
  await new HTMLRewriter()
    .on("form", {
      element(element) {
        forms.push({ action: decode(element.getAttribute("action") ?? ""), values: {} })
      },
    })
    .on("form input", {
      element(element) {
        const name = element.getAttribute("name")
        if (element.getAttribute("type") === "checkbox" || name === null) return
        const values = forms.at(-1)?.values
        if (values !== undefined) values[name] = decode(element.getAttribute("value") ?? "")
        if (element.getAttribute("aria-invalid") === "true") blamed.push(name)
      },
    })
    .transform(new Response(html))
    .text()
  return { response, url, status: response.status, html, forms, blamed }
}

function decode(text: string): string {
  return text
    .replaceAll("&quot;", '"')
    .replaceAll("&#39;", "'")
    .replaceAll("&lt;", "<")
    .replaceAll("&gt;", ">")
    .replaceAll("&amp;", "&")
}

/** Magic credentials of the sandbox. */
export function nmbrsFields(who = "works"): Record<string, string> {
  return {
    domain: "sandbox",
    username: `${who}@koppel.test`,
    token: "0123456789abcdef0123456789abcdef",
  }
}

/** Magic credentials of the sandbox. */
export function nimbusFields(who = "works"): Record<string, string> {
  return {
    account_url: "https://sandbox.nimbus.test/",
    login_code: who,
    password: "correct-horse",
  }
}

/** Gives the query of the address that a browser was sent back to. */
export function returned(arrival: Arrival): URLSearchParams {
  const location = arrival.response.headers.get("location")
  if (location === null) throw new Error(`not sent back: ${arrival.status} ${arrival.html}`)
  return new URL(location).searchParams
}

/** Walks a whole flow to the app's callback; gives what came back. */
export async function connect(
  harness: Harness,
  app: { client_id: string },
  options: {
    readonly browser?: Browser
    readonly parameters?: Record<string, string | undefined>
    readonly fields?: Record<string, string>
  } = {},
): Promise<URLSearchParams> {
  const browser = options.browser ?? new Browser(harness)
  const form = await browser.open(authorizePath(app, options.parameters))
  const summary = await browser.submit(form, options.fields ?? nmbrsFields())
  return returned(await browser.submit(summary))
}

/** Claims a connection; gives the response. */
export function claim(
  harness: Harness,
  app: { basic: string },
  connectionId: string,
  state: string | null = "state-of-this-flow",
): Promise<Response> {
  return harness.request(`/v1/connections/${connectionId}/claim`, {
    method: "POST",
    headers: {
      authorization: app.basic,
      "content-type": "application/x-www-form-urlencoded",
    },
    body: new URLSearchParams(state === null ? {} : { state }).toString(),
  })
}
