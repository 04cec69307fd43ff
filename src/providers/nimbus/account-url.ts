/** Reads the address of a Nimbus account. Pure; compares nothing before the WHATWG parser has spoken. */

/** What can be wrong with an address before anybody is asked. */
export type AddressProblem =
  | "address_malformed"
  | "address_userinfo"
  | "address_not_https"
  | "address_ip"

/** An address that was understood, or why it was not. */
export type ReadAddress =
  | { readonly url: URL }
  | { readonly url?: never; readonly code: AddressProblem; readonly suggestion?: string }

const welcomeNames = ["ssooverride"]
const tokenNames = ["token", "reset", "otp", "ticket"]

/** Reads a cleaned address with its scheme; gives the parsed URL without its fragment. */
export function readAddress(text: string): ReadAddress {
  // The parser drops tabs and newlines and turns backslashes into slashes: what a person sees and
  // what a browser opens would then differ.
  if (/[\p{Cc}\s\\]/u.test(text)) return { code: "address_malformed" }
  const authority = /^https?:\/\/([^/?#]+)/i.exec(text)?.[1]
  if (authority === undefined) return { code: "address_malformed" }
  if (authority.includes("@")) return { code: "address_userinfo" }
  if (!URL.canParse(text)) return { code: "address_malformed" }
  const url = new URL(text)
  url.hash = ""
  if (url.hostname === "" || url.hostname.endsWith(".")) return { code: "address_malformed" }
  if (isIpAddress(url.hostname)) {
    const asTyped = authority.replace(/:\d*$/, "")
    if (asTyped !== url.hostname || !isLoopback(url)) return { code: "address_ip" }
  }
  if (url.protocol === "http:" && !isLoopback(url)) {
    return { code: "address_not_https", suggestion: `https:${url.href.slice("http:".length)}` }
  }
  return { url }
}

/** Tells whether a parsed URL points at the machine itself. */
export function isLoopback(url: URL): boolean {
  const { hostname } = url
  return (
    hostname === "localhost" ||
    hostname === "[::1]" ||
    (isIpAddress(hostname) && hostname.startsWith("127."))
  )
}

/** Tells whether a host name as the URL parser gives it is an IP address. */
export function isIpAddress(hostname: string): boolean {
  return hostname.startsWith("[") || /^\d+\.\d+\.\d+\.\d+$/.test(hostname)
}

/** Tells whether this is the link of a Welcome or Reset e-mail: it works once, and not for an app. */
export function isWelcomeLink(url: URL): boolean {
  for (const [name, value] of url.searchParams) if (isOneTime(name, value)) return true
  return false
}

/**
 * Names the account at its host: path and query without what is used once, in lower case and in one
 * order. Assumption: Nimbus tells accounts apart by host, path or query, and never by case alone.
 */
export function accountPart(url: URL): string {
  const path = url.pathname.replace(/\/$/, "")
  const kept = [...url.searchParams].filter(([name, value]) => !isOneTime(name, value))
  const query = new URLSearchParams(kept)
  query.sort()
  return `${path}?${query}`.toLowerCase()
}

function isOneTime(name: string, value: string): boolean {
  const lower = name.toLowerCase()
  if (welcomeNames.includes(lower)) return true
  if (value.length >= 16 && tokenNames.some((word) => lower.includes(word))) return true
  return value.length >= 32 && looksRandom(value) && !isGuid(value)
}

// A sentence, an address or a path holds other characters or lacks digits.
function looksRandom(value: string): boolean {
  return (
    /^[A-Za-z0-9_=+.~-][A-Za-z0-9_=+./~-]*$/.test(value) &&
    /\d/.test(value) &&
    /[A-Za-z]/.test(value)
  )
}

// Assumption: a GUID in the address names the account and is no one-time token. Refusing an address
// that is right would leave the person no way on.
function isGuid(value: string): boolean {
  return /^\{?[0-9a-f]{8}(-?[0-9a-f]{4}){3}-?[0-9a-f]{12}\}?$/i.test(value)
}
