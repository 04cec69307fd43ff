/** Redirect URIs: which may be registered, and when one matches (RFC 9700 §2.1, RFC 8252 §7, §8). */

const LOOPBACK_LITERALS = new Set(["127.0.0.1", "[::1]"])
const LOOPBACK_HOSTS = new Set([...LOOPBACK_LITERALS, "localhost"])
const PRIVATE_SCHEME = /^[a-z][a-z0-9+-]*(\.[a-z0-9+-]+)+:\/{1,2}[^/]/

/** Tells why a URI may not be registered, as a sentence, or gives undefined where it may. */
export function findRedirectUriProblem(uri: string): string | undefined {
  if (uri.length > 2000) return "is longer than 2,000 characters"
  if (/[^\x21-\x7e]/.test(uri)) return "holds a space, a control character or one outside ASCII"
  if (uri.includes("#")) return "has a fragment"
  if (/[\\"<>^`{|}]/.test(uri)) return "holds a character that URIs don't have"
  const url = URL.parse(uri)
  if (url === null) return "is not a URI"
  if (url.username !== "" || url.password !== "" || /^[^:]*:\/\/[^/?]*@/.test(uri)) {
    return "has user information"
  }
  // The parser forgives missing and surplus slashes; a browser that follows a Location does not always.
  if (/^https?:(?!\/\/[^/?])/i.test(uri)) return "has no host behind its scheme and ://"
  if (url.protocol === "https:") return undefined
  if (url.protocol === "http:") {
    return LOOPBACK_HOSTS.has(url.hostname) ? undefined : "is http and not on loopback"
  }
  if (PRIVATE_SCHEME.test(uri)) return undefined
  return "is neither https, nor http on loopback, nor a private-use scheme with a dot in it"
}

/**
 * Tells whether a requested URI is a registered one: equal as text, but that the port is free where
 * the registered one is http on a loopback literal (RFC 8252 §7.3).
 */
export function matchesRedirectUri(registered: string, requested: string): boolean {
  if (registered === requested) return true
  const own = splitLoopback(registered)
  const other = splitLoopback(requested)
  return (
    own !== undefined && other !== undefined && own.host === other.host && own.rest === other.rest
  )
}

/** Tells whether a redirect URI stays on this machine. */
export function isLoopbackUri(uri: string): boolean {
  const url = URL.parse(uri)
  return url !== null && url.protocol === "http:" && LOOPBACK_HOSTS.has(url.hostname)
}

/** Gives what the browser returns to, as a person reads it: the host, or the private scheme. */
export function describeRedirectUri(uri: string): string {
  const { protocol, host } = new URL(uri)
  return protocol === "https:" || protocol === "http:" ? host : protocol.slice(0, -1)
}

/** Text is taken apart, not a parsed URL, so that no other spelling of it slips through. */
function splitLoopback(uri: string): { host: string; rest: string } | undefined {
  const match = /^http:\/\/(127\.0\.0\.1|\[::1\])(?::(\d{1,5}))?([/?].*)?$/s.exec(uri)
  if (match?.[1] === undefined) return undefined
  if (match[2] !== undefined && Number(match[2]) > 65535) return undefined
  return { host: match[1], rest: match[3] ?? "" }
}
