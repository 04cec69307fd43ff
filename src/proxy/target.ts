/** Which provider, and what of its API: read from the address as it was written. */
import type { Provider, ProxyCall } from "../providers/provider.ts"
import { findProvider } from "../providers/registry.ts"
import { refusalError } from "./refusals.ts"

export interface Target {
  readonly provider: Provider
  readonly call: Pick<ProxyCall, "method" | "path" | "query">
}

/**
 * Splits the address of a request below `/proxy/`. Nothing is decoded, so that what is checked is what
 * is sent on. Throws 404 for a provider that there is not, 400 for what is no address.
 */
export function readTarget(request: Request): Target {
  const written = /^[a-z]+:\/\/[^/?#]*(\/[^?#]*)(\?[^#]*)?$/i.exec(request.url)
  if (written === null) throw refusalError("invalid_request", "not an address")
  const [, pathname = "", query = ""] = written
  const [, id = "", path = ""] = /^\/proxy\/([^/]+)(.*)$/s.exec(pathname) ?? []
  const provider = findProvider(id)
  if (provider === undefined) throw refusalError("not_found", "no such provider")
  return { provider, call: { method: request.method, path, query } }
}
