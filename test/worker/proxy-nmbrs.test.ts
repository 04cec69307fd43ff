/** Nmbrs through the proxy: who may call, what leaves, what comes back. */
import { env } from "cloudflare:workers"
import { afterEach, describe, expect, it, vi } from "vitest"
import { ISSUER, registerApp, startHarness } from "../support/worker/harness.ts"
import { NMBRS_API, nmbrsFault, startLive } from "../support/worker/live.ts"
import { captureConsole } from "../support/worker/observe.ts"
import { connectForProxy, type ProxyClient } from "../support/worker/proxied.ts"

const SCOPE = "nmbrs:employees.read"
const TOKEN = "0123456789abcdef0123456789abcdef"

afterEach(() => {
  vi.restoreAllMocks()
})

function soap(service: string, inside: string): RequestInit {
  const namespace = `https://api.nmbrs.nl/soap/v3/${service}`
  const operation = inside.startsWith("<") ? inside : `<${inside} xmlns="${namespace}"/>`
  return {
    method: "POST",
    headers: { "content-type": "text/xml; charset=utf-8" },
    body: `<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body>${operation}</s:Body></s:Envelope>`,
  }
}

const callSoap = (client: ProxyClient, service: string, operation: string) =>
  client.call(`/nmbrs/soap/v3/${service}.asmx`, soap(service, operation))

async function problem(response: Response) {
  const { code } = (await response.json()) as { code: string }
  return { status: response.status, code }
}

describe("a call of a test app", () => {
  it("goes to the sandbox with the stored login and comes back", async () => {
    const harness = startHarness()
    const client = await connectForProxy(harness, { scope: SCOPE })
    harness.roundTrips.count = 0
    const response = await callSoap(client, "DebtorService", "List_GetAll")
    expect(response.status).toBe(200)
    expect(response.headers.get("content-type")).toBe("text/xml; charset=utf-8")
    expect(response.headers.get("cache-control")).toBe("no-store")
    expect(await response.text()).toContain("<List_GetAllResult>")
    expect(harness.roundTrips.count).toBe(1)
  })

  it("is refused with a fault where the person did not grant it", async () => {
    const harness = startHarness()
    const client = await connectForProxy(harness, { scope: SCOPE })
    const response = await callSoap(
      client,
      "EmployeeService",
      "Salary_GetAll_AllEmployeesByCompany",
    )
    expect(response.status).toBe(500)
    const text = await response.text()
    expect(text).toContain("soap:Client")
    expect(text).toContain("nmbrs:salaries.read")
  })

  it("is suspected where the login was revoked, and its fault is passed on", async () => {
    const harness = startHarness()
    const client = await connectForProxy(harness, { scope: SCOPE, who: "revoked-later" })
    const logged = captureConsole()
    const response = await callSoap(client, "DebtorService", "List_GetAll")
    expect(response.status).toBe(500)
    expect(await response.text()).toContain("1001")
    expect(logged.lines().at(-1)).toMatchObject({
      route: "/proxy/:provider/*",
      status: 500,
      code: "suspect",
      client_id: client.app.client_id,
      provider: "nmbrs",
    })
  })
})

