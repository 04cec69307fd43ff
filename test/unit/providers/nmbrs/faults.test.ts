import { describe, expect, test } from "vitest"
import { faultMeaning, faultNumber } from "../../../../src/providers/nmbrs/faults.ts"

describe("the number in a fault's text", () => {
  test.each<[string, number | undefined]>([
    ["Server was unable to process request. ---> 1001: Invalid Authentication", 1001],
    ["Server was unable to process request. ---> 1002: Unauthorized access", 1002],
    ["Server was unable to process request. ---> 1002: UNAUTHORIZED ACCESS", 1002],
    ["Server was unable to process request. --->1003 :Unauthorized Access", 1003],
    ["x --->\n  2004: Invalid Company\n   at Nmbrs.Api()", 2004],
    ["1004: Disabled, no valid subscription", 1004],
    ["Error 9999: Unkown", 9999],
    ["---> System.Exception: oops ---> 1001: Invalid Authentication", 1001],
    ["Invalid combination email/password", undefined],
    ["Invalid Authentication", undefined],
    ["Server was unable to process request. ---> Object reference not set", undefined],
    ["Timeout after 1001 ms", undefined],
    ["at 12:1001", undefined],
    ["11001: nothing", undefined],
    ["", undefined],
  ])("%j", (text, number) => {
    expect(faultNumber(text)).toBe(number)
  })

  test("is looked for at the beginning only", () => {
    expect(faultNumber(`${" ".repeat(5000)}---> 1001: x`)).toBeUndefined()
  })
})

test.each([
  [1001, "refused"],
  [1002, "not_allowed"],
  [1003, "outside"],
  [1004, "no_subscription"],
  [1006, "unknown"],
  [2000, "outside"],
  [2003, "outside"],
  [2004, "outside"],
  [2006, "outside"],
  [2009, "outside"],
  [2099, "outside"],
  [1999, "unknown"],
  [2100, "unknown"],
  [9999, "unknown"],
  [undefined, "unknown"],
] as const)("%s means %s", (number, meaning) => {
  expect(faultMeaning(number)).toBe(meaning)
})
