import { describe, expect, test } from "vitest"
import { SettingError } from "../../../../src/lib/errors.ts"
import { nmbrs } from "../../../../src/providers/nmbrs/index.ts"
import { permissions } from "../../../../src/providers/nmbrs/permissions.ts"
import { probeParameters } from "../../../../src/providers/nmbrs/probes.ts"

const ids = { company: "1", debtor: "1" }

describe("bundles", () => {
  test.each(Object.entries(nmbrs.bundles))("%s holds one kind of permission only", (_, bundle) => {
    expect(bundle.permissions.length).toBeGreaterThan(0)
    for (const permission of bundle.permissions) {
      expect(nmbrs.accessOf(permission)).toBe(bundle.access)
    }
  })

  test.each(Object.entries(nmbrs.bundles).filter(([, { access }]) => access === "read"))(
    "%s can be checked",
    (_, bundle) => {
      for (const permission of bundle.permissions) {
        if (nmbrs.implied.includes(permission)) continue
        expect(probeParameters(permission, ids)).toBeDefined()
      }
    },
  )

  test("all have their text, and no text is left over", () => {
    expect(Object.keys(nmbrs.texts.en.bundles)).toEqual(Object.keys(nmbrs.bundles))
  })

  test("only identity.read reaches the BSN", () => {
    const withBsn = Object.entries(nmbrs.bundles).filter(([, bundle]) =>
      bundle.permissions.some((permission) => /:PersonalInfo_/.test(permission)),
    )
    expect(withBsn.map(([name]) => name)).toEqual(["identity.read"])
  })
})

describe("the kind of a permission", () => {
  test.each([
    ["EmployeeService:List_GetByCompany", "read"],
    ["DebtorService:WebhookSettings_Get", "read"],
    ["DebtorService:Debtor_IsOwner", "read"],
    ["EmployeeService:HourComponentVar_Insert", "write"],
    ["EmployeeService:DaysFixed_Set_Batch", "write"],
    ["EmployeeService:Employee_Transition", "write"],
    ["CompanyService:WageTax_SetSentExternal", "write"],
    ["CompanyService:FileExplorer_UploadFile", "write"],
    ["EmployeeService:Service_RemoveOutService", "write"],
    ["SingleSignOn:GetToken2", undefined],
    ["EmployeeService:Nothing_Get", undefined],
    ["List_GetByCompany", undefined],
    ["constructor", undefined],
  ])("%s: %s", (permission, access) => {
    expect(nmbrs.accessOf(permission)).toBe(access)
  })

  test("nothing that is named like a change counts as reading", () => {
    for (const [permission, access] of permissions) {
      if (access === "read") {
        expect(permission).not.toMatch(/Insert|Update|Delete|Clear|Stop|Upload|_Set(_|$|C)/)
      }
    }
    expect(permissions.size).toBe(326)
  })
})

describe("NMBRS_API_URL", () => {
  const configure = (value: string | undefined, loopback: boolean) =>
    nmbrs.configure({ NMBRS_API_URL: value }, { loopback })

  test.each([
    [undefined, false],
    ["https://api.nmbrs.nl", false],
    ["https://api-sandbox.nmbrs.nl/", false],
    ["https://nmbrs.sandbox.koppel.test", false],
    ["https://api.test:8443", false],
    ["http://127.0.0.1:8080", true],
    ["http://localhost:1", true],
    ["https://[::1]", true],
  ])("%s may be used (loopback: %s)", (value, loopback) => {
    expect(configure(value, loopback).checkable).toBe(true)
  })

  test.each([
    "",
    "api.nmbrs.nl",
    "ftp://api.nmbrs.nl",
    "javascript:alert(1)",
    "http://api.nmbrs.nl",
    "https://api.nmbrs.nl/soap",
    "https://api.nmbrs.nl/?",
    "https://api.nmbrs.nl/?x=1",
    "https://api.nmbrs.nl/#x",
    "https://canary:x@api.nmbrs.nl",
    "http://127.0.0.1",
    "https://127.0.0.1",
    "https://2130706433",
    "https://0x7f.1",
    "https://0.0.0.0",
    "https://localhost",
    "https://localhost.",
    "https://api.localhost",
    "https://[::1]",
    "https://[::]",
    "https://[::ffff:127.0.0.1]",
  ])("%j is refused by name, without its value", (value) => {
    const act = () => configure(value, false)
    expect(act).toThrow(SettingError)
    expect(act).toThrow(/^NMBRS_API_URL: /)
    expect(act).not.toThrow(/canary/)
  })
})

describe("texts", () => {
  const { fields, stepOf, steps } = nmbrs.texts.en
  const everything = JSON.stringify(nmbrs.texts.en)

  test("each field has a label, and a step that exists", () => {
    const names = nmbrs.method.fields.map(({ name }) => name)
    expect(Object.keys(fields)).toEqual(names)
    for (const name of names) expect(steps.map(({ id }) => id)).toContain(stepOf[name])
  })

  test.each([
    "session",
    "scope",
    "handoff",
    "handover",
    "verification",
    "credential",
    "tenant",
    "endpoint",
    "invalid",
    "error",
    "failed",
    "oops",
  ])("the page never says %s", (word) => {
    expect(everything.toLowerCase()).not.toContain(word)
  })

  test.each([
    "[[User Profile]]",
    "[[PROFILE]]",
    "[[Administrator]]",
    "[[API TOKEN]]",
    "[[Activate API Account]]",
    "[[TEMPLATE USERS]]",
    "[[USER TEMPLATES]]",
    "[[Master Client]]",
    "[[API]]",
    "[[Employee Services]]",
    "[[Administrator Gebruiker (Client)]]",
    "[[(Scenario 3) General Manager Payroll & HR]]",
    "[[Business]]",
    "[[Accountant]]",
  ])("the guide shows %s", (label) => {
    expect(JSON.stringify(steps)).toContain(label)
  })

  test("nothing waits to be filled in but what the page knows", () => {
    const placeholders = new Set(everything.match(/(?<=[ "])\{[a-z_]+\}/g))
    expect([...placeholders].sort()).toEqual([
      "{app}",
      "{count}",
      "{domain}",
      "{group}",
      "{permission}",
    ])
  })
})