describe("who may call", () => {
  it("nobody without a token of one connection of this provider", async () => {
    const harness = startHarness()
    const client = await connectForProxy(harness, { scope: SCOPE })
    const path = "/proxy/nmbrs/soap/v3/DebtorService.asmx"
    const send = (authorization?: string) =>
      harness.request(path, {
        ...soap("DebtorService", "List_GetAll"),
        headers: { "content-type": "text/xml", ...(authorization ? { authorization } : {}) },
      })
    for (const value of [undefined, "Bearer acc_00x", client.app.basic, "Bearer "]) {
      const response = await send(value)
      expect(response.headers.get("www-authenticate")).toContain("Bearer")
      expect(await problem(response)).toEqual({ status: 401, code: "invalid_token" })
    }
    const own = await harness.request("/oauth/token", {
      method: "POST",
      headers: {
        authorization: client.app.basic,
        "content-type": "application/x-www-form-urlencoded",
      },
      body: "grant_type=client_credentials",
    })
    const { access_token } = (await own.json()) as { access_token: string }
    expect(await problem(await send(`Bearer ${access_token}`))).toEqual({
      status: 403,
      code: "insufficient_scope",
    })
    const nimbus = await connectForProxy(harness, { scope: "nimbus:api" })
    expect(await problem(await send(nimbus.bearer))).toEqual({
      status: 403,
      code: "insufficient_scope",
    })
  })

  it("a bare provider scope, or a narrower token, opens no more than it says", async () => {
    const harness = startHarness()
    const bare = await connectForProxy(harness, { scope: "nmbrs" })
    const refused = await callSoap(bare, "DebtorService", "List_GetAll")
    expect(refused.status).toBe(500)
    expect(await refused.text()).toContain("DebtorService:List_GetAll was not granted")

    const wide = await connectForProxy(harness, { scope: "nmbrs:employees.read nmbrs:hours.write" })
    const narrow = await wide.token("nmbrs:hours.write")
    const ask = soap("EmployeeService", "EmployeeType_GetList")
    const send = (authorization: string) =>
      harness.request("/proxy/nmbrs/soap/v3/EmployeeService.asmx", {
        ...ask,
        headers: { "content-type": "text/xml", authorization },
      })
    expect((await send(wide.bearer)).status).toBe(200)
    expect(await (await send(narrow)).text()).toContain("EmployeeType_GetList was not granted")
  })

  it("a token opens no more than its connection does now", async () => {
    const harness = startHarness()
    const client = await connectForProxy(harness, { scope: SCOPE })
    await env.DB.prepare("UPDATE connections SET scope = 'nmbrs:companies.read' WHERE id = ?1")
      .bind(client.id)
      .run()
    const refused = await callSoap(client, "EmployeeService", "EmployeeType_GetList")
    expect(await refused.text()).toContain("EmployeeType_GetList was not granted")
    expect((await callSoap(client, "CompanyService", "List_GetAll")).status).toBe(200)
  })

  it("a broken connection answers 409, a deleted one and a suspended app 401", async () => {
    const harness = startHarness()
    const client = await connectForProxy(harness, { scope: SCOPE })
    const send = async () => problem(await callSoap(client, "DebtorService", "List_GetAll"))
    await env.DB.prepare("UPDATE connections SET status = 'broken' WHERE id = ?1")
      .bind(client.id)
      .run()
    expect(await send()).toEqual({ status: 409, code: "connection_broken" })
    await env.DB.prepare("UPDATE apps SET suspended = 1 WHERE client_id = ?1")
      .bind(client.app.client_id)
      .run()
    expect(await send()).toEqual({ status: 401, code: "invalid_token" })
    const other = await connectForProxy(harness, { scope: SCOPE })
    await env.DB.prepare("DELETE FROM connections WHERE id = ?1").bind(other.id).run()
    expect(await problem(await callSoap(other, "DebtorService", "List_GetAll"))).toEqual({
      status: 401,
      code: "invalid_token",
    })
  })
})

