/** Unique credentials through every route and outcome, then looked for in everything that came out. */
import { env } from "cloudflare:workers"
import { afterEach, describe, expect, it, vi } from "vitest"
import { purge } from "../../src/cron.ts"
import { writeLog } from "../../src/lib/log.ts"
import {
  type Arrival,
  authorizePath,
  Browser,
  claim,
  type Harness,
  type RegisteredApp,
  registerApp,
  returned,
} from "../support/worker/harness.ts"
import { type Answer, nmbrsFault, type ProviderCall, startLive } from "../support/worker/live.ts"
import { captureConsole, dumpTables } from "../support/worker/observe.ts"

afterEach(async () => {
  vi.restoreAllMocks()
  // Each test asks Nimbus anew: refused logins of the one before would stop it.
  await env.DB.prepare("DELETE FROM attempts").run()
})

const SECRETS = {
  token: "c0ffee0123456789c0ffee0123456789",
  password: "canary-Pass & <word> \"9'",
  pin: "739154",
}
const TYPED = {
  username: "canary-user@koppel.test",
  domain: "canarydomain",
  login_code: "canary-login",
  path: "canary-path",
}

interface Heard {
  readonly harness: Harness
  /** What every response of ours said, but the one answer that may. */
  readonly said: string[]
  /** Bodies of pages with a form: typed values may be written back there. */
  readonly forms: string[]
}

/** Notes status, headers and body of every response. */
function listen(harness: Harness): Heard {
  const said: string[] = []
  const forms: string[] = []
  const request = async (path: string, init?: RequestInit) => {
    const response = await harness.request(path, init)
    if (/\/credentials$/.test(path) && response.ok) return response
    const headers = JSON.stringify([...response.headers])
    const body = await response.clone().text()
    said.push(headers)
    if (body.includes('type="password"')) forms.push(body)
    else said.push(body)
    return response
  }
  return { harness: { ...harness, request }, said, forms }
}

/** Any way that a value may have been written; short pieces would be found by chance. */
function spellings(value: string): string[] {
  const escaped = value.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;")
  const shifted = [0, 1, 2].map((by) => btoa(" ".repeat(by) + value).slice(4, -4))
  return [
    value,
    escaped.replaceAll('"', "&quot;").replaceAll("'", "&#39;"),
    encodeURIComponent(value),
    new URLSearchParams({ v: value }).toString().slice(2),
    JSON.stringify(value).slice(1, -1),
    ...shifted.filter((text) => text.length >= 8),
    value.toUpperCase(),
    [...value].map((c) => c.charCodeAt(0).toString(16).padStart(2, "0")).join(""),
  ]
}

function expectNowhere(value: string, where: Record<string, string>): void {
  for (const [name, text] of Object.entries(where)) {
    for (const spelling of spellings(value)) {
      expect([name, spelling, text.includes(spelling)]).toEqual([name, spelling, false])
    }
  }
}

/** Everything that came out, by where. */
async function everything(heard: Heard, log: { text(): string }): Promise<Record<string, string>> {
  const tables = Object.entries(await dumpTables(env.DB))
  return {
    console: log.text(),
    responses: heard.said.join("\n"),
    ...Object.fromEntries(tables.map(([name, rows]) => [`table ${name}`, rows.join("\n")])),
  }
}

/** A provider that repeats everything it was sent, in headers and body, and answers as told. */
function echo(call: ProviderCall, status: number, type: string, wrap: (text: string) => string) {
  const text = `${call.url} ${JSON.stringify([...call.headers])} ${call.body}`
  return new Response(wrap(text), {
    status,
    headers: {
      "content-type": type,
      "x-echo": encodeURIComponent(text),
      "set-cookie": `e=${encodeURIComponent(text)}`,
    },
  })
}

