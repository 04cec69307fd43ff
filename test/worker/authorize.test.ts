/** GET /oauth/authorize: every check in its order, and where the browser is after each. */
import { env } from "cloudflare:workers"
import fc from "fast-check"
import { beforeAll, describe, expect, it } from "vitest"
import {
  authorizePath,
  Browser,
  CALLBACK,
  type Harness,
  ISSUER,
  nmbrsFields,
  type RegisteredApp,
  registerApp,
  returned,
  startHarness,
} from "../support/worker/harness.ts"

let harness: Harness
let app: RegisteredApp

beforeAll(async () => {
  harness = startHarness()
  app = await registerApp(harness)
})

function ask(path: string): Promise<Response> {
  return harness.request(path, { redirect: "manual" })
}

async function expectPage(response: Response): Promise<string> {
  expect([response.status, response.headers.get("location")]).toEqual([400, null])
  expect(response.headers.get("content-type")).toMatch(/^text\/html/)
  return await response.text()
}

function expectErrorRedirect(response: Response, state: string | null, to = CALLBACK) {
  expect(response.status).toBe(303)
  expect(response.headers.get("cache-control")).toBe("no-store")
  const location = response.headers.get("location") ?? ""
  expect(location.startsWith(to)).toBe(true)
  const query = new URL(location).searchParams
  expect(query.getAll("iss")).toEqual([ISSUER])
  expect(query.get("state")).toBe(state)
  expect(query.get("error_description")).toMatch(/\(reference [0-9A-Z]{8}\)$/)
  return query.get("error")
}

describe("before client and redirect URI are proven the browser stays", () => {
  it.each([
    ["no client_id", { client_id: undefined }],
    ["an empty client_id", { client_id: "" }],
    ["an unknown client_id", { client_id: "app_000000000000000000000000000" }],
    [
      "a client_id in another case",
      {},
      (path: string) => path.replace("client_id=app", "client_id=APP"),
    ],
    ["client_id twice", {}, (path: string) => `${path}&client_id=x`],
    ["client_id twice, the same", {}, (path: string) => `${path}&client_id=${app.client_id}`],
    ["no redirect_uri", { redirect_uri: undefined }],
    ["an empty redirect_uri", { redirect_uri: "" }],
    ["an unregistered redirect_uri", { redirect_uri: "https://evil.example/callback" }],
    ["redirect_uri twice", {}, (path: string) => `${path}&redirect_uri=https://evil.example/`],
    ["both wrong", { client_id: "x", redirect_uri: "https://evil.example/" }],
    [
      "everything else wrong too",
      { redirect_uri: "https://evil.example/", response_type: "x", scope: "x", state: undefined },
    ],
  ])(
    "%s",
    async (_, parameters: Record<string, string | undefined>, change = (path: string) => path) => {
      await expectPage(await ask(change(authorizePath(app, parameters))))
    },
  )

  it("a suspended app, whatever else is wrong", async () => {
    const suspended = await registerApp(harness, { suspended: true })
    await expectPage(await ask(authorizePath(suspended)))
    await expectPage(await ask(authorizePath(suspended, { redirect_uri: "https://evil.example/" })))
  })
})

