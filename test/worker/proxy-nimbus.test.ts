/** Nimbus through the proxy: one login, a token kept sealed, and never a second try after a no. */
import { env } from "cloudflare:workers"
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest"
import { purge } from "../../src/cron.ts"
import { assumedV0 } from "../../src/sandbox/nimbus/assumed-v0.ts"
import { startHarness } from "../support/worker/harness.ts"
import { NIMBUS_HOST, type ProviderCall, startLive } from "../support/worker/live.ts"
import { captureConsole } from "../support/worker/observe.ts"
import { connectForProxy, type ProxyClient } from "../support/worker/proxied.ts"

const SCOPE = "nimbus:api"
const BASE = `https://${NIMBUS_HOST}/api/v0`

// All tests are the same user at the provider, and a user's failed logins count wherever they were.
beforeEach(async () => {
  await env.DB.prepare("DELETE FROM attempts").run()
})

afterEach(() => {
  vi.restoreAllMocks()
})

async function problem(response: Response) {
  const { code } = (await response.json()) as { code: string }
  return { status: response.status, code }
}

/** A live Nimbus whose calls are answered by `answer` once `connectLive` is through. */
function startNimbus(
  answer: (call: ProviderCall) => Response | Promise<Response> | undefined = () => undefined,
  more: Record<string, unknown> = {},
) {
  const state = { isOn: false }
  const harness = startLive((call) => (state.isOn ? answer(call) : undefined), more, {
    proxySeconds: 0.6,
  })
  const connectLive = async () => {
    const client = await connectForProxy(harness, { scope: SCOPE, environment: "live" })
    harness.calls.length = 0
    state.isOn = true
    return client
  }
  return { harness, connectLive }
}

const isLogin = ({ url }: ProviderCall) => url === `${BASE}/login`
const loggedIn = (token: string, seconds = 900) =>
  Response.json({ token, expiresInSeconds: seconds })
const refused = () => Response.json({ error: "invalid_login" }, { status: 401 })

async function keptOf(client: ProxyClient) {
  return await env.DB.prepare("SELECT * FROM provider_tokens WHERE connection_id = ?1")
    .bind(client.id)
    .first<Record<string, string | number | null>>()
}

describe("a call of a test app", () => {
  it("goes to the sandbox, logs in once and keeps the token sealed", async () => {
    const harness = startHarness()
    const client = await connectForProxy(harness, { scope: SCOPE })
    const first = await client.call("/nimbus/me")
    expect(await first.json()).toMatchObject({ employee: { id: "employee-works" } })
    const kept = await keptOf(client)
    expect(kept).toMatchObject({ client_id: client.app.client_id, refused_at: null, turn_id: null })
    expect(String(kept?.token_sealed)).toMatch(/^eyJ/)
    expect(JSON.stringify(kept)).not.toContain("sandbox-works")
    harness.roundTrips.count = 0
    expect((await client.call("/nimbus/statuses")).status).toBe(200)
    expect(harness.roundTrips.count).toBe(1)
  })

  it("whose login was revoked is answered 409, and suspected", async () => {
    const harness = startHarness()
    const client = await connectForProxy(harness, { scope: SCOPE, who: "revoked-later" })
    expect(await problem(await client.call("/nimbus/me"))).toEqual({
      status: 409,
      code: "login_refused",
    })
  })

  it("needs nimbus:api", async () => {
    const harness = startHarness()
    const client = await connectForProxy(harness, { scope: "nimbus" })
    const response = await client.call("/nimbus/me")
    expect(response.headers.get("www-authenticate")).toContain("insufficient_scope")
    expect(await problem(response)).toEqual({ status: 403, code: "insufficient_scope" })
    expect(await keptOf(client)).toBeNull()
  })
})

