/** What an app asks for, as a person reads it. */
import type { ProviderTexts } from "../providers/provider.ts"
import { readScope } from "../providers/scope.ts"

export interface ScopesInWords {
  readonly read: readonly string[]
  readonly write: readonly string[]
}

/** Splits scopes into what may be read and, apart from it, changed; a single permission shows its name. */
export function scopesInWords(scope: readonly string[], texts: ProviderTexts): ScopesInWords {
  const words: { read: string[]; write: string[] } = { read: [], write: [] }
  for (const text of scope) {
    const known = readScope(text)
    if (known === undefined || known.access === "none") continue
    const name = text.slice(text.indexOf(":") + 1)
    words[known.access].push(texts.bundles[name] ?? `\`${name}\``)
  }
  return words
}
