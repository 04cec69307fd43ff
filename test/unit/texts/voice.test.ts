import { describe, expect, test } from "vitest"
import { LANGUAGES } from "../../../src/lib/languages.ts"
import { nimbus } from "../../../src/providers/nimbus/index.ts"
import { nmbrs } from "../../../src/providers/nmbrs/index.ts"
import { languages } from "../../../src/ui/texts/languages.ts"
import { textsIn } from "./walk.ts"

const forbidden = {
  en: /\b(sessions?|scopes?|hand-?offs?|hand-?overs?|verif\w*|credentials?|tenants?|end-?points?|invalid|errors?|failed|fails?|failure|oops)\b|try again later/i,
  nl: /\b(sessies?|scopes?|hand-?off|hand-?over|overdracht\w*|verifi\w*|inloggegevens|tenants?|endpoints?|eindpunt\w*|ongeldig\w*|fout\w*|mislukt?\w*|oeps)\b|probeer het later/i,
}

const all = LANGUAGES.flatMap((code) => [
  { code, name: "nmbrs", texts: textsIn(nmbrs.texts[code]) },
  { code, name: "nimbus", texts: textsIn(nimbus.texts[code]) },
  { code, name: "ui", texts: textsIn(languages[code]) },
])

describe.each(all)("$name in $code", ({ code, texts }) => {
  test("avoids the words that the page never says", () => {
    expect(texts.filter(({ text }) => forbidden[code].test(text))).toEqual([])
    expect(texts.filter(({ text }) => forbidden.en.test(text))).toEqual([])
  })

  test("shouts at nobody", () => {
    expect(texts.filter(({ text }) => text.includes("!"))).toEqual([])
  })
})

test.each(["u", "uw", "U", "Uw"])("Dutch says je, never %s", (word) => {
  const dutch = all.filter(({ code }) => code === "nl").flatMap(({ texts }) => texts)
  expect(dutch.filter(({ text }) => new RegExp(`\\b${word}\\b`).test(text))).toEqual([])
})

/** What is left without quoted labels, labels in hints and pictures, and the name of an API User. */
function bare(text: string): string {
  return text
    .replace(/\[\[[^[\]]+\]\]/g, "")
    .replace(/API (User|TOKEN)s?|Activate API Account|\bAPI-?$/g, "")
}

// Labels of the screen, and names of ours that nobody reads.
const labels = /\.picture\.|^permissionPicture\.|^stepOf\.|\.id$/

describe.each(LANGUAGES)("in %s", (code) => {
  const said = (texts: unknown, word: RegExp) =>
    textsIn(texts).flatMap(({ path, text }) =>
      !labels.test(path) && word.test(bare(text)) ? [path] : [],
    )

  test("Nmbrs' API is named where it is explained, and nowhere else", () => {
    expect(said(nmbrs.texts[code], /\bAPI\b/)).toEqual(["steps.token.paragraphs.0"])
  })

  test("a token is named only where one is made, pasted, wrong or withdrawn", () => {
    const about =
      /^(steps\.(token|paste|rights)\.|fields\.(token|username)\.|problems\.(token|domain|username)_|repairs\.(bearer_removed|swapped)$|notices\.no_companies\.|narrower\.|withdraw\.)/
    expect(said(nmbrs.texts[code], /\btokens?\b/i).filter((path) => !about.test(path))).toEqual([])
  })

  test("Nimbus knows API Users, but no API and no token", () => {
    expect(said(nimbus.texts[code], /\b(API|tokens?)\b/i)).toEqual([])
  })

  test("the pages name a token only where an app can read it", () => {
    expect(said(languages[code], /\b(API|tokens?)\b/i)).toEqual(["appReads"])
  })
})
