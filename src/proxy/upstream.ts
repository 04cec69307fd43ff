/** The way to the provider: no redirects, one time limit, errors of our own. */
import { refusalError } from "./refusals.ts"

export interface TimeLimit {
  readonly signal: AbortSignal
  /** Ends the limit: what is being answered may take as long as it takes. */
  clear(): void
}

/** Starts a limit of so many seconds. */
export function startLimit(seconds: number): TimeLimit {
  const controller = new AbortController()
  const timer = setTimeout(() => controller.abort(), seconds * 1000)
  return { signal: controller.signal, clear: () => clearTimeout(timer) }
}

/**
 * Wraps a fetch so that it follows no redirect, which would carry credentials to another address, and
 * throws `provider_down` (502) or `provider_timeout` (504) where there is no answer.
 */
export function upstreamFetch(send: typeof fetch, signal: AbortSignal): typeof fetch {
  return async (input, init) => {
    try {
      signal.throwIfAborted()
      const asked = send(input, { ...init, redirect: "manual", signal })
      return await Promise.race([asked, aborted(signal)])
    } catch {
      throw signal.aborted
        ? refusalError("provider_timeout", "no answer in time")
        : refusalError("provider_down", "network")
    }
  }
}

/** Rejects when the time is over, for a `fetch` that doesn't heed its signal. */
function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    signal.addEventListener("abort", () => reject(signal.reason), { once: true })
  })
}
