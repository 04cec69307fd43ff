/** What tokens open and how they end: RFC 6750, RFC 7009, RFC 7662. */
import { env } from "cloudflare:workers"
import { beforeEach, describe, expect, it } from "vitest"
import {
  basic,
  type Harness,
  ISSUER,
  type RegisteredApp,
  registerApp,
  startHarness,
} from "../../support/worker/harness.ts"
import {
  type Answer,
  EMPLOYEES,
  get,
  HOUR,
  hashOf,
  isAlive,
  makeCodes,
  obtainTokens,
  outcome,
  post,
  postAs,
  redeem,
  refresh,
  registerPublic,
  tokensOf,
} from "../../support/worker/oauth.ts"

let harness: Harness
let app: RegisteredApp

beforeEach(async () => {
  harness = startHarness()
  app = await registerApp(harness)
})

const UNKNOWN = `acc_00${"A".repeat(43)}`

function introspect(token: string | undefined, by = app): Promise<Answer> {
  return postAs(harness, by, "/oauth/introspect", { token })
}

function revoke(token: string | undefined, by = app, hint?: string): Promise<Answer> {
  return postAs(harness, by, "/oauth/revoke", { token, token_type_hint: hint })
}

describe("introspection", () => {
  it("tells the app what its access token is worth", async () => {
    const { access, sub } = await obtainTokens(harness, app)
    const { status, headers, body } = await introspect(access)
    expect(status).toBe(200)
    expect(headers.get("cache-control")).toBe("no-store")
    expect(body).toEqual({
      active: true,
      iss: ISSUER,
      client_id: app.client_id,
      sub,
      scope: EMPLOYEES,
      iat: expect.any(Number),
      exp: expect.any(Number),
      token_type: "Bearer",
    })
    expect(Number(body.exp) - Number(body.iat)).toBe(3600)
  })

  it("tells the app what its refresh token is worth, which is no Bearer", async () => {
    const tokens = await obtainTokens(harness, app)
    const { body } = await introspect(tokens.refresh)
    expect(body).toMatchObject({ active: true, sub: tokens.sub, client_id: app.client_id })
    expect(body).not.toHaveProperty("token_type")
    expect(Number(body.exp) - Number(body.iat)).toBe(90 * 24 * 3600)
  })

  it("says of everything that is wrong the same, without a reason", async () => {
    const other = await registerApp(harness)
    const others = await obtainTokens(harness, other)
    const own = await obtainTokens(harness, app)
    const [code = ""] = await makeCodes(harness, app, 1)
    const revoked = await obtainTokens(harness, app)
    await revoke(revoked.refresh)
    const dead = [
      UNKNOWN,
      "x",
      others.access,
      others.refresh,
      own.connectionId,
      code,
      revoked.access,
      revoked.refresh,
      app.client_secret,
      app.registration_access_token,
    ]
    for (const token of dead) expect((await introspect(token)).body).toEqual({ active: false })
    harness.clock.at += HOUR
    expect((await introspect(own.access)).body).toEqual({ active: false })
  })

  it("says that a public app's refresh token that was exchanged is not active", async () => {
    const spa = await registerPublic(harness)
    const first = await obtainTokens(harness, spa)
    await refresh(harness, spa, first.refresh)
    // A confidential app asks; the token isn't its own in any case, so the row itself is looked at.
    const row = await env.DB.prepare("SELECT used_at FROM refresh_tokens WHERE hash = ?1")
      .bind(await hashOf(first.refresh))
      .first<{ used_at: number | null }>()
    expect(row?.used_at).not.toBeNull()
    expect((await introspect(first.refresh)).body).toEqual({ active: false })
  })

  it("is not for public apps, which prove nothing", async () => {
    const spa = await registerPublic(harness)
    const { access } = await obtainTokens(harness, spa)
    expect(outcome(await introspect(access, spa))).toEqual([401, "invalid_client"])
  })

  it("needs a token", async () => {
    expect(outcome(await introspect(undefined))).toEqual([400, "invalid_request"])
  })
})

