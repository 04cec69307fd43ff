/** Client credentials: RFC 6749 §4.4; what its tokens open on /v1. */
import { beforeEach, describe, expect, it } from "vitest"
import {
  claim,
  connect,
  type Harness,
  type RegisteredApp,
  registerApp,
  startHarness,
} from "../../support/worker/harness.ts"
import {
  type Answer,
  askToken,
  EMPLOYEES,
  type FormFields,
  get,
  isAlive,
  makeCodes,
  obtainTokens,
  outcome,
  post,
  postAs,
  registerPublic,
} from "../../support/worker/oauth.ts"

let harness: Harness
let app: RegisteredApp

beforeEach(async () => {
  harness = startHarness()
  app = await registerApp(harness)
})

function ask(fields: FormFields = {}, by = app): Promise<Answer> {
  return askToken(harness, by, { grant_type: "client_credentials", ...fields })
}

describe("with connection_id", () => {
  it("gives a token for that one connection, without a refresh token", async () => {
    const { sub, connectionId } = await obtainTokens(harness, app)
    for (const named of [sub, connectionId]) {
      const { status, body } = await ask({ connection_id: named })
      expect(status).toBe(200)
      expect(body).toEqual({
        access_token: expect.stringMatching(/^acc_00[\w-]{43}$/),
        token_type: "Bearer",
        expires_in: 3600,
        scope: EMPLOYEES,
        connection_id: expect.any(String),
      })
      const bearer = `Bearer ${body.access_token}`
      expect((await get(harness, `/v1/connections/${sub}`, bearer)).body).toMatchObject({ id: sub })
      expect((await get(harness, "/oauth/userinfo", bearer)).body).toMatchObject({ sub })
      const other = await obtainTokens(harness, app)
      expect((await get(harness, `/v1/connections/${other.sub}`, bearer)).status).toBe(404)
    }
  })

  it("is not revoked when the code's family is", async () => {
    const { sub, refresh } = await obtainTokens(harness, app)
    const { body } = await ask({ connection_id: sub })
    await postAs(harness, app, "/oauth/revoke", { token: refresh })
    expect(await isAlive(harness, String(body.access_token))).toBe(true)
  })

  it("narrows the scope and never widens it", async () => {
    const { sub } = await obtainTokens(harness, app)
    const part = "nmbrs:EmployeeService.List_GetByCompany"
    expect((await ask({ connection_id: sub, scope: part })).body.scope).toBe(part)
    for (const scope of ["nmbrs:hours.write", "nimbus:api", `${part} nmbrs:hours.write`]) {
      const answer = await ask({ connection_id: sub, scope })
      expect(outcome(answer)).toEqual([400, "invalid_scope"])
    }
  })

  it("is refused the same for a connection that is unknown, another app's, or not yet redeemed", async () => {
    const other = await registerApp(harness)
    const foreign = await obtainTokens(harness, other)
    const pending = await connect(harness, app)
    const pendingId = pending.get("connection_id") ?? ""
    await makeCodes(harness, app, 1)
    for (const named of [
      foreign.sub,
      foreign.connectionId,
      pendingId,
      "con_00000000000000000000000000",
      "x",
    ]) {
      const answer = await ask({ connection_id: named })
      expect(outcome(answer)).toEqual([400, "invalid_request"])
      expect(String(answer.body.error_description)).toContain("there is no such connection")
    }
    expect((await claim(harness, app, pendingId)).status).toBe(200)
    expect(outcome(await ask({ connection_id: pendingId }))).toEqual([200])
  })
})

describe("without connection_id", () => {
  it("gives a token for what Basic opens on /v1", async () => {
    const { sub, connectionId } = await obtainTokens(harness, app)
    const { body } = await ask()
    expect(body).toEqual({
      access_token: expect.any(String),
      token_type: "Bearer",
      expires_in: 3600,
      scope: "",
    })
    const bearer = `Bearer ${body.access_token}`
    for (const id of [sub, connectionId]) {
      expect((await get(harness, `/v1/connections/${id}`, bearer)).body).toMatchObject({ id: sub })
    }
    const other = await registerApp(harness)
    const foreign = await obtainTokens(harness, other)
    for (const id of [foreign.sub, foreign.connectionId, "con_00000000000000000000000000"]) {
      expect((await get(harness, `/v1/connections/${id}`, bearer)).status).toBe(404)
    }
  })

  it("claims, which a token of one connection can't for another", async () => {
    const { body } = await ask()
    const id = (await connect(harness, app)).get("connection_id") ?? ""
    const { access } = await obtainTokens(harness, app)
    expect((await claim(harness, { basic: `Bearer ${access}` }, id)).status).toBe(404)
    const claimed = await claim(harness, { basic: `Bearer ${body.access_token}` }, id)
    expect(claimed.status).toBe(200)
  })

  it("has no scope", async () => {
    expect(outcome(await ask({ scope: EMPLOYEES }))).toEqual([400, "invalid_scope"])
  })
})

describe("is refused", () => {
  it("to public apps", async () => {
    const spa = await registerPublic(harness)
    expect(outcome(await ask({}, spa))).toEqual([400, "unauthorized_client"])
  })

  it("to an app that is not registered for it", async () => {
    const code = await registerApp(harness, { grant_types: ["authorization_code"] })
    expect(outcome(await ask({}, code))).toEqual([400, "unauthorized_client"])
  })

  it("without authentication", async () => {
    const form = { grant_type: "client_credentials", client_id: app.client_id }
    expect(outcome(await post(harness, "/oauth/token", form))).toEqual([401, "invalid_client"])
  })
})
