/** Settings and bindings that are missing, malformed or down: refuse, say which, never its value. */
import { env } from "cloudflare:workers"
import { exportJWK, generateKeyPair } from "jose"
import { describe, expect, it } from "vitest"
import {
  authorizePath,
  Browser,
  claim,
  connect,
  nmbrsFields,
  registerApp,
  returned,
  startHarness,
} from "../support/worker/harness.ts"
import { brokenDatabase, settings } from "../support/worker/observe.ts"

const ROUTES: [string, string][] = [
  ["GET", "/healthz"],
  ["GET", "/.well-known/jwks.json"],
  ["GET", "/oauth/authorize?client_id=app_x"],
  ["POST", "/oauth/register"],
  ["GET", "/connect/x"],
  ["POST", "/connect/x"],
  ["GET", "/v1/connections/con_x"],
  ["POST", "/v1/connections/con_x/claim"],
  ["GET", "/nothing"],
]
const CANARY = "canary-value-of-a-setting"
const oct = (k: string, kid = "k") => JSON.stringify({ keys: [{ kty: "oct", kid, k }] })
const longKey = "ZAALBd9zh303EppwuJiDh84Dqsh-xP2a1smluiy6k0Q"

const malformed: [string, unknown][] = [
  ["ISSUER", undefined],
  ["ISSUER", CANARY],
  ["ISSUER", "https://koppel.example/"],
  ["ISSUER", "https://koppel.example/path"],
  ["ISSUER", "https://KOPPEL.example"],
  ["ISSUER", "https://koppel.example:443"],
  ["ISSUER", "https://user@koppel.example"],
  ["ISSUER", "http://koppel.example"],
  ["ISSUER", "http://localhost.evil.example"],
  ["ISSUER", "ftp://localhost"],
  ["RATE_LIMITS", "maybe"],
  ["RATE_LIMITS", "OFF"],
  ["SEALING_KEYS", undefined],
  ["SEALING_KEYS", ""],
  ["SEALING_KEYS", CANARY],
  ["SEALING_KEYS", "{}"],
  ["SEALING_KEYS", '{"keys":[]}'],
  ["SEALING_KEYS", oct("dG9vLXNob3J0")],
  ["SEALING_KEYS", oct(`${"!".repeat(43)}`)],
  [
    "SEALING_KEYS",
    JSON.stringify({ keys: [JSON.parse(oct(longKey)).keys[0], JSON.parse(oct(longKey)).keys[0]] }),
  ],
  ["SIGNING_KEYS", undefined],
  ["SIGNING_KEYS", CANARY],
  ["SIGNING_KEYS", '{"keys":[]}'],
  ["SIGNING_KEYS", oct(longKey)],
  [
    "SIGNING_KEYS",
    JSON.stringify({ keys: [{ ...JSON.parse(env.SIGNING_KEYS).keys[0], d: undefined }] }),
  ],
  [
    "SIGNING_KEYS",
    JSON.stringify({ keys: [{ ...JSON.parse(env.SIGNING_KEYS).keys[0], x: longKey }] }),
  ],
  ["FINGERPRINT_KEY", undefined],
  ["FINGERPRINT_KEY", "dG9vLXNob3J0"],
  ["FINGERPRINT_KEY", "not base64url!"],
  ["REGISTRATION_TOKEN", undefined],
  ["REGISTRATION_TOKEN", "short"],
  ["DB", undefined],
  ["DB", "a variable of this name"],
  ["LIMIT_PAGE", undefined],
  ["LIMIT_SUBMIT", undefined],
  ["LIMIT_API", undefined],
  ["LIMIT_API", "a variable of this name"],
]

