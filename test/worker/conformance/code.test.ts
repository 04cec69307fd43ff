/** The authorization code at the token endpoint: RFC 6749 §4.1.3, RFC 7636 §4.5, §4.6, RFC 9700 §2.1.1. */
import { env } from "cloudflare:workers"
import { createRemoteJWKSet, customFetch, jwtVerify } from "jose"
import { beforeEach, describe, expect, it } from "vitest"
import {
  authorizePath,
  Browser,
  CALLBACK,
  claim,
  connect,
  type Harness,
  ISSUER,
  nmbrsFields,
  type RegisteredApp,
  registerApp,
  returned,
  startHarness,
} from "../../support/worker/harness.ts"
import {
  askToken,
  CHALLENGE,
  DAY,
  EMPLOYEES,
  get,
  isAlive,
  obtainCode,
  outcome,
  PKCE,
  post,
  redeem,
  refresh,
  registerPublic,
  tokensOf,
  VERIFIER,
} from "../../support/worker/oauth.ts"

let harness: Harness
let app: RegisteredApp

beforeEach(async () => {
  harness = startHarness()
  app = await registerApp(harness)
})

describe("a code that is redeemed", () => {
  it("gives exactly the members of a token response, for the scope that was granted", async () => {
    const answer = await redeem(harness, app, await obtainCode(harness, app))
    expect(answer.status).toBe(200)
    expect(answer.headers.get("content-type")).toMatch(/^application\/json/)
    expect(answer.body).toEqual({
      access_token: expect.stringMatching(/^acc_00[\w-]{43}$/),
      token_type: "Bearer",
      expires_in: 3600,
      refresh_token: expect.stringMatching(/^ref_00[\w-]{43}$/),
      scope: EMPLOYEES,
      connection_id: expect.stringMatching(/^[\w-]+\.[\w-]+\.[\w-]+$/),
    })
  })

  it("comes back with code, state and iss, and nothing else", async () => {
    const parameters = { response_type: "code", ...PKCE }
    const query = await connect(harness, app, { parameters })
    expect([...query.keys()]).toEqual(["code", "state", "iss"])
    expect(query.get("code")).toMatch(/^code_00[\w-]{43}$/)
    expect(query.get("iss")).toBe(ISSUER)
  })

  it("puts the nonce of the request into the connection id", async () => {
    const code = await obtainCode(harness, app, { nonce: "n-0S6_WzA2Mj" })
    const { connectionId, sub } = tokensOf(await redeem(harness, app, code))
    const jwks = createRemoteJWKSet(new URL(`${ISSUER}/.well-known/jwks.json`), {
      [customFetch]: (url: string) => harness.request(new URL(url).pathname),
    })
    const { payload } = await jwtVerify(connectionId, jwks, {
      issuer: ISSUER,
      audience: app.client_id,
      typ: "connection-id+jwt",
      currentDate: new Date(harness.clock.at),
    })
    expect(payload).toMatchObject({ nonce: "n-0S6_WzA2Mj", sub, provider: "nmbrs", env: "test" })
  })

  it("opens the connection, which nobody could see before", async () => {
    const code = await obtainCode(harness, app)
    const row = await env.DB.prepare("SELECT id FROM connections WHERE client_id = ?1")
      .bind(app.client_id)
      .first<{ id: string }>()
    const path = `/v1/connections/${row?.id}`
    expect((await get(harness, path, app.basic)).status).toBe(404)
    const { sub } = tokensOf(await redeem(harness, app, code))
    expect(sub).toBe(row?.id)
    expect((await get(harness, path, app.basic)).body).toMatchObject({ id: sub, status: "active" })
  })

  it("gives no refresh token to an app that is not registered for them", async () => {
    const plain = await registerApp(harness, { grant_types: ["authorization_code"] })
    const { body } = await redeem(harness, plain, await obtainCode(harness, plain))
    expect(body).not.toHaveProperty("refresh_token")
  })

  it("is redeemed by a public app with client_id and verifier", async () => {
    const spa = await registerPublic(harness)
    const answer = await redeem(harness, spa, await obtainCode(harness, spa))
    expect(outcome(answer)).toEqual([200])
  })

  it("needs no redirect_uri where there is a challenge", async () => {
    const code = await obtainCode(harness, app)
    expect(outcome(await redeem(harness, app, code, { redirect_uri: undefined }))).toEqual([200])
  })

  it("needs no verifier where the request had a state instead of a challenge", async () => {
    const code = await obtainCode(harness, app, WITHOUT_PKCE)
    expect(outcome(await redeem(harness, app, code, { code_verifier: undefined }))).toEqual([200])
  })
})

const WITHOUT_PKCE = {
  state: "s",
  code_challenge: undefined,
  code_challenge_method: undefined,
}

