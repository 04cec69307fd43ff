/** Putting values into texts. */

/** Fills `{name}` places of a text; a place without a value stays as it is. */
export function fill(text: string, values: Readonly<Record<string, string | number>>): string {
  return text.replace(/\{([a-z_]+)\}/g, (place, name: string) => String(values[name] ?? place))
}

/** A piece of a text: plain, a quoted label of the provider's screen, or code. */
export interface Piece {
  readonly kind: "plain" | "quote" | "code"
  readonly text: string
}

/** Splits a text at `[[label]]` and `` `code` ``. */
export function splitText(text: string): Piece[] {
  return text
    .split(/(\[\[.*?\]\]|`[^`]*`)/)
    .filter((part) => part !== "")
    .map((part) => {
      if (part.startsWith("[[")) return { kind: "quote", text: part.slice(2, -2) }
      if (part.startsWith("`")) return { kind: "code", text: part.slice(1, -1) }
      return { kind: "plain", text: part }
    })
}
