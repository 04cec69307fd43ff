/**
 * Where everything of a picture stands: a window, the words that the screen shows, and one ring around
 * where to click. Only numbers and words; `picture.tsx` makes SVG of them.
 */

/** What a picture shows; the contract of a provider says the same. */
export interface PictureDescription {
  readonly address?: string
  readonly menu?: string
  readonly sidebar?: readonly string[]
  readonly title?: string
  readonly tabs?: readonly string[]
  readonly rows?: readonly { readonly label: string; readonly control?: string }[]
  readonly button?: string
  readonly hot: string
  readonly alt: string
}

/** Something drawn, with the class that colours it: `l` line, `p` paper, `h` ring, `s` soft, `t` strong. */
export type Mark =
  | ({ readonly kind: "box"; readonly class: "l" | "p" | "h"; readonly round: number } & Box)
  | {
      readonly kind: "text"
      readonly class: "s" | "t"
      readonly x: number
      readonly y: number
      readonly words: string
      readonly centred: boolean
      /** Room that the words have. */
      readonly room: number
    }
  | { readonly kind: "shape"; readonly x: number; readonly y: number; readonly d: string }

interface Box {
  readonly x: number
  readonly y: number
  readonly width: number
  readonly height: number
}

/** Small enough for letters of 11 px to be read on a phone, where a picture shrinks. */
export const pictureWidth = 340

const windowBar = 28
const margin = 14
const right = pictureWidth - margin
const line = 32

// Outlines, drawn from their middle.
const gear =
  "-1-4.1l.1-1.9h1.8l.1 1.9 1.2.5 1.4-1.3 1.3 1.3-1.3 1.4.5 1.2 1.9.1v1.8l-1.9.1-.5 1.2 1.3 1.4-1.3 1.3-1.4-1.3-1.2.5-.1 1.9h-1.8l-.1-1.9-1.2-.5-1.4 1.3-1.3-1.3 1.3-1.4-.5-1.2-1.9-.1v-1.8l1.9-.1.5-1.2-1.3-1.4 1.3-1.3 1.4 1.3z"
const tick = "-5 0l3.5 4 6.5-7.5-1.5-1.2-5 5.8-2-2.4z"
const triangle = "-4-2h8l-4 5z"

/** Takes a description, gives what to draw, from back to front, and how high it is. */
export function layOutPicture(picture: PictureDescription): {
  readonly marks: readonly Mark[]
  readonly height: number
} {
  const { sidebar = [], tabs = [], rows = [], button } = picture
  const pen = newPen(picture.hot)
  drawWindowBar(pen, picture.address)
  const side = sidebar.length === 0 ? 0 : sidebarWidth(sidebar)
  const left = side + margin
  let y = windowBar + 12
  y += drawHead(pen, picture, left, y)
  y += drawTabs(pen, tabs, left, y)
  for (const row of rows) y += drawRow(pen, row, left, y)
  if (button !== undefined) {
    pen.chip(button, left, y, 28, right - left)
    y += line + 8
  }
  const height = Math.max(y, windowBar + 12 + sidebar.length * line) + 4
  drawSidebar(pen, sidebar, side, height)
  return { marks: pen.finish(), height }
}

function drawWindowBar(pen: Pen, address: string | undefined): void {
  pen.box("p", 0.5, 0.5, pictureWidth - 1, windowBar - 1, 9)
  for (const x of [12, 24, 36]) pen.box("l", x, 10, 8, 8, 4)
  if (address === undefined) {
    pen.box("l", 58, 9, 150, 10, 5)
    return
  }
  const width = Math.min(Math.max(textWidth(address) + 20, 150), right - 58)
  pen.box("p", 58, 5, width, 18, 9)
  pen.text("s", address, 68, 18, width - 16)
  pen.ring(address, 60, 7, width - 4, 14)
}

/** Title and menu, on one line. Gives the height. */
function drawHead(pen: Pen, { title, menu }: PictureDescription, left: number, y: number): number {
  let end = right
  if (menu !== undefined) {
    const most = Math.round((right - left) * 0.6)
    end -= chipWidth(menu, most)
    pen.chip(menu, end, y - 2, 24, most)
  }
  if (title !== undefined) {
    const room = end - left - 8
    pen.text("t", title, left, y + 14, room)
    pen.ring(title, left, y, Math.min(textWidth(title), room), 20)
  }
  return menu === undefined && title === undefined ? 0 : line + 2
}

function drawTabs(pen: Pen, tabs: readonly string[], left: number, y: number): number {
  const gap = 6
  const room = right - left - gap * (tabs.length - 1)
  const wanted = tabs.reduce((sum, tab) => sum + chipWidth(tab, room), 0)
  const most = wanted > room ? Math.floor(room / tabs.length) : room
  let x = left
  for (const tab of tabs) x += pen.chip(tab, x, y, 24, most) + gap
  return tabs.length === 0 ? 0 : line + 2
}

