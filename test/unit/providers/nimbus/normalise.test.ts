import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { normalise } from "../../../../src/providers/nimbus/normalise.ts"

const good = {
  account_url: "https://firm.nimbus.test/login?acct=42",
  login_code: "koppel",
  password: "correct horse",
}

function read(field: string, text: string) {
  const result = normalise({ ...good, [field]: text })
  return {
    value: result.credentials[field],
    repairs: result.repairs.filter((r) => r.field === field).map((r) => r.code),
    problems: result.problems.filter((p) => p.field === field).map((p) => p.code),
  }
}

describe("what was pasted right", () => {
  it("is left as it is, without a repair or a problem", () => {
    expect(normalise(good)).toEqual({ credentials: good, repairs: [], problems: [] })
  })

  it("has no pin unless one was typed", () => {
    expect(normalise({ ...good, pin: "  " }).credentials).toEqual(good)
    expect(normalise({ ...good, pin: "123 456" }).credentials).toEqual({ ...good, pin: "123456" })
  })

  it("takes known fields only", () => {
    expect(normalise({ ...good, extra: "x" }).credentials).toEqual(good)
  })
})

describe("an empty form", () => {
  it("misses three values, and not the pin", () => {
    expect(normalise({}).problems).toEqual(
      ["account_url", "login_code", "password"].map((field) => ({ field, code: "missing" })),
    )
  })
})

describe("the account address", () => {
  it.each([
    ["  https://firm.nimbus.test/ \n", "https://firm.nimbus.test/", []],
    ["\u201chttps://firm.nimbus.test/a\u201d", "https://firm.nimbus.test/a", ["address_cleaned"]],
    ["<https://firm.nimbus.test/>", "https://firm.nimbus.test/", ["address_cleaned"]],
    ["https://firm\u200b.nimbus.test/", "https://firm.nimbus.test/", ["address_cleaned"]],
    ["\ufeffhttps://firm.nimbus.test/", "https://firm.nimbus.test/", []],
    ["firm.nimbus.test", "https://firm.nimbus.test/", ["scheme_added"]],
    ["firm.nimbus.test:8443/x", "https://firm.nimbus.test:8443/x", ["scheme_added"]],
    ["//firm.nimbus.test/x", "https://firm.nimbus.test/x", ["scheme_added"]],
    ["https://firm.nimbus.test/#/login", "https://firm.nimbus.test/", ["fragment_dropped"]],
    [
      "https://firm.nimbus.test/'#x'",
      "https://firm.nimbus.test/",
      ["address_cleaned", "fragment_dropped"],
    ],
    ["HTTPS://Firm.Nimbus.Test/Firm?Acct=4", "https://firm.nimbus.test/Firm?Acct=4", []],
    ["https://firm.nimbus.test:443/", "https://firm.nimbus.test/", []],
    ["http://127.0.0.1:8080/x", "http://127.0.0.1:8080/x", []],
    ["http://localhost:8080/", "http://localhost:8080/", []],
    ["http://[::1]:8080/", "http://[::1]:8080/", []],
  ])("%j becomes %j", (typed, value, repairs) => {
    expect(read("account_url", typed)).toEqual({ value, repairs, problems: [] })
  })

  it.each([
    ["not an address at all", "address_malformed"],
    ["https://", "address_malformed"],
    ["https:///firm.nimbus.test/", "address_malformed"],
    ["https:firm.nimbus.test", "address_malformed"],
    ["https:\\\\firm.nimbus.test\\", "address_malformed"],
    ["https://good.test\\@evil.test/", "address_malformed"],
    ["https://firm.nimbus.test/a\tb", "address_malformed"],
    ["https://firm.nimbus.test/\u0000", "address_malformed"],
    ["https://firm.nimbus.test:99999/", "address_malformed"],
    ["https://firm.nimbus.test./", "address_malformed"],
    ["https://firm.nimbus.test\u3002/", "address_malformed"],
    ["http://localhost./", "address_malformed"],
    ["javascript:alert(1)", "address_malformed"],
    ["data:text/html,x", "address_malformed"],
    ["file:///etc/passwd", "address_malformed"],
    ["ftp://firm.nimbus.test/", "address_malformed"],
    ["mailto:someone@firm.test", "address_malformed"],
    ["someone@firm.test", "address_userinfo"],
    ["https://user@firm.nimbus.test/", "address_userinfo"],
    ["https://user:secret@firm.nimbus.test/", "address_userinfo"],
    ["https://@firm.nimbus.test/", "address_userinfo"],
    ["https://good.test:443@evil.test/", "address_userinfo"],
    ["http://firm.nimbus.test/", "address_not_https"],
    ["http://localhost.evil.test/", "address_not_https"],
    ["http://127.0.0.1.evil.test/", "address_not_https"],
    ["https://10.0.0.1/", "address_ip"],
    ["https://169.254.169.254./", "address_ip"],
    ["https://2130706433/", "address_ip"],
    ["https://0x7f.1/", "address_ip"],
    ["https://0177.0.0.1/", "address_ip"],
    ["https://127.1/", "address_ip"],
    ["http://127.1/", "address_ip"],
    ["https://0/", "address_ip"],
    ["https://[::ffff:7f00:1]/", "address_ip"],
    ["https://[::ffff:127.0.0.1]/", "address_ip"],
    ["https://[0:0:0:0:0:0:0:1]/", "address_ip"],
    ["https://[fd00::1]/", "address_ip"],
    ["https://%31%32%37.0.0.1/", "address_ip"],
    ["https://\u2460\u2461\u2466.\u24ea.\u24ea.\u2460/", "address_ip"],
    ["https://169\u3002254\u3002169\u3002254/", "address_ip"],
  ])("%j is refused as %s", (typed, code) => {
    expect(read("account_url", typed).problems).toEqual([code])
  })

  it("offers https in place of http", () => {
    const { problems } = normalise({ ...good, account_url: "http://firm.nimbus.test/x?a=1" })
    expect(problems).toEqual([
      {
        field: "account_url",
        code: "address_not_https",
        suggestion: "https://firm.nimbus.test/x?a=1",
      },
    ])
  })

  it.each([
    "https://firm.nimbus.test/First?x=1&ssooverride=yes",
    "https://firm.nimbus.test/First?SSOOverride=yes",
    "https://firm.nimbus.test/First?resetToken=0123456789abcdef",
    "https://firm.nimbus.test/First?p=Zm9vYmFyMTIzNDU2Nzg5MGFiY2RlZmdoaWo",
  ])("%s is the link of an e-mail", (typed) => {
    expect(read("account_url", typed).problems).toEqual(["welcome_link"])
  })

  it.each([
    "https://firm.nimbus.test/?acct=3f2504e0-4f89-11d3-9a0c-0305e82c3301",
    "https://firm.nimbus.test/?acct=3f2504e04f8911d39a0c0305e82c3301",
    "https://firm.nimbus.test/?accountkey=Accountants-of-Leiden-12",
    "https://firm.nimbus.test/Login.aspx?ReturnUrl=%2fPractice%2fHome.aspx%3fview%3d12345678901234",
    "https://firm.nimbus.test/?name=some-long-name-of-an-accounting-practice",
  ])("%s is not", (typed) => {
    expect(read("account_url", typed).problems).toEqual([])
  })
})

