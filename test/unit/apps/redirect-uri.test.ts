import fc from "fast-check"
import { describe, expect, it, test } from "vitest"
import {
  describeRedirectUri,
  findRedirectUriProblem,
  isLoopbackUri,
  matchesRedirectUri,
} from "../../../src/apps/redirect-uri.ts"

describe("findRedirectUriProblem", () => {
  test.each([
    ["https://app.example/callback"],
    ["https://app.example"],
    ["https://app.example?x=1"],
    ["https://app.example:8443/a?b=c&d=%20"],
    ["http://localhost/"],
    ["http://127.0.0.1:5000/callback"],
    ["http://[::1]/callback"],
    ["nl.urenweek.app:/callback"],
    ["nl.urenweek.app://callback"],
  ])("lets %s be registered", (uri) => {
    expect(findRedirectUriProblem(uri)).toBeUndefined()
  })

  test.each([
    ["https://app.example/#", "fragment"],
    ["https://u@app.example/", "user information"],
    ["https://@app.example/", "user information"],
    ["nl.urenweek.app://u@callback", "user information"],
    ["https://app.example/a b", "space"],
    ["https://app.example/é", "outside ASCII"],
    ["https://app.example/\r\nX: y", "control"],
    ["https://app.example\\@evil.example/", "URIs don't have"],
    ['https://app.example/"', "URIs don't have"],
    ["https://app.example/{x}", "URIs don't have"],
    ["https:app.example", "no host"],
    ["https:///app.example", "no host"],
    ["http:/localhost/", "no host"],
    ["https://", "not a URI"],
    ["http://app.example/", "not on loopback"],
    ["http://localhost.example/", "not on loopback"],
    ["javascript:alert(1)", "neither https"],
    ["data:text/html,x", "neither https"],
    ["urenweek:/callback", "neither https"],
    ["nl.urenweek.app:callback", "neither https"],
    ["nl.urenweek.app:///callback", "neither https"],
    [`https://app.example/${"x".repeat(2000)}`, "longer"],
  ])("refuses %j: %s", (uri, reason) => {
    expect(findRedirectUriProblem(uri)).toContain(reason)
  })

  it("lets nothing through that a browser would read as another place than it looks", () => {
    const piece = fc.constantFrom(
      ...["https:", "http:", "//", "/", "\\", "@", ":", "#", "?", "app.example", "localhost"],
      ...["127.0.0.1", "[::1]", "evil.example", "javascript:", "%2f", "..", "nl.app:", "\t", "é"],
    )
    fc.assert(
      fc.property(fc.array(piece, { minLength: 1, maxLength: 8 }), (pieces) => {
        const uri = pieces.join("")
        if (findRedirectUriProblem(uri) !== undefined) return
        // Taken as text by RFC 3986, and as a browser resolves it from a page of ours: one place.
        const authority = /^[a-z][a-z0-9.+-]*:\/\/([^/?]*)/.exec(uri)?.[1]
        const resolved = new URL(uri, "https://koppel.example/connect/x")
        expect(resolved.username + resolved.password + resolved.hash).toBe("")
        if (resolved.protocol === "https:" || resolved.protocol === "http:") {
          expect(new URL(`${resolved.protocol}//${authority}/`).host).toBe(resolved.host)
          expect(resolved.host).not.toBe("koppel.example")
        } else {
          expect(resolved.protocol).toContain(".")
        }
      }),
      { numRuns: 20_000 },
    )
  })
})

describe("matchesRedirectUri", () => {
  test.each([
    ["http://127.0.0.1/cb", "http://127.0.0.1:5000/cb"],
    ["http://127.0.0.1:5000/cb", "http://127.0.0.1/cb"],
    ["http://127.0.0.1:5000/cb", "http://127.0.0.1:6000/cb"],
    ["http://[::1]/cb?x=1", "http://[::1]:65535/cb?x=1"],
    ["http://127.0.0.1:1", "http://127.0.0.1:2"],
  ])("leaves the port free on loopback literals: %s, %s", (registered, requested) => {
    expect(matchesRedirectUri(registered, requested)).toBe(true)
  })

  test.each([
    ["http://localhost:5000/cb", "http://localhost:6000/cb"],
    ["https://127.0.0.1:5000/cb", "https://127.0.0.1:6000/cb"],
    ["https://app.example/cb", "https://app.example:443/cb"],
    ["http://127.0.0.1/cb", "http://127.0.0.1:65536/cb"],
    ["http://127.0.0.1/cb", "http://127.0.0.1:123456/cb"],
    ["http://127.0.0.1/cb", "http://127.0.0.1:/cb"],
    ["http://127.0.0.1/cb", "http://127.0.0.1:80@evil.example/cb"],
    ["http://127.0.0.1/cb", "http://[::1]/cb"],
    ["http://127.0.0.1/cb", "http://127.0.0.1/cb2"],
    ["http://127.0.0.1/cb", "http://127.0.0.1/CB"],
    ["http://127.0.0.1/cb", "http://127.0.0.1.evil.example/cb"],
    ["http://127.0.0.1", "http://127.0.0.1.evil.example"],
    ["http://127.0.0.1", "http://127.0.0.1:5000.evil.example"],
    ["https://app.example/cb", "https://app.example/cb/"],
    ["https://app.example/cb", "https://APP.example/cb"],
  ])("is else equality of text: %s, %s", (registered, requested) => {
    expect(matchesRedirectUri(registered, requested)).toBe(false)
  })

  it("is equality of text for every URI that is not http on a loopback literal", () => {
    const uri = fc.oneof(
      fc.webUrl({ withQueryParameters: true, withFragments: true }),
      fc.string().map((text) => `http://localhost:1/${text}`),
    )
    fc.assert(
      fc.property(uri, uri, (a, b) => {
        expect(matchesRedirectUri(a, a)).toBe(true)
        expect(matchesRedirectUri(a, b)).toBe(a === b)
      }),
    )
  })

  it("asks for the same path and query to the letter whatever the ports are", () => {
    const port = fc.integer({ min: 1, max: 65_535 })
    const rest = fc.constantFrom("", "/", "/a", "/a?b", "/A", "/a/", "/%61", "?b", "/a\n")
    fc.assert(
      fc.property(port, port, rest, rest, (p, q, a, b) => {
        const own = `http://127.0.0.1:${p}${a}`
        expect(matchesRedirectUri(own, `http://127.0.0.1:${q}${b}`)).toBe(a === b)
        expect(matchesRedirectUri(own, `http://[::1]:${q}${b}`)).toBe(false)
      }),
    )
  })
})

test("isLoopbackUri tells what stays on this machine", () => {
  for (const uri of ["http://localhost:1/", "http://127.0.0.1/", "http://[::1]/x"]) {
    expect(isLoopbackUri(uri)).toBe(true)
  }
  for (const uri of ["https://localhost/", "http://app.example/", "x", "http://127.0.0.2/"]) {
    expect(isLoopbackUri(uri)).toBe(false)
  }
})

test("describeRedirectUri gives the host, or the scheme where no host is asked", () => {
  expect(describeRedirectUri("https://app.example:8443/cb")).toBe("app.example:8443")
  expect(describeRedirectUri("http://localhost:8788/cb")).toBe("localhost:8788")
  expect(describeRedirectUri("nl.urenweek.app:/cb")).toBe("nl.urenweek.app")
  expect(describeRedirectUri("nl.urenweek.app://bank.example/cb")).toBe("nl.urenweek.app")
})
