import fc from "fast-check"
import { describe, expect, test } from "vitest"
import { nmbrs } from "../../../../src/providers/nmbrs/index.ts"
import { normalise } from "../../../../src/providers/nmbrs/normalise.ts"

const token = "0123456789abcdef0123456789abcdef"
const username = "anna@voorbeeld.test"
const good = { domain: "voorbeeld", username, token }

const codes = (list: readonly { field: string; code: string }[]) =>
  list.map(({ field, code }) => `${field}:${code}`)

test("what is right stays as it is", () => {
  expect(normalise(good)).toEqual({ credentials: good, repairs: [], problems: [] })
})

describe("the subdomain is taken out of", () => {
  test.each([
    "voorbeeld.nmbrs.nl",
    "https://voorbeeld.nmbrs.nl",
    "https://voorbeeld.nmbrs.nl/",
    "HTTPS://Voorbeeld.NMBRS.nl/applications/login.aspx?ReturnUrl=https://x.nmbrs.nl/#a",
    "http://www.voorbeeld.nmbrs.nl:443/x",
    "//voorbeeld.nmbrs.nl",
    "voorbeeld.nmbrs.nl.",
    "voorbeeld.nmbrs.nl?x=1",
    "voorbeeld.nmbrs.nl\\x",
    "voorbeeld.nmbrs.se",
    "voorbeeld.nmbrs-sandbox.nl",
    "voorbeeld/",
    "https://voorbeeld",
  ])("%s", (domain) => {
    const made = normalise({ ...good, domain })
    expect(made.credentials.domain).toBe("voorbeeld")
    expect(codes(made.repairs)).toEqual(["domain:subdomain_taken"])
    expect(made.problems).toEqual([])
  })

  test("nothing is told where only capitals became small", () => {
    expect(normalise({ ...good, domain: "VoorBeeld" })).toEqual({
      credentials: good,
      repairs: [],
      problems: [],
    })
  })
})

describe("no address is", () => {
  test.each([
    "nmbrs.nl",
    "www.nmbrs.nl",
    "api.nmbrs.nl",
    ".nmbrs.nl",
    "voorbeeld.nmbrs.com",
    "https://www.nmbrs.com/inloggen",
    "api.nmbrsapp.com",
    "voorbeeld.nl",
    "voorbeeld.nmbrs.nl.evil.test",
    "voorbeeld.evilnmbrs.nl",
    "a.b.nmbrs.nl",
    "user@voorbeeld.nmbrs.nl",
    "https://user:pass@voorbeeld.nmbrs.nl",
    "anna@voorbeeld.nl",
    "voor beeld",
    "voor\tbeeld",
    "voor\u0000beeld",
    "-voorbeeld",
    "voorbeeld-",
    "voor_beeld",
    "ѵoorbeeld",
    "%76oorbeeld.nmbrs.nl",
    "127.0.0.1",
    "[::1]",
    "a".repeat(64),
    "<script>x",
  ])("%j", (domain) => {
    expect(codes(normalise({ ...good, domain }).problems)).toEqual(["domain:domain_malformed"])
  })
})

describe("repairs", () => {
  test.each([
    ["spaces", { token: `  ${token}\r\n` }, ["token:trimmed"]],
    ["non-breaking spaces", { username: `\u00a0${username}\u202f` }, ["username:trimmed"]],
    ["zero-width characters", { token: `\ufeff${token}\u200b\u2060` }, ["token:trimmed"]],
    ["bidi marks", { domain: "\u202avoorbeeld\u202c" }, ["domain:trimmed"]],
    ["soft hyphens", { username: `an\u00adna@voorbeeld.test` }, ["username:trimmed"]],
    ["double quotes", { token: `"${token}"` }, ["token:unquoted"]],
    ["curly quotes", { username: `“${username}”` }, ["username:unquoted"]],
    ["Dutch quotes", { domain: "„voorbeeld”" }, ["domain:unquoted"]],
    ["angle brackets", { username: `<${username}>` }, ["username:unquoted"]],
    ["quotes in quotes", { token: `"'${token}'"` }, ["token:unquoted"]],
    ["Bearer", { token: `Bearer ${token}` }, ["token:bearer_removed"]],
    ["bearer twice, quoted", { token: `bearer BEARER "${token}"` }, ["token:bearer_removed"]],
    [
      "all at once",
      { token: ` "Bearer ${token}" ` },
      ["token:trimmed", "token:unquoted", "token:bearer_removed"],
    ],
  ])("%s are taken off", (_, typed, repairs) => {
    const made = normalise({ ...good, ...typed })
    expect(made.credentials).toEqual(good)
    expect(codes(made.repairs)).toEqual(repairs)
    expect(made.problems).toEqual([])
  })

  test.each([
    ["plain", { username: token, token: username }, ["username:swapped"]],
    [
      "with Bearer",
      { username: `Bearer ${token}`, token: username },
      ["username:swapped", "token:bearer_removed"],
    ],
  ])("e-mail and token in each other's box change places: %s", (_, typed, repairs) => {
    const made = normalise({ ...good, ...typed })
    expect(made.credentials).toEqual(good)
    expect(codes(made.repairs)).toEqual(repairs)
  })

  test("an apostrophe that begins a name is not a quote", () => {
    const odd = "'t.hart@voorbeeld.test"
    expect(normalise({ ...good, username: odd }).credentials.username).toBe(odd)
  })

  test("the inside of a token is never changed", () => {
    const odd = "a&b<c>\"d'e=/+==ABCdef"
    expect(normalise({ ...good, token: odd })).toEqual({
      credentials: { ...good, token: odd },
      repairs: [],
      problems: [],
    })
  })
})

