import { describe, expect, it } from "vitest"
import { SettingError } from "../../../../src/lib/errors.ts"
import { loginKey } from "../../../../src/providers/nimbus/attempts.ts"
import { nimbus } from "../../../../src/providers/nimbus/index.ts"
import { exampleProfiles } from "../../../support/nimbus-server.ts"

/** As pasted, path and query tell accounts apart. */
const key = (credentials: Record<string, string>) =>
  loginKey(credentials, { base_url: { rule: "as-pasted" } })
const login = { account_url: "https://firm.nimbus.test/a?b=1", login_code: "koppel", password: "x" }

describe("the provider", () => {
  it("has the one scope nimbus:api, which changes things", () => {
    expect(nimbus.bundles).toEqual({ api: { permissions: ["api:all"], access: "write" } })
    expect(nimbus.accessOf("api:all")).toBe("write")
    expect(nimbus.accessOf("api:read")).toBeUndefined()
    expect(nimbus.implied).toEqual([])
  })

  it("asks for the pin only when Nimbus does, and keeps the password with its login", () => {
    const byName = new Map(nimbus.method.fields.map((field) => [field.name, field]))
    expect(byName.get("pin")).toMatchObject({ secret: true, oneTime: true })
    expect(byName.get("password")).toMatchObject({
      secret: true,
      keptWith: ["account_url", "login_code"],
    })
    expect([...byName.keys()]).toEqual(["account_url", "login_code", "password", "pin"])
  })
})

describe("the settings", () => {
  const { json } = exampleProfiles

  it.each([
    ["a profile without hosts", { NIMBUS_PROFILE: json }, "NIMBUS_ALLOWED_HOSTS"],
    ["blank hosts", { NIMBUS_PROFILE: json, NIMBUS_ALLOWED_HOSTS: " " }, "NIMBUS_ALLOWED_HOSTS"],
    ["bad hosts", { NIMBUS_PROFILE: json, NIMBUS_ALLOWED_HOSTS: "*" }, "NIMBUS_ALLOWED_HOSTS"],
    ["bad hosts without a profile", { NIMBUS_ALLOWED_HOSTS: "*" }, "NIMBUS_ALLOWED_HOSTS"],
    [
      "loopback",
      { NIMBUS_PROFILE: json, NIMBUS_ALLOWED_HOSTS: "localhost" },
      "NIMBUS_ALLOWED_HOSTS",
    ],
    ["a bad profile", { NIMBUS_PROFILE: "{}", NIMBUS_ALLOWED_HOSTS: "a.test" }, "NIMBUS_PROFILE"],
  ])("with %s name the malformed one", (_, settings, name) => {
    let thrown: unknown
    try {
      nimbus.configure(settings, { loopback: false })
    } catch (error) {
      thrown = error
    }
    expect(thrown).toBeInstanceOf(SettingError)
    expect(thrown).toMatchObject({ setting: name })
    expect(nimbus.settings).toContain(name)
  })

  it.each([{}, { NIMBUS_PROFILE: "" }, { NIMBUS_PROFILE: " ", NIMBUS_ALLOWED_HOSTS: "a.test" }])(
    "%j make an adapter that cannot ask",
    (settings) => {
      expect(nimbus.configure(settings, { loopback: false }).checkable).toBe(false)
    },
  )

  it("with both make one that can", () => {
    const settings = { NIMBUS_PROFILE: json, NIMBUS_ALLOWED_HOSTS: "*.nimbus.test" }
    expect(nimbus.configure(settings, { loopback: false }).checkable).toBe(true)
  })
})

describe("the key of an attempt", () => {
  it("is one for every page of the portal, where the profile asks them all in one place", () => {
    const pages = ["", "login", "?a=1", "?a=2", "/", "a/b?c=d"]
    const keys = pages.map((page) =>
      loginKey(
        { ...login, account_url: `https://firm.nimbus.test/${page}` },
        { base_url: { rule: "origin" } },
      ),
    )
    expect(new Set(keys).size).toBe(1)
  })

  it("allows two in a day and three until a success", () => {
    expect(nimbus.method.attempts).toMatchObject({
      inADay: 2,
      untilSuccess: 3,
      problem: { field: "login_code", code: "nearly_locked" },
    })
  })

  it.each([
    ["the password", { password: "another" }],
    ["the case of the login code", { login_code: "KOPPEL" }],
    ["the case of the address", { account_url: "https://FIRM.nimbus.test/A?B=1" }],
    ["a trailing slash", { account_url: "https://firm.nimbus.test/a/?b=1" }],
    ["the default port", { account_url: "https://firm.nimbus.test:443/a?b=1" }],
    ["a fragment", { account_url: "https://firm.nimbus.test/a?b=1#x" }],
    ["a one-time part", { account_url: "https://firm.nimbus.test/a?ssooverride=yes&b=1" }],
  ])("does not depend on %s", (_, change) => {
    expect(key({ ...login, ...change })).toBe(key(login))
  })

  it.each([
    ["the host", { account_url: "https://other.nimbus.test/a?b=1" }],
    ["the path", { account_url: "https://firm.nimbus.test/c?b=1" }],
    ["the query", { account_url: "https://firm.nimbus.test/a?b=2" }],
    ["the login code", { login_code: "other" }],
  ])("depends on %s", (_, change) => {
    expect(key({ ...login, ...change })).not.toBe(key(login))
  })

  it("does not depend on the order of the query", () => {
    const at = (query: string) => key({ ...login, account_url: `https://a.test/?${query}` })
    expect(at("x=1&y=2")).toBe(at("y=2&x=1"))
  })

  it("never throws", () => {
    expect(key({})).toBe(key({ account_url: "nonsense" }))
  })
})
