/** One call to a provider's API with the stored credentials, from the checked caller to the answer. */
import { openCredentials } from "../connections/verify.ts"
import type { Deps, Upstream } from "../context.ts"
import { KoppelError } from "../lib/errors.ts"
import type { ApiProxy, Provider, Proxied, ProxyCall } from "../providers/provider.ts"
import type { ProxyCaller } from "./caller.ts"
import { tokenKeeper } from "./keep-token.ts"
import { startLimit, upstreamFetch } from "./upstream.ts"

/** The API of a provider as one environment reaches it. */
export interface Api {
  readonly proxy: ApiProxy
  readonly fetch: typeof fetch
}

/** Gives the way to a provider's API; throws 503 where it is switched off, 501 where there is none. */
export function requireApi(upstream: Upstream | undefined): Api {
  if (upstream === undefined) {
    throw new KoppelError(503, "temporarily_unavailable", "This provider is switched off.")
  }
  const { adapter, fetch } = upstream
  if (adapter.proxy === undefined) {
    throw new KoppelError(501, "not_supported", "This provider's API can't be reached from here.")
  }
  return { proxy: adapter.proxy, fetch }
}

/** Passes a caller's call on. Throws `KoppelError` where the provider can't be reached. */
export async function forward(
  deps: Deps,
  provider: Provider,
  api: Api,
  caller: ProxyCaller,
  call: ProxyCall,
): Promise<Proxied> {
  const credentials = await openCredentials(deps, caller.connection)
  const { signal, clear } = startLimit(deps.proxySeconds)
  try {
    return await api.proxy.forward(call, credentials, {
      fetch: upstreamFetch(api.fetch, signal),
      now: deps.now,
      signal,
      permissions: caller.permissions,
      token: await tokenKeeper(deps, provider, caller, credentials, signal),
    })
  } finally {
    clear()
  }
}

/** Asks for what anybody may read; undefined where the call is for none of that. */
export async function publish(
  deps: Deps,
  provider: Provider,
  call: Pick<ProxyCall, "method" | "path" | "query">,
  cached: (name: string, make: () => Promise<Proxied>) => Promise<Proxied>,
): Promise<{ readonly api: Api; readonly proxied: Proxied } | undefined> {
  const upstream = deps.upstream(provider, "live", false)
  if (upstream?.adapter.proxy?.publish === undefined) return undefined
  const api = requireApi(upstream)
  const { signal, clear } = startLimit(deps.proxySeconds)
  try {
    const proxied = await api.proxy.publish?.(call, {
      fetch: upstreamFetch(api.fetch, signal),
      signal,
      address: `${deps.config.issuer}/proxy/${provider.id}`,
      cached,
    })
    return proxied === undefined ? undefined : { api, proxied }
  } finally {
    clear()
  }
}
