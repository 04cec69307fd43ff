import { describe, expect, test } from "vitest"
import { LANGUAGES } from "../../../src/lib/languages.ts"
import { nimbus } from "../../../src/providers/nimbus/index.ts"
import { nmbrs } from "../../../src/providers/nmbrs/index.ts"
import {
  layOutPicture,
  type PictureDescription,
  pictureWidth,
  textWidth,
} from "../../../src/ui/lay-out-picture.ts"
import { Picture } from "../../../src/ui/picture.tsx"

const values = {
  app: "Urenweek",
  app_code: "urenweek",
  group: "Employee Services",
  permission: "List_GetByCompany",
}

const all = LANGUAGES.flatMap((code) =>
  [nmbrs, nimbus].flatMap((provider) => {
    const { steps, permissionPicture } = provider.texts[code]
    const pictures = steps.map(({ id, picture }) => ({
      where: `${provider.id}.${id} ${code}`,
      picture,
    }))
    return [
      ...pictures,
      ...(permissionPicture === undefined
        ? []
        : [{ where: `${provider.id} permission ${code}`, picture: permissionPicture }]),
    ]
  }),
)

const draw = (picture: PictureDescription, filled: Readonly<Record<string, string>> = values) =>
  String(Picture({ picture, values: filled }))

const parts = ({ address, menu, sidebar, title, tabs, rows, button }: PictureDescription) => [
  ...[address, menu, title, button].filter((part) => part !== undefined),
  ...(sidebar ?? []),
  ...(tabs ?? []),
  ...(rows ?? []).map(({ label }) => label),
]

test.each(all)("$where has a picture that marks one of its parts and says so", ({ picture }) => {
  expect(picture).toBeDefined()
  if (picture === undefined) return
  expect(parts(picture).filter((part) => part === picture.hot)).toEqual([picture.hot])
  expect(picture.alt.length).toBeGreaterThan(30)
  const markup = draw(picture)
  expect(markup.match(/class="h"/g)).toHaveLength(1)
  expect(markup).toContain('role="img"')
  expect(markup).not.toMatch(/\{|NaN|undefined|style=/)
})

const long = "PersonalInfoContractSalaryAddress_GetAll_AllEmployeesByCompany".repeat(3)

const crowded: PictureDescription = {
  address: long,
  menu: long,
  sidebar: [long, "⚙", ""],
  title: long,
  tabs: [long, "B", long],
  rows: [
    { label: long, control: long },
    { label: long, control: "" },
    { label: long },
    { label: "", control: "⚙" },
    { label: long, control: "▾" },
  ],
  button: long,
  hot: "B",
  alt: long,
}

describe("what is drawn", () => {
  test.each([...all, { where: "a crowded screen", picture: crowded }])(
    "$where stays inside its frame, and words inside their room",
    ({ picture }) => {
      if (picture === undefined) return
      const { marks, height } = layOutPicture(picture)
      for (const mark of marks) {
        if (mark.kind === "box") {
          expect(mark.width).toBeGreaterThan(0)
          expect(mark.x).toBeGreaterThanOrEqual(0)
          expect(mark.x + mark.width).toBeLessThanOrEqual(pictureWidth)
          expect(mark.y + mark.height).toBeLessThanOrEqual(height)
        } else if (mark.kind === "text") {
          expect(textWidth(mark.words)).toBeLessThanOrEqual(mark.room)
          expect(mark.x).toBeGreaterThan(0)
          expect(mark.x + (mark.centred ? mark.room / 2 : mark.room)).toBeLessThan(pictureWidth)
          expect(mark.y).toBeLessThan(height)
        }
      }
    },
  )

  test("what is too long ends in an ellipsis", () => {
    expect(draw(crowded)).toContain("…</text>")
    expect(draw(crowded)).not.toContain(`>${long}</text>`)
  })

  test("letters of one character are never cut in two", () => {
    const markup = draw({ title: "👩‍💼".repeat(60), hot: "", alt: "x" })
    expect(markup).not.toMatch(/[\ud800-\udbff](?![\udc00-\udfff])/)
  })

  test("words are escaped, wherever they stand", () => {
    const evil = `"><script>alert(1)</script>`
    const markup = draw({ ...crowded, title: "{app}", alt: "{app}", hot: "{app}" }, { app: evil })
    expect(markup).not.toContain("<script")
    expect(markup).toContain("&lt;script")
  })

  test("places are filled, in what is marked too", () => {
    const picture = nmbrs.texts.en.permissionPicture
    if (picture === undefined) throw new Error("no picture")
    const markup = draw(picture, { group: "Debtor Services", permission: "List_GetAll" })
    expect(markup).toContain(">List_GetAll</text>")
    expect(markup).toContain('aria-label="The list Debtor Services: the empty tick box')
    expect(markup.match(/class="h"/g)).toHaveLength(1)
  })
})
