/** The app's colour, made readable on light and dark paper (WCAG 2.2, 1.4.3). */

type Rgb = readonly [number, number, number]

const LIGHT_PAPER: Rgb = [255, 255, 255]
const LIGHT_WASH: Rgb = [243, 246, 245]
const DARK_PAPER: Rgb = [23, 32, 30]
const DARK_WASH: Rgb = [15, 22, 20]
const BLACK: Rgb = [0, 0, 0]
const WHITE: Rgb = [255, 255, 255]
const ENOUGH = 4.6

/** Takes `#rrggbb`; gives style rules that set accent and the text on it in both themes. */
export function accentCss(color: string): string {
  const rgb = parse(color)
  const light = correct(rgb, [LIGHT_PAPER, LIGHT_WASH], BLACK)
  const dark = correct(rgb, [DARK_PAPER, DARK_WASH], WHITE)
  return (
    `:root{--accent:${print(light)};--on-accent:${print(textOn(light))}}` +
    `@media (prefers-color-scheme:dark){:root{--accent:${print(dark)};--on-accent:${print(textOn(dark))}}}`
  )
}

/** Moves a colour towards black or white until it stands out from every paper. */
function correct(color: Rgb, papers: readonly Rgb[], towards: Rgb): Rgb {
  for (let step = 0; step <= 20; step++) {
    const mixed = mix(color, towards, step / 20)
    if (papers.every((paper) => contrast(mixed, paper) >= ENOUGH)) return mixed
  }
  return towards
}

function textOn(color: Rgb): Rgb {
  return contrast(color, WHITE) >= contrast(color, BLACK) ? WHITE : BLACK
}

/** Contrast ratio of two colours, 1 to 21 (WCAG 2.2, contrast ratio). */
export function contrast(one: Rgb, other: Rgb): number {
  const [high, low] = [luminance(one), luminance(other)].sort((a, b) => b - a)
  return ((high ?? 0) + 0.05) / ((low ?? 0) + 0.05)
}

function luminance(rgb: Rgb): number {
  const [r, g, b] = rgb.map((value) => {
    const part = value / 255
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4
  }) as [number, number, number]
  return 0.2126 * r + 0.7152 * g + 0.0722 * b
}

function mix(color: Rgb, towards: Rgb, share: number): Rgb {
  return color.map((value, i) =>
    Math.round(value + ((towards[i] ?? 0) - value) * share),
  ) as unknown as Rgb
}

function parse(color: string): Rgb {
  return [1, 3, 5].map((at) => Number.parseInt(color.slice(at, at + 2), 16)) as unknown as Rgb
}

function print(rgb: Rgb): string {
  return `#${rgb.map((value) => value.toString(16).padStart(2, "0")).join("")}`
}
