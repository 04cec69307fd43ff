/** What a caller gets of the provider's answer: its status, listed headers, its body as it comes. */
import type { ApiProxy, Proxied } from "../providers/provider.ts"
import { refusalError } from "./refusals.ts"

/** Nothing that a provider answers is a page of ours, and nobody keeps a copy of it. */
const OWN_HEADERS: Readonly<Record<string, string>> = {
  "Cache-Control": "no-store",
  "Content-Security-Policy": "default-src 'none'; sandbox",
  "X-Content-Type-Options": "nosniff",
}

/** Gives the response for what came of a call. Throws the error of a refusal, and 502 for a redirect. */
export function answerOf(proxied: Proxied, proxy: ApiProxy): Response {
  if (proxied.outcome === "refused") throw refusalError(proxied.code, proxied.detail)
  const { response } = proxied
  // An opaque redirect has status 0.
  if (response.status === 0 || (response.status >= 300 && response.status < 400)) {
    response.body?.cancel().catch(() => undefined)
    throw refusalError("provider_down", `status ${response.status}`)
  }
  const headers = new Headers(listed(response.headers, proxy.responseHeaders))
  for (const [name, value] of Object.entries(OWN_HEADERS)) headers.set(name, value)
  return new Response(response.body, { status: response.status, headers })
}

/** Gives those headers that a list names. */
export function listed(headers: Headers, names: readonly string[]): Headers {
  const found = new Headers()
  for (const name of names) {
    const value = headers.get(name)
    if (value !== null) found.set(name, value)
  }
  return found
}
