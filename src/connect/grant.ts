/** What a verification grants: the scopes asked for, less what is proven missing and optional. */
import type { PermissionState } from "../providers/provider.ts"
import { readScope } from "../providers/scope.ts"

export interface Grant {
  /** Scopes that the connection gets. */
  readonly granted: readonly string[]
  /** Optional scopes left out because a permission of theirs is missing. */
  readonly dropped: readonly string[]
  /** Missing permissions of required scopes; while there is one nothing is handed off. */
  readonly missing: readonly string[]
}

/**
 * Weighs the scopes of a request against the permissions that were found. Not checked counts as
 * granted. Where every scope is dropped, the bare provider remains: it connects and opens nothing.
 */
export function weighGrant(
  scope: readonly string[],
  optionalScope: readonly string[],
  permissions: Readonly<Record<string, PermissionState>>,
): Grant {
  const granted: string[] = []
  const dropped: string[] = []
  const missing = new Set<string>()
  let providerId = ""
  for (const text of scope) {
    const known = readScope(text)
    if (known === undefined) continue
    providerId = known.provider.id
    const absent = known.permissions.filter((permission) => permissions[permission] === "missing")
    if (absent.length === 0) granted.push(text)
    else if (optionalScope.includes(text)) dropped.push(text)
    else for (const permission of absent) missing.add(permission)
  }
  if (granted.length === 0 && missing.size === 0) granted.push(providerId)
  return { granted, dropped, missing: [...missing] }
}
