/** The authorization request for a code: RFC 6749 §4.1.1, §4.1.2.1, RFC 7636 §4.3, RFC 9207, OpenID form_post. */
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
} from "../../support/worker/harness.ts"
import { CHALLENGE, outcome, PKCE, redeem, registerPublic } from "../../support/worker/oauth.ts"

let harness: Harness
let app: RegisteredApp
let spa: RegisteredApp

beforeAll(async () => {
  harness = startHarness()
  app = await registerApp(harness)
  spa = await registerPublic(harness)
})

type Values = Record<string, string | undefined>

function path(by: RegisteredApp, parameters: Values): string {
  return authorizePath(by, { response_type: "code", ...PKCE, ...parameters })
}

async function ask(by: RegisteredApp, parameters: Values): Promise<string> {
  const response = await harness.request(path(by, parameters), { redirect: "manual" })
  return response.headers.get("location") ?? `stays: ${response.status}`
}

/** Gives the error that the app is sent, with everything that must stand beside it. */
async function errorOf(by: RegisteredApp, parameters: Values): Promise<string | null> {
  const location = await ask(by, parameters)
  expect(location.startsWith(`${CALLBACK}?`)).toBe(true)
  const query = new URL(location).searchParams
  expect([...query.keys()]).toEqual(["error", "error_description", "state", "iss"])
  expect(query.get("state")).toBe("state-of-this-flow")
  expect(query.get("iss")).toBe(ISSUER)
  return query.get("error")
}

describe("an error goes back to the app with state and iss", () => {
  const both: [string, Values, string][] = [
    ["plain", { code_challenge_method: "plain" }, "invalid_request"],
    ["no method, which means plain", { code_challenge_method: undefined }, "invalid_request"],
    ["an unknown method", { code_challenge_method: "S512" }, "invalid_request"],
    ["a method in another case", { code_challenge_method: "s256" }, "invalid_request"],
    ["a method without a challenge", { code_challenge: undefined }, "invalid_request"],
    ["a challenge that is too short", { code_challenge: CHALLENGE.slice(1) }, "invalid_request"],
    ["a challenge that is too long", { code_challenge: `${CHALLENGE}A` }, "invalid_request"],
    ["a challenge with padding", { code_challenge: `${CHALLENGE}=` }, "invalid_request"],
    [
      "a challenge in plain base64",
      { code_challenge: `${CHALLENGE.slice(1)}+` },
      "invalid_request",
    ],
    ["no response_type", { response_type: undefined }, "invalid_request"],
    ["the implicit response_type", { response_type: "token" }, "unsupported_response_type"],
    ["a hybrid response_type", { response_type: "code id_token" }, "unsupported_response_type"],
    ["an unknown scope", { scope: "nmbrs:made.up" }, "invalid_scope"],
    ["no scope", { scope: undefined }, "invalid_scope"],
    ["scopes of two providers", { scope: "nmbrs nimbus" }, "invalid_scope"],
    ["nothing but what clients add", { scope: "openid profile email" }, "invalid_scope"],
    ["prompt=none", { prompt: "none" }, "interaction_required"],
    ["prompt=none beside others", { prompt: "login none" }, "interaction_required"],
    ["a request object", { request: "eyJ" }, "request_not_supported"],
    ["response_mode=fragment", { response_mode: "fragment" }, "invalid_request"],
  ]
  it.each(both)("%s", async (_, parameters, error) => {
    expect(await errorOf(app, parameters)).toBe(error)
    expect(await errorOf(spa, parameters)).toBe(error)
  })

  const without = { code_challenge: undefined, code_challenge_method: undefined }
  it("no challenge from a public app, even with a state", async () => {
    expect(await errorOf(spa, without)).toBe("invalid_request")
    const strict = await registerApp(harness, { require_pkce: true })
    expect(await errorOf(strict, without)).toBe("invalid_request")
  })

  it("neither challenge nor state from any app", async () => {
    const location = await ask(app, { ...without, state: undefined })
    expect(new URL(location).searchParams.get("error")).toBe("invalid_request")
    expect(new URL(location).searchParams.has("state")).toBe(false)
    expect(await ask(app, { state: undefined })).toContain("/connect/")
    expect(await ask(app, without)).toContain("/connect/")
  })

  it("a wrong response_type comes before wrong PKCE", async () => {
    const wrong = { response_type: "token", code_challenge_method: "plain" }
    expect(await errorOf(app, wrong)).toBe("unsupported_response_type")
    expect(await errorOf(app, { ...wrong, response_type: undefined })).toBe("invalid_request")
  })

  it("connection_id is not for public apps", async () => {
    expect(await errorOf(spa, { response_type: "connection_id" })).toBe("unauthorized_client")
  })

  it.each(["response_type", "scope", "state", "code_challenge", "nonce", "prompt", "made_up"])(
    "%s twice",
    async (name) => {
      const twice = `${path(app, { [name]: "a" })}&${name}=b`
      const response = await harness.request(twice, { redirect: "manual" })
      const query = new URL(response.headers.get("location") ?? "").searchParams
      expect(query.get("error")).toBe("invalid_request")
      expect(query.get("iss")).toBe(ISSUER)
    },
  )
})

it("ignores every other prompt, and parameters that it does not know (RFC 6749 §3.1)", async () => {
  for (const prompt of ["login", "consent", "select_account", "login consent"]) {
    expect(await ask(app, { prompt, access_type: "offline", max_age: "0" })).toContain("/connect/")
  }
})

