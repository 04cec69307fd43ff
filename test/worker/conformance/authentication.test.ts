/** How an app proves who it is: RFC 6749 §2.3, §3.2, §5.2, RFC 7617. */
import { beforeEach, describe, expect, it } from "vitest"
import {
  basic,
  type Harness,
  type RegisteredApp,
  registerApp,
  startHarness,
} from "../../support/worker/harness.ts"
import {
  type Answer,
  DAY,
  type FormFields,
  isAlive,
  obtainTokens,
  outcome,
  post,
  registerKeyApp,
  registerPublic,
  suspend,
  tokensOf,
} from "../../support/worker/oauth.ts"

let harness: Harness
let app: RegisteredApp

beforeEach(async () => {
  harness = startHarness()
  app = await registerApp(harness)
})

const CHALLENGE = 'Basic realm="koppel", charset="UTF-8"'
const GRANT = { grant_type: "client_credentials" }

function ask(fields: FormFields, authorization?: string): Promise<Answer> {
  return post(harness, "/oauth/token", { ...GRANT, ...fields }, authorization)
}

function secretOf(one: RegisteredApp) {
  return { client_id: one.client_id, client_secret: one.client_secret }
}

describe("an app with a secret is known", () => {
  it("by Basic and in the form, whichever it registered", async () => {
    const poster = await registerApp(harness, { token_endpoint_auth_method: "client_secret_post" })
    for (const one of [app, poster]) {
      expect(outcome(await ask({}, one.basic))).toEqual([200])
      expect(outcome(await ask(secretOf(one)))).toEqual([200])
    }
  })

  it("by Basic in any case, with more than one space, and beside its own client_id", async () => {
    const credentials = app.basic.slice("Basic ".length)
    for (const header of [
      `basic ${credentials}`,
      `BASIC ${credentials}`,
      `Basic  ${credentials}`,
    ]) {
      expect(outcome(await ask({}, header))).toEqual([200])
    }
    expect(outcome(await ask({ client_id: app.client_id }, app.basic))).toEqual([200])
  })

  it("by Basic with every character form-encoded (RFC 6749 §2.3.1)", async () => {
    const encode = (text: string) =>
      [...text].map((one) => `%${one.charCodeAt(0).toString(16).padStart(2, "0")}`).join("")
    const header = `Basic ${btoa(`${encode(app.client_id)}:${encode(app.client_secret)}`)}`
    expect(outcome(await ask({}, header))).toEqual([200])
  })
})

