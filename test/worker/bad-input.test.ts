/** Bad input over HTTP: the right refusal, never a 500, and a reference that the log line has too. */
import { env } from "cloudflare:workers"
import { afterEach, describe, expect, it, vi } from "vitest"
import { newId } from "../../src/lib/ids.ts"
import { importKeyRing } from "../../src/vault/key-ring.ts"
import { type Purpose, seal } from "../../src/vault/seal.ts"
import {
  authorizePath,
  Browser,
  type Harness,
  nmbrsFields,
  registerApp,
  startHarness,
} from "../support/worker/harness.ts"
import { captureConsole, referenceIn } from "../support/worker/observe.ts"

const FORM = "application/x-www-form-urlencoded"
const OPERATOR = { authorization: `Bearer ${env.REGISTRATION_TOKEN}` }

afterEach(() => {
  vi.restoreAllMocks()
})

function post(harness: Harness, path: string, body: BodyInit, type = FORM, more = {}) {
  const headers = { "content-type": type, ...more }
  return harness.request(path, { method: "POST", headers, body })
}

/** A page of a running flow, and how to post to it. */
async function openForm(harness: Harness) {
  const app = await registerApp(harness)
  const browser = new Browser(harness)
  const form = await browser.open(authorizePath(app))
  const path = new URL(form.url).pathname
  const cookie = [...browser.cookies].map(([name, value]) => `${name}=${value}`).join("; ")
  const token = form.forms[0]?.values.form_token ?? ""
  return { app, browser, form, path, cookie, token }
}

describe("an address that is not there", () => {
  it.each([
    "/",
    "/connect",
    "/connect/",
    "/oauth",
    "/oauth/authorize/",
    "/oauth/nothing",
    "/v1/connections/x/y/z",
    "/v2/connections",
    "/.well-known/security.txt",
    "/.env",
    "/connect/a/b/c",
    "/%00",
    "/%ff%fe",
    "/..%2f..%2fetc/passwd",
    "/__proto__",
    "/constructor",
  ])("is a 404 with a reference: %s", async (path) => {
    const response = await startHarness().request(path)
    expect(response.status).toBe(404)
    expect(referenceIn(await response.text())).toBeDefined()
  })

  it("is a page for a browser and problem+json for everything else", async () => {
    const harness = startHarness()
    const page = await harness.request("/nothing", { headers: { accept: "text/html,*/*" } })
    expect(page.headers.get("content-type")).toMatch(/^text\/html/)
    const problem = await harness.request("/nothing")
    expect(problem.headers.get("content-type")).toBe("application/problem+json")
    expect(await problem.json()).toMatchObject({ status: 404, code: "not_found" })
  })
})

describe("a method that an address doesn't take", () => {
  it.each([
    ["POST", "/oauth/authorize", "GET, HEAD"],
    ["PUT", "/oauth/register", "POST, GET, HEAD"],
    ["PATCH", "/oauth/register/app_x", "GET, HEAD, PUT, DELETE"],
    ["DELETE", "/healthz", "GET, HEAD"],
    ["POST", "/.well-known/jwks.json", "GET, HEAD"],
    ["DELETE", "/connect/x", "GET, HEAD, POST"],
    ["PUT", "/connect/x/summary", "GET, HEAD, POST"],
    ["POST", "/connect/x/asking", "GET, HEAD"],
    ["GET", "/v1/connections/x/claim", "POST"],
    ["GET", "/v1/connections/x/credentials", "POST"],
    ["POST", "/v1/connections/x", "GET, HEAD"],
  ])("is a 405 with Allow: %s %s", async (method, path, allow) => {
    const response = await startHarness().request(path, { method })
    expect(response.status).toBe(405)
    const sorted = (text: string | null) => (text ?? "").split(", ").sort()
    const allowed = sorted(response.headers.get("allow"))
    // More may come to an address; what it takes today must be told.
    expect(allowed).toEqual(expect.arrayContaining(sorted(allow)))
    expect(allowed).not.toContain(method)
    expect(referenceIn(await response.text())).toBeDefined()
  })

  it("is no HEAD: that answers as GET does, without a body", async () => {
    const response = await startHarness().request("/healthz", { method: "HEAD" })
    expect(response.status).toBe(200)
    expect(await response.text()).toBe("")
  })
})

