import fc from "fast-check"
import { describe, expect, it, test } from "vitest"
import { providers } from "../../../src/providers/registry.ts"
import {
  listScopes,
  mayAskFor,
  permissionsOf,
  readScope,
  readScopes,
  type Scope,
  splitScope,
} from "../../../src/providers/scope.ts"

const list = "EmployeeService.List_GetByCompany"

function known(text: string): Scope {
  const scope = readScope(text)
  if (scope === undefined) throw new Error(`${text} is not known`)
  return scope
}

describe("readScope", () => {
  test.each([
    ["nmbrs", "none", []],
    ["nimbus", "none", []],
    ["nimbus:api", "write", ["api:all"]],
    [
      `nmbrs:${list}`,
      "read",
      [
        "DebtorService:List_GetAll",
        "CompanyService:List_GetAll",
        "EmployeeService:List_GetByCompany",
      ],
    ],
  ])("knows %s: it opens %s", (text, access, permissions) => {
    expect(known(text)).toMatchObject({ text, access, permissions })
  })

  test.each([
    "",
    ":",
    "nmbrs:",
    "nmbrs: ",
    "NMBRS",
    "nmbrs:Employees.Read",
    "nmbrs:employees.read:x",
    "nmbrs:employees.write",
    "nmbrs:EmployeeService:List_GetByCompany",
    `nmbrs:${list}.`,
    `nmbrs:.${list}`,
    "nmbrs:EmployeeService.",
    "nmbrs:constructor",
    "nmbrs:__proto__",
    "nmbrs:toString",
    "__proto__",
    "constructor:api",
    "nimbus:employees.read",
    "nmbrs:api",
    "nimbus:api.all ",
    "nimbus:api:all",
    "afas:employees.read",
  ])("knows no %j", (text) => {
    expect(readScope(text)).toBeUndefined()
  })

  it("is undefined or faithful for any text", () => {
    const text = fc.oneof(
      fc.string(),
      fc.string().map((name) => `nmbrs:${name}`),
      fc.constantFrom(...listScopes(), `nmbrs:${list}`),
    )
    fc.assert(
      fc.property(text, (one) => {
        const scope = readScope(one)
        if (scope === undefined) return
        expect(scope.text).toBe(one)
        expect(new Set(scope.permissions).size).toBe(scope.permissions.length)
        for (const permission of scope.permissions) {
          expect(scope.provider.accessOf(permission)).toBeDefined()
        }
      }),
    )
  })
})

describe("splitScope", () => {
  test.each([
    ["", []],
    ["   ", []],
    ["openid profile email offline_access", []],
    [" nmbrs  nmbrs ", ["nmbrs"]],
    ["openid nmbrs:x email nmbrs:y", ["nmbrs:x", "nmbrs:y"]],
    ["OpenID", ["OpenID"]],
    ["a\tb", ["a\tb"]],
  ])("splits %j", (text, scopes) => {
    expect(splitScope(text)).toEqual(scopes)
  })
})

describe("readScopes", () => {
  test.each([
    ["", "names no provider"],
    ["openid email", "names no provider"],
    ["nmbrs x", "not known"],
    ["nmbrs nimbus", "more than one provider"],
    ["nmbrs:employees.read nimbus:api", "more than one provider"],
  ])("refuses %j: %s", (text, reason) => {
    const result = readScopes(text)
    expect(result.ok ? undefined : result.reason).toContain(reason)
  })

  it("takes any scopes of one provider, in their order and once", () => {
    const own = listScopes().filter((text) => text.startsWith("nmbrs"))
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...own, "openid"), { minLength: 1 }), (texts) => {
        const result = readScopes(texts.join(" "))
        const expected = [...new Set(texts)].filter((text) => text !== "openid")
        expect(result.ok ? result.scopes.map(({ text }) => text) : []).toEqual(expected)
        expect(result.ok).toBe(expected.length > 0)
      }),
    )
  })
})

describe("permissionsOf", () => {
  it("gives each permission once", () => {
    const all = permissionsOf([known("nmbrs:employees.read"), known(`nmbrs:${list}`)])
    expect(new Set(all).size).toBe(all.length)
    expect(all).toContain("EmployeeService:List_GetByCompany")
    expect(all).toContain("DebtorService:List_GetAll")
  })
})

describe("mayAskFor", () => {
  test.each([
    [["nmbrs:employees.read"], "nmbrs:employees.read", true],
    [["nmbrs:employees.read"], `nmbrs:${list}`, true],
    [["nmbrs:employees.read"], "nmbrs", true],
    [["nmbrs:employees.read"], "nmbrs:salaries.read", false],
    [["nmbrs:employees.read"], "nmbrs:hours.write", false],
    [[`nmbrs:${list}`], "nmbrs:employees.read", false],
    [["nmbrs"], "nmbrs", true],
    [["nmbrs"], "nmbrs:companies.read", false],
    [["nmbrs"], "nimbus", false],
    [["nimbus:api"], "nmbrs", false],
    [["nmbrs:employees.read"], "nimbus:api", false],
    [[], "nmbrs", false],
    [["nmbrs:unknown"], "nmbrs", false],
  ])("of an app registered for %j to ask for %s is %s", (registered, text, allowed) => {
    expect(mayAskFor(registered, known(text))).toBe(allowed)
  })

  it("never opens a permission that no registered scope opens", () => {
    const any = fc.constantFrom(...listScopes(), `nmbrs:${list}`)
    fc.assert(
      fc.property(fc.array(any), any, (registered, text) => {
        const scope = known(text)
        if (!mayAskFor(registered, scope)) return
        const covered = new Set(permissionsOf(registered.map(known)))
        for (const permission of scope.permissions) expect(covered).toContain(permission)
      }),
    )
  })
})

describe("every bundle", () => {
  test.each(Object.entries(providers))(
    "of %s reads or writes, never both, and has words",
    (id, provider) => {
      for (const [name, bundle] of Object.entries(provider.bundles)) {
        expect(listScopes()).toContain(`${id}:${name}`)
        for (const permission of bundle.permissions) {
          expect([permission, provider.accessOf(permission)]).toEqual([permission, bundle.access])
        }
        expect(provider.texts.en.bundles[name]).toBeTruthy()
      }
    },
  )
})