describe("a setting or binding that is missing or malformed", () => {
  it.each(malformed)(
    "refuses every route and is named at /healthz: %s = %j",
    async (name, value) => {
      const harness = startHarness({}, settings({ [name]: value }))
      for (const [method, path] of ROUTES) {
        const headers = { accept: "text/html" }
        const response = await harness.request(path, { method, headers, redirect: "manual" })
        const text = await response.text()
        expect([method, path, response.status]).toEqual([method, path, 503])
        if (typeof value === "string" && value.length > 3) expect(text).not.toContain(value)
        if (path !== "/healthz") continue
        const body = JSON.parse(text) as { status: string; settings: string[] }
        expect(body.status).toBe("misconfigured")
        // Under an issuer that is none, `RATE_LIMITS=off` is not allowed either.
        expect(body.settings).toContain(name)
        if (name !== "ISSUER") expect(body.settings).toEqual([name])
      }
    },
  )

  it("is named together with all others", async () => {
    const wrong = { SEALING_KEYS: "x", SIGNING_KEYS: "x", REGISTRATION_TOKEN: "x", DB: undefined }
    const response = await startHarness({}, settings(wrong)).request("/healthz")
    const body = (await response.json()) as { settings: string[] }
    expect(body.settings.sort()).toEqual(Object.keys(wrong).sort())
  })

  it("names a signing key that is on no curve, wherever it stands in the set", async () => {
    const own = JSON.parse(env.SIGNING_KEYS).keys[0] as Record<string, unknown>
    const { privateKey } = await generateKeyPair("ES256", { extractable: true })
    const other = { ...(await exportJWK(privateKey)), kid: "second" }
    const fine = startHarness(
      {},
      settings({ SIGNING_KEYS: JSON.stringify({ keys: [own, other] }) }),
    )
    expect((await fine.request("/healthz")).status).toBe(200)
    const twice = JSON.stringify({ keys: [own, { ...other, kid: own.kid }] })
    const wrong = startHarness({}, settings({ SIGNING_KEYS: twice }))
    expect(await (await wrong.request("/healthz")).json()).toMatchObject({
      settings: ["SIGNING_KEYS"],
    })
  })

  it("is forgotten as soon as it is mended", async () => {
    expect(
      (await startHarness({}, settings({ SEALING_KEYS: "x" })).request("/healthz")).status,
    ).toBe(503)
    expect((await startHarness().request("/healthz")).status).toBe(200)
  })
})

describe("a malformed provider setting", () => {
  it.each([
    ["nmbrs", "NMBRS_API_URL", { NMBRS_API_URL: "https://api.nmbrs.nl/soap?x=canary" }],
    ["nmbrs", "NMBRS_API_URL", { NMBRS_API_URL: "ftp://api.nmbrs.nl" }],
    ["nimbus", "NIMBUS_PROFILE", { NIMBUS_PROFILE: "{canary", NIMBUS_ALLOWED_HOSTS: "a.example" }],
    ["nimbus", "NIMBUS_PROFILE", { NIMBUS_PROFILE: "{}", NIMBUS_ALLOWED_HOSTS: "a.example" }],
    ["nimbus", "NIMBUS_ALLOWED_HOSTS", { NIMBUS_ALLOWED_HOSTS: "https://canary/" }],
  ])("switches off %s for live apps alone (%s)", async (provider, setting, values) => {
    const harness = startHarness({}, settings(values))
    const health = await harness.request("/healthz")
    expect(health.status).toBe(200)
    const text = await health.text()
    expect(text).not.toContain("canary")
    expect(JSON.parse(text)).toMatchObject({
      status: "ok",
      providers: { [provider]: "misconfigured" },
      settings: [setting],
    })

    const live = await registerApp(harness, { environment: "live" })
    const refused = await new Browser(harness).open(authorizePath(live, { scope: provider }))
    expect(returned(refused).get("error")).toBe("temporarily_unavailable")
    expect(returned(refused).get("state")).toBe("state-of-this-flow")
    const other = provider === "nmbrs" ? "nimbus" : "nmbrs"
    expect((await new Browser(harness).open(authorizePath(live, { scope: other }))).status).toBe(
      200,
    )

    const test = await registerApp(harness)
    expect((await new Browser(harness).open(authorizePath(test, { scope: provider }))).status).toBe(
      200,
    )
  })

  it("that appears while the page is open is no wrong password", async () => {
    const harness = startHarness()
    const app = await registerApp(harness, { environment: "live" })
    const browser = new Browser(harness)
    const form = await browser.open(authorizePath(app))
    const broken = startHarness({}, settings({ NMBRS_API_URL: "nonsense" }))
    broken.clock.at = harness.clock.at
    const later = new Browser(broken)
    for (const [name, value] of browser.cookies) later.cookies.set(name, value)
    const seen = await later.submit(form, nmbrsFields())
    expect([seen.status, seen.blamed]).toEqual([200, []])
    expect(seen.html).toContain("We could not reach Nmbrs")
  })
})

