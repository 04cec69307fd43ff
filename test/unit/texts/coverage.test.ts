import { readFileSync } from "node:fs"
import { describe, expect, test } from "vitest"
import { nimbus } from "../../../src/providers/nimbus/index.ts"
import { nmbrs } from "../../../src/providers/nmbrs/index.ts"
import { en } from "../../../src/ui/texts/en.ts"
import { textsIn } from "./walk.ts"

const page = readFileSync(new URL("../../../docs/guide-coverage.md", import.meta.url), "utf8")

/** The tables of the page: each sentence, where it went, and the keys that this names. */
const [, ...tables] = page.split(/^## /m).map((section) =>
  section
    .split("\n")
    .filter((row) => /^\| (?!sentence)/.test(row))
    .map((row) => {
      const [, sentence = "", where = ""] = row.split("|")
      const named = [...where.matchAll(/`([^`]+)`/g)].flatMap(([, name]) => name ?? [])
      return { sentence: sentence.trim(), named }
    }),
)
const rows = tables.flat()

const paths = textsIn({ nmbrs: nmbrs.texts.en, nimbus: nimbus.texts.en, ui: en }).map(
  ({ path }) => path,
)

const exists = (name: string) => paths.some((path) => path === name || path.startsWith(`${name}.`))

describe("docs/guide-coverage.md", () => {
  test("has a row for each sentence of the two guides", () => {
    expect(tables.map((table) => table.length)).toEqual([43, 36])
  })

  test("leaves out nothing but the wiki's furniture", () => {
    expect(rows.filter(({ named }) => named.length === 0).map(({ sentence }) => sentence)).toEqual([
      expect.stringContaining("Versions Compared"),
    ])
  })

  test.each(rows.flatMap(({ sentence, named }) => named.map((name) => ({ sentence, name }))))(
    "$sentence: $name exists",
    ({ name }) => {
      expect(exists(name)).toBe(true)
    },
  )

  test("names every step that is in the guides", () => {
    const named = rows.flatMap((row) => row.named)
    const steps = [nmbrs, nimbus].flatMap(({ id, texts }) =>
      texts.en.steps.map((step) => `${id}.steps.${step.id}`),
    )
    // Not in the seed: what to do when the screen is another.
    expect(steps.filter((step) => !named.includes(step))).toEqual(["nmbrs.steps.absent"])
  })
})
