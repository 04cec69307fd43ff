/** Refreshing: RFC 6749 §6, RFC 9700 §4.14. */
import { beforeEach, describe, expect, it } from "vitest"
import {
  type Harness,
  type RegisteredApp,
  registerApp,
  startHarness,
} from "../../support/worker/harness.ts"
import {
  DAY,
  EMPLOYEES,
  get,
  isAlive,
  obtainTokens,
  outcome,
  post,
  postAs,
  refresh,
  registerPublic,
  tokensOf,
} from "../../support/worker/oauth.ts"

let harness: Harness

beforeEach(() => {
  harness = startHarness()
})

const REFUSED = [400, "invalid_grant"]
const SECOND = 1000

describe("a confidential app", () => {
  let app: RegisteredApp
  beforeEach(async () => {
    app = await registerApp(harness)
  })

  it("keeps its one refresh token and gets a new access token each time", async () => {
    const first = await obtainTokens(harness, app)
    const answer = await refresh(harness, app, first.refresh)
    expect(Object.keys(answer.body).sort()).toEqual([
      "access_token",
      "connection_id",
      "expires_in",
      "refresh_token",
      "scope",
      "token_type",
    ])
    const second = tokensOf(answer)
    expect(second.refresh).toBe(first.refresh)
    expect(second.sub).toBe(first.sub)
    expect(second.access).not.toBe(first.access)
    // The one before lives on until it expires.
    expect(await isAlive(harness, first.access)).toBe(true)
    expect(await isAlive(harness, second.access)).toBe(true)
  })

  it("loses it 90 days after its last use, not after it was given", async () => {
    const { refresh: token } = await obtainTokens(harness, app)
    for (let use = 0; use < 3; use++) {
      harness.clock.at += 90 * DAY - SECOND
      expect(outcome(await refresh(harness, app, token))).toEqual([200])
    }
    harness.clock.at += 90 * DAY
    expect(outcome(await refresh(harness, app, token))).toEqual(REFUSED)
  })

  it("gets an access token each from 8 refreshes at once", async () => {
    const { refresh: token } = await obtainTokens(harness, app)
    const answers = await Promise.all(Array.from({ length: 8 }, () => refresh(harness, app, token)))
    const access = answers.map((answer) => tokensOf(answer).access)
    expect(new Set(access).size).toBe(8)
    for (const one of access) expect(await isAlive(harness, one)).toBe(true)
  })

  it("can't use another app's, nor a public app its own app's", async () => {
    const { refresh: token } = await obtainTokens(harness, app)
    const other = await registerApp(harness)
    const spa = await registerPublic(harness)
    expect(outcome(await refresh(harness, other, token))).toEqual(REFUSED)
    expect(outcome(await refresh(harness, spa, token))).toEqual(REFUSED)
    expect(outcome(await refresh(harness, app, token))).toEqual([200])
  })

  it("must authenticate", async () => {
    const { refresh: token } = await obtainTokens(harness, app)
    const form = { grant_type: "refresh_token", refresh_token: token, client_id: app.client_id }
    const answer = await post(harness, "/oauth/token", form)
    expect(outcome(answer)).toEqual([401, "invalid_client"])
  })

  it.each([
    ["no token", undefined, "invalid_request"],
    ["one that never was", "ref_00AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", "invalid_grant"],
  ])("is refused %s", async (_, token, error) => {
    const fields = { grant_type: "refresh_token", refresh_token: token }
    expect(outcome(await postAs(harness, app, "/oauth/token", fields))).toEqual([400, error])
  })

  it("is refused an access token in the place of a refresh token", async () => {
    const { access } = await obtainTokens(harness, app)
    expect(outcome(await refresh(harness, app, access))).toEqual(REFUSED)
  })
})

describe("the scope of a refresh", () => {
  it("may be less than was granted, for that access token alone", async () => {
    const app = await registerApp(harness)
    const { refresh: token } = await obtainTokens(harness, app)
    const part = "nmbrs:EmployeeService.List_GetByCompany"
    const narrow = await refresh(harness, app, token, { scope: part })
    expect(narrow.body.scope).toBe(part)
    const { access } = tokensOf(narrow)
    const told = await postAs(harness, app, "/oauth/introspect", { token: access })
    expect(told.body).toMatchObject({ active: true, scope: part })
    const again = await refresh(harness, app, token)
    expect(again.body.scope).toBe(EMPLOYEES)
  })

  it.each([
    "nmbrs:hours.write",
    "nmbrs:employees.read nmbrs:hours.write",
    "nimbus:api",
    "nmbrs:employees.read nimbus",
    "nmbrs:made.up",
  ])("is refused where it holds more: %s", async (scope) => {
    for (const app of [await registerApp(harness), await registerPublic(harness)]) {
      const { refresh: token } = await obtainTokens(harness, app)
      const answer = await refresh(harness, app, token, { scope })
      expect(outcome(answer)).toEqual([400, "invalid_scope"])
      // Nothing was consumed.
      expect(outcome(await refresh(harness, app, token))).toEqual([200])
    }
  })

  it("is what was granted where clients add openid and the like", async () => {
    const app = await registerApp(harness)
    const { refresh: token } = await obtainTokens(harness, app)
    const scope = `openid offline_access ${EMPLOYEES}`
    expect((await refresh(harness, app, token, { scope })).body.scope).toBe(EMPLOYEES)
  })
})