describe("problems", () => {
  test.each<[string, Record<string, string>, string[]]>([
    [
      "nothing typed",
      { domain: "", username: "", token: "" },
      ["domain:missing", "username:missing", "token:missing"],
    ],
    ["only invisible characters", { token: "\u200b\u00a0\u2800" }, ["token:missing"]],
    ["only quotes", { username: '""' }, ["username:missing"]],
    ["no e-mail address", { username: "anna" }, ["username:username_not_email"]],
    ["two e-mail addresses", { username: "a@b.test c@d.test" }, ["username:username_not_email"]],
    [
      "a line break in the name",
      { username: "anna\n@voorbeeld.test" },
      ["username:username_not_email"],
    ],
    ["white space in the token", { token: "01234567 89abcdef01234567" }, ["token:token_malformed"]],
    [
      "a control character in the token",
      { token: "01234567\u000789abcdef01234567" },
      ["token:token_malformed"],
    ],
    ["a short token", { token: "0123456789abcde" }, ["token:token_malformed"]],
    ["a long token", { token: "a".repeat(513) }, ["token:token_malformed"]],
    [
      "an e-mail address as token",
      { token: "somebody.else@voorbeeld.test" },
      ["token:token_malformed"],
    ],
    ["a long name", { username: `${"a".repeat(260)}@b.test` }, ["username:too_long"]],
    ["a long domain", { domain: "a.".repeat(1200) }, ["domain:too_long"]],
  ])("%s", (_, typed, problems) => {
    expect(codes(normalise({ ...good, ...typed }).problems)).toEqual(problems)
  })

  test("fields that were not sent are missing, inherited ones too", () => {
    expect(codes(normalise({}).problems)).toEqual([
      "domain:missing",
      "username:missing",
      "token:missing",
    ])
    expect(codes(normalise(Object.create(good)).problems)).toHaveLength(3)
  })

  test.each([16, 32, 512])("a token of %i characters may be one", (length) => {
    expect(normalise({ ...good, token: "x".repeat(length) }).problems).toEqual([])
  })
})

describe("for whatever is typed", () => {
  const pieces = fc.constantFrom(
    '"',
    "'",
    "“",
    "”",
    "<",
    ">",
    "Bearer ",
    " ",
    "\u00a0",
    "\u200b",
    "\ufeff",
    "\n",
    "\u0000",
    "\ud83d",
    "\udb40",
    "\udc01",
    "\ude00",
    "\u2800",
    "@",
    ".",
    "voorbeeld",
    ".nmbrs.nl",
    "www.",
    "https://",
    "/",
    token,
    username,
  )
  const typed = fc.oneof(
    fc.string({ unit: "binary", maxLength: 60 }),
    fc.array(pieces, { maxLength: 9 }).map((list) => list.join("")),
  )
  const form = fc.record({ domain: typed, username: typed, token: typed })

  test("doing it twice changes nothing more", () => {
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

  test("nothing invisible is left", () => {
    fc.assert(
      fc.property(form, (submitted) => {
        for (const value of Object.values(normalise(submitted).credentials)) {
          expect(value).not.toMatch(/[\p{Cf}\p{Cc}\p{Cs}\p{Cn}\p{Default_Ignorable_Code_Point}]/u)
          expect(value).toBe(value.trim())
        }
      }),
      { numRuns: 2000 },
    )
  })

  test("every code has its text", () => {
    const { problems, repairs } = nmbrs.texts.en
    fc.assert(
      fc.property(form, (submitted) => {
        const made = normalise(submitted)
        for (const { code } of made.problems) expect(problems).toHaveProperty(code)
        for (const { code } of made.repairs) expect(repairs).toHaveProperty(code)
      }),
    )
  })

  test("a megabyte of quotes ends", () => {
    expect(codes(normalise({ ...good, token: '"'.repeat(1_000_000) }).problems)).toEqual([
      "token:token_malformed",
    ])
  })
})