describe("after that every error goes back to the app with state and iss", () => {
  it.each([
    ["no response_type", { response_type: undefined }, "invalid_request"],
    ["an unknown response_type", { response_type: "token" }, "unsupported_response_type"],
    [
      "two response types in one",
      { response_type: "connection_id code" },
      "unsupported_response_type",
    ],
    ["no scope", { scope: undefined }, "invalid_scope"],
    ["an empty scope", { scope: "" }, "invalid_scope"],
    ["blanks for scope", { scope: "   " }, "invalid_scope"],
    [
      "only what clients add by themselves",
      { scope: "openid profile email offline_access" },
      "invalid_scope",
    ],
    ["an unknown scope", { scope: "nmbrs:everything" }, "invalid_scope"],
    ["an unknown provider", { scope: "afas:employees.read" }, "invalid_scope"],
    ["a known and an unknown scope", { scope: "nmbrs:employees.read x" }, "invalid_scope"],
    ["a scope in another case", { scope: "Nmbrs:employees.read" }, "invalid_scope"],
    ["a scope with a tab", { scope: "nmbrs\tnmbrs:employees.read" }, "invalid_scope"],
    ["two providers", { scope: "nmbrs:employees.read nimbus:api" }, "invalid_scope"],
    ["a bundle that is not registered", { scope: "nmbrs:salaries.read" }, "invalid_scope"],
    [
      "a permission that is not registered",
      { scope: "nmbrs:EmployeeService.Salary_GetAll_AllEmployeesByCompany" },
      "invalid_scope",
    ],
    [
      "a permission with a colon",
      { scope: "nmbrs:EmployeeService:List_GetByCompany" },
      "invalid_scope",
    ],
    [
      "no response_type and no scope",
      { response_type: undefined, scope: undefined },
      "invalid_request",
    ],
    ["a nonce that is too long", { nonce: "n".repeat(2049) }, "invalid_request"],
  ])("%s", async (_, parameters: Record<string, string | undefined>, error) => {
    const response = await ask(authorizePath(app, parameters))
    expect(expectErrorRedirect(response, "state-of-this-flow")).toBe(error)
  })

  it.each(["response_type", "scope", "nonce", "anything"])("%s twice", async (name) => {
    const response = await ask(`${authorizePath(app)}&${name}=a&${name}=b`)
    expect(expectErrorRedirect(response, "state-of-this-flow")).toBe("invalid_request")
  })

  it("state twice, which is then told back to nobody", async () => {
    const response = await ask(`${authorizePath(app)}&state=other`)
    expect(expectErrorRedirect(response, null)).toBe("invalid_request")
  })

  it.each([
    ["missing", undefined],
    ["empty", ""],
    ["too long", "s".repeat(2049)],
  ])("a state that is %s", async (_, state) => {
    expect(expectErrorRedirect(await ask(authorizePath(app, { state })), null)).toBe(
      "invalid_request",
    )
  })

  it("a response type that the app is not registered for", async () => {
    const coding = await registerApp(harness, { response_types: ["code"] })
    const response = await ask(authorizePath(coding))
    expect(expectErrorRedirect(response, "state-of-this-flow")).toBe("unauthorized_client")
  })

  it("keeps the query that the app registered, and adds no second of anything", async () => {
    const uri = `${CALLBACK}?tenant=7&x=%20`
    const own = await registerApp(harness, { redirect_uris: [uri] })
    const response = await ask(authorizePath(own, { redirect_uri: uri, scope: "x" }))
    expectErrorRedirect(response, "state-of-this-flow", `${uri}&error=invalid_scope&`)
  })

  it("gives back the very state, whatever is in it", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.string({ minLength: 1, maxLength: 60, unit: "grapheme" }),
        async (state) => {
          const response = await ask(authorizePath(app, { state, scope: "x" }))
          const query = new URL(response.headers.get("location") ?? "").searchParams
          expect(query.getAll("state")).toEqual([state])
          expect(query.getAll("iss")).toEqual([ISSUER])
          expect(query.getAll("error")).toEqual(["invalid_scope"])
        },
      ),
      { numRuns: 100 },
    )
  })
})

