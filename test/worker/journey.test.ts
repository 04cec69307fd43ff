/** The main job over HTTP: authorize, paste, verify, summary, handoff, claim, read. */
import { createRemoteJWKSet, customFetch, decodeJwt, decodeProtectedHeader, jwtVerify } from "jose"
import { describe, expect, it } from "vitest"
import {
  authorizePath,
  Browser,
  CALLBACK,
  claim,
  connect,
  type Harness,
  ISSUER,
  nimbusFields,
  nmbrsFields,
  registerApp,
  returned,
  startHarness,
} from "../support/worker/harness.ts"

async function read(harness: Harness, app: { basic: string }, id: string) {
  const response = await harness.request(`/v1/connections/${id}`, {
    headers: { authorization: app.basic },
  })
  return { status: response.status, body: (await response.json()) as Record<string, unknown> }
}

describe("the main job", () => {
  it("connects Nmbrs: form, summary, handoff with state and iss, claim, read", async () => {
    const harness = startHarness()
    const app = await registerApp(harness)
    const browser = new Browser(harness)

    const form = await browser.open(authorizePath(app))
    expect(form.status).toBe(200)
    expect(form.forms[0]?.values).toMatchObject({ domain: "", username: "", token: "" })
    expect(form.html).toContain("Urenweek")

    const summary = await browser.submit(form, nmbrsFields())
    expect(summary.status).toBe(200)
    expect(summary.url).toMatch(/\/summary$/)
    expect(summary.html).toContain("app.example")

    const query = returned(await browser.submit(summary))
    expect(query.get("state")).toBe("state-of-this-flow")
    expect(query.get("iss")).toBe(ISSUER)
    const connectionId = query.get("connection_id") ?? ""

    const claimed = await claim(harness, app, connectionId)
    expect(claimed.status).toBe(200)
    expect(claimed.headers.get("cache-control")).toBe("no-store")
    const body = (await claimed.json()) as Record<string, unknown>
    expect(body).toMatchObject({
      id: decodeJwt(connectionId).sub,
      provider: "nmbrs",
      environment: "test",
      status: "active",
      verification: { outcome: "works" },
      account: { domain: "sandbox" },
      scope: "nmbrs:employees.read",
      end_user: null,
      handed_over: false,
    })
    for (const id of [connectionId, String(body.id), String(body.connection_id)]) {
      expect((await read(harness, app, id)).body.id).toBe(body.id)
    }
  })

  it("connects Nimbus by the same steps", async () => {
    const harness = startHarness()
    const app = await registerApp(harness)
    const query = await connect(harness, app, {
      parameters: { scope: "nimbus:api" },
      fields: nimbusFields(),
    })
    const claimed = await claim(harness, app, query.get("connection_id") ?? "")
    expect(await claimed.json()).toMatchObject({ provider: "nimbus", scope: "nimbus:api" })
  })

  it("gives a connection id that any JWT library checks against the JWKS", async () => {
    const harness = startHarness()
    const app = await registerApp(harness)
    const query = await connect(harness, app, { parameters: { nonce: "n-1" } })
    const id = query.get("connection_id") ?? ""
    expect(decodeProtectedHeader(id)).toMatchObject({ alg: "ES256", typ: "connection-id+jwt" })
    const jwks = createRemoteJWKSet(new URL(`${ISSUER}/.well-known/jwks.json`), {
      [customFetch]: (url: string) => harness.request(new URL(url).pathname),
    })
    const { payload } = await jwtVerify(id, jwks, {
      issuer: ISSUER,
      audience: app.client_id,
      typ: "connection-id+jwt",
    })
    expect(payload).toMatchObject({ provider: "nmbrs", env: "test", nonce: "n-1" })
    expect(payload.sub).toMatch(/^con_00[0-9A-HJKMNP-TV-Z]{24}$/)
  })

  it("sends the browser back with access_denied when the person cancels", async () => {
    const harness = startHarness()
    const app = await registerApp(harness)
    const browser = new Browser(harness)
    const form = await browser.open(authorizePath(app))
    const summary = await browser.submit(form, nmbrsFields())
    const fromSummary = returned(await browser.submit(summary, {}, { cancel: "1" }))
    expect(fromSummary.get("error")).toBe("access_denied")
    expect(fromSummary.get("state")).toBe("state-of-this-flow")
    expect(fromSummary.get("iss")).toBe(ISSUER)

    const again = await browser.open(authorizePath(app))
    const page = await browser.open(`${new URL(again.url).pathname}/cancel`)
    expect(returned(await browser.submit(page, {}, { cancel: "1" })).get("error")).toBe(
      "access_denied",
    )
  })

  it("writes nothing to D1 for an authorize request", async () => {
    const harness = startHarness()
    const app = await registerApp(harness)
    const browser = new Browser(harness)
    harness.roundTrips.count = 0
    await browser.open(authorizePath(app))
    expect(harness.roundTrips.count).toBe(2)
    const { env } = await import("cloudflare:workers")
    const rows = await env.DB.prepare("SELECT count(*) AS n FROM sessions WHERE client_id = ?1")
      .bind(app.client_id)
      .first()
    expect(rows).toEqual({ n: 0 })
  })
})

