/** private_key_jwt: RFC 7523 §3, RFC 7521 §4.2, RFC 8725. */
import { base64url, exportSPKI, generateKeyPair, SignJWT } from "jose"
import { beforeEach, describe, expect, it } from "vitest"
import { type Harness, ISSUER, registerApp, startHarness } from "../../support/worker/harness.ts"
import {
  type Answer,
  ASSERTION_TYPE,
  type FormFields,
  type KeyApp,
  makeCodes,
  outcome,
  post,
  registerKeyApp,
  VERIFIER,
} from "../../support/worker/oauth.ts"

let harness: Harness
let app: KeyApp

beforeEach(async () => {
  harness = startHarness()
  app = await registerKeyApp(harness)
})

const REFUSED = [401, "invalid_client"]

function ask(fields: FormFields): Promise<Answer> {
  return post(harness, "/oauth/token", { grant_type: "client_credentials", ...fields })
}

/** Sends an assertion with other claims or another header. */
async function present(claims = {}, header = {}): Promise<Answer> {
  return await askWith(await app.sign(claims, header))
}

function askWith(client_assertion: string): Promise<Answer> {
  return ask({ client_assertion_type: ASSERTION_TYPE, client_assertion })
}

function seconds(): number {
  return Math.floor(harness.clock.at / 1000)
}

describe("an assertion is taken", () => {
  it.each(["ES256", "PS256", "RS256", "EdDSA"])("signed with %s", async (alg) => {
    const one = await registerKeyApp(harness, alg)
    expect(outcome(await ask(await one.assertion()))).toEqual([200])
  })

  it.each([
    ["made out to the issuer", { aud: ISSUER }],
    ["made out to the token endpoint", { aud: `${ISSUER}/oauth/token` }],
    ["made out to the issuer, in a list", { aud: [ISSUER] }],
    ["without iat", { iat: undefined }],
    ["with a nbf that has passed", { nbf: 0 }],
  ])("%s", async (_, claims) => {
    expect(outcome(await present(claims))).toEqual([200])
  })

  it("without kid, where one key fits", async () => {
    expect(outcome(await present({}, { kid: undefined }))).toEqual([200])
  })

  it("beside its own client_id", async () => {
    const fields = { ...(await app.assertion()), client_id: app.client_id }
    expect(outcome(await ask(fields))).toEqual([200])
  })

  it("at every endpoint where apps authenticate, made out to that endpoint at PAR (RFC 9126 §2)", async () => {
    const { access } = await obtainTokensBy(app)
    const introspected = await post(harness, "/oauth/introspect", {
      ...(await app.assertion()),
      token: access,
    })
    expect(introspected.body.active).toBe(true)
    const pushed = await post(harness, "/oauth/par", {
      ...(await app.assertion({ aud: `${ISSUER}/oauth/par` })),
      response_type: "code",
      redirect_uri: "https://app.example/callback",
      scope: "nmbrs:employees.read",
      state: "s",
    })
    expect(outcome(pushed)).toEqual([201])
    const revoked = await post(harness, "/oauth/revoke", {
      ...(await app.assertion()),
      token: access,
    })
    expect(outcome(revoked)).toEqual([200])
  })
})

/** A token of the app itself. */
async function obtainTokensBy(one: KeyApp): Promise<{ access: string }> {
  const { body } = await ask(await one.assertion())
  return { access: String(body.access_token) }
}