describe("what leaves and what comes back", () => {
  it("is path, query, body and listed headers, with our token", async () => {
    const { harness, connectLive } = startNimbus((call) =>
      isLogin(call)
        ? loggedIn("t-1")
        : new Response("{}", {
            status: 201,
            headers: {
              "content-type": "application/json",
              "content-disposition": "attachment",
              "set-cookie": "a=b",
              server: "x",
              "access-control-allow-origin": "*",
            },
          }),
    )
    const client = await connectLive()
    const response = await client.call("/nimbus/clients/a%20b?x=1&x=%2F2", {
      method: "PUT",
      body: "é & <b>",
      headers: {
        "content-type": "text/plain; charset=utf-8",
        accept: "application/json",
        cookie: "c=d",
        "x-forwarded-host": "evil.test",
        "x-http-method-override": "DELETE",
      },
    })
    const [login, call] = harness.calls
    expect(isLogin(login as ProviderCall)).toBe(true)
    expect(call).toMatchObject({
      method: "PUT",
      url: `${BASE}/clients/a%20b?x=1&x=%2F2`,
      body: "é & <b>",
    })
    expect(Object.fromEntries(call?.headers ?? [])).toEqual({
      accept: "application/json",
      authorization: "Bearer t-1",
      "content-type": "text/plain; charset=utf-8",
    })
    expect(response.status).toBe(201)
    expect([...response.headers.keys()].sort()).toEqual([
      "cache-control",
      "content-disposition",
      "content-security-policy",
      "content-type",
      "x-content-type-options",
    ])
  })

  it("never leaves the base, and is never the login", async () => {
    const { harness, connectLive } = startNimbus()
    const client = await connectLive()
    const paths = [
      "/%2e%2e%2f..",
      "/a%2f..%2f..%2fadmin",
      "/a%5c..",
      "//evil.test/",
      "/..;/admin",
      "/%252e%252e/x",
    ]
    for (const path of paths) {
      expect((await client.call(`/nimbus${path}`)).status, path).toBe(400)
    }
    // The address is put in order before it is routed: these name nothing of the proxy's.
    for (const path of ["/../../v1", "/%2e%2e/x"]) {
      expect((await client.call(`/nimbus${path}`)).status, path).toBe(404)
    }
    for (const path of ["/login", "/LOGIN/", "/logout"]) {
      const response = await client.call(`/nimbus${path}`, { method: "POST", body: "{}" })
      expect(response.status, path).toBe(404)
    }
    expect((await client.call("/nimbus/me", { method: "OPTIONS" })).status).toBe(405)
    expect(harness.calls).toEqual([])
  })

  it.each([
    ["is down", () => Promise.reject(new TypeError("x")), 502, "provider_down"],
    [
      "redirects",
      () => new Response(null, { status: 302, headers: { location: "/x" } }),
      502,
      "provider_down",
    ],
    ["never answers", () => new Promise<Response>(() => {}), 504, "provider_timeout"],
  ] as const)("a provider that %s", async (_, answer, status, code) => {
    const { connectLive } = startNimbus((call) => (isLogin(call) ? loggedIn("t-1") : answer()))
    const client = await connectLive()
    expect(await problem(await client.call("/nimbus/x"))).toEqual({ status, code })
  })

  it.each([
    ["is down", () => new Response("no", { status: 503 }), 502],
    ["throttles", () => new Response("no", { status: 429 }), 429],
    ["is garbled", () => new Response("<h1>Hello"), 502],
    ["never answers", () => new Promise<Response>(() => {}), 504],
  ] as const)("a login that %s is not a refused one", async (_, answer, status) => {
    let isWell = false
    const { harness, connectLive } = startNimbus((call) => {
      if (!isLogin(call)) return new Response("fine")
      return isWell ? loggedIn("t-2") : answer()
    })
    const client = await connectLive()
    const response = await client.call("/nimbus/x")
    expect(response.status).toBe(status)
    if (status === 429) expect(response.headers.get("retry-after")).toBe("60")
    expect(harness.logins()).toBe(1)
    isWell = true
    expect(await (await client.call("/nimbus/x")).text()).toBe("fine")
  })

  it("passes throttling on", async () => {
    const { connectLive } = startNimbus((call) =>
      isLogin(call)
        ? loggedIn("t-1")
        : new Response("slow", { status: 429, headers: { "retry-after": "7" } }),
    )
    const response = await (await connectLive()).call("/nimbus/x")
    expect([response.status, response.headers.get("retry-after")]).toEqual([429, "7"])
  })
})

