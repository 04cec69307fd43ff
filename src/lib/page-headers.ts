/** Headers of every page: what the browser may load, where forms may go, who may frame it. */

/** Where a page's forms may lead; Chromium applies it to the whole chain of redirects after a POST. */
export type FormTarget = "self" | { readonly redirectUri: string }

/** Gives the headers of a page whose only inline styles, and scripts where it has any, carry `nonce`. */
export function pageHeaders(
  nonce: string,
  target: FormTarget,
  { scripts = false }: { readonly scripts?: boolean } = {},
): Record<string, string> {
  const policy = [
    "default-src 'none'",
    `style-src 'nonce-${nonce}'`,
    ...(scripts ? [`script-src 'nonce-${nonce}'`, "connect-src 'self'"] : []),
    "img-src 'self' data:",
    `form-action ${formAction(target)}`,
    "frame-ancestors 'none'",
    "base-uri 'none'",
  ]
  return {
    "Content-Security-Policy": policy.join("; "),
    "Cache-Control": "no-store",
    // A popup keeps its opener, so that the app's own callback can announce the result to it.
    "Cross-Origin-Opener-Policy": "unsafe-none",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "X-Robots-Tag": "noindex",
  }
}

/**
 * The app's callback may redirect on to any https site, so no list of hosts would do; a form with
 * secrets has `'self'` alone.
 */
function formAction(target: FormTarget): string {
  if (target === "self") return "'self'"
  const { protocol, hostname } = new URL(target.redirectUri)
  if (protocol === "https:") return "'self' https:"
  if (protocol !== "http:") return `'self' https: ${protocol}`
  // A source expression can't hold an IPv6 address.
  if (hostname === "[::1]") return "'self' https: http:"
  return "'self' https: http://localhost:* http://127.0.0.1:*"
}
