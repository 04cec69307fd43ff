import { describe, expect, it } from "vitest"
import { nimbus } from "../../../src/providers/nimbus/index.ts"
import { nimbusSandbox } from "../../../src/sandbox/nimbus/index.ts"
import type { Sleep } from "../../../src/sandbox/sandbox.ts"

const account_url = "https://sandbox.nimbus.test/"
const adapter = nimbus.configure(nimbusSandbox.settings, { loopback: false })

/** Verifies as the page does, and records what was asked and how long the simulator slept. */
async function verify(
  login_code: string,
  { stored = false, password = "correct horse", pin = "", sleepTooLong = false } = {},
) {
  const calls: string[] = []
  const slept: number[] = []
  const controller = new AbortController()
  const sleep: Sleep = async (seconds, signal) => {
    slept.push(seconds)
    if (sleepTooLong) controller.abort()
    signal?.throwIfAborted()
  }
  const simulated = nimbusSandbox.fetch({ sleep, stored })
  const result = await adapter.verify(
    { account_url, login_code, password, ...(pin ? { pin } : {}) },
    {
      fetch: (input, init) => {
        calls.push(String(input))
        return simulated(input, init)
      },
      now: Date.now,
      signal: controller.signal,
      permissions: ["api:all"],
    },
  )
  return { result, slept, logins: calls.filter((url) => url.endsWith("/login")).length }
}

describe("a magic login code", () => {
  it.each([
    ["works", []],
    ["slow", []],
    ["revoked-later", []],
    ["not-api-user", ["not_api_user"]],
    ["no-status", ["no_status"]],
  ])("%s works, with the notices %j", async (code, notices) => {
    const { result, logins } = await verify(code)
    expect(result).toMatchObject({
      outcome: "works",
      notices,
      credentials: { account_url, login_code: code, password: "correct horse" },
      account: { name: "Koppel & Partners (sandbox)" },
      permissions: { "api:all": "granted" },
    })
    expect(logins).toBe(1)
  })

  it.each([
    ["wrong-password", "password", "wrong_password"],
    ["locked", "login_code", "locked"],
    ["sso", "login_code", "sso"],
    ["pin", "pin", "pin_required"],
    ["passkey", "password", "passkey"],
    ["anything-else", "password", "wrong_password"],
    ["WORKS", "password", "wrong_password"],
    ["__proto__", "password", "wrong_password"],
  ])("%s blames %s as %s", async (login_code, field, code) => {
    const { result, logins } = await verify(login_code)
    expect(result).toMatchObject({ outcome: "refused", problems: [{ field, code }] })
    expect(logins).toBe(1)
  })

  it.each([
    ["down", "down"],
    ["garbled", "garbled"],
  ])("%s could not be checked: %s", async (login_code, code) => {
    const { result, logins } = await verify(login_code)
    expect(result).toMatchObject({ outcome: "could_not_check", code, uncheckable: false })
    expect(logins).toBe(1)
  })

  it("pin takes 123456, warns, and takes no other", async () => {
    expect((await verify("pin", { pin: "123456" })).result).toMatchObject({
      outcome: "works",
      notices: ["pin_enforced"],
    })
    expect((await verify("pin", { pin: "654321" })).result).toMatchObject({
      outcome: "refused",
      problems: [{ field: "pin", code: "pin_wrong" }],
    })
  })

  it("slow takes three seconds in all", async () => {
    expect((await verify("slow")).slept).toEqual([3])
  })

  it("timeout sleeps until the time budget ends it", async () => {
    const { result, slept } = await verify("timeout", { sleepTooLong: true })
    expect(result).toMatchObject({ outcome: "could_not_check", code: "timeout" })
    expect(slept).toEqual([60])
  })

  it("revoked-later is refused for a stored connection", async () => {
    expect((await verify("revoked-later", { stored: true })).result).toMatchObject({
      outcome: "refused",
      problems: [{ field: "password", code: "wrong_password" }],
    })
    expect((await verify("works", { stored: true })).result.outcome).toBe("works")
  })

  it("does not help a short password", async () => {
    const { result } = await verify("works", { password: "short" })
    expect(result).toMatchObject({ problems: [{ field: "password" }] })
  })
})

describe("the simulated Nimbus", () => {
  const simulated = nimbusSandbox.fetch({ sleep: async () => undefined, stored: false })

  it.each([
    "https://api.nimbus.test/",
    "http://sandbox.nimbus.test/",
    "https://sandbox.nimbus.test:8443/",
    "https://sandbox.nimbus.test.evil.test/",
  ])("is not at %s", async (url) => {
    await expect(simulated(url)).rejects.toThrow(TypeError)
  })

  it("answers an address that it does not know with a page", async () => {
    expect((await simulated(account_url)).status).toBe(404)
  })

  it.each(["", "Bearer", "Bearer sandbox-nobody", "Bearer other", "Basic sandbox-works"])(
    "opens nothing for the token %j",
    async (authorization) => {
      const url = new URL("/api/v0/me", account_url)
      expect((await simulated(url, { headers: { authorization } })).status).toBe(401)
    },
  )

  it.each(["", "null", "[]", "{", '{"loginCode":{}}'])(
    "refuses the login body %j",
    async (body) => {
      const url = new URL("/api/v0/login", account_url)
      expect((await simulated(url, { method: "POST", body })).status).toBe(401)
    },
  )

  it("takes a Request as fetch does", async () => {
    const body = JSON.stringify({ loginCode: "works", password: "correct horse" })
    const request = new Request(new URL("/api/v0/login", account_url), { method: "POST", body })
    expect((await simulated(request)).status).toBe(200)
  })
})