describe("http upstreams", () => {
  it("are for a loopback issuer only", async () => {
    const values = { NMBRS_API_URL: "http://127.0.0.1:9999" }
    const here = await startHarness({}, settings(values)).request("/healthz")
    expect(await here.json()).toMatchObject({ providers: { nmbrs: "ok" } })
    const https = { ...values, ISSUER: "https://koppel.example", RATE_LIMITS: "on" }
    const there = await startHarness({}, settings(https)).request("/healthz")
    expect(await there.json()).toMatchObject({ providers: { nmbrs: "misconfigured" } })
  })
})

describe("under an https issuer", () => {
  const https = { ISSUER: "https://koppel.example" }

  it("the rate limits can't be off", async () => {
    const harness = startHarness({}, settings({ ...https, RATE_LIMITS: "off" }))
    const response = await harness.request("/healthz")
    expect([response.status, await response.json()]).toEqual([
      503,
      { status: "misconfigured", settings: ["RATE_LIMITS"] },
    ])
  })

  it.each(["on", undefined, ""])("the cookie is __Host- and Secure, limits %j", async (limits) => {
    const harness = startHarness({}, settings({ ...https, RATE_LIMITS: limits }))
    const app = await registerApp(harness)
    const response = await harness.request(authorizePath(app), { redirect: "manual" })
    expect(response.headers.get("location")).toMatch(/^https:\/\/koppel\.example\/connect\//)
    const [cookie = ""] = response.headers.getSetCookie()
    expect(cookie).toMatch(/^__Host-koppel=[A-Za-z0-9_-]{43};/)
    for (const attribute of [/; Secure/, /; HttpOnly/, /; SameSite=Lax/, /; Path=\/(;|$)/]) {
      expect(cookie).toMatch(attribute)
    }
    expect(cookie).not.toMatch(/Domain=/i)
  })

  it("a cookie without the prefix opens nothing", async () => {
    const harness = startHarness({}, settings({ ...https, RATE_LIMITS: "on" }))
    const app = await registerApp(harness)
    const response = await harness.request(authorizePath(app), { redirect: "manual" })
    const [cookie = ""] = response.headers.getSetCookie()
    const value = /=([^;]+)/.exec(cookie)?.[1]
    const { pathname } = new URL(response.headers.get("location") ?? "")
    const open = (name: string) =>
      harness.request(pathname, { headers: { cookie: `${name}=${value}` } })
    expect((await open("__Host-koppel")).status).toBe(200)
    expect((await open("koppel")).status).toBe(403)
  })
})

describe("a rate limiter", () => {
  const yes = { limit: async () => ({ success: true }) }
  const all = { RATE_LIMITS: "on", LIMIT_PAGE: yes, LIMIT_SUBMIT: yes, LIMIT_API: yes }
  const routes: [string, string, string][] = [
    ["LIMIT_PAGE", "GET", "/connect/x"],
    ["LIMIT_SUBMIT", "POST", "/connect/x"],
    ["LIMIT_PAGE", "GET", "/oauth/authorize"],
    ["LIMIT_API", "POST", "/oauth/register"],
    ["LIMIT_API", "GET", "/v1/connections/x"],
    ["LIMIT_API", "POST", "/v1/connections/x/claim"],
  ]

  it.each(routes)(
    "%s that says no is a 429 with Retry-After for %s %s",
    async (name, method, path) => {
      const limited = settings({ ...all, [name]: { limit: async () => ({ success: false }) } })
      const response = await startHarness({}, limited).request(path, { method })
      expect([response.status, response.headers.get("retry-after")]).toEqual([429, "60"])
      expect((await startHarness({}, settings(all)).request(path, { method })).status).not.toBe(429)
    },
  )

  it.each(routes)("%s that is down refuses with 503 for %s %s", async (name, method, path) => {
    const broken = [
      { limit: () => Promise.reject(new Error("down")) },
      {
        limit: () => {
          throw new Error("down")
        },
      },
    ]
    for (const one of broken) {
      const response = await startHarness({}, settings({ ...all, [name]: one })).request(path, {
        method,
      })
      expect([response.status, response.headers.get("retry-after")]).toEqual([503, "60"])
    }
  })

  it("counts by the caller's address", async () => {
    const keys: string[] = []
    const noting = {
      limit: async ({ key }: { key: string }) => {
        keys.push(key)
        return { success: true }
      },
    }
    const harness = startHarness({}, settings({ ...all, LIMIT_PAGE: noting }))
    for (const address of ["203.0.113.1", "203.0.113.2"]) {
      await harness.request("/connect/x", {
        headers: { "cf-connecting-ip": address, "x-forwarded-for": "spoofed" },
      })
    }
    expect(keys).toEqual(["203.0.113.1", "203.0.113.2"])
  })
})

describe("D1 that is overloaded or gone", () => {
  it.each([
    "D1_ERROR: D1 DB is overloaded. Requests queued for too long.",
    "D1_ERROR: D1 DB is overloaded. Too many requests queued.",
    "D1 DB storage operation exceeded timeout which caused object to be reset.",
    "D1 DB exceeded its memory limit and was reset.",
    "D1 DB exceeded its CPU time limit and was reset.",
    "D1 DB reset because its code was updated.",
    "Network connection lost.",
    "Internal error while starting up D1 DB storage caused object to be reset.",
    "Internal error in D1 DB storage caused object to be reset.",
    "Cannot resolve D1 DB due to transient issue on remote node.",
    "Can't read from request stream because client disconnected.",
  ])("is a 503 with Retry-After everywhere: %s", async (message) => {
    const healthy = startHarness()
    const app = await registerApp(healthy)
    const browser = new Browser(healthy)
    const form = await browser.open(authorizePath(app))
    const cookie = [...browser.cookies].map(([name, value]) => `${name}=${value}`).join("; ")
    const harness = startHarness({}, settings({ DB: brokenDatabase(message) }))
    harness.clock.at = healthy.clock.at
    const body = new URLSearchParams({ ...nmbrsFields(), ...form.forms[0]?.values }).toString()
    const type = { "content-type": "application/x-www-form-urlencoded" }
    const path = new URL(form.url).pathname
    const answers = [
      await harness.request(authorizePath(app)),
      await harness.request(path, { headers: { cookie } }),
      await harness.request(path, { method: "POST", headers: { cookie, ...type }, body }),
      await harness.request(`${path}/summary`, {
        method: "POST",
        headers: { cookie, ...type },
        body,
      }),
      await claim(harness, app, "con_00000000000000000000000000"),
      await harness.request("/oauth/register", {
        headers: { authorization: `Bearer ${env.REGISTRATION_TOKEN}` },
      }),
    ]
    for (const response of answers) {
      expect([response.url, response.status]).toEqual([response.url, 503])
      expect(Number(response.headers.get("retry-after"))).toBeGreaterThan(0)
      expect(await response.text()).not.toContain(message)
    }
  })

  it.each([
    "D1_ERROR: no such column: x at offset 7: SQLITE_ERROR",
    "D1_ERROR: UNIQUE constraint failed: apps.client_id: SQLITE_CONSTRAINT",
  ])("is not what a statement of ours that D1 refuses is called: %s", async (message) => {
    const app = await registerApp(startHarness())
    const harness = startHarness({}, settings({ DB: brokenDatabase(message) }))
    const response = await harness.request(authorizePath(app))
    expect([response.status, response.headers.get("retry-after")]).toEqual([500, null])
    expect(await response.text()).not.toContain("SQLITE")
  })

  it("loses nothing: the same flow ends once D1 is back", async () => {
    const harness = startHarness()
    const app = await registerApp(harness)
    const query = await connect(harness, app)
    const id = query.get("connection_id") ?? ""
    const broken = startHarness({}, settings({ DB: brokenDatabase("D1 DB is overloaded.") }))
    broken.clock.at = harness.clock.at
    expect((await claim(broken, app, id)).status).toBe(503)
    expect((await claim(harness, app, id)).status).toBe(200)
  })
})