describe("a redemption that fails consumes nothing", () => {
  const refusals: [string, Record<string, string | undefined>, string][] = [
    ["a wrong verifier", { code_verifier: `${VERIFIER}x` }, "invalid_grant"],
    ["the challenge as verifier", { code_verifier: CHALLENGE }, "invalid_grant"],
    ["a verifier in another case", { code_verifier: VERIFIER.toLowerCase() }, "invalid_grant"],
    ["no verifier", { code_verifier: undefined }, "invalid_grant"],
    ["an empty verifier", { code_verifier: "" }, "invalid_grant"],
    ["a verifier of 42 characters", { code_verifier: "a".repeat(42) }, "invalid_request"],
    ["a verifier of 129 characters", { code_verifier: "a".repeat(129) }, "invalid_request"],
    ["a verifier with a character of none", { code_verifier: `${VERIFIER}+` }, "invalid_request"],
    ["another redirect_uri", { redirect_uri: `${CALLBACK}/` }, "invalid_grant"],
    ["a redirect_uri in another case", { redirect_uri: CALLBACK.toUpperCase() }, "invalid_grant"],
    ["a code with a character more", { code: "+" }, "invalid_grant"],
    ["no code", { code: undefined }, "invalid_request"],
    ["no grant_type", { grant_type: undefined }, "invalid_request"],
    ["a grant_type of none", { grant_type: "password" }, "unsupported_grant_type"],
    ["the implicit grant", { grant_type: "implicit" }, "unsupported_grant_type"],
    ["another way to authenticate beside", { client_secret: "x" }, "invalid_request"],
    ["another client_id beside Basic", { client_id: "app_x" }, "invalid_request"],
  ]
  it.each(refusals)("%s", async (_, fields, error) => {
    const code = await obtainCode(harness, app)
    const sent = fields.code === "+" ? { code: `${code}A` } : fields
    expect(outcome(await redeem(harness, app, code, sent))).toEqual([400, error])
    expect(outcome(await redeem(harness, app, code))).toEqual([200])
  })

  it("a wrong secret", async () => {
    const code = await obtainCode(harness, app)
    const form = { grant_type: "authorization_code", code, redirect_uri: CALLBACK }
    const proof = { ...form, code_verifier: VERIFIER }
    const wrong = await post(harness, "/oauth/token", proof, `Basic ${btoa(`${app.client_id}:x`)}`)
    expect(outcome(wrong)).toEqual([401, "invalid_client"])
    expect(outcome(await redeem(harness, app, code))).toEqual([200])
  })

  it("another app with the right verifier", async () => {
    const other = await registerApp(harness)
    const spa = await registerPublic(harness)
    const code = await obtainCode(harness, app)
    expect(outcome(await redeem(harness, other, code))).toEqual([400, "invalid_grant"])
    expect(outcome(await redeem(harness, spa, code))).toEqual([400, "invalid_grant"])
    expect(outcome(await redeem(harness, app, code))).toEqual([200])
  })

  it("a verifier where the request had no challenge", async () => {
    const code = await obtainCode(harness, app, WITHOUT_PKCE)
    expect(outcome(await redeem(harness, app, code))).toEqual([400, "invalid_grant"])
    const without = { code_verifier: undefined }
    expect(outcome(await redeem(harness, app, code, without))).toEqual([200])
  })

  it("no redirect_uri where the request had no challenge", async () => {
    const code = await obtainCode(harness, app, WITHOUT_PKCE)
    const fields = { code_verifier: undefined, redirect_uri: undefined }
    expect(outcome(await redeem(harness, app, code, fields))).toEqual([400, "invalid_grant"])
    const without = { code_verifier: undefined }
    expect(outcome(await redeem(harness, app, code, without))).toEqual([200])
  })

  it("no verifier from a public app, or one registered with require_pkce", async () => {
    for (const one of [
      await registerPublic(harness),
      await registerApp(harness, { require_pkce: true }),
    ]) {
      const code = await obtainCode(harness, one)
      const without = { code_verifier: undefined }
      expect(outcome(await redeem(harness, one, code, without))).toEqual([400, "invalid_request"])
      expect(outcome(await redeem(harness, one, code))).toEqual([200])
    }
  })
})

describe("a code's time", () => {
  it("is 60 seconds", async () => {
    const [early, late] = [await obtainCode(harness, app), await obtainCode(harness, app)]
    harness.clock.at += 60_000
    expect(outcome(await redeem(harness, app, late))).toEqual([400, "invalid_grant"])
    harness.clock.at -= 10_000
    expect(outcome(await redeem(harness, app, early))).toEqual([200])
  })

  it("ends with its connection, which is destroyed after 24 hours", async () => {
    const code = await obtainCode(harness, app)
    // As if codes lived longer than the connections that they are for.
    await env.DB.prepare("UPDATE codes SET expires_at = ?2 WHERE client_id = ?1")
      .bind(app.client_id, harness.clock.at + 7 * DAY)
      .run()
    harness.clock.at += DAY
    expect(outcome(await redeem(harness, app, code))).toEqual([400, "invalid_grant"])
  })
})

