import { describe, expect, test } from "vitest"
import { nmbrs } from "../../../../src/providers/nmbrs/index.ts"
import type { Verification } from "../../../../src/providers/provider.ts"
import {
  contextOf,
  environment,
  faulty,
  fetchOf,
  healthy,
  html,
  oneCompany,
  oneDebtor,
  type Reply,
  respond,
  result,
} from "./answers.ts"

const typed = {
  domain: "voorbeeld",
  username: "anna@voorbeeld.test",
  token: "canary0123456789abcdef",
}
const adapter = nmbrs.configure({ NMBRS_API_URL: "https://api.test" }, { loopback: false })

const get = "DebtorService:Environment_Get"
const debtors = "DebtorService:List_GetAll"
const companies = "CompanyService:List_GetAll"
const types = "EmployeeService:EmployeeType_GetList"
const staff = "EmployeeService:List_GetByCompany"

/** Verifies against a healthy Nmbrs that answers some operations in another way. */
function verify(
  replies: Record<string, () => Reply>,
  permissions: readonly string[] = [],
  signal: AbortSignal = new AbortController().signal,
  credentials = typed,
): Promise<Verification> {
  const { fetch } = fetchOf((permission) => replies[permission]?.() ?? healthy(permission))
  return adapter.verify(credentials, contextOf(fetch, { permissions, signal }))
}

const aborted = () => AbortSignal.abort()
const calls = {
  ok: undefined,
  "1001": () => faulty(1001),
  "1002": () => faulty(1002),
  "1003": () => faulty(1003),
  "1004": () => faulty(1004),
  "2004": () => faulty(2004),
  "9999": () => faulty(9999),
  "503": () => html(503),
  html: () => html(200),
  "429": () => html(429),
  network: () => new TypeError("fetch failed"),
  other: () => respond(200, result("Environment_Get", environment("Ander-BV"))),
  nameless: () => respond(200, result("Environment_Get", "<SubDomain/>")),
  badName: () => respond(200, result("Environment_Get", environment("evil.test/x?"))),
} satisfies Record<string, (() => Reply) | undefined>
type CallName = keyof typeof calls

const tokenRefused = "refused token:token_refused"
const eitherOne = "refused token:token_or_domain domain:token_or_domain"
const domainUnknown = "refused domain:domain_unknown"
const noSubscription = "refused domain:no_subscription"

function short(verification: Verification): string {
  switch (verification.outcome) {
    case "works":
      return `works ${verification.credentials.domain}`
    case "could_not_check":
      return `could_not_check ${verification.code}`
    case "refused":
      return ["refused", ...verification.problems.map((p) => `${p.field}:${p.code}`)].join(" ")
  }
}

