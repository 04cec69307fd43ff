import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { SettingError } from "../../../../src/lib/errors.ts"
import { type Profile, parseProfile } from "../../../../src/providers/nimbus/profile.ts"
import { assumedV0 } from "../../../../src/sandbox/nimbus/assumed-v0.ts"
import { exampleProfiles } from "../../../support/nimbus-server.ts"

const base = parseProfile(exampleProfiles.json)

function changed(change: (profile: Record<string, unknown>) => void): string {
  const copy: Record<string, unknown> = structuredClone(base)
  change(copy)
  return JSON.stringify(copy)
}

function merged(part: object): string {
  return JSON.stringify({ ...base, ...part })
}

describe("a profile", () => {
  it.each(["json", "form"] as const)("the documented %s example fits", (kind) => {
    expect(parseProfile(exampleProfiles[kind])).toEqual(JSON.parse(exampleProfiles[kind]))
  })

  it("assumed-v0 fits", () => {
    expect(parseProfile(JSON.stringify(assumedV0))).toEqual(assumedV0)
  })

  it("may send login code and password with each call", () => {
    const { login } = base
    const basic = {
      login: { body: "none", method: "GET", path: "/me", success: login.success },
      auth: { mode: "basic" },
      errors: [{ status: 401, outcome: "wrong_password" }],
    }
    expect(parseProfile(merged(basic)).auth).toEqual({ mode: "basic" })
  })

  it.each<[string, string]>([
    ["text that is not JSON", "{"],
    ["nothing of its own", "{}"],
    ["a list", "[]"],
    ["another version", merged({ version: 2 })],
    ["a member that is unknown", merged({ retries: 3 })],
    ["a nested member that is unknown", merged({ logout: { method: "POST", path: "/x", all: 1 } })],
    ["no login", changed((p) => delete p.login)],
    ["an unknown rule for the base", merged({ base_url: { rule: "guess" } })],
    ["a password in a GET", merged({ login: { ...base.login, method: "GET" } })],
    ["a token in an HTML answer", withSuccess({ answer: "html", status: 200, text: "Welcome" })],
    ["success by status alone", withSuccess({ answer: "json", status: 200 })],
    ["success by any HTML", withSuccess({ answer: "html", status: 200, text: "" })],
    ["basic beside a body", merged({ auth: { mode: "basic" } })],
    ["a field named twice", withFields({ login_code: "a", password: "a", pin: "p" })],
    [
      "a field that is also an extra one",
      withFields({ login_code: "client", password: "b", pin: "p" }),
    ],
    ["a pin asked for without a field", withFields({ login_code: "a", password: "b" })],
    ["a rule without a condition", merged({ errors: [{ outcome: "locked" }] })],
    ["a rule with an unknown outcome", merged({ errors: [{ status: 401, outcome: "works" }] })],
    ["a rule with a regular expression", merged({ errors: [{ regex: "a+", outcome: "locked" }] })],
    ["a status out of range", merged({ errors: [{ status: 99, outcome: "locked" }] })],
    ["a host as header", merged({ auth: { ...base.auth, header: "Host" } })],
    ["a header with a line break", merged({ auth: { ...base.auth, header: "X\r\nY" } })],
    ["a prefix with a line break", merged({ auth: { ...base.auth, prefix: "Bearer\r\n" } })],
    ["a pointer that is none", merged({ auth: { ...base.auth, pointer: "token" } })],
  ])("is refused with %s", (_, setting) => {
    expect(() => parseProfile(setting)).toThrow(SettingError)
  })

  it.each([
    "login",
    "//evil.test/login",
    "https://evil.test/",
    "/\\evil.test",
    "/a/../b",
    "/a/%2e%2E/b",
    "/./b",
    "/a b",
    "/a#b",
    "/a\nb",
    "/\u00e9",
    "/..",
  ])("is refused with the path %j", (path) => {
    expect(() => parseProfile(merged({ logout: { method: "POST", path } }))).toThrow(SettingError)
  })

  it("names the places that are wrong, and no values", () => {
    const setting = merged({ auth: { mode: "token", pointer: "s3cret-value", header: "H" } })
    expect(() => parseProfile(setting)).toThrow(/^NIMBUS_PROFILE: does not fit at auth\.pointer/)
    expect(() => parseProfile(setting)).not.toThrow(/s3cret/)
    expect(() => parseProfile("s3cret")).toThrow("NIMBUS_PROFILE: is not JSON")
  })

  it("is taken or refused with a SettingError, whatever the text", () => {
    const leaf = fc.oneof(fc.jsonValue(), fc.string(), fc.constant("__proto__"))
    const paths = pathsOf(JSON.parse(exampleProfiles.json))
    fc.assert(
      fc.property(fc.constantFrom(...paths), leaf, (path, value) => {
        const text = JSON.stringify(replaced(JSON.parse(exampleProfiles.json), path, value))
        const outcome = attempt(text)
        expect(outcome === "taken" || outcome instanceof SettingError).toBe(true)
      }),
      { numRuns: 1000 },
    )
    fc.assert(
      fc.property(fc.json(), (text) => void expect(attempt(text)).toBeInstanceOf(SettingError)),
    )
  })
})

function withSuccess(success: object): string {
  return merged({ login: { ...base.login, success } })
}

function withFields(fields: object): string {
  return merged({ login: { ...base.login, fields } })
}

function attempt(text: string): unknown {
  try {
    const profile: Profile = parseProfile(text)
    return profile.version === 1 ? "taken" : "odd"
  } catch (error) {
    return error
  }
}

type Path = readonly string[]

function pathsOf(value: unknown, at: Path = []): Path[] {
  if (typeof value !== "object" || value === null) return [at]
  return [at, ...Object.entries(value).flatMap(([key, inner]) => pathsOf(inner, [...at, key]))]
}

function replaced(document: unknown, [key, ...rest]: Path, value: unknown): unknown {
  if (key === undefined) return value
  const copy = Array.isArray(document) ? [...document] : { ...Object(document) }
  Reflect.set(copy, key, replaced(Reflect.get(copy, key), rest, value))
  return copy
}
