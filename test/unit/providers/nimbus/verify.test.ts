import { afterEach, describe, expect, it } from "vitest"
import { nimbus } from "../../../../src/providers/nimbus/index.ts"
import type { Credentials, Verification } from "../../../../src/providers/provider.ts"
import {
  type Employee,
  exampleProfiles,
  type NimbusServer,
  type NimbusServerOptions,
  startNimbusServer,
} from "../../../support/nimbus-server.ts"

const servers: NimbusServer[] = []
afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.close()))
})

const password = "correct horse"
const kinds = ["json", "form"] as const

async function start(options: NimbusServerOptions): Promise<NimbusServer> {
  const server = await startNimbusServer(options)
  servers.push(server)
  return server
}

async function startWith(kind: "json" | "form", employee: Partial<Employee> = {}) {
  const koppel = { loginCode: "koppel", password, apiUser: true, statuses: ["Draft"] }
  return start({ kind, employees: [{ ...koppel, ...employee }] })
}

function verify(
  kind: "json" | "form",
  server: NimbusServer,
  given: Credentials = {},
  { allowed = server.host, loopback = true, signal = new AbortController().signal } = {},
): Promise<Verification> {
  const adapter = nimbus.configure(
    { NIMBUS_PROFILE: exampleProfiles[kind], NIMBUS_ALLOWED_HOSTS: allowed },
    { loopback },
  )
  const credentials = { account_url: server.url, login_code: "koppel", password, ...given }
  const context = { fetch, now: Date.now, signal, permissions: ["api:all"] }
  return adapter.verify(credentials, context)
}

const logins = (server: NimbusServer) => server.calls.filter((call) => call.login).length

describe.each(kinds)("a login that works, in the %s dialect", (kind) => {
  it("seals address, login code and password, and grants the one permission", async () => {
    const server = await startWith(kind)
    expect(await verify(kind, server)).toMatchObject({
      outcome: "works",
      credentials: { account_url: server.url, login_code: "koppel", password },
      permissions: { "api:all": "granted" },
      sights: [],
      notices: [],
    })
    expect(logins(server)).toBe(1)
  })

  it("logs out what it logged in", async () => {
    const server = await startWith(kind)
    await verify(kind, server)
    expect(server.calls.at(-1)?.path).toMatch(/logout/i)
  })

  it("warns when no status is open to it", async () => {
    expect(await verify(kind, await startWith(kind, { statuses: [] }))).toMatchObject({
      outcome: "works",
      notices: ["no_status"],
    })
  })

  it("asks for the pin, takes it, warns, and does not keep it", async () => {
    const server = await startWith(kind, { pin: "246810" })
    expect(await verify(kind, server)).toEqual({
      outcome: "refused",
      problems: [{ field: "pin", code: "pin_required" }],
      accepted: ["account_url", "login_code", "password"],
      firstFactorAccepted: true,
    })
    expect(await verify(kind, server, { pin: "000000" })).toMatchObject({
      outcome: "refused",
      problems: [{ field: "pin", code: "pin_wrong" }],
    })
    const works = await verify(kind, server, { pin: "246810" })
    expect(works).toMatchObject({ outcome: "works", notices: ["pin_enforced"] })
    expect(JSON.stringify(works)).not.toContain("246810")
  })
})

describe.each(kinds)("a login that is refused, in the %s dialect", (kind) => {
  it("blames the password, once, until the fifth try locks the user", async () => {
    const server = await startWith(kind)
    for (let tries = 1; tries <= 5; tries++) {
      const refused = await verify(kind, server, { password: "not this one" })
      const expected = tries < 5 ? ["password", "wrong_password"] : ["login_code", "locked"]
      expect(refused).toMatchObject({
        outcome: "refused",
        problems: [{ field: expected[0], code: expected[1] }],
        accepted: ["account_url"],
      })
      expect(server.calls).toHaveLength(tries)
    }
    expect(await verify(kind, server)).toMatchObject({ problems: [{ code: "locked" }] })
  })
})

describe("what is known of a login that works", () => {
  it("is the account's name and the user's id, where Nimbus tells", async () => {
    const server = await startWith("json")
    expect(await verify("json", server)).toMatchObject({
      account: { name: "Firm 42" },
      identity: JSON.stringify([server.host, "?firm=42", "id:id-koppel"]),
    })
  })

  it("is the host and the login code, where it does not", async () => {
    const server = await startWith("form")
    expect(await verify("form", server)).toMatchObject({
      account: { name: server.host },
      identity: JSON.stringify([server.host, "/firm/login.aspx?acct=42", "code:koppel"]),
    })
  })

  it("includes that it is no API User", async () => {
    const server = await startWith("json", { apiUser: false, statuses: [] })
    expect(await verify("json", server)).toMatchObject({ notices: ["not_api_user", "no_status"] })
  })

  it("is still that it works when every later call goes wrong", async () => {
    const server = await start({
      kind: "json",
      answer: (call, response) => {
        if (call.login) return false
        response.writeHead(500).end()
        return true
      },
    })
    expect(await verify("json", server)).toMatchObject({
      outcome: "works",
      account: { name: server.host },
      notices: [],
    })
    expect(logins(server)).toBe(1)
  })
})