describe("a call of a live app", () => {
  const connectLive = (harness: ReturnType<typeof startLive>) =>
    connectForProxy(harness, { scope: SCOPE, environment: "live" })

  it("carries our header, listed headers and nothing else of the caller's", async () => {
    const harness = startLive()
    const client = await connectLive(harness)
    harness.calls.length = 0
    const init = soap("DebtorService", "List_GetAll")
    const response = await client.call("/nmbrs/soap/v3/DebtorService.asmx", {
      ...init,
      headers: {
        "content-type": "text/xml",
        cookie: "a=b",
        "x-forwarded-for": "10.0.0.1",
        "x-own": "1",
        referer: "https://app.example/",
      },
    })
    expect(response.status).toBe(200)
    expect(harness.calls).toHaveLength(1)
    const [call] = harness.calls
    expect(call?.url).toBe(`${NMBRS_API}/soap/v3/DebtorService.asmx`)
    expect([...(call?.headers.keys() ?? [])].sort()).toEqual([
      "accept",
      "content-type",
      "soapaction",
    ])
    expect(call?.body).toContain(`<Token>${TOKEN}</Token><Domain>sandbox</Domain>`)
  })

  it("gives listed headers of the answer only, and no credential anywhere", async () => {
    const answer = new Response("<x/>", {
      headers: {
        "content-type": "text/xml",
        "set-cookie": "a=b",
        "x-powered-by": "ASP.NET",
        server: "x",
      },
    })
    let isOn = false
    const harness = startLive(() => (isOn ? answer.clone() : undefined))
    const client = await connectLive(harness)
    isOn = true
    const logged = captureConsole()
    const response = await callSoap(client, "DebtorService", "List_GetAll")
    expect([...response.headers.keys()].sort()).toEqual([
      "cache-control",
      "content-security-policy",
      "content-type",
      "x-content-type-options",
    ])
    expect((await response.text()) + logged.text()).not.toContain(TOKEN)
    expect(logged.text()).not.toContain("koppel.test")
  })

  it.each([
    ["down", () => Promise.reject(new TypeError("fetch failed")), 502, "provider_down"],
    [
      "redirects",
      () => new Response(null, { status: 302, headers: { location: "https://x" } }),
      502,
      "provider_down",
    ],
    ["never answers", () => new Promise<Response>(() => {}), 504, "provider_timeout"],
  ] as const)("answers for a provider that %s", async (_, answer, status, code) => {
    let isOn = false
    const harness = startLive(() => (isOn ? answer() : undefined), {}, { proxySeconds: 0.2 })
    const client = await connectLive(harness)
    isOn = true
    const response = await callSoap(client, "DebtorService", "List_GetAll")
    expect(response.headers.get("content-type")).toBe("application/problem+json")
    expect(await problem(response)).toEqual({ status, code })
  })

  it("passes throttling on with Retry-After, and other statuses as they are", async () => {
    let next: Response | undefined
    const harness = startLive(() => next?.clone())
    const client = await connectLive(harness)
    next = new Response("slow down", { status: 429, headers: { "retry-after": "7" } })
    const throttled = await callSoap(client, "DebtorService", "List_GetAll")
    expect([throttled.status, throttled.headers.get("retry-after")]).toEqual([429, "7"])
    next = nmbrsFault(1003)
    const fault = await callSoap(client, "DebtorService", "List_GetAll")
    expect([fault.status, await fault.text()]).toEqual([500, await nmbrsFault(1003).text()])
    next = new Response("<h1>Sorry</h1>", { status: 503, headers: { "retry-after": "9" } })
    expect((await callSoap(client, "DebtorService", "List_GetAll")).status).toBe(503)
  })

  it("streams: the first bytes are there while the provider is still writing", async () => {
    let finish: (() => void) | undefined
    let isOn = false
    const harness = startLive(() => {
      if (!isOn) return undefined
      const body = new ReadableStream<Uint8Array>({
        start(controller) {
          controller.enqueue(new Uint8Array(1000))
          finish = () => {
            controller.enqueue(new Uint8Array(24))
            controller.close()
          }
        },
      })
      return new Response(body)
    })
    const client = await connectLive(harness)
    isOn = true
    const response = await callSoap(client, "DebtorService", "List_GetAll")
    const reader = response.body?.getReader()
    let length = (await reader?.read())?.value?.byteLength ?? 0
    expect(length).toBe(1000)
    finish?.()
    for (let part = await reader?.read(); part && !part.done; part = await reader?.read()) {
      length += part.value.byteLength
    }
    expect(length).toBe(1024)
  })

  it("is taken up to 1 MB, and without content encoding", async () => {
    const harness = startLive()
    const client = await connectLive(harness)
    harness.calls.length = 0
    const path = "/nmbrs/soap/v3/DebtorService.asmx"
    const namespace = "https://api.nmbrs.nl/soap/v3/DebtorService"
    const init = (size: number) => {
      const empty = soap("DebtorService", `<List_GetAll xmlns="${namespace}"></List_GetAll>`)
      const body = String(empty.body)
      const filled = body.replace("></List", `>${"x".repeat(size - body.length)}</List`)
      return { ...empty, body: filled }
    }
    expect((await client.call(path, init(1024 * 1024))).status).toBe(200)
    expect((await client.call(path, init(1024 * 1024 + 1))).status).toBe(413)
    const stream = new Response(init(1024 * 1024 + 1).body).body
    expect((await client.call(path, { ...init(5000), body: stream })).status).toBe(413)
    const encoded = {
      ...init(5000),
      headers: { "content-type": "text/xml", "content-encoding": "gzip" },
    }
    expect(await problem(await client.call(path, encoded))).toEqual({
      status: 415,
      code: "unsupported_media_type",
    })
    expect(harness.calls).toHaveLength(1)
  })
})

