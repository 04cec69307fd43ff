/** Where a proxied call goes: below the base, or nowhere. */
import fc from "fast-check"
import { describe, expect, test } from "vitest"
import { type Profile, parseProfile } from "../../../../../src/providers/nimbus/profile.ts"
import { isSessionCall, targetOf } from "../../../../../src/providers/nimbus/proxy/target.ts"
import { exampleProfiles } from "../../../../support/nimbus-server.ts"

const profile = parseProfile(exampleProfiles.json)
const account = new URL("https://firm.nimbus.example/?firm=42")
const BASE = "https://firm.nimbus.example/integration/v2"
const withBase = (base_url: Profile["base_url"]): Profile => ({ ...profile, base_url })

describe("a call below the base", () => {
  test.each([
    ["/clients", "", "/clients?firm=42"],
    ["/clients/", "?a=1&b=%2F..%2F&c", "/clients/?firm=42&a=1&b=%2F..%2F&c"],
    ["/clients/a%20b;v=1/%C3%A9", "", "/clients/a%20b;v=1/%C3%A9?firm=42"],
    ["/a.b/..c/c../...d", "", "/a.b/..c/c../...d?firm=42"],
    ["/a:b@c/https:", "", "/a:b@c/https:?firm=42"],
    ["", "", "?firm=42"],
    ["/", "", "/?firm=42"],
    ["/100%25", "", "/100%25?firm=42"],
  ])("%s %s", (path, query, expected) => {
    expect(targetOf(account, profile, { path, query })?.href).toBe(BASE + expected)
  })

  test("keeps to the pasted path, or to the origin", () => {
    const pasted = new URL("https://firm.nimbus.example/firm/Login.aspx?acct=42")
    const at = (base: Profile["base_url"], path: string) =>
      targetOf(pasted, withBase(base), { path, query: "" })?.href
    expect(at({ rule: "as-pasted" }, "/x")).toBe(
      "https://firm.nimbus.example/firm/Login.aspx/x?acct=42",
    )
    expect(at({ rule: "origin" }, "/x")).toBe("https://firm.nimbus.example/x")
    expect(at({ rule: "origin" }, "//evil.test/x")).toBeUndefined()
  })
})

const ESCAPES = [
  "/..",
  "/../",
  "/../x",
  "/x/../../y",
  "/.",
  "/./x",
  "/%2e%2e/x",
  "/%2E%2e/",
  "/.%2e/x",
  "/%2e./x",
  "/%252e%252e/x",
  "/%25252e%25252e/x",
  "/%2525252525252e/x",
  "/..%2fx",
  "/..%5cx",
  "/x%2f..%2f..",
  "/x%2Fy",
  "/x%5Cy",
  "/x%252fy",
  "/..\\x",
  "/\\evil.test",
  "\\\\evil.test",
  "//evil.test",
  "///evil.test",
  "/x//y",
  "/%2f%2fevil.test",
  "https://evil.test/",
  "evil",
  ".evil.test/",
  "@evil.test/",
  ":80/",
  "/..;/x",
  "/..;a=b/x",
  "/.;/x",
  "/... /x",
  "/..%20/x",
  "/%20../x",
  "/..%00/x",
  "/x%00",
  "/x%0d%0aHost:evil",
  "/x%09",
  "/x y",
  "/x\ty",
  "/é",
  "/x%",
  "/x%zz",
  "/%c0%ae%c0%ae/x",
  "/%e0%80%ae/x",
  "/%u002e%u002e/x",
  "/x#y",
  "/x?y",
  "/..../x",
  "/%ff",
]

describe("an address that could leave the base is none", () => {
  test.each(ESCAPES)("%j", (path) => {
    expect(targetOf(account, profile, { path, query: "" })).toBeUndefined()
  })

  test.each(["?firm=43", "?a=1&FIRM=43", "?%66irm=43", "?a b", "?é", "x"])("query %j", (query) => {
    expect(targetOf(account, profile, { path: "/x", query })).toBeUndefined()
  })
})

test("whatever is written, what comes out is below the base at its host", () => {
  const piece = fc.oneof(
    fc.constantFrom(
      "/",
      "\\",
      ".",
      "..",
      "%2e",
      "%2f",
      "%5c",
      "%25",
      ";",
      "@",
      ":",
      "evil.test",
      "//",
      "?",
      "#",
      "%00",
      "x",
    ),
    fc.string({ maxLength: 3 }),
  )
  let reached = 0
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 8 }), (pieces) => {
      const url = targetOf(account, profile, { path: `/${pieces.join("")}`, query: "" })
      if (url === undefined) return
      reached += 1
      expect(url.href.startsWith(`${BASE}/`)).toBe(true)
      expect(
        decodeURIComponent(
          decodeURIComponent(url.pathname).replace(/%(?![0-9a-f]{2})/gi, "%25"),
        ).split("/"),
      ).not.toContain("..")
      expect(url.username + url.password + url.hash).toBe("")
    }),
    { numRuns: 5000 },
  )
  expect(reached).toBeGreaterThan(100)
})

test.each([
  "/auth/login",
  "/auth/login/",
  "/AUTH/Login",
  "/auth/%6cogin",
  "/auth/login;x=1",
  "/auth/logout",
  "/auth/login.",
])("%s is the login's", (path) => {
  const url = targetOf(account, profile, { path, query: "" })
  expect(url === undefined || isSessionCall(url, account, profile)).toBe(true)
})

test("another call is not the login's", () => {
  const url = new URL(`${BASE}/auth/logins`)
  expect(isSessionCall(url, account, profile)).toBe(false)
})