const xml = (text: string) => text.replaceAll("&", "&amp;").replaceAll("<", "&lt;")
const echoes: [string, Answer][] = [
  ["the simulator's own answer", () => undefined],
  ["a fault that quotes the request", (call) => nmbrsFault(1001, xml(call.body))],
  ["a fault of another kind that does", (call) => nmbrsFault(9999, xml(call.body))],
  ["a subscription fault that does", (call) => nmbrsFault(1004, xml(call.body))],
  ["an error page that does", (call) => echo(call, 500, "text/html", (text) => `<p>${text}`)],
  ["a page with status 200 that does", (call) => echo(call, 200, "text/html", (text) => text)],
  [
    "JSON that does",
    (call) => echo(call, 200, "application/json", (text) => JSON.stringify({ text })),
  ],
  [
    "a refusal that does",
    (call) =>
      echo(call, 401, "application/json", (text) =>
        JSON.stringify({ error: "invalid_login", text }),
      ),
  ],
  [
    "a lock that does",
    (call) =>
      echo(call, 403, "application/json", (text) => JSON.stringify({ error: "locked", text })),
  ],
  [
    "a pin that does",
    (call) =>
      echo(call, 401, "application/json", (text) =>
        JSON.stringify({ error: "pin_required", text }),
      ),
  ],
  [
    "a redirect that carries it",
    (call) =>
      new Response(null, {
        status: 302,
        headers: { location: `https://evil.example/?${encodeURIComponent(call.body)}` },
      }),
  ],
  ["an error that quotes it", (call) => Promise.reject(new TypeError(`failed: ${call.body}`))],
]

/** Walks a flow through everything that a page has, whatever comes of it. */
async function wander(browser: Browser, page: Arrival, fields: Record<string, string>) {
  await browser.open(`${page.url}/asking`)
  const cancel = await browser.open(`${page.url}/cancel`)
  let last = page
  for (const change of [
    {},
    { pin: SECRETS.pin },
    { form_token: "x" },
    { reset_done: "1", use: "x" },
  ]) {
    const seen = await browser.submit(page, { ...fields, ...change })
    if (seen.forms.length > 0) last = seen
  }
  await browser.open(`${page.url}?change=1`)
  await browser.open(page.url)
  await new Browser(browserHarness(browser)).open(page.url)
  return { last, cancel }
}

const harnesses = new WeakMap<Browser, Harness>()
function browserHarness(browser: Browser): Harness {
  const harness = harnesses.get(browser)
  if (harness === undefined) throw new Error("unknown browser")
  return harness
}

async function openPage(heard: Heard, app: RegisteredApp, scope: string) {
  const browser = new Browser(heard.harness)
  harnesses.set(browser, heard.harness)
  return { browser, page: await browser.open(authorizePath(app, { scope })) }
}

const nmbrs = { domain: TYPED.domain, username: TYPED.username, token: SECRETS.token }
const nimbus = {
  account_url: `https://sandbox.nimbus.test/${TYPED.path}`,
  login_code: TYPED.login_code,
  password: SECRETS.password,
}
const variants: [string, Record<string, string>][] = [
  ["nmbrs", nmbrs],
  ["nmbrs", { ...nmbrs, token: `${SECRETS.token} ${SECRETS.token}` }],
  ["nmbrs", { domain: SECRETS.token, username: SECRETS.token, token: TYPED.username }],
  ["nmbrs", { ...nmbrs, domain: `https://${TYPED.domain}.evil.example/?${TYPED.path}` }],
  ["nimbus", nimbus],
  ["nimbus", { ...nimbus, account_url: `http://sandbox.nimbus.test/${TYPED.path}` }],
  ["nimbus", { ...nimbus, account_url: `https://evil.example/${TYPED.path}` }],
  [
    "nimbus",
    { ...nimbus, account_url: `https://${TYPED.login_code}:x@sandbox.nimbus.test/${TYPED.path}` },
  ],
  ["nimbus", { ...nimbus, pin: SECRETS.pin }],
]