describe("what a connection is before it is claimed", () => {
  it("does not exist for anybody", async () => {
    const harness = startHarness()
    const app = await registerApp(harness)
    const id = (await connect(harness, app)).get("connection_id") ?? ""
    expect((await read(harness, app, id)).status).toBe(404)
  })

  it("is claimed with the state of its own session only, once, by its own app, within a day", async () => {
    const harness = startHarness()
    const app = await registerApp(harness)
    const other = await registerApp(harness)
    const id = (await connect(harness, app)).get("connection_id") ?? ""
    const sub = decodeJwt(id).sub ?? ""
    expect((await claim(harness, app, id, "another-state")).status).toBe(400)
    expect((await claim(harness, app, id, null)).status).toBe(400)
    expect((await claim(harness, other, id)).status).toBe(404)
    expect((await claim(harness, other, sub)).status).toBe(404)
    expect((await claim(harness, app, id)).status).toBe(200)
    expect((await claim(harness, app, id)).status).toBe(409)

    const late = (await connect(harness, app)).get("connection_id") ?? ""
    harness.clock.at += 24 * 60 * 60 * 1000
    expect((await claim(harness, app, late)).status).toBe(404)
  })

  it("gains nothing when its id is slipped into another session's callback", async () => {
    const harness = startHarness()
    const app = await registerApp(harness)
    const attacker = (await connect(harness, app, { parameters: { state: "attacker" } })).get(
      "connection_id",
    )
    // The victim's callback has the victim's state, whatever id stands beside it.
    const response = await claim(harness, app, attacker ?? "", "victim")
    expect(response.status).toBe(400)
    expect(((await response.json()) as { code: string }).code).toBe("state_mismatch")
  })

  it("gives one winner of 16 claims at once", async () => {
    const harness = startHarness()
    const app = await registerApp(harness)
    const id = (await connect(harness, app)).get("connection_id") ?? ""
    const claims = await Promise.all(Array.from({ length: 16 }, () => claim(harness, app, id)))
    const statuses = claims.map(({ status }) => status).sort()
    expect(statuses).toEqual([200, ...Array.from({ length: 15 }, () => 409)])
  })
})

describe("submitting twice", () => {
  it("makes one connection from two submits at once and two presses of Connect at once", async () => {
    const harness = startHarness()
    const app = await registerApp(harness)
    const browser = new Browser(harness)
    const form = await browser.open(authorizePath(app))
    const [summary] = await Promise.all([
      browser.submit(form, nmbrsFields()),
      browser.submit(form, nmbrsFields()),
    ])
    const ends = await Promise.all([browser.submit(summary), browser.submit(summary)])
    const subs = ends.map((end) => decodeJwt(returned(end).get("connection_id") ?? "").sub)
    expect(subs[0]).toBe(subs[1])
  })

  it("makes one connection from two tabs", async () => {
    const harness = startHarness()
    const app = await registerApp(harness)
    const browser = new Browser(harness)
    const first = await browser.open(authorizePath(app, { state: "first" }))
    const second = await browser.open(authorizePath(app, { state: "second" }))
    const firstSummary = await browser.submit(first, nmbrsFields())
    const secondSummary = await browser.submit(second, nmbrsFields())
    const id = returned(await browser.submit(secondSummary)).get("connection_id") ?? ""
    expect((await claim(harness, app, id, "second")).status).toBe(200)
    const late = await browser.submit(firstSummary)
    expect(late.status).toBe(410)
    expect(late.html).toContain("https://app.example/")
    const evenLater = await browser.submit(first, nmbrsFields())
    expect(evenLater.status).toBe(410)
  })
})