describe("a code that comes a second time", () => {
  it("with the right verifier revokes what it gave, refreshed tokens too", async () => {
    const code = await obtainCode(harness, app)
    const first = tokensOf(await redeem(harness, app, code))
    const second = tokensOf(await refresh(harness, app, first.refresh))
    expect(outcome(await redeem(harness, app, code))).toEqual([400, "invalid_grant"])
    expect(await isAlive(harness, first.access)).toBe(false)
    expect(await isAlive(harness, second.access)).toBe(false)
    expect(outcome(await refresh(harness, app, first.refresh))).toEqual([400, "invalid_grant"])
  })

  it("revokes nothing of another connection of the app", async () => {
    const bystander = tokensOf(await redeem(harness, app, await obtainCode(harness, app)))
    const code = await obtainCode(harness, app)
    await redeem(harness, app, code)
    await redeem(harness, app, code)
    expect(await isAlive(harness, bystander.access)).toBe(true)
  })

  it.each([
    ["without its verifier", { code_verifier: undefined }],
    ["with a wrong verifier", { code_verifier: `${VERIFIER}x` }],
    ["with a wrong redirect_uri", { redirect_uri: "https://evil.example/" }],
  ])("%s revokes nothing", async (_, fields) => {
    const code = await obtainCode(harness, app)
    const { access } = tokensOf(await redeem(harness, app, code))
    expect(outcome(await redeem(harness, app, code, fields))).toEqual([400, "invalid_grant"])
    expect(await isAlive(harness, access)).toBe(true)
  })

  it("from another app revokes nothing", async () => {
    const other = await registerApp(harness)
    const code = await obtainCode(harness, app)
    const { access } = tokensOf(await redeem(harness, app, code))
    expect(outcome(await redeem(harness, other, code))).toEqual([400, "invalid_grant"])
    expect(await isAlive(harness, access)).toBe(true)
  })
})

describe("a code and a claim are two things", () => {
  it("a connection handed off with a code can't be claimed", async () => {
    const code = await obtainCode(harness, app, { state: "state-of-this-flow" })
    const row = await env.DB.prepare("SELECT id FROM connections WHERE client_id = ?1")
      .bind(app.client_id)
      .first<{ id: string }>()
    expect((await claim(harness, app, row?.id ?? "")).status).toBe(404)
    expect(outcome(await redeem(harness, app, code))).toEqual([200])
  })

  it("a connection handed off with its id can't be redeemed", async () => {
    const id = (await connect(harness, app)).get("connection_id") ?? ""
    for (const code of [id, tokenSubject(id)]) {
      expect(outcome(await redeem(harness, app, code))).toEqual([400, "invalid_grant"])
    }
    expect((await claim(harness, app, id)).status).toBe(200)
  })

  it("a token of another kind is no code", async () => {
    const { access, refresh: token } = tokensOf(
      await redeem(harness, app, await obtainCode(harness, app)),
    )
    for (const code of [access, token]) {
      expect(outcome(await redeem(harness, app, code))).toEqual([400, "invalid_grant"])
    }
  })
})

function tokenSubject(id: string): string {
  return (
    JSON.parse(atob((id.split(".")[1] ?? "").replaceAll("-", "+").replaceAll("_", "/"))) as {
      sub: string
    }
  ).sub
}

it("gives the same code to a second press of Connect, and to two at once", async () => {
  const browser = new Browser(harness)
  const path = authorizePath(app, { response_type: "code", ...PKCE })
  const summary = await browser.submit(await browser.open(path), nmbrsFields())
  const ends = await Promise.all([browser.submit(summary), browser.submit(summary)])
  const codes = [...ends, await browser.submit(summary)].map((end) => returned(end).get("code"))
  expect(new Set(codes).size).toBe(1)
  expect(outcome(await redeem(harness, app, codes[0] ?? ""))).toEqual([200])
  // Redeemed: the same press leads nowhere any more.
  expect((await browser.submit(summary)).status).toBe(410)
})

it("refuses an app that is not registered for the grant", async () => {
  const spa = await registerPublic(harness, { grant_types: ["authorization_code"] })
  for (const grant_type of ["refresh_token", "client_credentials"]) {
    const answer = await askToken(harness, spa, { grant_type, refresh_token: "ref_x" })
    expect(outcome(answer)).toEqual([400, "unauthorized_client"])
  }
})