describe("a public app", () => {
  let app: RegisteredApp
  beforeEach(async () => {
    app = await registerPublic(harness)
  })

  it("gets a new refresh token with each access token", async () => {
    const first = await obtainTokens(harness, app)
    const second = tokensOf(await refresh(harness, app, first.refresh))
    const third = tokensOf(await refresh(harness, app, second.refresh))
    expect(new Set([first.refresh, second.refresh, third.refresh]).size).toBe(3)
    expect(third.sub).toBe(first.sub)
    expect(await isAlive(harness, third.access)).toBe(true)
  })

  it("gets the same successor again within 30 seconds, while that one is unused", async () => {
    const first = await obtainTokens(harness, app)
    const second = tokensOf(await refresh(harness, app, first.refresh))
    harness.clock.at += 29 * SECOND
    const retried = tokensOf(await refresh(harness, app, first.refresh))
    expect(retried.refresh).toBe(second.refresh)
    for (const { access } of [first, second, retried]) {
      expect(await isAlive(harness, access)).toBe(true)
    }
    expect(outcome(await refresh(harness, app, second.refresh))).toEqual([200])
  })

  it("loses the whole family when one is used again after 30 seconds", async () => {
    const first = await obtainTokens(harness, app)
    const second = tokensOf(await refresh(harness, app, first.refresh))
    harness.clock.at += 31 * SECOND
    expect(outcome(await refresh(harness, app, first.refresh))).toEqual(REFUSED)
    expect(outcome(await refresh(harness, app, second.refresh))).toEqual(REFUSED)
    for (const { access } of [first, second]) expect(await isAlive(harness, access)).toBe(false)
  })

  it("does not prolong the 30 seconds by retrying", async () => {
    const first = await obtainTokens(harness, app)
    await refresh(harness, app, first.refresh)
    harness.clock.at += 20 * SECOND
    expect(outcome(await refresh(harness, app, first.refresh))).toEqual([200])
    harness.clock.at += 20 * SECOND
    expect(outcome(await refresh(harness, app, first.refresh))).toEqual(REFUSED)
  })

  it("loses the whole family when one is used again after its successor was", async () => {
    const first = await obtainTokens(harness, app)
    const second = tokensOf(await refresh(harness, app, first.refresh))
    const third = tokensOf(await refresh(harness, app, second.refresh))
    // Within 30 seconds: whoever has the first has not lost an answer.
    expect(outcome(await refresh(harness, app, first.refresh))).toEqual(REFUSED)
    expect(outcome(await refresh(harness, app, third.refresh))).toEqual(REFUSED)
    for (const { access } of [first, second, third]) {
      expect(await isAlive(harness, access)).toBe(false)
    }
  })

  it("keeps its other connections when one family is revoked", async () => {
    const other = await obtainTokens(harness, app)
    const first = await obtainTokens(harness, app)
    await refresh(harness, app, first.refresh)
    harness.clock.at += 31 * SECOND
    await refresh(harness, app, first.refresh)
    expect(await isAlive(harness, other.access)).toBe(true)
    expect(outcome(await refresh(harness, app, other.refresh))).toEqual([200])
  })

  it("gets one and the same successor from 8 refreshes at once", async () => {
    const { refresh: token } = await obtainTokens(harness, app)
    const answers = await Promise.all(Array.from({ length: 8 }, () => refresh(harness, app, token)))
    expect(new Set(answers.map((answer) => tokensOf(answer).refresh)).size).toBe(1)
    for (const answer of answers) {
      expect(await isAlive(harness, tokensOf(answer).access)).toBe(true)
    }
  })

  it("can't have another app's family revoked by using its token", async () => {
    const first = await obtainTokens(harness, app)
    const second = tokensOf(await refresh(harness, app, first.refresh))
    harness.clock.at += 31 * SECOND
    const stranger = await registerPublic(harness)
    expect(outcome(await refresh(harness, stranger, first.refresh))).toEqual(REFUSED)
    expect(await isAlive(harness, second.access)).toBe(true)
    expect(outcome(await refresh(harness, app, second.refresh))).toEqual([200])
  })

  it("loses a token 90 days after it was given", async () => {
    const { refresh: token } = await obtainTokens(harness, app)
    harness.clock.at += 90 * DAY
    expect(outcome(await refresh(harness, app, token))).toEqual(REFUSED)
  })
})

it("ends an access token after an hour", async () => {
  const app = await registerApp(harness)
  const { access, sub } = await obtainTokens(harness, app)
  harness.clock.at += 60 * 60 * SECOND - SECOND
  expect(await isAlive(harness, access)).toBe(true)
  harness.clock.at += SECOND
  expect(await isAlive(harness, access)).toBe(false)
  const answer = await get(harness, `/v1/connections/${sub}`, `Bearer ${access}`)
  expect(answer.status).toBe(401)
})