describe("a page that can't go on", () => {
  it("is refused to another browser, with the way back to the app", async () => {
    const harness = startHarness()
    const app = await registerApp(harness)
    const page = await new Browser(harness).open(authorizePath(app))
    const stranger = new Browser(harness)
    const seen = await stranger.open(page.url)
    expect(seen.status).toBe(403)
    expect(seen.html).toContain("another browser")
    expect(seen.html).toContain('href="https://app.example/"')
    expect((await stranger.submit(page, nmbrsFields())).status).toBe(403)
  })

  it("is refused a day after it was opened, and a form without its token is too", async () => {
    const harness = startHarness()
    const app = await registerApp(harness)
    const browser = new Browser(harness)
    const form = await browser.open(authorizePath(app))
    expect((await browser.submit(form, { ...nmbrsFields(), form_token: "x" })).status).toBe(403)
    harness.clock.at += 24 * 60 * 60 * 1000 + 1000
    expect((await browser.open(form.url)).status).toBe(410)
    expect((await browser.submit(form, nmbrsFields())).status).toBe(410)
  })

  it("is refused everywhere at once when the app is suspended", async () => {
    const harness = startHarness()
    const app = await registerApp(harness)
    const browser = new Browser(harness)
    const form = await browser.open(authorizePath(app))
    const { env } = await import("cloudflare:workers")
    await env.DB.prepare("UPDATE apps SET suspended = 1 WHERE client_id = ?1")
      .bind(app.client_id)
      .run()
    expect((await browser.open(form.url)).status).toBe(403)
    expect((await browser.submit(form, nmbrsFields())).status).toBe(403)
    expect((await browser.open(authorizePath(app))).status).toBe(400)
    expect((await claim(harness, app, "con_00000000000000000000000000")).status).toBe(401)
  })
})

describe("a session that outlives its request", () => {
  it("keeps the person's yes and hands off to the next request of the same browser", async () => {
    const harness = startHarness()
    const app = await registerApp(harness)
    const browser = new Browser(harness)
    const form = await browser.open(authorizePath(app, { state: "forgotten" }))
    const summary = await browser.submit(form, nmbrsFields())
    harness.clock.at += 11 * 60 * 1000
    const later = await browser.submit(summary)
    expect(later.status).toBe(200)
    expect(later.html).toContain("Go back to Urenweek and press Connect once more")
    expect(later.html).toContain('href="https://app.example/"')

    harness.clock.at += 20 * 60 * 60 * 1000
    const resumed = await browser.open(authorizePath(app, { state: "fresh" }))
    expect(resumed.url).toMatch(/\/summary$/)
    const query = returned(await browser.submit(resumed))
    expect(query.get("state")).toBe("fresh")
    expect((await claim(harness, app, query.get("connection_id") ?? "", "fresh")).status).toBe(200)
  })

  it("asks to paste once more when 15 minutes have passed without a yes", async () => {
    const harness = startHarness()
    const app = await registerApp(harness)
    const browser = new Browser(harness)
    const form = await browser.open(authorizePath(app))
    const summary = await browser.submit(form, nmbrsFields())
    harness.clock.at += 16 * 60 * 1000
    const back = await browser.submit(summary)
    expect(back.html).toContain("Please paste it once more")
    expect(back.forms[0]?.values.domain).toBe("sandbox")
    expect(back.forms[0]?.values.token).toBe("")
  })
})

it("sends the callback only what it registered for", async () => {
  const harness = startHarness()
  const app = await registerApp(harness, { redirect_uris: [`${CALLBACK}?tenant=7`] })
  const browser = new Browser(harness)
  const form = await browser.open(authorizePath(app, { redirect_uri: `${CALLBACK}?tenant=7` }))
  const end = await browser.submit(await browser.submit(form, nmbrsFields()))
  expect(end.response.headers.get("location")).toMatch(
    /^https:\/\/app\.example\/callback\?tenant=7&connection_id=[^&]+&state=state-of-this-flow&iss=/,
  )
})