describe("the list of debtors and Environment_Get together decide", () => {
  test.each<[list: CallName, environment: CallName, outcome: string]>([
    ["ok", "ok", "works voorbeeld"],
    ["ok", "other", "works ander-bv"],
    ["ok", "1001", "works voorbeeld"],
    ["ok", "1002", "works voorbeeld"],
    ["ok", "503", "works voorbeeld"],
    ["ok", "nameless", "works voorbeeld"],
    ["ok", "badName", "works voorbeeld"],
    ["ok", "1004", noSubscription],
    ["1002", "ok", "works voorbeeld"],
    ["1002", "1002", "works voorbeeld"],
    ["1003", "ok", "works voorbeeld"],
    ["2004", "503", "works voorbeeld"],
    ["1004", "ok", noSubscription],
    ["1004", "503", noSubscription],
    ["503", "1004", noSubscription],
    ["1001", "1004", noSubscription],
    ["1001", "1001", tokenRefused],
    ["1001", "other", "refused domain:domain_wrong"],
    ["1001", "1002", domainUnknown],
    ["1001", "1003", domainUnknown],
    ["1001", "nameless", domainUnknown],
    ["1001", "badName", domainUnknown],
    ["1001", "503", eitherOne],
    ["1001", "network", eitherOne],
    ["1001", "9999", eitherOne],
    ["1001", "ok", "could_not_check garbled"],
    ["503", "1001", tokenRefused],
    ["html", "1001", tokenRefused],
    ["503", "ok", "could_not_check down"],
    ["503", "503", "could_not_check down"],
    ["network", "network", "could_not_check down"],
    ["html", "html", "could_not_check garbled"],
    ["9999", "9999", "could_not_check garbled"],
    ["429", "429", "could_not_check throttled"],
    ["429", "other", "could_not_check throttled"],
  ])("list %s, environment %s: %s", async (list, asked, outcome) => {
    const replies = {
      ...(calls[list] ? { [debtors]: calls[list] } : {}),
      ...(calls[asked] ? { [get]: calls[asked] } : {}),
    }
    const verification = await verify(replies)
    expect(short(verification)).toBe(outcome)
    if (verification.outcome !== "works") {
      expect(JSON.stringify(verification)).not.toMatch(/canary|anna/)
    }
  })

  test("a wrong domain comes with the right one, and what was right is accepted", async () => {
    const verification = await verify({ [debtors]: calls["1001"], [get]: calls.other })
    expect(verification).toEqual({
      outcome: "refused",
      problems: [{ field: "domain", code: "domain_wrong", suggestion: "ander-bv" }],
      accepted: ["username", "token"],
    })
  })

  test("a domain that differs in capitals only is not offered", async () => {
    const same = () => respond(200, result("Environment_Get", environment("VoorBeeld")))
    expect(short(await verify({ [debtors]: calls["1001"], [get]: same }))).toBe(
      "could_not_check garbled",
    )
  })

  test("both are asked at once", async () => {
    const { promise: waiting, resolve: go } = Promise.withResolvers<void>()
    const seen: string[] = []
    const { fetch } = fetchOf(async (permission) => {
      seen.push(permission)
      if (seen.length === 2) go()
      await waiting
      return healthy(permission)
    })
    expect(short(await adapter.verify(typed, contextOf(fetch)))).toBe("works voorbeeld")
    expect(seen).toEqual([get, debtors, companies])
  })

  test("a call that hangs does not keep the others from being made", async () => {
    const controller = new AbortController()
    const { fetch } = fetchOf((permission) => {
      if (permission === get) return "never"
      if (permission === types) queueMicrotask(() => setImmediate(() => controller.abort()))
      return healthy(permission)
    })
    const context = contextOf(fetch, { permissions: [types], signal: controller.signal })
    expect(await adapter.verify(typed, context)).toMatchObject({
      outcome: "works",
      account: { domain: "voorbeeld", companies: 1 },
    })
  })
})

describe("when time is over", () => {
  test("before anything is known, it could not be checked", async () => {
    expect(short(await verify({}, [], aborted()))).toBe("could_not_check timeout")
  })

  test("but Environment_Get has refused, the token is to blame", async () => {
    const controller = new AbortController()
    const { fetch } = fetchOf((permission) => {
      if (permission === get) return faulty(1001)
      setImmediate(() => controller.abort())
      return "never"
    })
    const verification = await adapter.verify(
      typed,
      contextOf(fetch, { signal: controller.signal }),
    )
    expect(short(verification)).toBe(tokenRefused)
  })

  test("during the probes, the rest is unknown and it works", async () => {
    const controller = new AbortController()
    const { fetch } = fetchOf((permission) => {
      if (permission !== staff) return healthy(permission)
      setImmediate(() => controller.abort())
      return "never"
    })
    const context = contextOf(fetch, { permissions: [types, staff], signal: controller.signal })
    expect(await adapter.verify(typed, context)).toMatchObject({
      outcome: "works",
      permissions: { [types]: "granted", [staff]: "unknown" },
    })
  })
})

