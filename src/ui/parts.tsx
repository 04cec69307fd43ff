/** Small parts that every page uses. Markup only. */
import type { PropsWithChildren } from "hono/jsx"
import { fill, splitText } from "./text.ts"

/** A text with quoted labels and code, and values put in. */
export function Rich({ text, values = {} }: { text: string; values?: Record<string, string> }) {
  return (
    <>
      {splitText(text).map(({ kind, text: piece }) => {
        const filled = fill(piece, values)
        if (kind === "quote") return <q>{filled}</q>
        return kind === "code" ? <code>{filled}</code> : filled
      })}
    </>
  )
}

/** A note at the head of a page: what happened, and the one thing to do. */
export function Note({
  tone,
  title,
  children,
}: PropsWithChildren<{ tone: "bad" | "wait" | "plain"; title: string }>) {
  return (
    <div class={tone === "plain" ? "note" : `note ${tone}`} role="alert">
      <strong>{title}</strong>
      {children}
    </div>
  )
}

/** Words joined as a list is read: "a, b and c". */
export function joinWords(words: readonly string[], and: string): string {
  if (words.length < 2) return words.join("")
  return `${words.slice(0, -1).join(", ")} ${and} ${words.at(-1)}`
}

/** A list of texts, or what stands for an empty one. */
export function Items({ items, none }: { items: readonly string[]; none: string }) {
  if (items.length === 0) return <span>{none}</span>
  return (
    <ul>
      {items.map((item) => (
        <li>
          <Rich text={item} />
        </li>
      ))}
    </ul>
  )
}
