/** How often D1 is asked: once on a read path, twice on a write path (invariant 12). */
import { beforeAll, beforeEach, describe, expect, it } from "vitest"
import {
  CALLBACK,
  type Harness,
  type RegisteredApp,
  registerApp,
  startHarness,
} from "../../support/worker/harness.ts"
import {
  type Answer,
  askToken,
  EMPLOYEES,
  get,
  makeCodes,
  obtainTokens,
  postAs,
  redeem,
  refresh,
  registerKeyApp,
  registerPublic,
  type Tokens,
} from "../../support/worker/oauth.ts"

let harness: Harness
let app: RegisteredApp
let spa: RegisteredApp
let tokens: Tokens

beforeAll(async () => {
  harness = startHarness()
  app = await registerApp(harness)
  spa = await registerPublic(harness)
})

beforeEach(async () => {
  tokens = await obtainTokens(harness, app)
})

async function count(ask: () => Promise<Answer>, status = 200): Promise<number> {
  harness.roundTrips.count = 0
  expect((await ask()).status).toBe(status)
  return harness.roundTrips.count
}

describe("one round trip", () => {
  it("introspects", async () => {
    const fields = () => ({ token: tokens.access })
    expect(await count(() => postAs(harness, app, "/oauth/introspect", fields()))).toBe(1)
  })

  it("checks an access token at userinfo", async () => {
    expect(await count(() => get(harness, "/oauth/userinfo", `Bearer ${tokens.access}`))).toBe(1)
  })

  it("reads a connection, by Bearer and by Basic", async () => {
    const path = `/v1/connections/${tokens.connectionId}`
    expect(await count(() => get(harness, path, `Bearer ${tokens.access}`))).toBe(1)
    expect(await count(() => get(harness, path, app.basic))).toBe(1)
  })

  it("refuses what is not valid", async () => {
    expect(await count(() => get(harness, "/oauth/userinfo", "Bearer acc_x"), 401)).toBe(1)
  })
})

describe("two round trips", () => {
  it("redeem a code", async () => {
    const [code = ""] = await makeCodes(harness, app, 1)
    expect(await count(() => redeem(harness, app, code))).toBe(2)
    // And a replay, which revokes.
    expect(await count(() => redeem(harness, app, code), 400)).toBe(2)
  })

  it("refresh, for a confidential and for a public app", async () => {
    expect(await count(() => refresh(harness, app, tokens.refresh))).toBe(2)
    const own = await obtainTokens(harness, spa)
    expect(await count(() => refresh(harness, spa, own.refresh))).toBe(2)
  })

  it("give a token by client_credentials", async () => {
    const grant = { grant_type: "client_credentials" }
    expect(await count(() => askToken(harness, app, grant))).toBe(2)
    const named = { ...grant, connection_id: tokens.sub }
    expect(await count(() => askToken(harness, app, named))).toBe(2)
  })

  it("authenticate by an assertion and remember it, too", async () => {
    const keys = await registerKeyApp(harness)
    const grant = { grant_type: "client_credentials", ...(await keys.assertion()) }
    expect(await count(() => postAs(harness, keys, "/oauth/token", grant))).toBe(2)
  })

  it("push a request", async () => {
    const request = { response_type: "code", redirect_uri: CALLBACK, scope: EMPLOYEES, state: "s" }
    expect(await count(() => postAs(harness, app, "/oauth/par", request), 201)).toBe(2)
  })

  it("revoke", async () => {
    const fields = { token: tokens.refresh }
    expect(await count(() => postAs(harness, app, "/oauth/revoke", fields))).toBe(2)
  })
})
