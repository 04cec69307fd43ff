/**
 * Scopes: provider and permissions travel in `scope`. `nmbrs` connects and opens nothing,
 * `nmbrs:employees.read` is a bundle, `nmbrs:EmployeeService.List_GetByCompany` one permission.
 */
import type { Provider } from "./provider.ts"
import { findProvider, providers } from "./registry.ts"

/** Added by clients on their own; dropped, never refused. */
const OPENID_SCOPES = new Set(["openid", "profile", "email", "offline_access"])

/** One scope that is known. */
export interface Scope {
  readonly text: string
  readonly provider: Provider
  /** What it opens at the provider, implied permissions first. */
  readonly permissions: readonly string[]
  readonly access: "none" | "read" | "write"
}

export type ScopeResult =
  | { readonly ok: true; readonly provider: Provider; readonly scopes: readonly Scope[] }
  | { readonly ok: false; readonly reason: string }

/** Reads one scope; gives undefined where no provider knows it. */
export function readScope(text: string): Scope | undefined {
  const separator = text.indexOf(":")
  const id = separator < 0 ? text : text.slice(0, separator)
  const name = separator < 0 ? undefined : text.slice(separator + 1)
  const provider = findProvider(id)
  if (provider === undefined) return undefined
  if (name === undefined) return { text, provider, permissions: [], access: "none" }
  if (Object.hasOwn(provider.bundles, name)) {
    const bundle = provider.bundles[name]
    if (bundle === undefined) return undefined
    return {
      text,
      provider,
      access: bundle.access,
      permissions: merge(provider, bundle.permissions),
    }
  }
  const permission = name.replace(".", ":")
  const access = name.includes(":") ? undefined : provider.accessOf(permission)
  if (access === undefined) return undefined
  return { text, provider, access, permissions: merge(provider, [permission]) }
}

/** Splits a scope parameter (RFC 6749 §3.3), without what clients add by themselves and without repeats. */
export function splitScope(scope: string): string[] {
  return [...new Set(scope.split(" "))].filter((text) => text !== "" && !OPENID_SCOPES.has(text))
}

/** Reads a scope parameter whose scopes must all be known and name the same provider. */
export function readScopes(scope: string): ScopeResult {
  const scopes: Scope[] = []
  for (const text of splitScope(scope)) {
    const known = readScope(text)
    if (known === undefined) return { ok: false, reason: "scope holds one that is not known" }
    scopes.push(known)
  }
  const provider = scopes[0]?.provider
  if (provider === undefined) return { ok: false, reason: "scope names no provider" }
  if (scopes.some((other) => other.provider.id !== provider.id)) {
    return { ok: false, reason: "scope names more than one provider" }
  }
  return { ok: true, provider, scopes }
}

/** Gives each permission behind some scopes once, in their order. */
export function permissionsOf(scopes: readonly Scope[]): string[] {
  return [...new Set(scopes.flatMap((scope) => scope.permissions))]
}

/** Tells whether an app registered for `registered` may ask for `scope`: itself, or a part of it. */
export function mayAskFor(registered: readonly string[], scope: Scope): boolean {
  if (registered.includes(scope.text)) return true
  const own = registered
    .map(readScope)
    .filter((known) => known !== undefined && known.provider.id === scope.provider.id)
  if (own.length === 0) return false
  const covered = new Set(own.flatMap((known) => known?.permissions ?? []))
  return scope.permissions.every((permission) => covered.has(permission))
}

/** Lists the bare providers and bundles, for `scopes_supported` (RFC 8414 §2). */
export function listScopes(): string[] {
  return Object.values(providers).flatMap((provider) => [
    provider.id,
    ...Object.keys(provider.bundles).map((name) => `${provider.id}:${name}`),
  ])
}

function merge(provider: Provider, permissions: readonly string[]): string[] {
  return [...new Set([...provider.implied, ...permissions])]
}
