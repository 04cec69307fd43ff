/** An app's colour is readable, whatever it is (WCAG 2.2, 1.4.3). */
import fc from "fast-check"
import { expect, test } from "vitest"
import { accentCss } from "../../../src/ui/accent.ts"
import { css } from "../../../src/ui/styles.ts"

/** Contrast by the formula of WCAG 2.2, written apart from the code's. */
function contrast(one: string, other: string): number {
  const luminance = (color: string) => {
    const [r = 0, g = 0, b = 0] = [1, 3, 5].map((at) => {
      const c = Number.parseInt(color.slice(at, at + 2), 16) / 255
      return c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4
    })
    return 0.2126 * r + 0.7152 * g + 0.0722 * b
  }
  const [low, high] = [luminance(one), luminance(other)].sort((a, b) => a - b) as [number, number]
  return (high + 0.05) / (low + 0.05)
}

/** The value of a colour in the page's own styles: light, then dark. */
function themes(name: string): string[] {
  const found = [...css.matchAll(new RegExp(`--${name}:(#[0-9a-f]{3,6})`, "g"))].map(
    ([, c = ""]) => c,
  )
  return found.slice(0, 2).map((c) => (c.length === 4 ? c.replace(/[0-9a-f]/g, "$&$&") : c))
}

const channel = fc.integer({ min: 0, max: 255 })
const color = fc
  .tuple(channel, channel, channel)
  .map((rgb) => `#${rgb.map((value) => value.toString(16).padStart(2, "0")).join("")}`)

test("stands out from paper and wash in both themes, and so do the words on it", () => {
  const papers = themes("paper")
  const washes = themes("wash")
  expect([papers.length, washes.length]).toEqual([2, 2])
  fc.assert(
    fc.property(color, (wanted) => {
      const accents = [...accentCss(wanted).matchAll(/--accent:(#[0-9a-f]{6})/g)]
      const words = [...accentCss(wanted).matchAll(/--on-accent:(#[0-9a-f]{6})/g)]
      expect([accents.length, words.length]).toEqual([2, 2])
      for (const theme of [0, 1]) {
        const accent = accents[theme]?.[1] ?? ""
        for (const under of [papers[theme], washes[theme], words[theme]?.[1]]) {
          expect(contrast(accent, under ?? "")).toBeGreaterThanOrEqual(4.5)
        }
      }
    }),
    { numRuns: 2000 },
  )
})

test("that is readable already stays as it was chosen", () => {
  expect(accentCss("#0b6b5d")).toContain(":root{--accent:#0b6b5d;--on-accent:#ffffff}")
})

test("of the styles themselves is readable, and so are verdicts and soft words", () => {
  for (const name of ["accent", "ink", "soft", "good", "bad", "wait"]) {
    for (const theme of [0, 1]) {
      for (const under of [themes("paper")[theme], themes("wash")[theme]]) {
        expect([name, contrast(themes(name)[theme] ?? "", under ?? "") >= 4.5]).toEqual([
          name,
          true,
        ])
      }
    }
  }
})
