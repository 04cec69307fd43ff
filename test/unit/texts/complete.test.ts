import { describe, expect, test } from "vitest"
import { LANGUAGES } from "../../../src/lib/languages.ts"
import { nimbus } from "../../../src/providers/nimbus/index.ts"
import { nmbrs } from "../../../src/providers/nmbrs/index.ts"
import { languages } from "../../../src/ui/texts/languages.ts"
import { places, quotes, textsIn } from "./walk.ts"

const others = LANGUAGES.filter((code) => code !== "en")

const sources = [
  { name: "nmbrs", texts: nmbrs.texts },
  { name: "nimbus", texts: nimbus.texts },
  { name: "ui", texts: languages },
]

const cases = sources.flatMap(({ name, texts }) =>
  others.map((code) => ({ name, code, english: texts.en, other: texts[code] })),
)

/** Labels of the provider's screens, addresses and names: the same in every language. */
const isScreen = (path: string) =>
  /(^|\.)(id|href|suffix)$/.test(path) ||
  /^(stepOf|permissionGroups)\./.test(path) ||
  /\.copies\./.test(path) ||
  (/(^|\.)(picture|permissionPicture)\./.test(path) && !path.endsWith(".alt"))

const known: Record<string, readonly string[]> = {
  nmbrs: ["app", "count", "domain", "group", "permission", "suggestion"],
  nimbus: ["account_url", "app", "app_code", "suggestion"],
}

describe.each(cases)("$name in $code", ({ name, english, other }) => {
  const inEnglish = textsIn(english)
  const inOther = new Map(textsIn(other).map(({ path, text }) => [path, text]))

  test("has the keys of English, in the same order", () => {
    expect([...inOther.keys()]).toEqual(inEnglish.map(({ path }) => path))
  })

  test("leaves no text in English", () => {
    const same = inEnglish.filter(({ path, text }) => !isScreen(path) && inOther.get(path) === text)
    expect(same).toEqual([])
  })

  test("leaves no text empty", () => {
    const blank = [...inOther].filter(([path, text]) => text.trim() === "" && !isScreen(path))
    expect(blank).toEqual([])
  })

  test("has the same places to fill in, and quotes the same labels", () => {
    for (const { path, text } of inEnglish) {
      const translated = inOther.get(path) ?? ""
      // `{app}` may be needed once more, or once less: the sentence is another.
      const filled = (value: string) => places(value).filter((place) => place !== "app")
      expect({ path, filled: filled(translated) }).toEqual({ path, filled: filled(text) })
      expect({ path, quotes: quotes(translated) }).toEqual({ path, quotes: quotes(text) })
    }
  })

  test("quotes labels in whole brackets", () => {
    for (const [path, text] of inOther) {
      expect({ path, rest: text.replace(/\[\[[^[\]]+\]\]/g, "") }).not.toMatchObject({
        rest: expect.stringMatching(/[[\]]/),
      })
    }
  })

  test("fills in nothing unknown", () => {
    const allowed = known[name]
    if (allowed === undefined) return
    const found = [...inOther.values(), ...inEnglish.map(({ text }) => text)].flatMap(places)
    expect([...new Set(found)].filter((place) => !allowed.includes(place))).toEqual([])
  })
})
