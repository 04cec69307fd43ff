/** Registration (RFC 7591) and its management (RFC 7592). */
import { env } from "cloudflare:workers"
import { describe, expect, it } from "vitest"
import {
  authorizePath,
  Browser,
  basic,
  claim,
  connect,
  type Harness,
  type RegisteredApp,
  registerApp,
  startHarness,
} from "../support/worker/harness.ts"
import { dumpTables } from "../support/worker/observe.ts"
import { type Json, manage, register, send } from "../support/worker/registration.ts"

const DAY = 24 * 60 * 60 * 1000

describe("secrets", () => {
  it("are told once, uncached, and stored as SHA-256 only", async () => {
    const harness = startHarness()
    const response = await register(harness, {})
    expect(response.headers.get("cache-control")).toBe("no-store")
    const app = (await response.json()) as Json
    const secrets = [app.client_secret, app.registration_access_token, app.webhook_secret].map(
      String,
    )
    for (const secret of secrets) expect(secret).toMatch(/^(sec_00|rat_00|whsec_)[\w+/=-]{43,44}$/)
    const dump = JSON.stringify(await dumpTables(env.DB))
    for (const secret of [...secrets, ...secrets.map((one) => one.replace(/^[a-z]+_(00)?/, ""))]) {
      expect(dump).not.toContain(secret)
    }
    const again = await manage(harness, "GET", app as unknown as RegisteredApp)
    const text = await again.text()
    for (const secret of secrets) expect(text).not.toContain(secret)
    expect(JSON.parse(text)).toMatchObject({ client_id: app.client_id, client_name: "Urenweek" })
  })

  it("are not made for an app that has none", async () => {
    const members = { token_endpoint_auth_method: "none", response_types: ["code"] }
    expect(await (await register(startHarness(), members)).json()).not.toHaveProperty(
      "client_secret",
    )
  })
})

describe("a wrong token", () => {
  it.each([
    ["none", {}],
    ["another scheme", { authorization: `Basic ${btoa("x:y")}` }],
    ["another token", { authorization: "Bearer wrong" }],
    ["a part of the token", { authorization: `Bearer ${env.REGISTRATION_TOKEN.slice(0, -1)}` }],
    ["the token and more", { authorization: `Bearer ${env.REGISTRATION_TOKEN}x` }],
  ])("opens nothing: %s", async (_, headers: Record<string, string>) => {
    const harness = startHarness()
    const app = await registerApp(harness)
    const own = `/oauth/register/${app.client_id}`
    for (const [method, path] of [
      ["POST", "/oauth/register"],
      ["GET", "/oauth/register"],
      ["GET", own],
      ["PUT", own],
      ["DELETE", own],
      ["POST", `${own}/rotate-secret`],
    ] as const) {
      const json = { "content-type": "application/json" }
      const body = method === "POST" || method === "PUT" ? { body: "{}" } : {}
      const response = await harness.request(path, {
        method,
        headers: { ...json, ...headers },
        ...body,
      })
      expect([method, path, response.status]).toEqual([method, path, 401])
      expect(response.headers.get("www-authenticate")).toMatch(/^Bearer/)
    }
    expect((await manage(harness, "GET", app)).status).toBe(200)
  })

  it("is another app's, and an app's own at the list; unknown apps answer the same", async () => {
    const harness = startHarness()
    const [app, other] = [await registerApp(harness), await registerApp(harness)]
    const token = other.registration_access_token
    for (const method of ["GET", "DELETE"]) {
      expect((await manage(harness, method, app, undefined, token)).status).toBe(401)
    }
    expect((await manage(harness, "PUT", app, { client_id: app.client_id }, token)).status).toBe(
      401,
    )
    expect((await send(harness, "GET", "/oauth/register", token)).status).toBe(401)
    expect((await send(harness, "GET", "/oauth/register/app_x", token)).status).toBe(401)
    expect((await manage(harness, "GET", app, undefined, app.client_secret)).status).toBe(401)
  })
})

describe("an update", () => {
  const members = {
    client_name: "Renamed",
    redirect_uris: ["https://app.example/other"],
    scope: "nmbrs",
  }

  it("by the app changes what is its own to change", async () => {
    const harness = startHarness()
    const app = await registerApp(harness)
    const response = await manage(harness, "PUT", app, { ...members, client_id: app.client_id })
    expect([response.status, await response.json()]).toMatchObject([200, members])
    expect((await harness.request(authorizePath(app))).status).toBe(400)
  })

  it.each([
    ["a wider scope", { scope: "nmbrs nimbus" }],
    ["credentials_access", { credentials_access: true }],
    ["suspended", { suspended: true }],
  ])("of %s needs the operator", async (_, wider) => {
    const harness = startHarness()
    const app = await registerApp(harness, { scope: "nmbrs" })
    const body = { ...members, ...wider, client_id: app.client_id }
    expect((await manage(harness, "PUT", app, body)).status).toBe(403)
    const operator = await manage(harness, "PUT", app, body, env.REGISTRATION_TOKEN)
    expect([operator.status, await operator.json()]).toMatchObject([200, wider])
  })

  it("never changes the environment, nor whether the app is public", async () => {
    const harness = startHarness()
    const app = await registerApp(harness)
    for (const change of [{ environment: "live" }, { token_endpoint_auth_method: "none" }]) {
      const body = { ...members, ...change, client_id: app.client_id }
      expect((await manage(harness, "PUT", app, body, env.REGISTRATION_TOKEN)).status).toBe(403)
    }
  })

  it.each([
    {},
    { client_id: "app_other" },
    { registration_access_token: "x" },
    { registration_client_uri: "x" },
    { client_id_issued_at: 1 },
  ])("that names what it may not is refused: %j", async (wrong) => {
    const harness = startHarness()
    const app = await registerApp(harness)
    const own = Object.keys(wrong).length === 0 ? {} : { client_id: app.client_id }
    expect((await manage(harness, "PUT", app, { ...members, ...own, ...wrong })).status).toBe(400)
  })

  it("by the operator keeps what it leaves out of credentials_access and suspended", async () => {
    const harness = startHarness()
    const app = await registerApp(harness, { credentials_access: true, suspended: true })
    const body = { ...members, client_id: app.client_id }
    const response = await manage(harness, "PUT", app, body, env.REGISTRATION_TOKEN)
    expect(await response.json()).toMatchObject({ credentials_access: true, suspended: true })
  })

  it("by a suspended app is refused", async () => {
    const harness = startHarness()
    const app = await registerApp(harness, { suspended: true })
    expect((await manage(harness, "GET", app)).status).toBe(401)
    expect((await manage(harness, "DELETE", app)).status).toBe(401)
  })
})