describe("an app that is not known gets 401, with a challenge only where it used the header", () => {
  const headers: [string, (id: string, secret: string) => string][] = [
    ["a wrong secret", (id) => basic(id, "wrong")],
    ["an empty secret", (id) => basic(id, "")],
    ["the secret with a character more", (id, secret) => basic(id, `${secret}A`)],
    ["the secret in another case", (id, secret) => basic(id, secret.toUpperCase())],
    ["an unknown app", (_, secret) => basic("app_00AAAAAAAAAAAAAAAAAAAAAAAA", secret)],
    ["no colon", (id) => `Basic ${btoa(id)}`],
    ["no client_id", (_, secret) => `Basic ${btoa(`:${secret}`)}`],
    ["what is not base64", () => "Basic %%%"],
    ["base64 with a space in it", (id, secret) => `Basic ${btoa(`${id}:${secret}`)} x`],
    ["a percent sign that encodes nothing", (id) => `Basic ${btoa(`${id}:%zz`)}`],
    ["bytes that are no UTF-8", (id) => `Basic ${btoa(`${id}:%ff`)}`],
    ["nothing behind the scheme", () => "Basic"],
    ["another scheme", (_, secret) => `Bearer ${secret}`],
    ["Digest", () => 'Digest username="x"'],
  ]
  it.each(headers)("%s by header", async (_, header) => {
    const answer = await ask({}, header(app.client_id, app.client_secret))
    expect(outcome(answer)).toEqual([401, "invalid_client"])
    expect(answer.headers.get("www-authenticate")).toBe(CHALLENGE)
    expect(answer.headers.get("cache-control")).toBe("no-store")
    expect(String(answer.body.error_description)).toMatch(/\(reference [0-9A-Z]{8}\)$/)
  })

  const forms: [string, (one: RegisteredApp) => FormFields][] = [
    ["a wrong secret", (one) => ({ ...secretOf(one), client_secret: "wrong" })],
    ["an unknown app", (one) => ({ ...secretOf(one), client_id: "app_x" })],
    ["no secret", (one) => ({ client_id: one.client_id })],
    ["an empty secret", (one) => ({ client_id: one.client_id, client_secret: "" })],
    ["nothing at all", () => ({})],
  ]
  it.each(forms)("%s in the form", async (_, fields) => {
    const answer = await ask(fields(app))
    expect(outcome(answer)).toEqual([401, "invalid_client"])
    expect(answer.headers.get("www-authenticate")).toBeNull()
  })

  it("says the same of an unknown app and of a wrong secret", async () => {
    const said = async (header: string) => {
      const { status, body } = await ask({}, header)
      return [status, body.error, String(body.error_description).replace(/\(.*/, "")]
    }
    const unknown = basic("app_00AAAAAAAAAAAAAAAAAAAAAAAA", "x")
    expect(await said(basic(app.client_id, "x"))).toEqual(await said(unknown))
  })

  it("at every endpoint where apps authenticate", async () => {
    for (const path of ["/oauth/token", "/oauth/par", "/oauth/introspect", "/oauth/revoke"]) {
      const answer = await post(harness, path, { token: "x" }, basic(app.client_id, "wrong"))
      expect(outcome(answer)).toEqual([401, "invalid_client"])
      expect(answer.headers.get("www-authenticate")).toBe(CHALLENGE)
    }
  })
})

describe("one way of authentication at a time", () => {
  it.each([
    ["Basic and a secret in the form", (one: RegisteredApp) => secretOf(one), true],
    ["Basic and an assertion", () => ({ client_assertion: "x", client_assertion_type: "x" }), true],
    [
      "a secret and an assertion",
      (one: RegisteredApp) => ({ ...secretOf(one), client_assertion: "x" }),
      false,
    ],
    ["Basic and another's client_id", () => ({ client_id: "app_x" }), true],
  ])("%s is invalid_request", async (_, fields, isBasic) => {
    const answer = await ask(fields(app), isBasic ? app.basic : undefined)
    expect(outcome(answer)).toEqual([400, "invalid_request"])
  })

  it("an app takes no other than it registered: a secret for an app with keys, none for one with a secret", async () => {
    const keys = await registerKeyApp(harness)
    expect(outcome(await ask({}, basic(keys.client_id, "x")))).toEqual([401, "invalid_client"])
    const bare = await ask({ client_id: keys.client_id })
    expect(outcome(bare)).toEqual([401, "invalid_client"])
    const spa = await registerPublic(harness)
    const answer = await ask({ client_id: spa.client_id, client_secret: "x" })
    expect(outcome(answer)).toEqual([401, "invalid_client"])
    expect(outcome(await ask({}, basic(spa.client_id, "")))).toEqual([401, "invalid_client"])
  })
})

describe("a suspended app", () => {
  it("is refused at every endpoint at once, and its tokens open nothing", async () => {
    const { access, refresh } = await obtainTokens(harness, app)
    await suspend(app)
    for (const path of ["/oauth/token", "/oauth/par", "/oauth/introspect", "/oauth/revoke"]) {
      const answer = await post(harness, path, { ...GRANT, token: access }, app.basic)
      expect(outcome(answer)).toEqual([401, "invalid_client"])
    }
    const form = { grant_type: "refresh_token", refresh_token: refresh }
    expect(outcome(await ask(form, app.basic))).toEqual([401, "invalid_client"])
    expect(await isAlive(harness, access)).toBe(false)
  })

  it("is refused as a public app and with keys, too", async () => {
    const spa = await registerPublic(harness)
    const { refresh } = await obtainTokens(harness, spa)
    const keys = await registerKeyApp(harness)
    await suspend(spa)
    await suspend(keys)
    const form = { grant_type: "refresh_token", refresh_token: refresh, client_id: spa.client_id }
    expect(outcome(await ask(form))).toEqual([401, "invalid_client"])
    expect(outcome(await ask(await keys.assertion()))).toEqual([401, "invalid_client"])
  })
})

describe("a secret that was rotated", () => {
  it("stays good for 24 hours beside the new one", async () => {
    const response = await harness.request(`/oauth/register/${app.client_id}/rotate-secret`, {
      method: "POST",
      headers: { authorization: `Bearer ${app.registration_access_token}` },
    })
    const { client_secret } = (await response.json()) as { client_secret: string }
    const renewed = basic(app.client_id, client_secret)
    harness.clock.at += DAY - 1000
    expect(outcome(await ask({}, app.basic))).toEqual([200])
    expect(outcome(await ask({}, renewed))).toEqual([200])
    harness.clock.at += 1000
    expect(outcome(await ask({}, app.basic))).toEqual([401, "invalid_client"])
    expect(outcome(await ask({}, renewed))).toEqual([200])
  })
})

describe("the form of a back-channel request", () => {
  it.each(["grant_type", "client_id", "code", "scope", "made_up"])(
    "is refused where %s stands twice, and nothing is consumed",
    async (name) => {
      const form = new URLSearchParams({ ...GRANT, client_id: app.client_id })
      form.append(name, "a")
      form.append(name, "b")
      const answer = await post(harness, "/oauth/token", form, app.basic)
      expect(outcome(answer)).toEqual([400, "invalid_request"])
    },
  )

  it("counts an empty parameter as left out (RFC 6749 §3.1)", async () => {
    expect(outcome(await ask({ scope: "", client_secret: "", code: "" }, app.basic))).toEqual([200])
  })

  it.each([
    ["JSON", "application/json", JSON.stringify(GRANT)],
    ["multipart", "multipart/form-data; boundary=x", "--x--"],
    ["plain text", "text/plain", "grant_type=client_credentials"],
    ["another charset", "application/x-www-form-urlencoded; charset=utf-16", "grant_type=x"],
    ["two types", "application/x-www-form-urlencoded, application/json", "grant_type=x"],
  ])("is refused as %s", async (_, type, body) => {
    const headers = { authorization: app.basic, "content-type": type }
    const response = await harness.request("/oauth/token", { method: "POST", headers, body })
    const answer = (await response.json()) as { error: string }
    expect([response.status, answer.error]).toEqual([415, "invalid_request"])
  })

  it.each(["/oauth/token", "/oauth/par", "/oauth/introspect", "/oauth/revoke"])(
    "is taken by POST only at %s",
    async (path) => {
      const response = await harness.request(`${path}?grant_type=client_credentials`, {
        headers: { authorization: app.basic },
      })
      expect([response.status, response.headers.get("allow")]).toEqual([405, "POST"])
    },
  )

  it("counts nothing that stands in the address", async () => {
    const query = new URLSearchParams({ ...GRANT, ...secretOf(app) })
    const answer = await post(harness, `/oauth/token?${query}`, {})
    expect(outcome(answer)).toEqual([401, "invalid_client"])
  })
})

it("answers tokens and token errors with no-store, and tokens with no-cache for HTTP/1.0 too", async () => {
  const good = await ask({}, app.basic)
  expect(good.headers.get("cache-control")).toBe("no-store")
  expect(good.headers.get("pragma")).toBe("no-cache")
  expect(tokensOf({ ...good, body: { ...good.body, connection_id: "a.e30.c" } }).access).toMatch(
    /^acc_/,
  )
  for (const bad of [await ask({ grant_type: "x" }, app.basic), await ask({}, "Basic x")]) {
    expect(bad.headers.get("cache-control")).toBe("no-store")
  }
})
