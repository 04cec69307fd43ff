import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { SettingError } from "../../../../src/lib/errors.ts"
import { isAllowed, parseAllowedHosts } from "../../../../src/providers/nimbus/allowed-hosts.ts"

const off = { loopback: false }
const on = { loopback: true }

describe("the list of allowed hosts", () => {
  it.each([
    ["nimbus.test", "https://nimbus.test/", true],
    ["nimbus.test", "https://NIMBUS.TEST/login", true],
    ["NIMBUS.test", "https://nimbus.test/", true],
    ["nimbus.test", "https://nimbus.test:443/", true],
    ["nimbus.test", "https://nimbus.test:8443/", false],
    ["nimbus.test:8443", "https://nimbus.test:8443/", true],
    ["nimbus.test:443", "https://nimbus.test/", true],
    ["nimbus.test:8443", "https://nimbus.test/", false],
    ["nimbus.test:8443", "https://nimbus.test:443/", false],
    ["nimbus.test", "https://www.nimbus.test/", false],
    ["nimbus.test", "https://nimbus.test.evil.test/", false],
    ["nimbus.test", "https://evilnimbus.test/", false],
    ["nimbus.test", "https://nimbus.test./", false],
    ["nimbus.test", "https://nimbus\u3002test/", true],
    ["nimbus.test", "https://\u24dd\u24d8\u24dc\u24d1\u24e4\u24e2.test/", true],
    ["nimbus.test", "https://n\u0456mbus.test/", false],
    ["*.nimbus.test", "https://firm.nimbus.test/", true],
    ["*.nimbus.test", "https://a.b.nimbus.test/", true],
    ["*.nimbus.test", "https://nimbus.test/", false],
    ["*.nimbus.test", "https://evilnimbus.test/", false],
    ["*.nimbus.test", "https://firm.nimbus.test.evil.test/", false],
    ["*.nimbus.test", "https://firm.nimbus.test:8443/", false],
    ["*.nimbus.test:8443", "https://firm.nimbus.test:8443/", true],
    ["xn--bcher-kva.test", "https://b\u00fccher.test/", true],
    ["a.test, b.test", "https://b.test/", true],
  ])("%j, asked about %s: %s", (setting, url, expected) => {
    expect(isAllowed(new URL(url), parseAllowedHosts(setting, off))).toBe(expected)
  })

  it.each([
    "",
    ",",
    "a.test,",
    "*",
    "*.",
    "*.test",
    "*.*.test",
    "a.*.test",
    "https://a.test",
    "a.test/x",
    "a.test:",
    "a.test:0",
    "a.test:65536",
    "a.test:08",
    "a.test.",
    "user@a.test",
    "a.test?x",
    "a b.test",
    "10.0.0.1",
    "*.10.0.0.1",
    "2130706433",
    "0x7f.1",
    "127.1",
    "[::ffff:7f00:1]",
    "[fd00::1]",
    "b\u00fccher.test",
    "127.0.0.1",
    "localhost",
    "[::1]",
    "*.localhost",
  ])("%j is refused where the issuer is not loopback", (setting) => {
    expect(() => parseAllowedHosts(setting, off)).toThrow(SettingError)
  })

  it.each(["127.0.0.1:8080", "localhost", "[::1]:8080"])("%j is taken where it is", (setting) => {
    expect(isAllowed(new URL(`http://${setting}/`), parseAllowedHosts(setting, on))).toBe(true)
  })

  it("names the setting and the place of a bad entry, not the entry", () => {
    expect(() => parseAllowedHosts("a.test,se cret", off)).toThrow(
      "NIMBUS_ALLOWED_HOSTS: entry 2 is not host, host:port or *.suffix",
    )
  })

  it("allows what its entries say and nothing else", () => {
    const label = fc.constantFrom("a", "nimbus", "evilnimbus", "test", "x")
    const host = fc.array(label, { minLength: 2, maxLength: 4 }).map((labels) => labels.join("."))
    const port = fc.constantFrom(undefined, 8443, 443)
    const entry = fc.record({ host, port, below: fc.boolean() })
    fc.assert(
      fc.property(
        fc.array(entry, { minLength: 1, maxLength: 3 }),
        host,
        port,
        (entries, name, at) => {
          const setting = entries
            .map((e) => `${e.below ? "*." : ""}${e.host}${e.port ? `:${e.port}` : ""}`)
            .join(",")
          const labels = name.split(".")
          const expected = entries.some((e) => {
            const suffix = e.host.split(".")
            const tail = labels.slice(-suffix.length).join(".") === e.host
            const deeper = labels.length > suffix.length
            return tail && deeper === e.below && (e.port ?? 443) === (at ?? 443)
          })
          const url = new URL(`https://${name}${at ? `:${at}` : ""}/`)
          expect(isAllowed(url, parseAllowedHosts(setting, off))).toBe(expected)
        },
      ),
    )
  })
})