describe("a canary", () => {
  it.each(echoes)("is found nowhere while the provider answers with %s", async (_, answer) => {
    const log = captureConsole()
    const heard = listen(startLive(answer))
    for (const environment of ["live", "test"]) {
      const app = await registerApp(heard.harness, { environment })
      for (const [scope, fields] of variants) {
        const { browser, page } = await openPage(heard, app, scope)
        const { cancel } = await wander(browser, page, fields)
        await purge(env.DB, heard.harness.clock.at)
        await browser.submit(cancel, {}, { cancel: "1" })
      }
    }
    const where = await everything(heard, log)
    expect(where.console?.length).toBeGreaterThan(1000)
    expect(heard.forms.length).toBeGreaterThan(10)
    const forms = { forms: heard.forms.join("\n") }
    expectNowhere(SECRETS.password, { ...where, ...forms })
    expectNowhere(SECRETS.pin, { ...where, ...forms })
    expectNowhere(`${SECRETS.token} ${SECRETS.token}`, { ...where, ...forms })
    for (const typed of Object.values(TYPED)) expectNowhere(typed, where)
  })

  it("goes through a whole connection to the one answer that may hold it", async () => {
    const log = captureConsole()
    const isLogin = (url: string) => url.includes("/login")
    const heard = listen(
      startLive(({ url }) => {
        if (isLogin(url)) return Response.json({ token: "t", expiresInSeconds: 60 })
        if (url.endsWith("/me"))
          return Response.json({ account: { name: "Firm" }, employee: { id: 1, apiUser: true } })
        return url.startsWith("https://sandbox.nimbus.test")
          ? Response.json({ statuses: ["Draft"] })
          : undefined
      }),
    )
    const { harness } = heard
    const app = await registerApp(harness, { environment: "live", credentials_access: true })
    const plain = await registerApp(harness, { environment: "live" })
    for (const [scope, fields] of [
      ["nmbrs:employees.read", { ...nmbrs, username: "works@koppel.test", domain: "sandbox" }],
      ["nimbus:api", nimbus],
    ] as const) {
      for (const one of [app, plain]) {
        const { browser, page } = await openPage(heard, one, scope)
        const summary = await browser.submit(page, fields)
        expect(summary.url).toMatch(/\/summary$/)
        await browser.open(`${page.url}?change=1`)
        const id = returned(await browser.submit(summary)).get("connection_id") ?? ""
        await claim(harness, one, id, "wrong")
        expect((await claim(harness, one, id)).status).toBe(200)
        const get = { headers: { authorization: one.basic } }
        expect((await harness.request(`/v1/connections/${id}`, get)).status).toBe(200)
        const asked = { method: "POST", ...get }
        const revealed = await harness.request(`/v1/connections/${id}/credentials`, asked)
        expect(revealed.status).toBe(one === app ? 200 : 403)
        if (one === app) {
          const body = (await revealed.json()) as { credentials: Record<string, string> }
          expect(body.credentials).toEqual(fields)
          expect(revealed.headers.get("cache-control")).toBe("no-store")
        }
        expect(
          (await harness.request(`/v1/connections/${id}/credentials`, { method: "POST" })).status,
        ).toBe(401)
      }
    }
    const where = await everything(heard, log)
    expect(where["table connections"]).toContain("con_00")
    for (const secret of [SECRETS.token, SECRETS.password]) {
      expectNowhere(secret, { ...where, forms: heard.forms.join("\n") })
    }
    expectNowhere(TYPED.login_code, where)
    expectNowhere(TYPED.path, where)
  })
})

describe("a log line", () => {
  it("holds a closed set of fields, whatever it is given", () => {
    const log = captureConsole()
    const line = {
      reference: "R",
      method: "GET",
      route: "/x",
      status: 200,
      client_id: "app_1",
      provider: "nmbrs",
      outcome: "works",
      code: "c",
      detail: "d",
    }
    const more = { ...line, url: "canary", body: "canary", token: "canary", toJSON: () => "canary" }
    writeLog(more)
    expect(log.lines()).toEqual([line])
  })

  it("is the only thing written, one for each request", async () => {
    const log = captureConsole()
    const heard = listen(startLive())
    const app = await registerApp(heard.harness)
    const { browser, page } = await openPage(heard, app, "nmbrs")
    await wander(browser, page, nmbrs)
    const known = [
      "reference",
      "method",
      "route",
      "status",
      "client_id",
      "provider",
      "outcome",
      "code",
      "detail",
    ]
    for (const line of log.lines()) {
      expect(Object.keys(line).filter((name) => !known.includes(name))).toEqual([])
      expect(String(line.route)).toMatch(/^\/[a-z*:_/.-]*$/)
    }
    const references = log.lines().map(({ reference }) => reference)
    expect(new Set(references).size).toBe(references.length)
  })
})