describe("a token", () => {
  /** Takes the newest token only; counts logins by their number. */
  function numbered() {
    const state = { newest: 0 }
    const answer = (call: ProviderCall) => {
      if (isLogin(call)) {
        state.newest += 1
        return loggedIn(`t-${state.newest}`)
      }
      return call.headers.get("authorization") === `Bearer t-${state.newest}`
        ? new Response(`by t-${state.newest}`)
        : new Response("expired", { status: 401 })
    }
    return { state, answer }
  }

  it("is used until it ends, and then got once more", async () => {
    const { answer } = numbered()
    const { harness, connectLive } = startNimbus(answer)
    const client = await connectLive()
    for (let i = 0; i < 3; i++) await client.call("/nimbus/x")
    expect(harness.logins()).toBe(1)
    harness.clock.at += 15 * 60 * 1000
    expect(await (await client.call("/nimbus/x")).text()).toBe("by t-2")
  })

  it("that the provider ends is renewed once, and a GET repeated", async () => {
    const { state, answer } = numbered()
    const { harness, connectLive } = startNimbus(answer)
    const client = await connectLive()
    await client.call("/nimbus/x")
    state.newest += 1
    harness.calls.length = 0
    expect(await (await client.call("/nimbus/x")).text()).toBe("by t-3")
    expect(harness.calls.map(({ url }) => url.slice(BASE.length))).toEqual(["/x", "/login", "/x"])
  })

  it("is renewed for the next call where this one changes something", async () => {
    const { state, answer } = numbered()
    const { harness, connectLive } = startNimbus(answer)
    const client = await connectLive()
    await client.call("/nimbus/x")
    state.newest += 1
    harness.calls.length = 0
    const post = () => client.call("/nimbus/x", { method: "POST", body: "{}" })
    expect((await post()).status).toBe(401)
    expect(await (await post()).text()).toBe("by t-3")
    expect(harness.calls.map(({ url }) => url.slice(BASE.length))).toEqual(["/x", "/login", "/x"])
  })

  it("that is no help is not renewed again in the same call", async () => {
    const { harness, connectLive } = startNimbus((call) =>
      isLogin(call) ? loggedIn("t") : new Response("no", { status: 401 }),
    )
    const client = await connectLive()
    expect((await client.call("/nimbus/x")).status).toBe(401)
    expect(harness.logins()).toBe(1)
    expect((await client.call("/nimbus/x")).status).toBe(401)
    expect(harness.logins()).toBe(2)
  })

  it("is got by one of many calls at once, at first and when it ends", async () => {
    const { state, answer } = numbered()
    const { harness, connectLive } = startNimbus(answer)
    const client = await connectLive()
    const many = () => Promise.all(Array.from({ length: 12 }, () => client.call("/nimbus/x")))
    expect((await many()).map(({ status }) => status)).toEqual(Array(12).fill(200))
    expect(harness.logins()).toBe(1)
    state.newest += 1
    expect((await many()).map(({ status }) => status)).toEqual(Array(12).fill(200))
    expect(harness.logins()).toBe(2)
  })

  it("of other credentials is not used", async () => {
    const { answer } = numbered()
    const { harness, connectLive } = startNimbus(answer)
    const client = await connectLive()
    const other = await connectForProxy(startHarness(), { scope: SCOPE })
    await client.call("/nimbus/x")
    await env.DB.prepare(
      "UPDATE provider_tokens SET credentials_hash = 'x' WHERE connection_id = ?1",
    )
      .bind(client.id)
      .run()
    await client.call("/nimbus/x")
    expect(harness.logins()).toBe(2)
    expect(await keptOf(other)).toBeNull()
  })

  it("that can't be opened any more is replaced", async () => {
    const { answer } = numbered()
    const { harness, connectLive } = startNimbus(answer)
    const client = await connectLive()
    await client.call("/nimbus/x")
    await env.DB.prepare("UPDATE provider_tokens SET token_sealed = 'x' WHERE connection_id = ?1")
      .bind(client.id)
      .run()
    expect(await (await client.call("/nimbus/x")).text()).toBe("by t-2")
    expect(harness.logins()).toBe(2)
  })

  it("is waited for while another call gets it, and no longer than that one could take", async () => {
    const { answer } = numbered()
    const { harness, connectLive } = startNimbus(answer)
    const client = await connectLive()
    await client.call("/nimbus/x")
    await env.DB.prepare(
      "UPDATE provider_tokens SET token_sealed = NULL, turn_id = 'x' WHERE connection_id = ?1",
    )
      .bind(client.id)
      .run()
    const response = await client.call("/nimbus/x")
    expect(response.headers.get("retry-after")).toBe("1")
    expect(await problem(response)).toEqual({ status: 503, code: "login_busy" })
    harness.clock.at += 15 * 60 * 1000
    expect(await (await client.call("/nimbus/x")).text()).toBe("by t-2")
  })

  it("goes with its connection, and when it ends", async () => {
    const { answer } = numbered()
    const { harness, connectLive } = startNimbus(answer)
    const client = await connectLive()
    await client.call("/nimbus/x")
    expect(await keptOf(client)).not.toBeNull()
    await purge(env.DB, harness.clock.at + 16 * 60 * 1000)
    expect(await keptOf(client)).toBeNull()
    await client.call("/nimbus/x")
    await env.DB.prepare("DELETE FROM connections WHERE id = ?1").bind(client.id).run()
    expect(await keptOf(client)).toBeNull()
  })
})

/** As if nothing had broken it: what the proxy remembers by itself is looked at. */
async function mend(client: { readonly id: string }): Promise<void> {
  await env.DB.prepare("UPDATE connections SET status = 'active' WHERE id = ?1")
    .bind(client.id)
    .run()
}