describe("addresses", () => {
  it.each([
    ["POST", "/proxy/nmbrs/soap/v3/SingleSignOn.asmx", 404],
    ["POST", "/proxy/nmbrs/soap/v3/DebtorService.asmx/List_GetAll", 404],
    ["POST", "/proxy/nmbrs/", 404],
    ["POST", "/proxy/nmbrs", 404],
    ["POST", "/proxy/%6embrs/soap/v3/DebtorService.asmx", 404],
    ["POST", "/proxy/other/soap/v3/DebtorService.asmx", 404],
    ["POST", "/proxy/constructor/x", 404],
    ["PUT", "/proxy/nmbrs/soap/v3/DebtorService.asmx", 405],
    ["GET", "/proxy/nmbrs/soap/v3/DebtorService.asmx", 405],
  ])("%s %s is %i", async (method, path, status) => {
    const harness = startHarness()
    const client = await connectForProxy(harness, { scope: SCOPE })
    const response = await harness.request(path, {
      method,
      headers: { authorization: client.bearer, "content-type": "text/xml" },
    })
    expect(response.status).toBe(status)
  })
})

describe("a WSDL", () => {
  const wsdl = (scheme: string, service: string) =>
    `<wsdl:definitions xmlns:wsdl="http://schemas.xmlsoap.org/wsdl/" xmlns:soap="urn:s"><wsdl:port><soap:address location="${scheme}://api.nmbrs.nl/soap/v3/${service}.asmx"/></wsdl:port></wsdl:definitions>`

  it.each([
    ["http", "DebtorService", "?wsdl"],
    ["https", "CompanyService", "?WSDL"],
    ["http", "EmployeeService", "?Wsdl"],
    ["http", "ReportService", "?wsdl="],
  ])("%s, %s, %s: public, with our address, asked for once", async (scheme, service, query) => {
    const harness = startLive((call) => {
      return call.method === "GET" ? new Response(wsdl(scheme, service)) : undefined
    })
    const path = `/proxy/nmbrs/soap/v3/${service}.asmx`
    for (const asked of [query, query.toUpperCase(), query]) {
      const response = await harness.request(path + asked, {
        headers: { authorization: "x", cookie: "a=b" },
      })
      expect(response.status).toBe(200)
      expect(response.headers.get("content-type")).toBe("text/xml; charset=utf-8")
      expect(response.headers.get("cache-control")).toBe("public, max-age=3600")
      expect(await response.text()).toBe(
        wsdl("https", service).replace(/location="[^"]*"/, `location="${ISSUER}${path}"`),
      )
    }
    expect(harness.calls.map(({ url }) => url)).toEqual([
      `${NMBRS_API}/soap/v3/${service}.asmx?WSDL`,
    ])
    expect([...(harness.calls[0]?.headers.keys() ?? [])]).toEqual(["accept"])
  })

  it("that doesn't come is 502 or 504, and asked for again", async () => {
    const harness = startLive(
      (call) => {
        if (call.method !== "GET") return undefined
        if (harness.calls.length === 1) return new Response("<h1>no", { status: 500 })
        if (harness.calls.length === 2) return new Response("<html/>")
        return harness.calls.length === 3
          ? new Promise(() => {})
          : new Response(null, { status: 302 })
      },
      { NMBRS_API_URL: `${NMBRS_API}:8443` },
      { proxySeconds: 0.2 },
    )
    const statuses: number[] = []
    for (let i = 0; i < 4; i++) {
      const path = "/proxy/nmbrs/soap/v3/DebtorService.asmx?wsdl"
      statuses.push((await harness.request(path)).status)
    }
    expect(statuses).toEqual([502, 502, 504, 502])
  })

  it("is there for known services only, and nothing else is public", async () => {
    const harness = startLive()
    await registerApp(harness)
    for (const path of [
      "SingleSignOn.asmx?wsdl",
      "DebtorService.asmx?op=x",
      "DebtorService.asmx",
      "DebtorService.asmx?wsdl&x",
    ]) {
      expect((await harness.request(`/proxy/nmbrs/soap/v3/${path}`)).status).toBe(401)
    }
    expect(harness.calls).toEqual([])
  })
})
