/** Reconnect with the `code` response: the redemption applies it, and only the winner's. */
import { env } from "cloudflare:workers"
import { beforeAll, describe, expect, it } from "vitest"
import { purge } from "../../src/cron.ts"
import {
  authorizePath,
  Browser,
  connect,
  nmbrsFields,
  type RegisteredApp,
  registerApp,
  returned,
  startHarness,
} from "../support/worker/harness.ts"
import { api } from "../support/worker/jobs.ts"
import {
  DAY,
  hashOf,
  identify,
  MINUTE,
  obtainCode,
  outcome,
  PKCE,
  post,
  redeem,
  refresh,
  registerPublic,
  type Tokens,
  tokensOf,
} from "../support/worker/oauth.ts"
import {
  breakConnection,
  messagesOf,
  reconnectsOf,
  registerListener,
  rowOf,
} from "../support/worker/reconnect.ts"

const harness = startHarness()
let app: RegisteredApp
beforeAll(async () => {
  app = await registerApp(harness)
})

const WIDER = "nmbrs:employees.read nmbrs:hours.write"

/** Connects by the page, so that what is stored can be opened. */
async function first(own = app, browser = new Browser(harness)): Promise<Tokens> {
  return tokensOf(await redeem(harness, own, await obtainCode(harness, own, {}, browser)))
}

const codeAgain = (
  { sub }: Tokens,
  parameters: Record<string, string> = {},
  own = app,
  browser = new Browser(harness),
) => obtainCode(harness, own, { connection_id: sub, ...parameters }, browser)

async function scopeOf(own: RegisteredApp, token: string): Promise<unknown> {
  const { fields, authorization } = identify(own)
  return (await post(harness, "/oauth/introspect", { token, ...fields }, authorization)).body.scope
}

describe("a code for a reconnect", () => {
  it("gives tokens for the same connection, with what was granted now", async () => {
    const old = await first()
    const before = await rowOf(old.sub)
    const code = await codeAgain(old, { scope: WIDER })
    expect(await rowOf(old.sub)).toEqual(before)
    harness.roundTrips.count = 0
    const answer = await redeem(harness, app, code)
    expect([answer.status, harness.roundTrips.count]).toEqual([200, 2])
    expect(answer.body.scope).toBe(WIDER)
    const now = tokensOf(answer)
    expect(now.sub).toBe(old.sub)
    expect(await scopeOf(app, now.access)).toBe(WIDER)
    const after = await rowOf(old.sub)
    expect(after).toMatchObject({ scope: WIDER, claimed_at: before.claimed_at })
    expect(after.credentials_sealed).not.toBe(before.credentials_sealed)
    expect(await reconnectsOf(old.sub)).toMatchObject([{ credentials_sealed: null }])

    expect(await scopeOf(app, old.access)).toBe("nmbrs:employees.read")
    const refreshed = await refresh(harness, app, old.refresh)
    expect(refreshed.body.scope).toBe(WIDER)
    const verified = await api(harness, app, "POST", `/v1/connections/${old.sub}/verify`)
    expect(verified.body).toMatchObject({ verification: { outcome: "works" } })
  })

  it("works for a public app", async () => {
    const own = await registerPublic(harness)
    const old = await first(own)
    const now = tokensOf(await redeem(harness, own, await codeAgain(old, {}, own)))
    expect(now.sub).toBe(old.sub)
    expect((await refresh(harness, own, now.refresh)).status).toBe(200)
  })

  it("that fails its proof leaves the old login, and is still good", async () => {
    const old = await first()
    const before = await rowOf(old.sub)
    const code = await codeAgain(old)
    const wrong = [
      { code_verifier: "x".repeat(43) },
      { redirect_uri: "https://app.example/other" },
      { code: `${code}x` },
    ]
    for (const fields of wrong) {
      expect(outcome(await redeem(harness, app, code, fields))).toEqual([400, "invalid_grant"])
    }
    const other = await registerApp(harness)
    expect(outcome(await redeem(harness, other, code))).toEqual([400, "invalid_grant"])
    expect(await rowOf(old.sub)).toEqual(before)
    expect((await redeem(harness, app, code)).status).toBe(200)
  })

  it("that comes too late leaves the old login, whose row goes after a day", async () => {
    const old = await first()
    const before = await rowOf(old.sub)
    const code = await codeAgain(old)
    harness.clock.at += 2 * MINUTE
    expect(outcome(await redeem(harness, app, code))).toEqual([400, "invalid_grant"])
    await purge(env.DB, harness.clock.at + DAY)
    expect(await reconnectsOf(old.sub)).toEqual([])
    expect(await rowOf(old.sub)).toEqual(before)
    expect((await refresh(harness, app, old.refresh)).status).toBe(200)
  })

  it("can't be claimed", async () => {
    const old = await first()
    await codeAgain(old, { state: "known" })
    const response = await harness.request(`/v1/connections/${old.sub}/claim`, {
      method: "POST",
      headers: {
        authorization: app.basic,
        "content-type": "application/x-www-form-urlencoded",
      },
      body: "state=known",
    })
    expect(response.status).toBe(409)
  })

  it("has one winner of eight redemptions, and is told of once", async () => {
    const own = await registerListener(harness)
    const old = await first(own)
    await breakConnection(harness, own, old.sub)
    const code = await codeAgain(old, {}, own)
    const answers = await Promise.all(Array.from({ length: 8 }, () => redeem(harness, own, code)))
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1)
    expect(answers.filter(({ status }) => status === 400)).toHaveLength(7)
    expect(await rowOf(old.sub)).toMatchObject({ status: "active", refusals: 0 })
    expect(await messagesOf(own)).toEqual([
      "connection.created",
      "connection.broken",
      "connection.recovered",
      "connection.updated",
    ])
  })

  it("that comes again revokes what it gave, and not what the connection had", async () => {
    const old = await first()
    const code = await codeAgain(old)
    const now = tokensOf(await redeem(harness, app, code))
    harness.clock.at += 1000
    expect(outcome(await redeem(harness, app, code))).toEqual([400, "invalid_grant"])
    expect(outcome(await refresh(harness, app, now.refresh))).toEqual([400, "invalid_grant"])
    expect((await refresh(harness, app, old.refresh)).status).toBe(200)
  })

  it("for another account is a code for a new connection", async () => {
    const browser = new Browser(harness)
    const old = await first(app, browser)
    const path = authorizePath(app, { response_type: "code", connection_id: old.sub, ...PKCE })
    const form = await browser.open(path)
    const fields = { ...nmbrsFields("wrong-domain"), domain: "voorbeeld-bv" }
    const summary = await browser.submit(form, fields)
    const code = returned(await browser.submit(summary, {}, { as_new: "1" })).get("code") ?? ""
    const now = tokensOf(await redeem(harness, app, code))
    expect(now.sub).not.toBe(old.sub)
    expect(await reconnectsOf(old.sub)).toEqual([])
  })
})