describe("revocation", () => {
  it("of an access token ends that one at once, and leaves the refresh token", async () => {
    const tokens = await obtainTokens(harness, app)
    const answer = await revoke(tokens.access)
    expect([answer.status, answer.body]).toEqual([200, {}])
    expect(await isAlive(harness, tokens.access)).toBe(false)
    expect(outcome(await refresh(harness, app, tokens.refresh))).toEqual([200])
  })

  it("of a refresh token ends everything that its code gave, at once", async () => {
    const tokens = await obtainTokens(harness, app)
    const more = tokensOf(await refresh(harness, app, tokens.refresh))
    expect(outcome(await revoke(tokens.refresh))).toEqual([200])
    for (const access of [tokens.access, more.access]) {
      expect(await isAlive(harness, access)).toBe(false)
      const read = await get(harness, `/v1/connections/${tokens.sub}`, `Bearer ${access}`)
      expect(read.status).toBe(401)
    }
    expect(outcome(await refresh(harness, app, tokens.refresh))).toEqual([400, "invalid_grant"])
  })

  it("leaves the connection, which the app still reads", async () => {
    const tokens = await obtainTokens(harness, app)
    await revoke(tokens.refresh)
    expect((await get(harness, `/v1/connections/${tokens.sub}`, app.basic)).status).toBe(200)
  })

  it.each(["access_token", "refresh_token", "made_up"])(
    "looks further than a hint that is wrong: %s",
    async (hint) => {
      const { access, refresh: token } = await obtainTokens(harness, app)
      expect(outcome(await revoke(hint === "access_token" ? token : access, app, hint))).toEqual([
        200,
      ])
      expect(await isAlive(harness, access)).toBe(false)
    },
  )

  it("of what is unknown, another's or already gone is 200, and does nothing", async () => {
    const other = await registerApp(harness)
    const tokens = await obtainTokens(harness, other)
    for (const token of [UNKNOWN, "x", tokens.access, tokens.refresh]) {
      expect(outcome(await revoke(token))).toEqual([200])
    }
    expect(await isAlive(harness, tokens.access)).toBe(true)
    expect(outcome(await refresh(harness, other, tokens.refresh))).toEqual([200])
    await revoke(tokens.access, other)
    expect(outcome(await revoke(tokens.access, other))).toEqual([200])
  })

  it("is for public apps too, of their own tokens, used ones included", async () => {
    const spa = await registerPublic(harness)
    const first = await obtainTokens(harness, spa)
    const second = tokensOf(await refresh(harness, spa, first.refresh))
    const stranger = await registerPublic(harness)
    await revoke(second.refresh, stranger)
    expect(await isAlive(harness, second.access)).toBe(true)
    expect(outcome(await revoke(first.refresh, spa))).toEqual([200])
    expect(await isAlive(harness, second.access)).toBe(false)
    expect(outcome(await refresh(harness, spa, second.refresh))).toEqual([400, "invalid_grant"])
  })

  it("needs a token, and an app that is known", async () => {
    expect(outcome(await revoke(undefined))).toEqual([400, "invalid_request"])
    const { access } = await obtainTokens(harness, app)
    const form = { token: access, client_id: app.client_id }
    expect(outcome(await post(harness, "/oauth/revoke", form))).toEqual([401, "invalid_client"])
    expect(await isAlive(harness, access)).toBe(true)
  })
})

describe("userinfo", () => {
  it("tells whose account was connected", async () => {
    const { access, sub } = await obtainTokens(harness, app)
    const { status, headers, body } = await get(harness, "/oauth/userinfo", `Bearer ${access}`)
    expect(status).toBe(200)
    expect(headers.get("cache-control")).toBe("no-store")
    expect(body).toEqual({
      sub,
      name: "Bakkerij",
      provider: "nmbrs",
      connection_id: expect.stringMatching(/^[\w-]+\.[\w-]+\.[\w-]+$/),
    })
  })

  it("is 403 insufficient_scope for a token of the app itself", async () => {
    const form = { grant_type: "client_credentials" }
    const { body } = await postAs(harness, app, "/oauth/token", form)
    const answer = await get(harness, "/oauth/userinfo", `Bearer ${body.access_token}`)
    expect(outcome(answer)).toEqual([403, "insufficient_scope"])
    expect(answer.headers.get("www-authenticate")).toBe('Bearer error="insufficient_scope"')
  })
})

