/** Where a proxied call goes: always below the profile's API base, whatever was written. Pure. */
import { urlOf } from "../base-url.ts"
import type { Profile } from "../profile.ts"

/** Takes the path and query of a call, gives its URL; undefined for what could leave the base. */
export function targetOf(
  account: URL,
  profile: Profile,
  call: { readonly path: string; readonly query: string },
): URL | undefined {
  const { base_url } = profile
  if (!isPlain(call.path) || !isQuery(call.query)) return undefined
  const base = urlOf(account, { path: "" }, base_url)
  const url = urlOf(account, { path: call.path }, base_url)
  if (!isBelow(url, base) || repeatsAccount(url, call.query)) return undefined
  url.search = [url.search.slice(1), call.query.slice(1)].filter((part) => part !== "").join("&")
  return url.origin === account.origin && isBelow(url, base) ? url : undefined
}

/** Tells whether a call is for login or logout: they are Koppel's, not the caller's. */
export function isSessionCall(url: URL, account: URL, profile: Profile): boolean {
  const { login, logout, base_url } = profile
  const calls = logout === undefined ? [login] : [login, logout]
  const name = nameOf(url)
  return calls.some((call) => nameOf(urlOf(account, call, base_url)) === name)
}

// Servers differ in what they decode and how often; a path that any of them could climb with is none.
function isPlain(path: string): boolean {
  if (path !== "" && !path.startsWith("/")) return false
  if (!/^[!-~]*$/.test(path) || /[\\#?]/.test(path)) return false
  let decoded = path
  for (let rounds = 0; rounds < 3 && decoded.includes("%"); rounds++) {
    const once = decode(decoded)
    // Not encoded any further; what was written has to be an encoding all the same.
    if (once === undefined && rounds > 0) break
    if (once === undefined || once.split("/").length !== path.split("/").length) return false
    decoded = once
  }
  // Beyond what anybody would write, and beyond what was looked at.
  if (/%[0-9a-f]{2}/i.test(decoded)) return false
  const [, ...segments] = decoded.split("/")
  return segments.every((segment, index) => isSegment(segment, index === segments.length - 1))
}

function isSegment(segment: string, isLast: boolean): boolean {
  if (/[\\\p{Cc}]/u.test(segment)) return false
  if (segment === "") return isLast
  // "..;" is ".." to some servers, and Windows drops dots and spaces at the end.
  const [name = ""] = segment.split(";")
  return !/^[.\s]*$/.test(name)
}

function decode(text: string): string | undefined {
  try {
    return decodeURIComponent(text)
  } catch {
    return undefined
  }
}

function isQuery(query: string): boolean {
  return query === "" || /^\?[!-~]*$/.test(query)
}

// Two slashes could be read as a host, so a path begins with one.
function isBelow(url: URL, base: URL): boolean {
  if (url.origin !== base.origin || url.username !== "" || url.pathname.startsWith("//")) {
    return false
  }
  const path = base.pathname.replace(/\/$/, "")
  return url.pathname === base.pathname || url.pathname.startsWith(`${path}/`)
}

// The pasted query may name the account; a second value could name another.
function repeatsAccount(url: URL, query: string): boolean {
  const own = new Set([...url.searchParams.keys()].map((name) => name.toLowerCase()))
  return [...new URLSearchParams(query).keys()].some((name) => own.has(name.toLowerCase()))
}

function nameOf(url: URL): string {
  const path = decode(url.pathname) ?? url.pathname
  return path
    .replace(/;[^/]*/g, "")
    .replace(/[/.\s]+$/, "")
    .toLowerCase()
}
