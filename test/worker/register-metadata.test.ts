/** What may be registered (RFC 7591 §2) and what is refused. */
import { env } from "cloudflare:workers"
import { describe, expect, it } from "vitest"
import {
  authorizePath,
  Browser,
  CALLBACK,
  nmbrsFields,
  registerApp,
  startHarness,
} from "../support/worker/harness.ts"
import { type Json, register, send } from "../support/worker/registration.ts"

describe("a redirect URI", () => {
  it.each([
    "https://app.example/callback#fragment",
    "https://app.example/callback#",
    "https://user@app.example/",
    "https://user:pass@app.example/",
    "https://@app.example/",
    "https://app.example\\@evil.example/",
    "https://app.example/\u0000",
    "https://app.example/\n",
    "https://app.example/\t",
    " https://app.example/",
    "https://app.example/ x",
    "https://app.example/\u007f",
    "https://app.example/\u202e",
    "https://\u0430pp.example/",
    "https:///callback",
    "https:app.example/callback",
    "https:/app.example/callback",
    "https://",
    "javascript:alert(1)",
    "JavaScript:alert(1)",
    "java\nscript:alert(1)",
    "data:text/html,x",
    "data:text/html;base64,PHNjcmlwdD4=",
    "vbscript:x",
    "file:///etc/passwd",
    "blob:https://app.example/x",
    "mailto:x@app.example",
    "ftp://app.example/",
    "ws://app.example/",
    "http://app.example/callback",
    "http://localhost.evil.example/",
    "http://127.0.0.1.evil.example/",
    "http://127.0.0.2/",
    "http://10.0.0.1/",
    "http:localhost/callback",
    "urenweek:/callback",
    "urenweek://callback",
    "/callback",
    "//app.example/callback",
    "app.example/callback",
    "",
    `https://app.example/${"x".repeat(2000)}`,
  ])("is refused: %j", async (uri) => {
    const response = await register(startHarness(), { redirect_uris: [CALLBACK, uri] })
    expect(response.status).toBe(400)
    expect(await response.json()).toMatchObject({ error: "invalid_redirect_uri" })
  })

  it.each([
    "https://app.example",
    "https://app.example:8443/a/b?x=1&y=%20",
    "http://localhost:8788/callback",
    "http://127.0.0.1/callback",
    "http://[::1]:5000/",
    "nl.urenweek.app:/callback",
    "nl.urenweek.app://callback",
    "com.example-app.ios2:/cb?x=1",
  ])("is taken and given back as it is: %j", async (uri) => {
    const response = await register(startHarness(), { redirect_uris: [uri] })
    expect([response.status, ((await response.json()) as Json).redirect_uris]).toEqual([201, [uri]])
  })

  it.each([[[]], [undefined], ["https://app.example/"], [[1]], [Array(21).fill(CALLBACK)]])(
    "must come in a list of 1 to 20: %j",
    async (redirect_uris) => {
      expect((await register(startHarness(), { redirect_uris })).status).toBe(400)
    },
  )

  it("of a private scheme is shown by its scheme where the person is told about their return", async () => {
    const harness = startHarness()
    const uri = "nl.urenweek.app://app.example/callback"
    const app = await registerApp(harness, { redirect_uris: [uri] })
    const browser = new Browser(harness)
    const form = await browser.open(authorizePath(app, { redirect_uri: uri }))
    const summary = await browser.submit(form, nmbrsFields())
    expect(summary.html).toContain("<dd>nl.urenweek.app</dd>")
  })
})

describe("other metadata", () => {
  it.each([
    ["no name", { client_name: undefined }],
    ["an empty name", { client_name: "" }],
    ["a long name", { client_name: "x".repeat(81) }],
    ["a name that turns its direction", { client_name: "Uren\u202eweek" }],
    ["a name with a line break", { client_name: "Uren\nweek" }],
    ["no scope", { scope: undefined }],
    ["only openid scopes", { scope: "openid email" }],
    ["an unknown scope", { scope: "nmbrs:employees.read nmbrs:all" }],
    ["an optional scope outside scope", { optional_scope: "nmbrs:hours.write" }],
    ["no environment", { environment: undefined }],
    ["an unknown environment", { environment: "staging" }],
    ["an unknown response type", { response_types: ["token"] }],
    ["no response type", { response_types: [] }],
    ["an unknown grant", { grant_types: ["password"] }],
    ["code without its grant", { response_types: ["code"], grant_types: ["client_credentials"] }],
    ["an unknown authentication", { token_endpoint_auth_method: "tls_client_auth" }],
    [
      "a public app with connection_id",
      { token_endpoint_auth_method: "none", response_types: ["connection_id"] },
    ],
    [
      "a public app with client_credentials",
      {
        token_endpoint_auth_method: "none",
        grant_types: ["authorization_code", "client_credentials"],
      },
    ],
    ["private_key_jwt without keys", { token_endpoint_auth_method: "private_key_jwt" }],
    [
      "a private key in jwks",
      { token_endpoint_auth_method: "private_key_jwt", jwks: { keys: [{ kty: "EC", d: "x" }] } },
    ],
    ["jwks with a secret", { jwks: { keys: [{ kty: "EC" }] } }],
    ["a client_uri with a script", { client_uri: "javascript:alert(1)" }],
    ["a client_uri of a private scheme", { client_uri: "nl.urenweek.app:/" }],
    ["a client_uri over http", { client_uri: "http://app.example/" }],
    ["an initiate_login_uri with data", { initiate_login_uri: "data:text/html,x" }],
    ["a policy_uri over http", { policy_uri: "http://app.example/" }],
    ["a webhook_uri over http", { webhook_uri: "http://app.example/" }],
    ["a colour that is CSS", { accent_color: "red;}body{display:none" }],
    ["credentials_access that is a word", { credentials_access: "yes" }],
    ["suspended that is a number", { suspended: 1 }],
  ])("is refused: %s", async (_, members) => {
    const response = await register(startHarness(), members)
    expect(response.status).toBe(400)
    expect(await response.json()).toMatchObject({ error: "invalid_client_metadata" })
  })

  it.each(["[]", "null", '"x"', "1", "{}"])("is refused where the body is %s", async (body) => {
    const response = await send(
      startHarness(),
      "POST",
      "/oauth/register",
      env.REGISTRATION_TOKEN,
      JSON.parse(body),
    )
    expect(response.status).toBe(400)
  })

  it("ignores members it doesn't know, and those that only Koppel sets", async () => {
    const mine = {
      client_id: "app_mine",
      client_secret: "mine",
      registration_access_token: "mine",
      unknown: 1,
    }
    const response = await register(startHarness(), mine)
    const body = (await response.json()) as Json
    expect(response.status).toBe(201)
    for (const [name, value] of Object.entries(mine)) expect(body[name]).not.toBe(value)
    expect(body).not.toHaveProperty("unknown")
  })
})
