/** Narrowing a granted scope (RFC 6749 §6): less may be asked for, never more. */
import { KoppelError } from "../lib/errors.ts"
import { mayAskFor, readScope, splitScope } from "../providers/scope.ts"

/** Gives the scope to issue: what was granted, or the part asked for; throws `invalid_scope`. */
export function narrowScope(granted: string, asked: string | undefined): string {
  const wanted = splitScope(asked ?? "")
  if (wanted.length === 0) return granted
  const own = splitScope(granted)
  const isWithin = wanted.every((text) => {
    const scope = readScope(text)
    return scope !== undefined && mayAskFor(own, scope)
  })
  if (!isWithin) throw new KoppelError(400, "invalid_scope", "scope holds more than was granted")
  return wanted.join(" ")
}
