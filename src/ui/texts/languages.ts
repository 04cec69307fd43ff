/** The languages of the pages, and which of them a browser is shown. */
import { LANGUAGES, type Language } from "../../lib/languages.ts"
import { en, type Texts } from "./en.ts"
import { nl } from "./nl.ts"

export const languages: Readonly<Record<Language, Texts>> = { en, nl }

const fallback: Language = "en"

/**
 * Takes the app's `ui_locales` (tags with spaces between, best first) and the browser's
 * `Accept-Language`; gives the first language that we speak. A region counts for nothing: `nl-BE` is
 * Dutch.
 */
export function pickLanguage(
  uiLocales: string | undefined,
  acceptLanguage: string | undefined,
): Language {
  const tags = [...(uiLocales ?? "").split(/\s+/), ...readAcceptLanguage(acceptLanguage ?? "")]
  for (const tag of tags) {
    const language = spoken(tag)
    if (language !== undefined) return language
  }
  return fallback
}

/** RFC 9110 §12.5.4: the tags of the header, best first; weight 0 is none. */
function readAcceptLanguage(header: string): string[] {
  return header
    .split(",")
    .map((entry) => {
      const [tag = "", ...parameters] = entry.split(";").map((part) => part.trim())
      const weight = parameters.find((part) => /^q=/i.test(part))?.slice(2)
      return { tag, weight: weight === undefined ? 1 : Number(weight) }
    })
    .filter(({ weight }) => weight > 0 && weight <= 1)
    .sort((one, other) => other.weight - one.weight)
    .map(({ tag }) => tag)
}

/** RFC 4647: what we speak is the beginning of what was asked for, up to a hyphen. */
function spoken(tag: string): Language | undefined {
  const [primary] = tag.toLowerCase().split("-")
  return LANGUAGES.find((code) => code === primary)
}
