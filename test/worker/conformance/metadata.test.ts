/** Metadata tells the truth (RFC 8414, RFC 9207 §3), and who may read what from another origin. */
import { decodeProtectedHeader } from "jose"
import { beforeAll, describe, expect, it } from "vitest"
import { ASSERTION_ALGORITHMS } from "../../../src/apps/assertion.ts"
import { listScopes } from "../../../src/providers/scope.ts"
import {
  authorizePath,
  Browser,
  CALLBACK,
  connect,
  type Harness,
  ISSUER,
  type RegisteredApp,
  registerApp,
  returned,
  startHarness,
} from "../../support/worker/harness.ts"
import {
  type Answer,
  askToken,
  get,
  obtainTokens,
  outcome,
  PKCE,
  post,
  postAs,
  registerKeyApp,
  registerPublic,
} from "../../support/worker/oauth.ts"

const OAUTH = "/.well-known/oauth-authorization-server"
const OPENID = "/.well-known/openid-configuration"

let harness: Harness
let app: RegisteredApp
let metadata: Record<string, unknown>

beforeAll(async () => {
  harness = startHarness()
  app = await registerApp(harness)
  metadata = (await get(harness, OAUTH)).body
})

function claimed(name: string): string[] {
  const value = metadata[name]
  if (!Array.isArray(value)) throw new Error(`${name} is not a list`)
  return value.map(String)
}

function pathOf(name: string): string {
  return new URL(String(metadata[name])).pathname
}

/** Asks with each method of authentication; gives what came of it by the method's name. */
async function askWithEach(path: string, fields: Record<string, string>) {
  const spa = await registerPublic(harness)
  const keys = await registerKeyApp(harness)
  const answers: Record<string, Answer> = {
    client_secret_basic: await post(harness, path, fields, app.basic),
    client_secret_post: await post(harness, path, {
      ...fields,
      client_id: app.client_id,
      client_secret: app.client_secret,
    }),
    private_key_jwt: await post(harness, path, { ...fields, ...(await keys.assertion()) }),
    none: await post(harness, path, { ...fields, client_id: spa.client_id }),
  }
  const taken = Object.entries(answers).filter(([, { status }]) => status !== 401)
  return taken.map(([method]) => method)
}

describe("the metadata", () => {
  it("is the same at both addresses, as JSON, to be kept for minutes", async () => {
    const [one, other] = [await get(harness, OAUTH), await get(harness, OPENID)]
    expect(one.body).toEqual(other.body)
    for (const { status, headers } of [one, other]) {
      expect(status).toBe(200)
      expect(headers.get("content-type")).toMatch(/^application\/json/)
      expect(headers.get("cache-control")).toBe("public, max-age=300")
    }
  })

  it("names the issuer as every response does", async () => {
    expect(metadata.issuer).toBe(ISSUER)
    expect(metadata.authorization_response_iss_parameter_supported).toBe(true)
    expect((await connect(harness, app)).getAll("iss")).toEqual([ISSUER])
    const refused = await new Browser(harness).open(authorizePath(app, { response_type: "x" }))
    expect(returned(refused).getAll("iss")).toEqual([ISSUER])
  })

  it("names endpoints that exist, all of this issuer", async () => {
    const names = Object.keys(metadata).filter(
      (name) => name.endsWith("_endpoint") || name === "jwks_uri",
    )
    expect(names.sort()).toEqual([
      "authorization_endpoint",
      "introspection_endpoint",
      "jwks_uri",
      "pushed_authorization_request_endpoint",
      "registration_endpoint",
      "revocation_endpoint",
      "token_endpoint",
      "userinfo_endpoint",
    ])
    for (const name of names) {
      expect(new URL(String(metadata[name])).origin).toBe(ISSUER)
      const isRead = ["authorization_endpoint", "jwks_uri", "userinfo_endpoint"].includes(name)
      const response = await harness.request(pathOf(name), { method: isRead ? "GET" : "POST" })
      expect([404, 405, 500]).not.toContain(response.status)
    }
  })

  it("names the scopes that an app may ask for", async () => {
    expect(claimed("scopes_supported")).toEqual(listScopes())
    const all = await registerApp(harness, { scope: listScopes().join(" ") })
    for (const scope of listScopes()) {
      const page = await new Browser(harness).open(authorizePath(all, { scope }))
      expect([scope, page.status]).toEqual([scope, 200])
    }
  })

  it("names the response types and modes that work, and no others do", async () => {
    for (const response_type of claimed("response_types_supported")) {
      const query = await connect(harness, app, { parameters: { response_type, ...PKCE } })
      expect(query.has(response_type)).toBe(true)
    }
    const modes = ["query", "form_post", "fragment", "jwt", "web_message"]
    const taken: string[] = []
    for (const response_mode of modes) {
      const page = await new Browser(harness).open(authorizePath(app, { response_mode }))
      if (page.response.headers.get("location") === null) taken.push(response_mode)
    }
    expect(taken).toEqual(claimed("response_modes_supported"))
  })

  it("names the grants that work, and no others do", async () => {
    const grants = [
      ...claimed("grant_types_supported"),
      "password",
      "implicit",
      "urn:ietf:params:oauth:grant-type:device_code",
      "urn:ietf:params:oauth:grant-type:token-exchange",
      "urn:ietf:params:oauth:grant-type:jwt-bearer",
    ]
    const taken: string[] = []
    for (const grant_type of grants) {
      const answer = await askToken(harness, app, { grant_type })
      if (answer.body.error !== "unsupported_grant_type") taken.push(grant_type)
    }
    expect(taken).toEqual(claimed("grant_types_supported"))
  })

  it("names S256 alone", async () => {
    expect(claimed("code_challenge_methods_supported")).toEqual(["S256"])
  })

  it("names the ways to authenticate that each endpoint takes", async () => {
    const { access } = await obtainTokens(harness, app)
    const fields = { token: access }
    const at = (name: string) => claimed(`${name}_endpoint_auth_methods_supported`).sort()
    const grant = { grant_type: "authorization_code", code: "x", code_verifier: "x".repeat(43) }
    expect((await askWithEach("/oauth/token", grant)).sort()).toEqual(at("token"))
    expect((await askWithEach("/oauth/revoke", fields)).sort()).toEqual(at("revocation"))
    expect((await askWithEach("/oauth/introspect", fields)).sort()).toEqual(at("introspection"))
  })

  it("names the algorithms of assertions that are taken, each tried elsewhere", () => {
    for (const endpoint of ["token", "revocation", "introspection"]) {
      const name = `${endpoint}_endpoint_auth_signing_alg_values_supported`
      expect(claimed(name)).toEqual(ASSERTION_ALGORITHMS)
    }
    expect(ASSERTION_ALGORITHMS).toEqual(["ES256", "PS256", "RS256", "EdDSA"])
  })

  it("does not offer what is not done: request objects, an address of one, PAR as a duty", async () => {
    expect(metadata).toMatchObject({
      request_parameter_supported: false,
      request_uri_parameter_supported: false,
      require_pushed_authorization_requests: false,
    })
    const page = await new Browser(harness).open(authorizePath(app, { request: "x" }))
    expect(returned(page).get("error")).toBe("request_not_supported")
    expect(metadata).not.toHaveProperty("id_token_signing_alg_values_supported")
    expect(claimed("scopes_supported")).not.toContain("openid")
  })

  it("leads to the keys that connection ids are signed with, public parts only", async () => {
    const { headers, body } = await get(harness, pathOf("jwks_uri"))
    expect(headers.get("content-type")).toBe("application/jwk-set+json")
    expect(headers.get("cache-control")).toBe("public, max-age=300")
    const { keys } = body as { keys: Record<string, unknown>[] }
    const { connectionId } = await obtainTokens(harness, app)
    expect(keys.map(({ kid }) => kid)).toContain(decodeProtectedHeader(connectionId).kid)
    for (const key of keys) {
      expect(key).toMatchObject({ kty: "EC", alg: "ES256", use: "sig" })
      for (const secret of ["d", "k", "p", "q"]) expect(key).not.toHaveProperty(secret)
    }
  })
})