describe("a body", () => {
  const large = `a=${"x".repeat(64 * 1024)}`
  const streamed = () =>
    new ReadableStream({
      start(controller) {
        for (let i = 0; i < 65; i++) controller.enqueue(new TextEncoder().encode("x".repeat(1024)))
        controller.close()
      },
    })

  it.each([
    ["with its length told", () => large],
    ["without its length told", streamed],
  ])("over 64 KB is a 413 at every route that reads one, %s", async (_, body) => {
    const harness = startHarness()
    const { path, cookie } = await openForm(harness)
    for (const target of [path, `${path}/summary`, `${path}/cancel`]) {
      expect((await post(harness, target, body(), FORM, { cookie })).status).toBe(413)
    }
    const claim = "/v1/connections/con_00000000000000000000000000/claim"
    expect((await post(harness, claim, body())).status).toBe(413)
    const json = "application/json"
    expect((await post(harness, "/oauth/register", body(), json, OPERATOR)).status).toBe(413)
  })

  it("of exactly 64 KB is read", async () => {
    const harness = startHarness()
    const body = large.slice(0, 64 * 1024)
    const claim = "/v1/connections/con_00000000000000000000000000/claim"
    expect((await post(harness, claim, body)).status).toBe(401)
  })

  it.each([
    "",
    "text/plain",
    "multipart/form-data; boundary=x",
    "application/json",
    `${FORM}, text/plain`,
    `${FORM}; charset=iso-8859-1`,
    "application/x-www-form-urlencodedx",
  ])("of another content type is a 415 for a form: %j", async (type) => {
    const harness = startHarness()
    const { path, cookie } = await openForm(harness)
    expect((await post(harness, path, new Uint8Array([97]), type, { cookie })).status).toBe(415)
    const claim = "/v1/connections/con_00000000000000000000000000/claim"
    expect((await post(harness, claim, new Uint8Array([97]), type)).status).toBe(415)
  })

  it("of another content type is a 415 for JSON", async () => {
    const harness = startHarness()
    for (const type of [FORM, "text/json", "application/json; charset=utf-16"]) {
      expect((await post(harness, "/oauth/register", "{}", type, OPERATOR)).status).toBe(415)
    }
  })

  it.each([
    ["a lone continuation byte", [0x61, 0x3d, 0x80]],
    ["an overlong slash", [0x61, 0x3d, 0xc0, 0xaf]],
    ["a surrogate", [0x61, 0x3d, 0xed, 0xa0, 0x80]],
    ["a cut-off sequence", [0x61, 0x3d, 0xe2, 0x82]],
    ["UTF-16", [0xff, 0xfe, 0x61, 0x00]],
  ])("that is not UTF-8 is a 400: %s", async (_, bytes) => {
    const harness = startHarness()
    const { path, cookie } = await openForm(harness)
    const body = new Uint8Array(bytes)
    expect((await post(harness, path, body, FORM, { cookie })).status).toBe(400)
    const json = "application/json"
    expect((await post(harness, "/oauth/register", body, json, OPERATOR)).status).toBe(400)
  })

  it.each(["", "{", "[1,2", "nul", '{"a":1}{', "\u0000"])(
    "that is not JSON is a 400: %j",
    async (body) => {
      const response = await post(
        startHarness(),
        "/oauth/register",
        body,
        "application/json",
        OPERATOR,
      )
      expect(response.status).toBe(400)
    },
  )
})

describe("a form with a field twice", () => {
  it.each(["form_token", "domain", "token", "cancel", "unknown"])(
    "is refused: %s",
    async (name) => {
      const harness = startHarness()
      const { path, cookie, token } = await openForm(harness)
      const body = new URLSearchParams({ ...nmbrsFields(), form_token: token })
      body.append(name, "once")
      body.append(name, "more")
      const response = await post(harness, path, body.toString(), FORM, { cookie })
      expect(response.status).toBe(403)
      expect(referenceIn(await response.text())).toBeDefined()
    },
  )
})