describe("a rotated secret", () => {
  async function rotate(harness: Harness, app: RegisteredApp) {
    const path = `/oauth/register/${app.client_id}/rotate-secret`
    return await send(harness, "POST", path, app.registration_access_token)
  }
  const opens = async (harness: Harness, app: RegisteredApp, secret: string) =>
    (await claim(harness, { basic: basic(app.client_id, secret) }, "con_x")).status !== 401

  it("opens at once, and the one before it for a day more", async () => {
    const harness = startHarness()
    const app = await registerApp(harness)
    const response = await rotate(harness, app)
    expect(response.headers.get("cache-control")).toBe("no-store")
    const body = (await response.json()) as {
      client_secret: string
      previous_secret_expires_at: number
    }
    expect(await opens(harness, app, body.client_secret)).toBe(true)
    expect(await opens(harness, app, app.client_secret)).toBe(true)
    expect(body.previous_secret_expires_at * 1000).toBeLessThanOrEqual(harness.clock.at + DAY)

    harness.clock.at += DAY - 60_000
    expect(await opens(harness, app, app.client_secret)).toBe(true)
    harness.clock.at += 60_000
    expect(await opens(harness, app, app.client_secret)).toBe(false)
    expect(await opens(harness, app, body.client_secret)).toBe(true)
    const dump = JSON.stringify(await dumpTables(env.DB))
    expect(dump).not.toContain(body.client_secret)
  })

  it("ends the last but one when it is rotated again", async () => {
    const harness = startHarness()
    const app = await registerApp(harness)
    const second = ((await (await rotate(harness, app)).json()) as RegisteredApp).client_secret
    await rotate(harness, app)
    expect(await opens(harness, app, app.client_secret)).toBe(false)
    expect(await opens(harness, app, second)).toBe(true)
  })

  it("is nothing for a public app", async () => {
    const harness = startHarness()
    const app = await registerApp(harness, {
      token_endpoint_auth_method: "none",
      response_types: ["code"],
    })
    expect((await rotate(harness, app)).status).toBe(400)
  })
})

it("lists every app once, page by page", async () => {
  const harness = startHarness()
  const made = new Set<string>()
  for (let i = 0; i < 55; i++) made.add((await registerApp(harness)).client_id)
  const seen: string[] = []
  let cursor: string | null = ""
  let pages = 0
  while (cursor !== null) {
    const path = `/oauth/register?cursor=${encodeURIComponent(cursor)}`
    const response = await send(harness, "GET", path, env.REGISTRATION_TOKEN)
    const body = (await response.json()) as { apps: RegisteredApp[]; next_cursor: string | null }
    expect(JSON.stringify(body)).not.toMatch(/sec_00|rat_00|whsec_|hash/)
    expect(body.apps.length).toBeLessThanOrEqual(50)
    seen.push(...body.apps.map((app) => app.client_id))
    cursor = body.next_cursor
    pages++
  }
  expect(pages).toBeGreaterThan(1)
  expect(new Set(seen).size).toBe(seen.length)
  for (const id of made) expect(seen).toContain(id)
})

it("deletes an app with all that belongs to it, and nothing of another's", async () => {
  const harness = startHarness()
  const app = await registerApp(harness, { credentials_access: true })
  const other = await registerApp(harness)
  for (const one of [app, other]) {
    const id = (await connect(harness, one)).get("connection_id") ?? ""
    expect((await claim(harness, one, id)).status).toBe(200)
    const credentials = `/v1/connections/${id}/credentials`
    await harness.request(credentials, { method: "POST", headers: { authorization: one.basic } })
    await new Browser(harness).open(authorizePath(one))
  }
  expect((await manage(harness, "DELETE", app)).status).toBe(204)
  const rows = await dumpTables(env.DB)
  for (const [table, lines] of Object.entries(rows)) {
    expect([table, lines.filter((line) => line.includes(app.client_id))]).toEqual([table, []])
  }
  for (const table of ["apps", "sessions", "connections"]) {
    expect(rows[table]?.some((line) => line.includes(other.client_id))).toBe(true)
  }
  expect((await manage(harness, "GET", app)).status).toBe(401)
  expect((await claim(harness, app, "con_x")).status).toBe(401)
})
