/** D1 round trips by route: one on a read path, two on a write path; a batch is one. */
import { env } from "cloudflare:workers"
import { beforeEach, describe, expect, it } from "vitest"
import {
  authorizePath,
  Browser,
  claim,
  type Harness,
  nimbusFields,
  nmbrsFields,
  type RegisteredApp,
  registerApp,
  returned,
  startHarness,
} from "../support/worker/harness.ts"

let harness: Harness
let app: RegisteredApp
let browser: Browser

beforeEach(async () => {
  harness = startHarness()
  app = await registerApp(harness, { credentials_access: true })
  browser = new Browser(harness)
})

/** Counts one request alone: redirects are not followed. */
async function count(path: string, init: RequestInit = {}): Promise<[number, number]> {
  harness.roundTrips.count = 0
  const cookie = [...browser.cookies].map(([name, value]) => `${name}=${value}`).join("; ")
  const headers = { ...(init.headers as Record<string, string>), cookie }
  const response = await harness.request(path, { ...init, headers, redirect: "manual" })
  return [response.status, harness.roundTrips.count]
}

function form(values: Record<string, string>): RequestInit {
  const headers = { "content-type": "application/x-www-form-urlencoded" }
  return { method: "POST", headers, body: new URLSearchParams(values).toString() }
}

describe("the page", () => {
  it.each([
    ["nmbrs", nmbrsFields(), nmbrsFields("wrong-token")],
    ["nimbus:api", nimbusFields(), nimbusFields("wrong-password")],
  ])("of %s", async (scope, right, wrong) => {
    expect(await count(authorizePath(app, { scope }))).toEqual([303, 1])
    const opened = await browser.open(authorizePath(app, { scope }))
    const path = new URL(opened.url).pathname
    const token = { form_token: opened.forms[0]?.values.form_token ?? "" }

    expect(await count(path)).toEqual([200, 1])
    expect(await count(`${path}/cancel`)).toEqual([200, 1])
    expect(await count(`${path}/asking`)).toEqual([200, 1])
    expect(await count(path, form({ ...wrong, ...token }))).toEqual([303, 2])
    expect(await count(path)).toEqual([200, 1])
    expect(await count(path, form({ ...right, ...token }))).toEqual([303, 2])
    expect(await count(path)).toEqual([303, 1])
    expect(await count(`${path}/summary`)).toEqual([200, 1])
    const yes = (await browser.open(`${path}/summary`)).forms[0]?.values ?? {}
    expect(await count(`${path}/summary`, form(yes))).toEqual([303, 2])
    // The same press again, and the page afterwards.
    expect(await count(`${path}/summary`, form(yes))).toEqual([303, 2])
    expect(await count(path)).toEqual([410, 1])
  })

  it("that is refused", async () => {
    const opened = await browser.open(authorizePath(app))
    const path = new URL(opened.url).pathname
    expect(await count("/connect/x")).toEqual([404, 0])
    expect(await count(path, form({ form_token: "x" }))).toEqual([403, 0])
    const [status, trips] = await count("/oauth/authorize")
    expect([status, trips <= 1]).toEqual([400, true])
    expect(await count(authorizePath(app, { scope: "x" }))).toEqual([303, 1])
    browser.cookies.clear()
    expect(await count(path)).toEqual([403, 1])
    expect(await count(path, form({ form_token: "x" }))).toEqual([403, 1])
  })

  it("that is cancelled", async () => {
    const opened = await browser.open(authorizePath(app))
    const path = new URL(opened.url).pathname
    const token = { form_token: opened.forms[0]?.values.form_token ?? "" }
    expect(await count(`${path}/cancel`, form(token))).toEqual([303, 1])
    await browser.submit(opened, nmbrsFields())
    expect(await count(`${path}/cancel`, form(token))).toEqual([303, 2])
  })
})

describe("the app's API", () => {
  it("claims in two, reads in one, gives credentials in two", async () => {
    const basic = { authorization: app.basic }
    const type = { "content-type": "application/x-www-form-urlencoded" }
    const opened = await browser.open(authorizePath(app))
    const end = returned(await browser.submit(await browser.submit(opened, nmbrsFields())))
    const id = `/v1/connections/${end.get("connection_id")}`
    const post = (state: string) => ({
      method: "POST",
      headers: { ...basic, ...type },
      body: `state=${state}`,
    })
    expect(await count(id, { headers: basic })).toEqual([404, 1])
    expect(await count(`${id}/claim`, post("wrong"))).toEqual([400, 1])
    expect(await count(`${id}/claim`, post("state-of-this-flow"))).toEqual([200, 2])
    expect(await count(`${id}/claim`, post("state-of-this-flow"))).toEqual([409, 1])
    expect(await count(id, { headers: basic })).toEqual([200, 1])
    expect(await count(`${id}/credentials`, { method: "POST", headers: basic })).toEqual([200, 2])
    expect(await count(id)).toEqual([401, 0])
    expect((await claim(harness, app, end.get("connection_id") ?? "")).status).toBe(409)
  })
})

describe("registration", () => {
  it("writes in two and reads in one", async () => {
    const own = `/oauth/register/${app.client_id}`
    const json = { "content-type": "application/json" }
    const headers = { ...json, authorization: `Bearer ${env.REGISTRATION_TOKEN}` }
    const members = {
      client_name: "X",
      redirect_uris: ["https://app.example/"],
      scope: "nmbrs",
      environment: "test",
    }
    const body = JSON.stringify(members)
    const [status, made] = await count("/oauth/register", { method: "POST", headers, body })
    expect(status).toBe(201)
    expect(made).toBeLessThanOrEqual(2)
    expect(await count("/oauth/register", { headers })).toEqual([200, 1])
    expect(await count(own, { headers })).toEqual([200, 1])
    const put = JSON.stringify({ ...members, client_id: app.client_id })
    const [updated, trips] = await count(own, { method: "PUT", headers, body: put })
    expect(updated).toBe(200)
    // Operators only, a few times in an app's life: one to know the app, one to write, one to tell.
    expect(trips).toBeLessThanOrEqual(3)
    expect(await count(`${own}/rotate-secret`, { method: "POST", headers })).toEqual([200, 2])
    expect(await count(own, { method: "DELETE", headers })).toEqual([204, 2])
    expect(await count("/oauth/register", { method: "POST", headers: json, body })).toEqual([
      401, 0,
    ])
  })
})

it("what needs no database asks none, and health asks once", async () => {
  expect(await count("/healthz")).toEqual([200, 1])
  expect(await count("/.well-known/jwks.json")).toEqual([200, 0])
  expect(await count("/nothing")).toEqual([404, 0])
  expect(await count("/healthz", { method: "DELETE" })).toEqual([405, 0])
})
