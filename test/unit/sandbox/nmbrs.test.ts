import { describe, expect, test } from "vitest"
import { nmbrs } from "../../../src/providers/nmbrs/index.ts"
import type { Verification } from "../../../src/providers/provider.ts"
import { nmbrsSandbox } from "../../../src/sandbox/nmbrs/index.ts"
import type { Sleep } from "../../../src/sandbox/sandbox.ts"

const token = "0123456789ABCDEF0123456789abcdef"
const adapter = nmbrs.configure(nmbrsSandbox.settings, { loopback: false })
const readBundles = Object.entries(nmbrs.bundles).filter(([, { access }]) => access === "read")
const everything = [
  ...nmbrs.implied,
  ...Object.values(nmbrs.bundles).flatMap(({ permissions }) => permissions),
]

interface Asked {
  domain?: string
  token?: string
  stored?: boolean
  permissions?: readonly string[]
  sleep?: Sleep
  signal?: AbortSignal
}

const awake: Sleep = () => Promise.reject(new Error("slept"))

function connect(name: string, asked: Asked = {}): Promise<Verification> {
  const { stored = false, sleep = awake } = asked
  return adapter.verify(
    {
      domain: asked.domain ?? "sandbox",
      username: name.includes("@") ? name : `${name}@koppel.test`,
      token: asked.token ?? token,
    },
    {
      fetch: nmbrsSandbox.fetch({ sleep, stored }),
      now: () => 0,
      signal: asked.signal ?? new AbortController().signal,
      permissions: asked.permissions ?? [],
    },
  )
}

const tokenRefused = {
  outcome: "refused",
  problems: [{ field: "token", code: "token_refused" }],
}

describe("magic logins", () => {
  test("works: everything that can be checked is granted", async () => {
    const verification = await connect("works", { permissions: everything })
    expect(verification).toMatchObject({
      outcome: "works",
      identity: "nmbrs.sandbox.koppel.test/sandbox",
      account: { name: "Voorbeeld B.V.", domain: "sandbox", debtors: 1, companies: 2 },
      notices: [],
    })
    if (verification.outcome !== "works") throw new Error("does not work")
    for (const [permission, state] of Object.entries(verification.permissions)) {
      expect([permission, state]).toEqual([
        permission,
        nmbrs.accessOf(permission) === "read" ? "granted" : "unknown",
      ])
    }
  })

  test("works in any case", async () => {
    expect(await connect("WORKS@Koppel.TEST", { domain: "Sandbox" })).toMatchObject({
      outcome: "works",
    })
  })

  test.each<[string, string, Asked]>([
    ["wrong-token", "wrong-token", {}],
    ["an unknown name", "somebody", {}],
    ["an inherited name", "constructor", {}],
    ["another host", "works@koppel.example", {}],
    ["a longer host", "works@koppel.test.example", {}],
    ["a token that is not hexadecimal", "works", { token: "g".repeat(32) }],
    ["a token that is too long", "works", { token: `${token}0` }],
    ["revoked-later, stored", "revoked-later", { stored: true }],
  ])("%s: the token is refused", async (_, name, asked) => {
    expect(await connect(name, asked)).toMatchObject(tokenRefused)
  })

  test("revoked-later works in the page", async () => {
    expect(await connect("revoked-later")).toMatchObject({ outcome: "works" })
  })

  test("wrong-domain: the right one is offered, and works", async () => {
    expect(await connect("wrong-domain")).toEqual({
      outcome: "refused",
      problems: [{ field: "domain", code: "domain_wrong", suggestion: "voorbeeld-bv" }],
      accepted: ["username", "token"],
    })
    expect(await connect("wrong-domain", { domain: "voorbeeld-bv" })).toMatchObject({
      outcome: "works",
      account: { domain: "voorbeeld-bv" },
    })
  })

  test("another domain than sandbox: sandbox is offered", async () => {
    expect(await connect("works", { domain: "elders" })).toMatchObject({
      problems: [{ field: "domain", code: "domain_wrong", suggestion: "sandbox" }],
    })
  })

  test.each(readBundles)("missing-permission, %s", async (name, { permissions }) => {
    const verification = await connect("missing-permission", { permissions })
    if (verification.outcome !== "works") throw new Error("does not work")
    const missing = Object.values(verification.permissions).filter((state) => state === "missing")
    expect(missing).toHaveLength(name === "companies.read" ? 0 : 1)
  })

  test("no-companies and accountant work with a notice", async () => {
    expect(await connect("no-companies")).toMatchObject({
      outcome: "works",
      account: { debtors: 1, companies: 0 },
      notices: ["no_companies"],
    })
    expect(await connect("accountant")).toMatchObject({
      outcome: "works",
      account: { name: "sandbox", debtors: 3, companies: 4 },
      notices: ["accountant"],
    })
  })

  test("disabled: no subscription, the domain is to blame", async () => {
    expect(await connect("disabled")).toMatchObject({
      outcome: "refused",
      problems: [{ field: "domain", code: "no_subscription" }],
    })
  })

  test.each([
    ["down", "down"],
    ["garbled", "garbled"],
  ])("%s could not be checked", async (name, code) => {
    expect(await connect(name)).toMatchObject({ outcome: "could_not_check", code })
  })

  test("slow: the first round sleeps three seconds, side by side, and the rest does not", async () => {
    const slept: number[] = []
    let asleep = 0
    let most = 0
    const sleep: Sleep = async (seconds) => {
      slept.push(seconds)
      asleep += 1
      most = Math.max(most, asleep)
      await new Promise((resolve) => setImmediate(resolve))
      asleep -= 1
    }
    const permissions = [...everything, "DebtorService:Debtor_IsOwner"]
    expect(await connect("slow", { sleep, permissions })).toMatchObject({ outcome: "works" })
    expect({ slept, most }).toEqual({ slept: [3, 3], most: 2 })
  })

  test("timeout: nothing comes until the time is over", async () => {
    const controller = new AbortController()
    const sleep: Sleep = (seconds, signal) =>
      new Promise((_, reject) => {
        expect(seconds).toBe(60)
        signal?.addEventListener("abort", () => reject(signal.reason))
        setImmediate(() => controller.abort())
      })
    expect(await connect("timeout", { sleep, signal: controller.signal })).toMatchObject({
      outcome: "could_not_check",
      code: "timeout",
    })
  })
})