describe("what works is described", () => {
  test("with one debtor, by the debtor's name", async () => {
    expect(await verify({}, [debtors, companies])).toEqual({
      outcome: "works",
      credentials: typed,
      identity: "api.test/voorbeeld",
      account: { name: "Voorbeeld B.V.", domain: "voorbeeld", debtors: 1, companies: 1 },
      sights: [
        { code: "debtors", count: 1, more: false, names: ["Voorbeeld B.V."] },
        { code: "companies", count: 1, more: false, names: ["Horeca B.V."] },
      ],
      permissions: { [debtors]: "granted", [companies]: "granted" },
      notices: [],
    })
  })

  test("with several, by the subdomain, the first three names and a notice", async () => {
    const four = [1, 2, 3, 4].map((id) => `<Debtor><Id>${id}</Id><Name>D ${id}</Name></Debtor>`)
    const list = () => respond(200, result("List_GetAll", four.join("")))
    expect(await verify({ [debtors]: list })).toMatchObject({
      account: { name: "voorbeeld", debtors: 4 },
      sights: [{ code: "debtors", count: 4, names: ["D 1", "D 2", "D 3"] }, { code: "companies" }],
      notices: ["accountant"],
    })
  })

  test("without companies, by a notice", async () => {
    const none = () => respond(200, result("List_GetAll", ""))
    expect(await verify({ [companies]: none }, [types, staff])).toMatchObject({
      outcome: "works",
      account: { companies: 0 },
      notices: ["no_companies"],
      // There is no company to ask about.
      permissions: { [types]: "granted", [staff]: "unknown" },
    })
  })

  test("with lists that are not allowed left out", async () => {
    const verification = await verify({ [debtors]: calls["1002"], [companies]: calls["1002"] }, [
      debtors,
      companies,
      staff,
    ])
    expect(verification).toMatchObject({
      account: { name: "voorbeeld", domain: "voorbeeld" },
      sights: [],
      notices: [],
      permissions: { [debtors]: "missing", [companies]: "missing", [staff]: "unknown" },
    })
    if (verification.outcome !== "works") throw new Error("does not work")
    expect(Object.keys(verification.account)).toEqual(["name", "domain"])
  })

  test("with more than 2 MB of companies, as more", async () => {
    const many = () => respond(200, result("List_GetAll", oneCompany.repeat(60_000)))
    const verification = await verify({ [companies]: many })
    expect(verification).toMatchObject({ outcome: "works", account: { more: true } })
    if (verification.outcome !== "works") throw new Error("does not work")
    expect(verification.sights[1]).toMatchObject({ code: "companies", more: true })
    expect(verification.notices).toEqual([])
  })

  test("with more than 2 MB of debtors, by the subdomain", async () => {
    const many = () => respond(200, result("List_GetAll", oneDebtor.repeat(60_000)))
    expect(await verify({ [debtors]: many })).toMatchObject({
      account: { name: "voorbeeld", more: true },
      notices: ["accountant"],
    })
  })

  test("with a list of companies in trouble as not known", async () => {
    expect(await verify({ [companies]: calls["503"] }, [companies])).toMatchObject({
      outcome: "works",
      permissions: { [companies]: "unknown" },
      notices: [],
    })
  })

  test("with the environment's own name sealed", async () => {
    expect(await verify({ [get]: calls.other })).toMatchObject({
      credentials: { ...typed, domain: "ander-bv" },
      identity: "api.test/ander-bv",
      account: { domain: "ander-bv" },
    })
  })

  test("with the host of the API in the identity", async () => {
    const here = nmbrs.configure({ NMBRS_API_URL: "http://127.0.0.1:81" }, { loopback: true })
    const { fetch } = fetchOf(healthy)
    expect(await here.verify(typed, contextOf(fetch))).toMatchObject({
      identity: "127.0.0.1:81/voorbeeld",
    })
  })
})

describe("a refusal later on", () => {
  test.each<[string, Record<string, () => Reply>, string]>([
    ["1001 for the companies", { [companies]: calls["1001"] }, tokenRefused],
    ["1004 for the companies", { [companies]: calls["1004"] }, noSubscription],
    ["1001 for a probe", { [staff]: calls["1001"] }, tokenRefused],
    ["1004 for a probe", { [staff]: calls["1004"] }, noSubscription],
  ])("%s", async (_, replies, outcome) => {
    expect(short(await verify(replies, [types, staff]))).toBe(outcome)
  })
})

test("credentials that no request can hold are refused without asking", async () => {
  const { fetch, calls: seen } = fetchOf(healthy)
  const verification = await adapter.verify({ ...typed, token: "canary\u0000" }, contextOf(fetch))
  expect(short(verification)).toBe("refused token:token_malformed")
  expect(seen).toEqual([])
})

test("fetch is called as the function it is, not as a method", async () => {
  const picky: typeof fetch = async function (this: unknown, input, init) {
    if (this !== undefined && this !== globalThis) throw new TypeError("Illegal invocation")
    return fetchOf(healthy).fetch(input, init)
  }
  expect(short(await adapter.verify(typed, contextOf(picky)))).toBe("works voorbeeld")
})

test("every code has its text", () => {
  const { problems, troubles, notices, sights } = nmbrs.texts.en
  for (const code of [
    "token_refused",
    "token_or_domain",
    "domain_wrong",
    "domain_unknown",
    "no_subscription",
  ]) {
    expect(problems).toHaveProperty(code)
  }
  expect(Object.keys(troubles).sort()).toEqual(["down", "garbled", "throttled", "timeout"])
  expect(Object.keys(notices).sort()).toEqual(["accountant", "no_companies"])
  expect(Object.keys(sights).sort()).toEqual(["companies", "debtors"])
})
