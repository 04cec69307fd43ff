import { describe, expect, test } from "vitest"
import { LANGUAGES } from "../../../src/lib/languages.ts"
import { languages, pickLanguage } from "../../../src/ui/texts/languages.ts"

test("each language has the texts of its code", () => {
  expect(Object.keys(languages)).toEqual([...LANGUAGES])
  for (const code of LANGUAGES) expect(languages[code].code).toBe(code)
})

describe("the language of the page", () => {
  test.each([
    [undefined, undefined, "en"],
    ["", "", "en"],
    ["nl", undefined, "nl"],
    ["nl-BE", undefined, "nl"],
    ["NL", undefined, "nl"],
    ["fr nl-NL en", undefined, "nl"],
    ["en nl", "nl", "en"],
    ["fr", "nl", "nl"],
    ["fr de", "es", "en"],
    ["nlx", undefined, "en"],
    [" nl ", undefined, "nl"],
  ])("asked for by the app as %j, by the browser as %j: %s", (uiLocales, header, language) => {
    expect(pickLanguage(uiLocales, header)).toBe(language)
  })

  test.each([
    ["nl", "nl"],
    ["nl-NL,nl;q=0.9,en-US;q=0.8,en;q=0.7", "nl"],
    ["en-GB,en;q=0.9,nl;q=0.8", "en"],
    ["en;q=0.2, nl;q=0.8", "nl"],
    ["de, nl ; q=0.5", "nl"],
    ["fr;q=1, nl;Q=0.1", "nl"],
    ["nl;q=0", "en"],
    ["nl;q=0, en;q=0", "en"],
    ["*", "en"],
    ["nl;q=2", "en"],
    ["nl;q=x", "en"],
    [",;,=;q", "en"],
    ["nl;q=0.5, en;q=0.5", "nl"],
  ])("for a browser that sends %j: %s", (header, language) => {
    expect(pickLanguage(undefined, header)).toBe(language)
  })
})