describe("response_mode=form_post", () => {
  it("posts code, state and iss to the app by a form of the page", async () => {
    const browser = new Browser(harness)
    const form = await browser.open(path(app, { response_mode: "form_post" }))
    const end = await browser.submit(await browser.submit(form, nmbrsFields()))
    expect([end.status, end.response.headers.get("location")]).toEqual([200, null])
    expect(end.response.headers.get("cache-control")).toBe("no-store")
    const [back] = end.forms
    expect(back?.action).toBe(CALLBACK)
    expect(Object.keys(back?.values ?? {})).toEqual(["code", "state", "iss"])
    expect(back?.values).toMatchObject({ state: "state-of-this-flow", iss: ISSUER })
    expect(outcome(await redeem(harness, app, back?.values.code ?? ""))).toEqual([200])
  })

  it("posts errors, too, with every value escaped", async () => {
    const state = `"><script>alert(1)</script>&amp;'`
    const page = await new Browser(harness).open(
      path(app, { response_mode: "form_post", response_type: "token", state }),
    )
    expect(page.html).not.toContain("<script>alert")
    expect(page.forms[0]?.action).toBe(CALLBACK)
    expect(page.forms[0]?.values).toMatchObject({
      error: "unsupported_response_type",
      iss: ISSUER,
    })
    expect(page.html).toContain("&quot;&gt;&lt;script&gt;")
  })

  it("says that the person cancelled", async () => {
    const browser = new Browser(harness)
    const form = await browser.open(path(app, { response_mode: "form_post" }))
    const summary = await browser.submit(form, nmbrsFields())
    const end = await browser.submit(summary, {}, { cancel: "1" })
    expect(end.forms[0]?.values).toMatchObject({ error: "access_denied", iss: ISSUER })
  })
})

it("tells two flows apart: each gets its own state back", async () => {
  const flows = await Promise.all(
    ["one", "two"].map(async (state) => {
      const browser = new Browser(harness)
      const form = await browser.open(path(app, { state }))
      return returned(await browser.submit(await browser.submit(form, nmbrsFields())))
    }),
  )
  expect(flows.map((query) => query.get("state"))).toEqual(["one", "two"])
  expect(new Set(flows.map((query) => query.get("code"))).size).toBe(2)
})

describe("a redirect_uri that is not the registered text leads nowhere", () => {
  const mutations: ((uri: string) => string)[] = [
    (uri) => `${uri}/`,
    (uri) => `${uri}?`,
    (uri) => `${uri}?x=1`,
    (uri) => `${uri}#x`,
    (uri) => `${uri}%20`,
    (uri) => ` ${uri}`,
    (uri) => `${uri}/../callback`,
    (uri) => uri.replace("https:", "http:"),
    (uri) => uri.replace("https:", "HTTPS:"),
    (uri) => uri.replace("https://", "https:\\\\"),
    (uri) => uri.replace("https://", "https://user@"),
    (uri) => uri.replace("https://", "https://evil.example\\@"),
    (uri) => uri.replace("https://", "https://evil.example%2f@"),
    (uri) => uri.replace("app.example", "app.example."),
    (uri) => uri.replace("app.example", "APP.example"),
    (uri) => uri.replace("app.example", "app.example:443"),
    (uri) => uri.replace("app.example", "app.example:444"),
    (uri) => uri.replace("app.example", "app.example.evil.example"),
    (uri) => uri.replace("app.example", "evil.example"),
    (uri) => uri.replace("app.example", "app\u3002example"),
    (uri) => uri.replace("/callback", "//callback"),
    (uri) => uri.replace("/callback", "/./callback"),
    (uri) => uri.replace("/callback", "/%63allback"),
    (uri) => uri.replace("/callback", "/Callback"),
    (uri) => uri.replace("/callback", "\\callback"),
    (uri) => uri.replace("/callback", "/callback\t"),
    (uri) => encodeURIComponent(uri),
  ]
  const mutated = fc
    .array(fc.constantFrom(...mutations), { minLength: 1, maxLength: 3 })
    .map((chain) => chain.reduce((uri, mutate) => mutate(uri), CALLBACK))
  const spliced = fc
    .tuple(fc.nat(CALLBACK.length), fc.nat(2), fc.string({ unit: "binary", maxLength: 3 }))
    .map(([at, cut, text]) => CALLBACK.slice(0, at) + text + CALLBACK.slice(at + cut))

  it("whatever is done to it; the oracle is equality of strings", async () => {
    await fc.assert(
      fc.asyncProperty(fc.oneof(mutated, spliced), async (redirect_uri) => {
        const location = await ask(app, { redirect_uri })
        if (redirect_uri === CALLBACK) expect(location).toContain("/connect/")
        else expect(location).toBe("stays: 400")
      }),
      { numRuns: 300 },
    )
  })

  it("but the port is free on a loopback literal, and nothing else is", async () => {
    const uri = "http://127.0.0.1:8000/callback"
    const native = await registerPublic(harness, { redirect_uris: [uri, "http://[::1]/callback"] })
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 65_535 }), async (port) => {
        for (const host of ["127.0.0.1", "[::1]"]) {
          const redirect_uri = `http://${host}:${port}/callback`
          expect(await ask(native, { redirect_uri })).toContain("/connect/")
        }
      }),
      { numRuns: 20 },
    )
    for (const redirect_uri of [
      "http://localhost:8000/callback",
      "http://127.0.0.2:8000/callback",
      "http://127.1:8000/callback",
      "http://127.0.0.1:8000/callback/",
      "http://127.0.0.1:8000/other",
      "https://127.0.0.1:8000/callback",
      "http://127.0.0.1:99999/callback",
      "http://127.0.0.1:/callback",
      "http://127.0.0.1:8000@evil.example/callback",
      "http://[::ffff:127.0.0.1]:8000/callback",
    ]) {
      expect([redirect_uri, await ask(native, { redirect_uri })]).toEqual([
        redirect_uri,
        "stays: 400",
      ])
    }
  })
})