describe("a refused login", () => {
  it("is remembered: nothing is sent again, whatever is called and however often", async () => {
    const { harness, connectLive } = startNimbus((call) => (isLogin(call) ? refused() : undefined))
    const client = await connectLive()
    const logged = captureConsole()
    expect((await problem(await client.call("/nimbus/x"))).code).toBe("login_refused")
    // One refusal breaks it: the next could lock the user.
    for (let i = 0; i < 3; i++) {
      expect(await problem(await client.call("/nimbus/x"))).toEqual({
        status: 409,
        code: "connection_broken",
      })
    }
    await mend(client)
    expect((await problem(await client.call("/nimbus/x"))).code).toBe("login_refused")
    expect(harness.calls).toHaveLength(1)
    expect(logged.text()).not.toContain("correct-horse")
  })

  it("is made once by many calls at once", async () => {
    const { harness, connectLive } = startNimbus((call) => (isLogin(call) ? refused() : undefined))
    const client = await connectLive()
    const all = await Promise.all(Array.from({ length: 12 }, () => client.call("/nimbus/x")))
    expect(all.map(({ status }) => status)).toEqual(Array(12).fill(409))
    expect(harness.calls).toHaveLength(1)
  })

  it("ends a renewal, too", async () => {
    let isOver = false
    const { harness, connectLive } = startNimbus((call) => {
      if (isLogin(call)) return isOver ? refused() : loggedIn("t-1")
      return isOver ? new Response(null, { status: 401 }) : new Response("fine")
    })
    const client = await connectLive()
    await client.call("/nimbus/x")
    isOver = true
    harness.calls.length = 0
    for (let i = 0; i < 3; i++) expect((await client.call("/nimbus/x")).status).toBe(409)
    expect(harness.calls.map(({ url }) => url.slice(BASE.length))).toEqual(["/x", "/login"])
  })

  it("counts among the failed logins of this user, whichever connection tries", async () => {
    const { harness, connectLive } = startNimbus((call) => (isLogin(call) ? refused() : undefined))
    const client = await connectLive()
    const again = async () => {
      await env.DB.prepare("DELETE FROM provider_tokens WHERE connection_id = ?1")
        .bind(client.id)
        .run()
      await mend(client)
    }
    for (let i = 0; i < 4; i++) {
      expect((await client.call("/nimbus/x")).status).toBe(409)
      await again()
    }
    // Two in a day, as on the page.
    expect(harness.calls).toHaveLength(2)
  })

  it("counts for its credentials only, and for a day", async () => {
    const { harness, connectLive } = startNimbus((call) => (isLogin(call) ? refused() : undefined))
    const client = await connectLive()
    await client.call("/nimbus/x")
    await env.DB.prepare(
      "UPDATE provider_tokens SET credentials_hash = 'x' WHERE connection_id = ?1",
    )
      .bind(client.id)
      .run()
    await mend(client)
    await client.call("/nimbus/x")
    expect(harness.calls).toHaveLength(2)
    await mend(client)
    await env.DB.prepare("DELETE FROM attempts").run()
    await env.DB.prepare(
      "UPDATE provider_tokens SET expires_at = expires_at - 86400000 WHERE connection_id = ?1",
    )
      .bind(client.id)
      .run()
    await client.call("/nimbus/x")
    expect(harness.calls).toHaveLength(3)
  })
})

describe("other ways of a profile", () => {
  const basic = {
    ...assumedV0,
    login: {
      method: "GET",
      path: "/me",
      body: "none",
      success: { answer: "json", status: 200, pointer: "/employee/id" },
    },
    auth: { mode: "basic" },
    whoami: undefined,
    statuses: undefined,
    logout: undefined,
    errors: [{ status: 401, outcome: "wrong_password" }],
  }

  it("sends login code and password with each call where the profile says so, until one is refused", async () => {
    let isOver = false
    const harness = startLive(
      (call) => {
        if (isOver) return new Response(null, { status: 401 })
        return call.headers.get("authorization") === `Basic ${btoa("works:correct-horse")}`
          ? Response.json({ employee: { id: 1 } })
          : new Response(null, { status: 401 })
      },
      { NIMBUS_PROFILE: JSON.stringify(basic) },
    )
    const client = await connectForProxy(harness, { scope: SCOPE, environment: "live" })
    harness.calls.length = 0
    expect((await client.call("/nimbus/clients")).status).toBe(200)
    expect(await keptOf(client)).toBeNull()
    isOver = true
    for (let i = 0; i < 3; i++) {
      await mend(client)
      expect((await problem(await client.call("/nimbus/clients"))).code).toBe("login_refused")
    }
    expect(harness.calls).toHaveLength(2)
  })

  it("is 501 without a profile, and 502 for a host that is no longer allowed", async () => {
    const { connectLive } = startNimbus()
    const client = await connectLive()
    const call = (settings: Record<string, unknown>) =>
      startLive(() => undefined, settings).request("/proxy/nimbus/me", {
        headers: { authorization: client.bearer },
      })
    expect((await call({ NIMBUS_PROFILE: "" })).status).toBe(501)
    expect((await call({ NIMBUS_PROFILE: "{" })).status).toBe(503)
    expect((await call({ NIMBUS_ALLOWED_HOSTS: "other.example" })).status).toBe(502)
  })
})
