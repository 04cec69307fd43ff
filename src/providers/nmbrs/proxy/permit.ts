/** Which operations a caller may call, and what to tell the others. */
import { bundles, implied } from "../bundles.ts"
import { permissions } from "../permissions.ts"

/** Gives undefined where an operation is granted, else why it is not and which scope opens it. */
export function whyNot(
  service: string,
  operation: string,
  granted: readonly string[],
): string | undefined {
  const permission = `${service}:${operation}`
  if (granted.includes(permission)) return undefined
  if (!permissions.has(permission)) return `Koppel: ${permission} is no operation that it knows.`
  const named = Object.keys(bundles).filter(
    (name) => bundles[name]?.permissions.includes(permission) || isImplied(permission),
  )
  const scopes = [...named, `${service}.${operation}`].map((name) => `nmbrs:${name}`)
  return `Koppel: ${permission} was not granted. A scope that opens it: ${scopes.join(", ")}.`
}

function isImplied(permission: string): boolean {
  return implied.some((name) => name === permission)
}
