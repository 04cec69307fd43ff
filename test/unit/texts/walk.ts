/** Walks the words of a provider or of the pages. */

/** One text and where it stands, such as `steps.token.paragraphs.0`. */
export interface Placed {
  readonly path: string
  readonly text: string
}

/** Every text below a value; members of a list that have an `id` are named by it. */
export function textsIn(value: unknown, path = ""): Placed[] {
  if (typeof value === "string") return [{ path, text: value }]
  if (Array.isArray(value)) {
    return value.flatMap((item, index) => textsIn(item, below(path, idOf(item) ?? String(index))))
  }
  if (typeof value !== "object" || value === null) return []
  return Object.entries(value).flatMap(([key, item]) => textsIn(item, below(path, key)))
}

/** Names inside braces, each once, in order. */
export function places(text: string): string[] {
  return [...new Set(text.match(/(?<=\{)[^{}]*(?=\})/g) ?? [])].sort()
}

/** Quoted labels of the provider's screens, each once, in order. */
export function quotes(text: string): string[] {
  return [...new Set(text.match(/(?<=\[\[)[^[\]]+(?=\]\])/g) ?? [])].sort()
}

function below(path: string, key: string): string {
  return path === "" ? key : `${path}.${key}`
}

function idOf(value: unknown): string | undefined {
  if (typeof value !== "object" || value === null || !("id" in value)) return undefined
  return String(value.id)
}