it("the session's end names the connection that it was for", async () => {
  const own = await registerListener(harness)
  const old = await first(own)
  await codeAgain(old, {}, own)
  const { results } = await env.DB.prepare(
    `SELECT json_extract(payload, '$.data.connection_id') AS id,
       json_extract(payload, '$.data.step') AS step
     FROM webhooks WHERE client_id = ?1 AND type = 'session.ended' ORDER BY created_at`,
  )
    .bind(own.client_id)
    .all()
  expect(results).toEqual([
    { id: old.sub, step: "handed_off" },
    { id: old.sub, step: "handed_off" },
  ])
})

it("the steps of a session can be read by the reference of its page", async () => {
  const browser = new Browser(harness)
  const form = await browser.open(authorizePath(app))
  const refused = await browser.submit(form, nmbrsFields("wrong-token"))
  const summary = await browser.submit(refused, nmbrsFields())
  await browser.submit(summary)
  const row = await env.DB.prepare(
    "SELECT reference FROM session_log WHERE client_id = ?1 ORDER BY at DESC LIMIT 1",
  )
    .bind(app.client_id)
    .first("reference")
  const { body } = await api(harness, app, "GET", `/v1/sessions?reference=${row}`)
  const [session] = body.sessions as { steps: { step: string; code: string | null }[] }[]
  expect(session?.steps.map(({ step, code }) => [step, code])).toEqual([
    ["refused", "token_refused"],
    ["works", null],
    ["handed_off", null],
  ])
})

it("a stored code is bound to its reconnect", async () => {
  const old = await first()
  const code = await codeAgain(old)
  const row = await env.DB.prepare("SELECT connection_id, reconnect_id FROM codes WHERE hash = ?1")
    .bind(await hashOf(code))
    .first()
  const [waiting] = await reconnectsOf(old.sub)
  expect(row).toEqual({ connection_id: old.sub, reconnect_id: waiting?.id })
  expect(waiting?.state_hash).toBeNull()
  await connect(harness, app)
})