describe("a request that is right", () => {
  it.each([
    ["a bundle", "nmbrs:employees.read", "nmbrs:employees.read"],
    [
      "a bundle beside what clients add",
      "openid nmbrs:employees.read offline_access",
      "nmbrs:employees.read",
    ],
    ["a scope twice", "nmbrs:employees.read nmbrs:employees.read", "nmbrs:employees.read"],
    [
      "one permission out of a registered bundle",
      "nmbrs:EmployeeService.List_GetByCompany",
      "nmbrs:EmployeeService.List_GetByCompany",
    ],
    ["the bare provider", "nmbrs", "nmbrs"],
    [
      "several of one provider",
      "nmbrs:companies.read nmbrs:hours.write",
      "nmbrs:companies.read nmbrs:hours.write",
    ],
  ])("leads to the page and to a connection of that scope: %s", async (_, scope, granted) => {
    const browser = new Browser(harness)
    const form = await browser.open(authorizePath(app, { scope }))
    expect(form.status).toBe(200)
    const end = returned(await browser.submit(await browser.submit(form, nmbrsFields())))
    const response = await harness.request(`/v1/connections/${end.get("connection_id")}/claim`, {
      method: "POST",
      headers: { authorization: app.basic, "content-type": "application/x-www-form-urlencoded" },
      body: "state=state-of-this-flow",
    })
    expect(await response.json()).toMatchObject({ scope: granted })
  })

  it("answers 303 with a cookie that scripts don't see, and nothing of the request in the address", async () => {
    const response = await ask(authorizePath(app))
    expect(response.status).toBe(303)
    expect(response.headers.get("cache-control")).toBe("no-store")
    expect(response.headers.getSetCookie()[0]).toMatch(/^koppel=[\w-]{43};.*HttpOnly; SameSite=Lax/)
    const location = response.headers.get("location") ?? ""
    expect(location).toMatch(new RegExp(`^${ISSUER}/connect/[\\w.-]+$`))
    const header = atob((location.split("/connect/")[1] ?? "").split(".")[0] ?? "")
    expect(location + header).not.toContain("state-of-this-flow")
    expect(location + header).not.toContain("app.example")
  })

  it("keeps the browser's cookie, so that tabs don't disturb each other", async () => {
    const browser = new Browser(harness)
    const first = await browser.open(authorizePath(app))
    const cookie = browser.cookies.get("koppel")
    await browser.open(authorizePath(app, { state: "second" }))
    expect(browser.cookies.get("koppel")).toBe(cookie)
    expect((await browser.open(first.url)).status).toBe(200)
  })

  it("replaces a cookie that is not one of ours", async () => {
    const response = await harness.request(authorizePath(app), {
      redirect: "manual",
      headers: { cookie: "koppel=short" },
    })
    expect(response.headers.getSetCookie()[0]).toMatch(/^koppel=[\w-]{43};/)
  })
})

describe("a redirect URI matches as text", () => {
  const registered = [
    "https://app.example/callback",
    "https://app.example/callback?tenant=7",
    "http://127.0.0.1:5000/callback",
    "http://[::1]/callback",
    "http://localhost:5000/callback",
    "nl.urenweek.app:/callback",
  ]
  const mutations: ((uri: string) => string)[] = [
    (uri) => uri,
    (uri) => `${uri}/`,
    (uri) => `${uri}#x`,
    (uri) => `${uri}?`,
    (uri) => `${uri}&x=1`,
    (uri) => uri.replace("://", "://user@"),
    (uri) => uri.replace("://", "://evil.example\\@"),
    (uri) => uri.replace("app.example", "app.example.evil.example"),
    (uri) => uri.replace("app.example", "app.example."),
    (uri) => uri.replace("app.example", "app\u3002example"),
    (uri) => uri.replace("app.example", "APP.example"),
    (uri) => uri.replace("app.example", "app.example:443"),
    (uri) => uri.replace("/callback", "/x/../callback"),
    (uri) => uri.replace("/callback", "//callback"),
    (uri) => uri.replace("/callback", "/%63allback"),
    (uri) => uri.replace("/callback", "/callback%2f"),
    (uri) => uri.replace("/callback", "/callback%00"),
    (uri) => uri.replace("/callback", "/callback\n"),
    (uri) => uri.replace("/callback", "/callback%252f"),
    (uri) => uri.replace("https:", "http:"),
    (uri) => uri.replace("http:", "HTTP:"),
    (uri) => ` ${uri}`,
    (uri) => `${uri} `,
    (uri) => uri.replace("127.0.0.1", "127.0.0.2"),
    (uri) => uri.replace("127.0.0.1", "127.1"),
    (uri) => uri.replace("127.0.0.1", "2130706433"),
    (uri) => uri.replace("127.0.0.1", "localhost"),
    (uri) => uri.replace("127.0.0.1", "[::1]"),
    (uri) => uri.replace("[::1]", "[0:0:0:0:0:0:0:1]"),
    (uri) => uri.replace("localhost", "127.0.0.1"),
    (uri) => uri.replace(":5000", ":6000"),
    (uri) => uri.replace(":5000", ""),
    (uri) => uri.replace(":5000", ":"),
    (uri) => uri.replace(":5000", ":99999"),
    (uri) => uri.replace(":5000", ":80@evil.example"),
    (uri) => uri.replace("[::1]", "[::1]:1234"),
    (uri) => uri.replace("localhost:5000", "localhost:6000"),
    (uri) => uri.replace(":/callback", "://callback"),
    () => "javascript:alert(1)",
    () => "data:text/html,x",
    () => "//app.example/callback",
    () => "/callback",
  ]

  /** Takes the port off a URI on a loopback literal; gives undefined for every other. */
  function withoutPort(uri: string): string | undefined {
    const [, host, port = "1", rest] =
      /^http:\/\/(127\.0\.0\.1|\[::1\])(?::([0-9]{1,5}))?(\/.*)$/s.exec(uri) ?? []
    return host === undefined || Number(port) > 65535 ? undefined : `http://${host}${rest}`
  }

  /** Equal as text, but that the port is free on loopback literals. */
  function isAllowed(uri: string): boolean {
    const bare = withoutPort(uri)
    return (
      registered.includes(uri) ||
      (bare !== undefined && registered.some((own) => withoutPort(own) === bare))
    )
  }

  it("whatever is done to it", async () => {
    const own = await registerApp(harness, { redirect_uris: registered })
    let allowed = 0
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...registered),
        fc.array(fc.constantFrom(...mutations), { minLength: 1, maxLength: 2 }),
        async (uri, changes) => {
          const changed = changes.reduce((text, change) => change(text), uri)
          const response = await ask(authorizePath(own, { redirect_uri: changed }))
          expect([changed, response.status]).toEqual([changed, isAllowed(changed) ? 303 : 400])
          if (isAllowed(changed)) allowed++
          else expect(response.headers.get("location")).toBeNull()
        },
      ),
      { numRuns: 600 },
    )
    expect(allowed).toBeGreaterThan(20)
  })
})

