import fc from "fast-check"
import { describe, expect, it, test } from "vitest"
import { weighGrant } from "../../../src/connect/grant.ts"
import type { PermissionState } from "../../../src/providers/provider.ts"
import { permissionsOf, readScope } from "../../../src/providers/scope.ts"

const employees = "nmbrs:employees.read"
const salaries = "nmbrs:salaries.read"
const hours = "nmbrs:hours.write"
const departments = "EmployeeService:Department_GetAll_AllEmployeesByCompany"
const salary = "EmployeeService:Salary_GetAll_AllEmployeesByCompany"

describe("weighGrant", () => {
  test.each([
    ["nothing known: granted", [employees], [], {}, [[employees], [], []]],
    ["granted", [employees], [], { [departments]: "granted" }, [[employees], [], []]],
    ["not checked: granted", [hours], [], { [departments]: "unknown" }, [[hours], [], []]],
    [
      "required and missing: blocks",
      [employees],
      [],
      { [departments]: "missing" },
      [[], [], [departments]],
    ],
    [
      "optional and missing: left out",
      [employees, salaries],
      [salaries],
      { [salary]: "missing" },
      [[employees], [salaries], []],
    ],
    [
      "all optional and missing: the bare provider",
      [salaries],
      [salaries],
      { [salary]: "missing" },
      [["nmbrs"], [salaries], []],
    ],
    [
      "both missing: the required one blocks",
      [employees, salaries],
      [salaries],
      { [salary]: "missing", [departments]: "missing" },
      [[], [salaries], [departments]],
    ],
    ["missing, but not asked for", [employees], [], { [salary]: "missing" }, [[employees], [], []]],
    [
      "optional of something else",
      [employees],
      [salaries],
      { [departments]: "missing" },
      [[], [], [departments]],
    ],
    [
      "implied and missing: blocks",
      [employees],
      [],
      { "CompanyService:List_GetAll": "missing" },
      [[], [], ["CompanyService:List_GetAll"]],
    ],
    ["the bare provider", ["nmbrs"], [], { [departments]: "missing" }, [["nmbrs"], [], []]],
  ] as [string, string[], string[], Record<string, PermissionState>, string[][]][])(
    "%s",
    (_, scope, optional, permissions, [granted, dropped, missing]) => {
      expect(weighGrant(scope, optional, permissions)).toEqual({ granted, dropped, missing })
    },
  )

  it("names a permission once that two scopes miss", () => {
    const scope = [employees, "nmbrs:EmployeeService.Department_GetAll_AllEmployeesByCompany"]
    expect(weighGrant(scope, [], { [departments]: "missing" }).missing).toEqual([departments])
  })

  it("grants nothing that is missing, and accounts for every scope", () => {
    const own = [
      "nmbrs",
      employees,
      salaries,
      hours,
      "nmbrs:companies.read",
      "nmbrs:contracts.read",
    ]
    const all = permissionsOf(own.flatMap((text) => readScope(text) ?? []))
    const states = fc.constantFrom<PermissionState>("granted", "missing", "unknown")
    fc.assert(
      fc.property(
        fc.subarray(own, { minLength: 1 }),
        fc.subarray(own),
        fc.array(states, { minLength: all.length, maxLength: all.length }),
        (scope, optional, found) => {
          const permissions = Object.fromEntries(all.map((one, i) => [one, found[i] ?? "unknown"]))
          const { granted, dropped, missing } = weighGrant(scope, optional, permissions)
          const opened = permissionsOf(granted.flatMap((text) => readScope(text) ?? []))
          expect(opened.filter((one) => permissions[one] === "missing")).toEqual([])
          expect(dropped.every((text) => optional.includes(text) && scope.includes(text))).toBe(
            true,
          )
          expect(granted.every((text) => scope.includes(text) || text === "nmbrs")).toBe(true)
          for (const text of scope) {
            const isBlocked = readScope(text)?.permissions.some((one) => missing.includes(one))
            expect([granted, dropped].flat().includes(text) || isBlocked).toBe(true)
          }
          // Something is granted unless a required permission is missing.
          if (missing.length === 0) expect(granted.length).toBeGreaterThan(0)
        },
      ),
    )
  })
})