describe("a bearer token that is not valid gets 401 and a Bearer challenge (RFC 6750 §3)", () => {
  it.each(["/oauth/userinfo", "/v1/connections/con_00000000000000000000000000"])(
    "at %s",
    async (path) => {
      const { refresh: token, connectionId } = await obtainTokens(harness, app)
      const [code = ""] = await makeCodes(harness, app, 1)
      const wrong = [UNKNOWN, token, connectionId, code, app.client_secret, "x"]
      for (const one of wrong) {
        const answer = await get(harness, path, `Bearer ${one}`)
        expect(answer.status).toBe(401)
        expect(answer.headers.get("www-authenticate")).toBe('Bearer error="invalid_token"')
        expect(answer.headers.get("cache-control")).toBe("no-store")
      }
    },
  )

  it("without an error code where none was sent", async () => {
    for (const header of [undefined, "Bearer", "Bearer a b", app.basic]) {
      const answer = await get(harness, "/oauth/userinfo", header)
      expect(answer.status).toBe(401)
      expect(answer.headers.get("www-authenticate")).toBe("Bearer")
    }
  })

  it("in the address or in a form it counts for nothing", async () => {
    const { access } = await obtainTokens(harness, app)
    const path = `/oauth/userinfo?access_token=${access}`
    expect((await get(harness, path)).status).toBe(401)
  })
})

describe("a token of one connection", () => {
  it("reads that connection, by its signed id too, and no other", async () => {
    const { access, sub, connectionId } = await obtainTokens(harness, app)
    const other = await obtainTokens(harness, app)
    const bearer = `bearer ${access}`
    for (const id of [sub, connectionId]) {
      expect((await get(harness, `/v1/connections/${id}`, bearer)).body).toMatchObject({ id: sub })
    }
    for (const id of [other.sub, other.connectionId, "con_00000000000000000000000000", "x"]) {
      expect((await get(harness, `/v1/connections/${id}`, bearer)).status).toBe(404)
    }
  })

  it("does not open its connection under another app's signed id", async () => {
    const { access } = await obtainTokens(harness, app)
    const stranger = await registerApp(harness)
    const foreign = await obtainTokens(harness, stranger)
    const path = `/v1/connections/${foreign.connectionId}`
    expect((await get(harness, path, `Bearer ${access}`)).status).toBe(404)
    expect((await get(harness, path, app.basic)).status).toBe(404)
  })

  it("opens no credentials, which take the app's own authentication", async () => {
    const open = await registerApp(harness, { credentials_access: true })
    const { access, sub } = await obtainTokens(harness, open)
    const path = `/v1/connections/${sub}/credentials`
    const answer = await post(harness, path, {}, `Bearer ${access}`)
    expect(answer.status).toBe(401)
    const form = { grant_type: "client_credentials" }
    const { body } = await postAs(harness, open, "/oauth/token", form)
    expect((await post(harness, path, {}, `Bearer ${body.access_token}`)).status).toBe(401)
    expect((await post(harness, path, {}, basic(open.client_id, "wrong"))).status).toBe(401)
  })

  it("ends with its connection", async () => {
    const { access, refresh: token, sub } = await obtainTokens(harness, app)
    await env.DB.prepare("DELETE FROM connections WHERE id = ?1").bind(sub).run()
    expect(await isAlive(harness, access)).toBe(false)
    expect(outcome(await refresh(harness, app, token))).toEqual([400, "invalid_grant"])
  })
})

it("stores codes and tokens as SHA-256 only", async () => {
  const [code = ""] = await makeCodes(harness, app, 1)
  const tokens = tokensOf(await redeem(harness, app, code))
  const tables = ["codes", "access_tokens", "refresh_tokens"]
  const results = await env.DB.batch(
    tables.map((table) => env.DB.prepare(`SELECT * FROM ${table}`)),
  )
  const text = JSON.stringify(results.map(({ results: rows }) => rows))
  for (const secret of [code, tokens.access, tokens.refresh]) {
    expect(text).not.toContain(secret)
    expect(text).toContain(await hashOf(secret))
  }
})