describe("what a developer is told on the page", () => {
  const markup = 'https://evil.example/"><img src=x onerror=alert(1)>'

  it("for a test app: received and registered, escaped and never as a link", async () => {
    const page = await expectPage(await ask(authorizePath(app, { redirect_uri: markup })))
    expect(page).toContain("https://evil.example/&quot;&gt;&lt;img")
    expect(page).toContain(CALLBACK)
    expect(page).not.toContain("<img")
    expect(page).not.toMatch(/href="[^"]*(evil|app)\.example/)
  })

  it("for a live app: nothing of either, unless it is on loopback", async () => {
    const live = await registerApp(harness, { environment: "live", redirect_uris: [CALLBACK] })
    const page = await expectPage(await ask(authorizePath(live, { redirect_uri: markup })))
    expect(page).not.toContain("evil.example")
    expect(page).not.toContain(CALLBACK)
    const loopback = "http://localhost:8788/other"
    const asked = await expectPage(await ask(authorizePath(live, { redirect_uri: loopback })))
    expect(asked).not.toContain(CALLBACK)
    const developed = await registerApp(harness, {
      environment: "live",
      redirect_uris: [CALLBACK, "http://localhost:8788/callback"],
    })
    const local = await expectPage(await ask(authorizePath(developed, { redirect_uri: loopback })))
    expect(local).toContain(loopback)
  })

  it("is nothing of the query that is not asked for", async () => {
    const page = await expectPage(
      await ask(`${authorizePath(app, { redirect_uri: markup })}&app_name=Evil&client_name=Evil`),
    )
    expect(page).not.toContain("Evil")
    expect(page).not.toContain("state-of-this-flow")
  })
})

it("writes nothing to D1, whatever comes of it", async () => {
  const count = () =>
    env.DB.prepare(
      "SELECT (SELECT count(*) FROM sessions) + (SELECT count(*) FROM connections) AS n",
    ).first("n")
  const before = await count()
  await ask(authorizePath(app))
  await ask(authorizePath(app, { scope: "x" }))
  await ask(authorizePath(app, { redirect_uri: "x" }))
  expect(await count()).toBe(before)
})
