/** Public answers, kept in the data centre's cache. Never holds anything of a caller. */
import type { Proxied } from "../providers/provider.ts"

const KEPT_SECONDS = 60 * 60

/**
 * Gives a cached answer by its name, or the one that `make` gets; one of 200 is kept for an hour.
 * `issuer` makes an address of the name that no request has; `later` finishes the writing.
 */
export async function cached(
  name: string,
  make: () => Promise<Proxied>,
  { issuer, later }: { issuer: string; later: (work: Promise<unknown>) => void },
): Promise<Proxied> {
  const key = `${issuer}/.cache/${encodeURIComponent(name)}`
  const found = await caches.default.match(key)
  if (found !== undefined) return { outcome: "answered", response: found }
  const made = await make()
  if (made.outcome === "answered" && made.response.status === 200) {
    const copy = made.response.clone()
    copy.headers.set("Cache-Control", `max-age=${KEPT_SECONDS}`)
    later(caches.default.put(key, copy))
  }
  return made
}
