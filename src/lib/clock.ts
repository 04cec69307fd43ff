/** Instants are milliseconds since the epoch; durations are seconds and say so in their name. */

/** Gives the instant `seconds` after (or, negative, before) `at`. */
export function secondsAfter(at: number, seconds: number): number {
  return at + seconds * 1000
}

/** Gives an instant in whole seconds, as JWT claims have it (RFC 7519, NumericDate). */
export function epochSeconds(at: number): number {
  return Math.floor(at / 1000)
}

/** Gives an instant as RFC 3339 in UTC, with milliseconds. */
export function rfc3339(at: number): string {
  return new Date(at).toISOString()
}

/** Waits so many seconds; rejects with the signal's reason when it aborts first. */
export function sleep(seconds: number, signal?: AbortSignal | null): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) {
      reject(signal.reason)
      return
    }
    const stop = () => {
      clearTimeout(timer)
      reject(signal?.reason)
    }
    const timer = setTimeout(() => {
      signal?.removeEventListener("abort", stop)
      resolve()
    }, seconds * 1000)
    signal?.addEventListener("abort", stop, { once: true })
  })
}