describe("a form that is not the page's own", () => {
  it.each([
    ["another site's", { "sec-fetch-site": "cross-site" }, (token: string) => token],
    ["a sibling's", { "sec-fetch-site": "same-site" }, (token: string) => token],
    ["without a token", {}, () => ""],
    ["with a token cut short", {}, (token: string) => token.slice(0, -1)],
    ["with a token and more", {}, (token: string) => `${token}A`],
    ["with non-ASCII for a token", {}, () => "é".repeat(43)],
  ])("is refused: %s", async (_, headers, make) => {
    const harness = startHarness()
    const { path, cookie, token } = await openForm(harness)
    for (const rest of ["", "/summary", "/cancel"]) {
      const body = new URLSearchParams({ ...nmbrsFields(), form_token: make(token), cancel: "1" })
      const more = { cookie, ...headers }
      const response = await post(harness, path + rest, body.toString(), FORM, more)
      expect([response.status, response.headers.get("location")]).toEqual([403, null])
    }
  })

  it("is refused with the token of another page of the same browser", async () => {
    const harness = startHarness()
    const { app, browser, form } = await openForm(harness)
    const other = await browser.open(authorizePath(app, { state: "other" }))
    const token = other.forms[0]?.values.form_token ?? ""
    expect((await browser.submit(form, { ...nmbrsFields(), form_token: token })).status).toBe(403)
  })
})

describe("an authorize request that is huge or odd", () => {
  const long = "x".repeat(100_000)
  it.each([
    ["a huge state", { state: long }, 303],
    ["a huge nonce", { nonce: long }, 303],
    ["a huge scope", { scope: `nmbrs:${long}` }, 303],
    ["thousands of scopes", { scope: "nmbrs:x ".repeat(5000) }, 303],
    ["a huge client_id", { client_id: long }, 400],
    ["a huge redirect_uri", { redirect_uri: `https://app.example/${long}` }, 400],
    ["a huge unknown parameter", { anything: long }, 303],
    ["NUL in client_id", { client_id: "app_\u0000" }, 400],
    ["NUL in scope", { scope: "nmbrs:\u0000" }, 303],
    ["NUL in state", { state: "\u0000" }, 303],
    ["a prototype's name as scope", { scope: "__proto__" }, 303],
    ["a prototype's name as bundle", { scope: "nmbrs:constructor" }, 303],
    ["a prototype's name as parameter", { __proto__x: "1", constructor: "2" }, 303],
    ["a state with a line break", { state: "a\r\nSet-Cookie: x=y" }, 303],
    ["a state that looks like a parameter", { state: "a&iss=https://evil.example" }, 303],
    ["a state beyond ASCII", { state: "\u{1f511}\u202e" }, 303],
  ])("is answered without a 500: %s", async (_, parameters, status) => {
    const harness = startHarness()
    const app = await registerApp(harness)
    const response = await harness.request(authorizePath(app, parameters), { redirect: "manual" })
    expect(response.status).toBe(status)
    expect(response.headers.get("set-cookie") ?? "").not.toContain("x=y")
    const location = response.headers.get("location")
    if (location?.startsWith("https://app.example/") === true) {
      expect(new URL(location).searchParams.getAll("iss")).toEqual([env.ISSUER])
    }
  })

  it("is answered without a 500 when its percent signs mean nothing", async () => {
    const harness = startHarness()
    const app = await registerApp(harness)
    for (const raw of ["state=%", "state=%ff", "scope=%zz", "%ff=1", "&&&=&=", "client_id=%c0"]) {
      const response = await harness.request(`${authorizePath(app)}&${raw}`, { redirect: "manual" })
      expect(response.status).toBeLessThan(500)
    }
  })
})

