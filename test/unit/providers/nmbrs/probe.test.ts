import { describe, expect, test } from "vitest"
import { nmbrs } from "../../../../src/providers/nmbrs/index.ts"
import { permissions } from "../../../../src/providers/nmbrs/permissions.ts"
import { probePermissions } from "../../../../src/providers/nmbrs/probe.ts"
import { probeParameters } from "../../../../src/providers/nmbrs/probes.ts"
import { contextOf, faulty, fetchOf, healthy, html, respond, result } from "./answers.ts"

const typed = { domain: "voorbeeld", username: "anna@voorbeeld.test", token: "0123456789abcdef" }
const adapter = nmbrs.configure({}, { loopback: false })
const ids = { company: "52", debtor: "41" }
const everything = [...permissions.keys()]
const probed = everything.filter((name) => probeParameters(name, ids) !== undefined)
const staff = "EmployeeService:List_GetByCompany"

async function stateOf(reply: () => Response): Promise<unknown> {
  const { fetch } = fetchOf((name) => (name === staff ? reply() : healthy(name)))
  const verification = await adapter.verify(typed, contextOf(fetch, { permissions: [staff] }))
  return verification.outcome === "works" ? verification.permissions[staff] : verification
}

describe("a probe", () => {
  test.each([
    ["a result", () => healthy(staff), "granted"],
    ["1002", () => faulty(1002), "missing"],
    ["1003", () => faulty(1003), "granted"],
    ["2004", () => faulty(2004), "granted"],
    ["2006", () => faulty(2006), "granted"],
    ["9999", () => faulty(9999), "unknown"],
    ["503", () => html(503), "unknown"],
    ["429", () => html(429), "unknown"],
    ["HTML", () => html(200), "unknown"],
    ["a redirect", () => respond(302, null), "unknown"],
    ["half a result", () => respond(200, result("List_GetByCompany", "").slice(0, -60)), "granted"],
  ] as const)("answered with %s", async (_, reply, state) => {
    expect(await stateOf(reply)).toBe(state)
  })

  test("is made with the ids of the first company and debtor", async () => {
    const { fetch, calls } = fetchOf(healthy)
    const asked = [staff, "CompanyService:List_GetByDebtor"]
    await adapter.verify(typed, contextOf(fetch, { permissions: asked }))
    expect(String(calls.at(-2)?.init.body)).toContain("<CompanyId>52</CompanyId><EmployeeType>2<")
    expect(String(calls.at(-1)?.init.body)).toContain("<DebtorId>41</DebtorId>")
  })
})

describe("what is asked for", () => {
  test("has one entry each, writes and the unprobed as unknown, none of them called", async () => {
    const asked = [
      "EmployeeService:HourComponentVar_Insert",
      "EmployeeService:PersonalInfo_GetCurrent",
      "CompanyService:List_GetByDebtor",
      "DebtorService:Environment_Get",
    ]
    const { fetch, calls } = fetchOf(healthy)
    const verification = await adapter.verify(typed, contextOf(fetch, { permissions: asked }))
    expect(verification).toMatchObject({
      permissions: {
        "EmployeeService:HourComponentVar_Insert": "unknown",
        "EmployeeService:PersonalInfo_GetCurrent": "unknown",
        "CompanyService:List_GetByDebtor": "granted",
        "DebtorService:Environment_Get": "granted",
      },
    })
    expect(calls.map(({ permission }) => permission)).toEqual([
      "DebtorService:Environment_Get",
      "DebtorService:List_GetAll",
      "CompanyService:List_GetAll",
      "CompanyService:List_GetByDebtor",
    ])
  })

  test("may be everything at once: nothing that writes is called", async () => {
    const { fetch, calls } = fetchOf(healthy)
    const verification = await adapter.verify(typed, contextOf(fetch, { permissions: everything }))
    if (verification.outcome !== "works") throw new Error("does not work")
    expect(Object.keys(verification.permissions).sort()).toEqual([...everything].sort())
    for (const { permission } of calls) expect(permissions.get(permission)).toBe("read")
  })

  test("is probed six at a time", async () => {
    let open = 0
    let most = 0
    const { fetch } = fetchOf(async (name) => {
      open += 1
      most = Math.max(most, open)
      await new Promise((resolve) => setImmediate(resolve))
      open -= 1
      return healthy(name)
    })
    const line = { apiUrl: "https://api.test", fetch, signal: new AbortController().signal }
    const outcomes = await probePermissions(line, typed, probed, ids)
    expect(probed.length).toBeGreaterThan(12)
    expect(outcomes.size).toBe(probed.length)
    expect(most).toBe(6)
  })

  test("is probed once each, and thirty times at most", async () => {
    const { fetch, calls } = fetchOf(healthy)
    const line = { apiUrl: "https://api.test", fetch, signal: new AbortController().signal }
    await probePermissions(line, typed, [...probed, ...probed, ...probed], ids)
    expect(calls).toHaveLength(Math.min(probed.length, 30))
  })

  test("is probed no further once the login itself is refused", async () => {
    const { fetch, calls } = fetchOf(() => faulty(1001))
    const line = { apiUrl: "https://api.test", fetch, signal: new AbortController().signal }
    await probePermissions(line, typed, probed, ids)
    expect(calls).toHaveLength(6)
  })
})