function drawRow(
  pen: Pen,
  { label, control }: { readonly label: string; readonly control?: string },
  left: number,
  y: number,
): number {
  let end = right
  if (control !== undefined) {
    const width = controlWidth(control, right - left)
    end -= width
    pen.box("p", end, y, width, 20, 4)
    if (control === "✓") pen.shape(tick, end + 10, y + 10)
    else if (control === "⚙") pen.cog(end + 10, y + 10)
    else if (control === "▾") pen.shape(triangle, right - 13, y + 10)
    else if (control !== "") pen.text("s", control, end + 8, y + 14, width - 12)
    pen.ring(label, end, y, width, 20)
    end -= 8
  }
  const room = end - left
  if (label === "") pen.box("l", left, y + 7, Math.min(70 + ((y * 7) % 40), room), 6, 3)
  else pen.text("s", label, left, y + 14, room)
  pen.ring(label, left, y, Math.min(textWidth(label), room), 20)
  pen.box("l", left, y + 25, right - left, 1, 0)
  return line
}

function drawSidebar(pen: Pen, items: readonly string[], width: number, height: number): void {
  if (items.length === 0) return
  pen.box("p", 0.5, windowBar - 0.5, width, height - windowBar, 0)
  items.forEach((words, index) => {
    const top = windowBar + 12 + index * line
    if (words === "") pen.box("l", 12, top + 7, width - 24, 8, 4)
    else if (words === "⚙") pen.cog(width / 2, top + 11)
    else pen.text("t", words, 12, top + 15, width - 18)
    pen.ring(words, 8, top, width - 16, 22)
  })
}

type Pen = ReturnType<typeof newPen>

/** Collects marks; what is hot gets its ring, once, on top of everything. */
function newPen(hot: string) {
  const marks: Mark[] = []
  let ringed: Mark | undefined
  const pen = {
    box(name: "l" | "p", x: number, y: number, width: number, height: number, round: number): void {
      marks.push({ kind: "box", class: name, x, y, width, height, round })
    },
    text(
      name: "s" | "t",
      words: string,
      x: number,
      y: number,
      room: number,
      centred = false,
    ): void {
      marks.push({ kind: "text", class: name, x, y, words: shorten(words, room), centred, room })
    },
    shape(d: string, x: number, y: number): void {
      marks.push({ kind: "shape", x, y, d })
    },
    cog(x: number, y: number): void {
      pen.shape(gear, x, y)
      pen.box("p", x - 2, y - 2, 4, 4, 2)
    },
    ring(words: string, x: number, y: number, width: number, height: number): void {
      if (words !== hot) return
      const around = { x: x - 4, y: y - 4, width: width + 8, height: height + 8 }
      ringed ??= { kind: "box", class: "h", ...around, round: 7 }
    },
    /** Words in a box of their own, with a triangle where it opens; no words are a bar. Gives its width. */
    chip(words: string, x: number, y: number, height: number, most: number): number {
      const width = chipWidth(words, most)
      const middle = y + height / 2
      const opens = words.endsWith("▾")
      const bare = opens ? words.slice(0, -1).trim() : words
      const room = width - (opens ? 26 : 12)
      pen.box("p", x, y, width, height, 5)
      if (bare === "") pen.box("l", x + 10, middle - 3, width - 20, 6, 3)
      else pen.text("t", bare, x + 6 + room / 2, middle + 4, room, true)
      if (opens) pen.shape(triangle, x + width - 13, middle)
      pen.ring(words, x, y, width, height)
      return width
    },
    finish(): readonly Mark[] {
      return ringed === undefined ? marks : [...marks, ringed]
    },
  }
  return pen
}

function chipWidth(words: string, most: number): number {
  return Math.min(words === "" ? 44 : textWidth(words) + 20, most)
}

function controlWidth(control: string, room: number): number {
  if (control === "" || control === "✓" || control === "⚙") return 20
  // Boxes of a form are of one width where they can be; a column's heading is as wide as its word.
  const least = control.length === 1 || control.length > 3 ? 120 : 0
  return Math.min(Math.max(textWidth(control) + 16, least), Math.round(room * 0.6))
}

function sidebarWidth(items: readonly string[]): number {
  return Math.min(Math.max(...items.map((words) => textWidth(words) + 24), 44), 120)
}

/** Cuts at the end, with an ellipsis, what is wider than its room. */
function shorten(words: string, room: number): string {
  if (textWidth(words) <= room) return words
  const letters = [...words]
  while (letters.length > 0 && textWidth(`${letters.join("")}…`) > room) letters.pop()
  return `${letters.join("")}…`
}

/** At least the width of words at 11 px: the font is the system's, so a wide one is assumed. */
export function textWidth(words: string): number {
  let width = 0
  for (const letter of words) {
    if (/[ijl.,:;|'!()[\]/ ]/.test(letter)) width += 4
    else if (/[mwMW@%…—]/.test(letter)) width += 11
    else if (/[a-z0-9_\-&?=•→]/.test(letter)) width += 7
    else if (letter <= "\u024f") width += 8
    else width += 13
  }
  return width
}