describe("the address of a page", () => {
  const rest = ["", "/summary", "/asking", "/cancel"]

  /** What the sealed part is turned into. */
  const tricks: [string, (sealed: string) => string][] = [
    ["cut short", (sealed) => sealed.slice(0, -8)],
    ["cut in half", (sealed) => sealed.slice(0, sealed.length / 2)],
    ["without its tag", (sealed) => sealed.split(".").slice(0, 4).join(".")],
    ["with a part more", (sealed) => `${sealed}.AAAA`],
    ["without dots", (sealed) => sealed.replaceAll(".", "")],
    ["dots only", () => "...."],
    ["one part garbage", (sealed) => `AAAA.${sealed.split(".").slice(1).join(".")}`],
    ["header that is a JSON string", (sealed) => replaceHeader(sealed, '"x"')],
    ["header that is null", (sealed) => replaceHeader(sealed, "null")],
    ["header that is an array", (sealed) => replaceHeader(sealed, "[]")],
    ["header without kid", (sealed) => replaceHeader(sealed, '{"alg":"A256GCMKW"}')],
    ["header with alg dir", (sealed) => replaceMember(sealed, { alg: "dir" })],
    ["header with zip", (sealed) => replaceMember(sealed, { zip: "DEF" })],
    ["header with crit", (sealed) => replaceMember(sealed, { crit: ["x"], x: 1 })],
    ["header of another app", (sealed) => replaceMember(sealed, { app: newId("app") })],
    ["encoded slashes", () => "..%2f..%2fhealthz"],
    ["encoded NUL", (sealed) => `${sealed}%00`],
    ["broken percent signs", () => "%ff%"],
    ["very long", () => "A".repeat(12_000)],
    ["a prototype's name", () => "__proto__"],
  ]

  it.each(tricks)("leads nowhere when it is %s", async (_, change) => {
    const harness = startHarness()
    const { path, cookie } = await openForm(harness)
    const sealed = path.slice("/connect/".length)
    for (const end of rest) {
      const target = `/connect/${change(sealed)}${end}`
      const seen = await harness.request(target, { headers: { cookie } })
      expect([seen.status, target.length]).toEqual([404, target.length])
      expect(seen.headers.get("content-type")).toMatch(/^text\/html/)
      expect(referenceIn(await seen.text())).toBeDefined()
      if (end === "/asking") continue
      const posted = await post(harness, target, "form_token=x", FORM, { cookie })
      expect(posted.status).toBe(404)
    }
  })

  it("leads nowhere when it was sealed for another purpose", async () => {
    const harness = startHarness()
    const { app, cookie } = await openForm(harness)
    const ring = await importKeyRing(env.SEALING_KEYS)
    const purposes: Purpose[] = ["session", "draft", "connection", "reconnect", "webhook_secret"]
    for (const purpose of purposes) {
      const place = { purpose, id: newId("con"), clientId: app.client_id, provider: "nmbrs" }
      const sealed = await seal(ring, { token: "x" }, place)
      expect((await harness.request(`/connect/${sealed}`, { headers: { cookie } })).status).toBe(
        404,
      )
    }
  })
})

function replaceHeader(sealed: string, header: string): string {
  const encoded = btoa(header).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "")
  return [encoded, ...sealed.split(".").slice(1)].join(".")
}

function replaceMember(sealed: string, members: Record<string, unknown>): string {
  const [header = ""] = sealed.split(".")
  const decoded = JSON.parse(atob(header.replaceAll("-", "+").replaceAll("_", "/"))) as object
  return replaceHeader(sealed, JSON.stringify({ ...decoded, ...members }))
}

describe("every error", () => {
  it("carries a reference of its own that stands in its log line, whatever face it has", async () => {
    const harness = startHarness()
    const { app, path, cookie } = await openForm(harness)
    const log = captureConsole()
    const errors: (() => Promise<Response>)[] = [
      () => harness.request("/nothing"),
      () => harness.request("/nothing", { headers: { accept: "text/html" } }),
      () => harness.request("/healthz", { method: "DELETE" }),
      () => harness.request("/oauth/authorize"),
      () => harness.request(authorizePath(app, { scope: "x" }), { redirect: "manual" }),
      () => harness.request("/connect/x"),
      () => harness.request(path),
      () => post(harness, path, "", "text/plain", { cookie }),
      () => post(harness, path, "domain=x", FORM, { cookie }),
      () => post(harness, "/oauth/register", "{}", "application/json"),
      () => post(harness, "/oauth/register", "{}", "application/json", OPERATOR),
      () => harness.request("/oauth/register/app_x", { headers: OPERATOR }),
      () => harness.request("/v1/connections/x"),
      () => harness.request("/v1/connections/x", { headers: { authorization: "Basic eDp5" } }),
    ]
    const seen = new Set<string>()
    for (const error of errors) {
      const response = await error()
      const location = new URL(response.headers.get("location") ?? "about:blank")
      const text = (await response.text()) + (location.searchParams.get("error_description") ?? "")
      const reference = referenceIn(text)
      expect([response.status, reference]).toEqual([response.status, expect.any(String)])
      const line = log.lines().at(-1)
      expect(line).toMatchObject({ reference, status: response.status, code: expect.any(String) })
      seen.add(reference ?? "")
    }
    expect(seen.size).toBe(errors.length)
    // Route patterns, never the addresses, which hold sealed requests and states.
    expect(log.text()).not.toContain(path.slice("/connect/".length))
    expect(log.text()).not.toContain("state-of-this-flow")
  })
})