describe("the login code", () => {
  it.each([
    [" koppel\n", "koppel", ["login_code_trimmed"]],
    ["kop\u200bpel", "koppel", ["login_code_trimmed"]],
    ["Koppel API", "Koppel API", []],
    ["someone@firm.test", "someone@firm.test", []],
  ])("%j becomes %j", (typed, value, repairs) => {
    expect(read("login_code", typed)).toEqual({ value, repairs, problems: [] })
  })
})

describe("the password", () => {
  it.each([
    [" with spaces ", " with spaces ", [], []],
    ["correct horse\r\n", "correct horse", ["password_trimmed"], []],
    ["\t\u200bcorrect horse\ufeff", "correct horse", ["password_trimmed"], []],
    ["tab\tinside it", "tab\tinside it", [], []],
    ["123456", "123456", [], ["passkey"]],
    ["12345678\n", "12345678", ["password_trimmed"], ["passkey"]],
    ["1234567", "1234567", [], ["password_short"]],
    ["123456789", "123456789", [], []],
    ["pass 12", "pass 12", [], ["password_short"]],
    [
      "\u{1f40e}\u{1f40e}\u{1f40e}\u{1f40e}",
      "\u{1f40e}\u{1f40e}\u{1f40e}\u{1f40e}",
      [],
      ["password_short"],
    ],
    ["\n\t", "", ["password_trimmed"], ["missing"]],
    ["x".repeat(257), "x".repeat(257), [], ["too_long"]],
  ])("%j becomes %j", (typed, value, repairs, problems) => {
    expect(read("password", typed)).toEqual({ value, repairs, problems })
  })
})

describe("the pin", () => {
  it.each(["12345", "1234567", "12a456", "\u0661\u0662\u0663\u0664\u0665\u0666"])(
    "%j is not one",
    (typed) => {
      expect(read("pin", typed).problems).toEqual(["pin_malformed"])
    },
  )
})

describe("whatever is pasted", () => {
  const piece = fc.constantFrom(
    "https://",
    "http://",
    "firm.test",
    "127.0.0.1",
    "localhost",
    "[::1]",
    "@",
    ":",
    "/",
    "\\",
    "?",
    "#",
    "%",
    "'",
    '"',
    "`",
    "<",
    "\u200b",
    "\n",
    " ",
    "\u2013",
    "ssooverride=1",
    "..",
    "\ud800",
    "xn--",
  )
  const pasted = fc.oneof(
    fc.string({ unit: "binary" }),
    fc.array(piece).map((p) => p.join("")),
    fc.webUrl(),
  )
  const form = fc.record({ account_url: pasted, login_code: pasted, password: pasted, pin: pasted })

  it("normalising never throws, and twice is once", () => {
    fc.assert(
      fc.property(form, (submitted) => {
        const once = normalise(submitted)
        const twice = normalise(once.credentials)
        expect(twice.credentials).toEqual(once.credentials)
        expect(twice.problems).toEqual(once.problems)
      }),
      { numRuns: 2000 },
    )
  })

  it("an address without a problem is https, or loopback", () => {
    fc.assert(
      fc.property(pasted, (text) => {
        const { value, problems } = read("account_url", text)
        if (problems.length > 0) return
        const url = new URL(value ?? "")
        expect(url.username + url.password + url.hash).toBe("")
        expect(url.protocol === "https:" || /^(localhost|127\.|\[::1\])/.test(url.hostname)).toBe(
          true,
        )
      }),
      { numRuns: 2000 },
    )
  })
})