describe("on the wire", () => {
  it("the JSON example sends its fields behind the prefix, and the token afterwards", async () => {
    const server = await startWith("json")
    await verify("json", server)
    const [login, ...later] = server.calls
    expect(login).toMatchObject({ method: "POST", path: "/integration/v2/auth/login?firm=42" })
    expect(JSON.parse(login?.body ?? "")).toEqual({
      client: "koppel",
      remember: false,
      loginCode: "koppel",
      password,
    })
    expect(later).toHaveLength(3)
    for (const call of later) expect(call.headers.authorization).toBe("Bearer opens-koppel")
  })

  it("the form example posts to the address as pasted, and the one cookie afterwards", async () => {
    const server = await startWith("form", { password: "p&=+ \u00e9" })
    await verify("form", server, { password: "p&=+ \u00e9" })
    const [login, ...later] = server.calls
    expect(login).toMatchObject({ method: "POST", path: "/firm/Login.aspx?acct=42" })
    expect(Object.fromEntries(new URLSearchParams(login?.body))).toEqual({
      cmdLogin: "Login",
      txtLogin: "koppel",
      txtPassword: "p&=+ \u00e9",
    })
    expect(later.map((call) => call.path)).toEqual([
      "/Services/Statuses?acct=42",
      "/Logout.aspx?acct=42",
    ])
    for (const call of later) expect(call.headers.cookie).toBe("NimbusAuth=opens-koppel")
  })
})

describe("nothing at all is sent", () => {
  it("to a host that is not allowed", async () => {
    const server = await startWith("json")
    expect(await verify("json", server, {}, { allowed: "nimbus.test" })).toEqual({
      outcome: "refused",
      problems: [{ field: "account_url", code: "host_not_allowed" }],
      accepted: [],
      notAsked: true,
    })
    expect(server.calls).toEqual([])
  })

  it("to loopback unless the issuer is loopback", async () => {
    const server = await startWith("json")
    const options = { allowed: "nimbus.test", loopback: false }
    const refused = await verify("json", server, {}, options)
    expect(refused).toMatchObject({ problems: [{ code: "host_not_allowed" }] })
    expect(server.calls).toEqual([])
  })

  it.each([
    (port: string) => `http://user@127.0.0.1:${port}/`,
    (port: string) => `http://127.0.0.1:${port}\\@evil.test/`,
    (port: string) => `http://2130706433:${port}/`,
    (port: string) => `http://0x7f.1:${port}/`,
    (port: string) => `http://127.1:${port}/`,
    (port: string) => `http://[::ffff:7f00:1]:${port}/`,
    (port: string) => `http://127.0.0.1.:${port}/`,
    (port: string) => `http://\u2460\u2461\u2466.0.0.1:${port}/`,
    (port: string) => `http://127\u30020\u30020\u30021:${port}/`,
    (port: string) => `http://localhost:${port}/`,
    (port: string) => `https://127.0.0.1:${port}0/`,
    () => "http://127.0.0.1/",
    () => "http://169.254.169.254./",
    () => "",
    () => "nonsense",
  ])("to an address in another spelling (%#)", async (spell) => {
    const server = await startWith("json")
    const account_url = spell(server.host.split(":")[1] ?? "")
    const refused = await verify("json", server, { account_url })
    expect(refused).toMatchObject({ problems: [{ code: "host_not_allowed" }], notAsked: true })
    expect(server.calls).toEqual([])
  })

  it("without a profile", async () => {
    const server = await startWith("json")
    const adapter = nimbus.configure({ NIMBUS_ALLOWED_HOSTS: server.host }, { loopback: true })
    expect(adapter.checkable).toBe(false)
    const context = { fetch, now: Date.now, signal: AbortSignal.timeout(5000), permissions: [] }
    const credentials = { account_url: server.url, login_code: "koppel", password }
    expect(await adapter.verify(credentials, context)).toEqual({
      outcome: "could_not_check",
      code: "no_profile",
      uncheckable: true,
    })
    expect(server.calls).toEqual([])
  })

  it("when time is up before it begins", async () => {
    const server = await startWith("json")
    const signal = AbortSignal.abort()
    const result = await verify("json", server, {}, { signal })
    expect(result).toMatchObject({ outcome: "could_not_check", code: "timeout" })
    expect(server.calls).toEqual([])
  })
})

describe("a redirect", () => {
  it.each([301, 302, 303, 307, 308])("of status %i is not followed", async (status) => {
    const elsewhere = await startWith("json")
    const server = await start({
      kind: "json",
      answer: (_, response) => {
        response.writeHead(status, { location: elsewhere.url }).end()
        return true
      },
    })
    const result = await verify("json", server)
    expect(result).toMatchObject({ outcome: "could_not_check", code: "redirected" })
    expect(server.calls).toHaveLength(1)
    expect(elsewhere.calls).toEqual([])
  })
})

describe("a provider that misbehaves", () => {
  it("cannot hold the check with a body that never ends", async () => {
    const controller = new AbortController()
    const server = await start({
      kind: "json",
      answer: (_, response) => {
        response.writeHead(200).write("{")
        controller.abort()
        return true
      },
    })
    const result = await verify("json", server, {}, { signal: controller.signal })
    expect(result).toMatchObject({ outcome: "could_not_check", code: "timeout" })
    expect(logins(server)).toBe(1)
  })

  it("cannot fill the memory", async () => {
    const server = await start({
      kind: "json",
      answer: (_, response) => {
        response.writeHead(200, { "content-type": "application/json" })
        response.end(`{"data":{"token":"x"},"pad":"${"x".repeat(300 * 1024)}"}`)
        return true
      },
    })
    expect(await verify("json", server)).toMatchObject({
      outcome: "could_not_check",
      code: "garbled",
    })
    expect(server.calls).toHaveLength(1)
  })

  it("is down when it breaks the connection, and is not asked again", async () => {
    const server = await start({
      kind: "json",
      answer: (_, response) => {
        response.destroy()
        return true
      },
    })
    expect(await verify("json", server)).toMatchObject({ outcome: "could_not_check", code: "down" })
    expect(server.calls).toHaveLength(1)
  })
})