describe("from another origin", () => {
  const origin = { origin: "https://spa.example" }

  it.each([OAUTH, OPENID, "/.well-known/jwks.json"])("%s may be read", async (path) => {
    const response = await harness.request(path, { headers: origin })
    expect(response.headers.get("access-control-allow-origin")).toBe("*")
  })

  it("the token endpoint may be asked, and its errors read", async () => {
    const response = await harness.request("/oauth/token", { method: "POST", headers: origin })
    expect(response.status).toBe(415)
    expect(response.headers.get("access-control-allow-origin")).toBe("*")
    expect(response.headers.get("access-control-allow-credentials")).toBeNull()
    const spa = await registerPublic(harness)
    const answer = await askToken(harness, spa, { grant_type: "refresh_token" })
    expect(outcome(answer)).toEqual([400, "invalid_request"])
    expect(answer.headers.get("access-control-allow-origin")).toBe("*")
  })

  it("the browser is told so beforehand", async () => {
    for (const path of ["/oauth/token", OAUTH]) {
      const response = await harness.request(path, {
        method: "OPTIONS",
        headers: {
          ...origin,
          "access-control-request-method": "POST",
          "access-control-request-headers": "content-type,authorization",
        },
      })
      expect(response.status).toBe(204)
      expect(response.headers.get("access-control-allow-origin")).toBe("*")
      expect(response.headers.get("access-control-allow-methods")).toContain("POST")
      expect(response.headers.get("access-control-allow-headers")).toContain("content-type")
    }
  })

  it("nothing else may be read: no page, no API, not even its errors", async () => {
    const browser = new Browser(harness)
    const page = await browser.open(authorizePath(app), { headers: origin })
    expect(page.response.headers.get("access-control-allow-origin")).toBeNull()
    const paths = [
      new URL(page.url).pathname,
      authorizePath(app),
      authorizePath({ client_id: "x" }),
      "/oauth/userinfo",
      "/oauth/register",
      "/v1/connections/x",
      "/healthz",
    ]
    for (const path of paths) {
      for (const method of ["GET", "OPTIONS"]) {
        const response = await harness.request(path, { method, headers: origin })
        expect([path, response.headers.get("access-control-allow-origin")]).toEqual([path, null])
      }
    }
    for (const path of ["/oauth/par", "/oauth/introspect", "/oauth/revoke"]) {
      const answer = await postAs(harness, app, path, { redirect_uri: CALLBACK })
      expect(answer.headers.get("access-control-allow-origin")).toBeNull()
    }
  })
})