describe("the wire", () => {
  const namespace = "https://api.nmbrs.nl/soap/v3/EmployeeService"
  const url = "https://nmbrs.sandbox.koppel.test/soap/v3/EmployeeService.asmx"
  const sandboxFetch = nmbrsSandbox.fetch({ sleep: awake, stored: false })
  const soap11 = "http://schemas.xmlsoap.org/soap/envelope/"
  const soap12 = "http://www.w3.org/2003/05/soap-envelope"
  const auth = `<AuthHeaderWithDomain xmlns="${namespace}"><Domain>sandbox</Domain><Token>${token}</Token><Username>works@koppel.test</Username></AuthHeaderWithDomain>`

  const envelope = (operation: string, inner = "", header = auth, uri = soap11) =>
    `<e:Envelope xmlns:e="${uri}" xmlns:n="${namespace}"><e:Header>${header}</e:Header><e:Body><n:${operation}>${inner}</n:${operation}></e:Body></e:Envelope>`

  async function post(body: string, headers: Record<string, string> = {}) {
    const response = await sandboxFetch(url, { method: "POST", body, headers })
    return {
      status: response.status,
      type: response.headers.get("Content-Type"),
      text: await response.text(),
    }
  }

  test("every operation of a bundle that reads answers about the company asked for", async () => {
    for (const permission of readBundles.flatMap(([, { permissions }]) => permissions)) {
      const [service = "", operation = ""] = permission.split(":")
      if (service !== "EmployeeService") continue
      const ids =
        "<n:CompanyId>52002</n:CompanyId><n:CompanyID>52002</n:CompanyID><n:EmployeeType>2</n:EmployeeType>"
      const answer = await post(envelope(operation, ids))
      expect(answer).toMatchObject({ status: 200, type: "text/xml; charset=utf-8" })
      expect(answer.text).toContain(
        `<${operation}Response xmlns="${namespace}"><${operation}Result><`,
      )
    }
  })

  test("BSNs are told by the operation with BSN only", async () => {
    const ids = "<n:CompanyID>52001</n:CompanyID>"
    const withBsn = await post(envelope("PersonalInfo_GetAll_AllEmployeesByCompany", ids))
    const without = await post(envelope("PersonalInfoWithoutBSN_Get_GetAllEmployeesByCompany", ids))
    expect(withBsn.text).toContain("<BSN>")
    expect(without.text).not.toContain("<BSN>")
  })

  test("a company that is not the login's, or a parameter in the wrong case, is 1003", async () => {
    for (const ids of [
      "<n:CompanyId>52003</n:CompanyId>",
      "<n:CompanyID>52001</n:CompanyID>",
      "",
    ]) {
      const answer = await post(envelope("List_GetByCompany", ids))
      expect(answer.status).toBe(500)
      expect(answer.text).toContain(
        "<faultcode>soap:Server</faultcode><faultstring>Server was unable to process request. ---&#62; 1003: Unauthorized Access</faultstring>",
      )
    }
  })

  test("SOAP 1.2 is answered in SOAP 1.2, faults too", async () => {
    const right = await post(envelope("EmployeeType_GetList", "", auth, soap12))
    expect(right).toMatchObject({ status: 200, type: "application/soap+xml; charset=utf-8" })
    const wrong = await post(envelope("EmployeeType_GetList", "", "", soap12))
    expect(wrong.status).toBe(500)
    expect(wrong.text).toContain("<soap:Value>soap:Receiver</soap:Value>")
    expect(wrong.text).toContain("1001: Invalid Authentication")
  })

  test("a header without domain is enough, one of another service is none", async () => {
    const noDomain = auth.replace(/<Domain>.*<\/Domain>/, "").replaceAll("WithDomain", "")
    expect((await post(envelope("EmployeeType_GetList", "", noDomain))).status).toBe(200)
    const foreign = auth.replace("EmployeeService", "DebtorService")
    expect((await post(envelope("EmployeeType_GetList", "", foreign))).text).toContain("1001")
  })

  test.each([
    [
      "an action that differs from the body",
      envelope("EmployeeType_GetList"),
      { SOAPAction: `"${namespace}/List_GetByCompany"` },
      "valid action",
    ],
    [
      "no operation",
      envelope("EmployeeType_GetList").replaceAll(namespace, "urn:other"),
      {},
      "valid action",
    ],
    ["an operation that it does not simulate", envelope("Leave_GetList"), {}, "does not simulate"],
    ["no XML", "hello", {}, "unable to read"],
    ["a document type", `<!DOCTYPE x>${envelope("EmployeeType_GetList")}`, {}, "unable to read"],
  ])("%s is a soap:Client fault", async (_, body, headers, text) => {
    const answer = await post(body, headers)
    expect(answer.status).toBe(500)
    expect(answer.text).toContain("<faultcode>soap:Client</faultcode>")
    expect(answer.text).toContain(text)
  })

  test("hours are taken", async () => {
    expect((await post(envelope("HourComponentVar_Insert"))).text).toContain("Result>730001</")
  })

  test("a Request is understood as well as an address", async () => {
    const request = new Request(url, { method: "POST", body: envelope("EmployeeType_GetList") })
    expect((await sandboxFetch(request)).status).toBe(200)
  })

  test.each([
    ["GET", url],
    ["POST", "https://nmbrs.sandbox.koppel.test/"],
    ["POST", "https://nmbrs.sandbox.koppel.test/soap/v2.1/EmployeeService.asmx"],
  ])("%s %s is not found", async (method, address) => {
    expect((await sandboxFetch(address, { method })).status).toBe(404)
  })

  test.each([
    "https://api.nmbrs.nl/soap/v3/DebtorService.asmx",
    "http://nmbrs.sandbox.koppel.test/",
  ])("%s is out of reach", async (address) => {
    await expect(sandboxFetch(address, { method: "POST" })).rejects.toThrow(TypeError)
  })
})
