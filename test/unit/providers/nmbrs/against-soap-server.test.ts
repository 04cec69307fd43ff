import { afterEach, describe, expect, test } from "vitest"
import { nmbrs } from "../../../../src/providers/nmbrs/index.ts"
import {
  type NmbrsServer,
  type ServerAccount,
  startNmbrsServer,
} from "../../../support/nmbrs-server.ts"

const account: ServerAccount = {
  username: "salaris@voorbeeld.test",
  token: "0123456789abcdef0123456789abcdef",
  domain: "voorbeeld-bv",
  debtors: [{ Id: 41, Number: "1", Name: "Voorbeeld & Zn. <B.V.>" }],
  companies: [{ ID: 52, Number: 1, Name: "Voorbeeld Café “Ëén”" }],
}
const employeesRead = [...nmbrs.implied, ...(nmbrs.bundles["employees.read"]?.permissions ?? [])]

let server: NmbrsServer | undefined
afterEach(async () => {
  await server?.close()
  server = undefined
})

async function verify(
  accounts: readonly ServerAccount[],
  typed: { domain: string; username: string; token: string },
  permissions: readonly string[] = employeesRead,
) {
  server = await startNmbrsServer({ accounts })
  const adapter = nmbrs.configure({ NMBRS_API_URL: server.url }, { loopback: true })
  return adapter.verify(typed, {
    fetch,
    now: Date.now,
    signal: AbortSignal.timeout(30_000),
    permissions,
  })
}

describe("against a SOAP server that is not ours", () => {
  test("right credentials work, with names, counts and every probed permission", async () => {
    const { username, token, domain } = account
    expect(await verify([account], { username, token, domain })).toEqual({
      outcome: "works",
      credentials: { domain, username, token },
      identity: `${new URL(server?.url ?? "").host}/voorbeeld-bv`,
      account: { name: "Voorbeeld & Zn. <B.V.>", domain, debtors: 1, companies: 1 },
      sights: [
        { code: "debtors", count: 1, more: false, names: ["Voorbeeld & Zn. <B.V.>"] },
        { code: "companies", count: 1, more: false, names: ["Voorbeeld Café “Ëén”"] },
      ],
      permissions: Object.fromEntries(employeesRead.map((name) => [name, "granted"])),
      notices: [],
    })
  })

  test("Environment_Get goes without the domain, everything else with it, ids are real", async () => {
    const { username, token, domain } = account
    await verify([account], { username, token, domain })
    const byName = new Map(server?.calls.map((call) => [call.operation, call]))
    expect(byName.get("DebtorService:Environment_Get")).toMatchObject({
      header: "AuthHeader",
      domain: undefined,
    })
    expect(byName.get("DebtorService:List_GetAll")).toMatchObject({
      header: "AuthHeaderWithDomain",
      domain,
    })
    expect(byName.get("EmployeeService:List_GetByCompany")?.parameters).toEqual({
      CompanyId: 52,
      EmployeeType: 2,
    })
    expect(
      byName.get("EmployeeService:Department_GetAll_AllEmployeesByCompany")?.parameters,
    ).toEqual({ CompanyID: 52 })
  })

  test("a wrong token is refused and blames the token", async () => {
    const { username, domain } = account
    expect(await verify([account], { username, domain, token: "f".repeat(32) })).toEqual({
      outcome: "refused",
      problems: [{ field: "token", code: "token_refused" }],
      accepted: [],
    })
  })

  test("a wrong domain is refused, blames the domain and offers the right one", async () => {
    const { username, token } = account
    expect(await verify([account], { username, token, domain: "anders" })).toEqual({
      outcome: "refused",
      problems: [{ field: "domain", code: "domain_wrong", suggestion: "voorbeeld-bv" }],
      accepted: ["username", "token"],
    })
  })

  test("an operation that is switched off is missing, the rest is granted", async () => {
    const off = "EmployeeService:Department_GetAll_AllEmployeesByCompany"
    const { username, token, domain } = account
    const limited = { ...account, switchedOff: [off] }
    expect(await verify([limited], { username, token, domain })).toMatchObject({
      outcome: "works",
      permissions: { [off]: "missing", "EmployeeService:List_GetByCompany": "granted" },
    })
  })

  test.each([
    ["markup", `a&b<c>d"e'f]]>g@voorbeeld.test`, `<Token>&amp;"'</Token>--abcdef`],
    ["non-ASCII", "jörg.åkerström@voorbeeld.test", "ẞ€漢字🙂-abcdefghijklmnop"],
    ["entities", "&lt;&#65;@voorbeeld.test", "&quot;&#x41;abcdefghijklmnop"],
  ])("%s in the values arrives as typed", async (_, username, token) => {
    const odd = { ...account, username, token }
    expect(await verify([odd], { username, token, domain: account.domain })).toMatchObject({
      outcome: "works",
      credentials: { username, token },
    })
    expect(server?.calls[0]).toMatchObject({ username, token })
  })

  test("10,000 debtors are counted", async () => {
    const debtors = Array.from({ length: 10_000 }, (_, index) => ({
      Id: 100_000 + index,
      Number: String(index),
      Name: `Debiteur nummer ${index} B.V.`,
    }))
    const { username, token, domain } = account
    expect(await verify([{ ...account, debtors }], { username, token, domain }, [])).toMatchObject({
      outcome: "works",
      account: { name: domain, debtors: 10_000 },
      notices: ["accountant"],
    })
  })
})