describe("an assertion is refused with 401 and no challenge", () => {
  const cases: [string, Record<string, unknown>][] = [
    ["made out to somebody else", { aud: "https://other.example" }],
    ["made out to the issuer with a slash", { aud: `${ISSUER}/` }],
    ["made out to nobody", { aud: undefined }],
    ["of another subject", { sub: "app_x" }],
    ["of no subject", { sub: undefined }],
    ["without a time to end", { exp: undefined }],
    ["without jti", { jti: undefined }],
    ["with an empty jti", { jti: "" }],
    ["with a number as jti", { jti: 7 }],
  ]
  it.each(cases)("%s", async (_, claims) => {
    const answer = await present(claims)
    expect(outcome(answer)).toEqual(REFUSED)
    expect(answer.headers.get("www-authenticate")).toBeNull()
  })

  it("that has expired, begins later, or lives longer than ten minutes", async () => {
    expect(outcome(await present({ exp: seconds() - 31 }))).toEqual(REFUSED)
    expect(outcome(await present({ nbf: seconds() + 60 }))).toEqual(REFUSED)
    expect(outcome(await present({ exp: seconds() + 605 }))).toEqual(REFUSED)
    expect(outcome(await present({ exp: seconds() + 595 }))).toEqual([200])
  })

  it("of an app that is not there, or has no keys", async () => {
    const other = await registerApp(harness)
    for (const iss of ["app_00AAAAAAAAAAAAAAAAAAAAAAAA", other.client_id]) {
      expect(outcome(await present({ iss, sub: iss }))).toEqual(REFUSED)
    }
  })

  it("signed with another key, even under this key's kid", async () => {
    const { privateKey } = await generateKeyPair("ES256")
    const payload = {
      iss: app.client_id,
      sub: app.client_id,
      aud: ISSUER,
      exp: seconds() + 60,
      jti: "j",
    }
    for (const kid of ["key-1", "key-2"]) {
      const forged = new SignJWT(payload).setProtectedHeader({ alg: "ES256", kid })
      expect(outcome(await askWith(await forged.sign(privateKey)))).toEqual(REFUSED)
    }
  })

  it("that brings its own key in the header", async () => {
    const thief = await registerKeyApp(harness)
    const claims = { iss: app.client_id, sub: app.client_id }
    const jwk = await crypto.subtle.exportKey("jwk", thief.publicKey)
    for (const header of [{ jwk }, { jku: "https://evil.example/jwks" }, { kid: "other", jwk }]) {
      expect(outcome(await askWith(await thief.sign(claims, header)))).toEqual(REFUSED)
    }
  })

  it("with alg none, or HS256 under the public key", async () => {
    const header = { alg: "none" }
    const payload = {
      iss: app.client_id,
      sub: app.client_id,
      aud: ISSUER,
      exp: seconds() + 60,
      jti: "n",
    }
    const encode = (part: unknown) => base64url.encode(JSON.stringify(part))
    expect(outcome(await askWith(`${encode(header)}.${encode(payload)}.`))).toEqual(REFUSED)
    const secret = new TextEncoder().encode(await exportSPKI(app.publicKey))
    const confused = new SignJWT(payload).setProtectedHeader({ alg: "HS256", kid: "key-1" })
    expect(outcome(await askWith(await confused.sign(secret)))).toEqual(REFUSED)
  })

  it("whose text was changed, or that is none", async () => {
    const [head = "", body = "", signature = ""] = (await app.sign()).split(".")
    const changed = base64url.encode(
      new TextDecoder().decode(base64url.decode(body)).replace(/"jti":"./, '"jti":"'),
    )
    for (const text of [`${head}.${changed}.${signature}`, `${head}.${body}`, "x", "a.b.c"]) {
      expect(outcome(await askWith(text))).toEqual(REFUSED)
    }
    expect(outcome(await askWith(`${head}.${body}.${"A".repeat(9000)}`))).toEqual(REFUSED)
  })

  it("with a header that must be understood (crit)", async () => {
    const [, body = "", signature = ""] = (await app.sign()).split(".")
    const head = base64url.encode(JSON.stringify({ alg: "ES256", kid: "key-1", crit: ["x"], x: 1 }))
    expect(outcome(await askWith(`${head}.${body}.${signature}`))).toEqual(REFUSED)
  })
})

it.each([
  ["no type", undefined],
  ["the SAML type", "urn:ietf:params:oauth:client-assertion-type:saml2-bearer"],
])("answers an assertion with %s as invalid_request", async (_, type) => {
  const client_assertion = await app.sign()
  const answer = await ask({ client_assertion_type: type, client_assertion })
  expect(outcome(answer)).toEqual([400, "invalid_request"])
})

it("answers another client_id beside an assertion as invalid_request", async () => {
  const answer = await ask({ ...(await app.assertion()), client_id: "app_x" })
  expect(outcome(answer)).toEqual([400, "invalid_request"])
})

describe("an assertion counts once", () => {
  it("until it has expired, and after that it is expired", async () => {
    const assertion = await app.sign({ exp: seconds() + 60 })
    expect(outcome(await askWith(assertion))).toEqual([200])
    expect(outcome(await askWith(assertion))).toEqual(REFUSED)
    harness.clock.at += 85_000
    expect(outcome(await askWith(assertion))).toEqual(REFUSED)
    harness.clock.at += 60_000
    expect(outcome(await askWith(assertion))).toEqual(REFUSED)
  })

  it("of 8 at once one wins", async () => {
    const assertion = await app.sign()
    const answers = await Promise.all(Array.from({ length: 8 }, () => askWith(assertion)))
    const statuses = answers.map(({ status }) => status).sort()
    expect(statuses).toEqual([200, ...Array.from({ length: 7 }, () => 401)])
  })

  it("across endpoints, and where another signature has the same jti", async () => {
    const { access } = await obtainTokensBy(app)
    const fields = await app.assertion({ jti: "same" })
    expect(outcome(await ask(fields))).toEqual([200])
    const again = await post(harness, "/oauth/introspect", { ...fields, token: access })
    expect(outcome(again)).toEqual(REFUSED)
    expect(outcome(await present({ jti: "same" }))).toEqual(REFUSED)
  })

  it("for each app by itself", async () => {
    const other = await registerKeyApp(harness)
    expect(outcome(await present({ jti: "j-1" }))).toEqual([200])
    expect(outcome(await ask(await other.assertion({ jti: "j-1" })))).toEqual([200])
  })

  it("so that a replay consumes no code", async () => {
    const spent = await app.assertion()
    await ask(spent)
    const [code = ""] = await makeCodes(harness, app, 1)
    const form = { grant_type: "authorization_code", code, code_verifier: VERIFIER }
    expect(outcome(await ask({ ...spent, ...form }))).toEqual(REFUSED)
    expect(outcome(await ask({ ...(await app.assertion()), ...form }))).toEqual([200])
  })
})
