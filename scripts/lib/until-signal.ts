/** Waits for Ctrl-C and its kin. */
import { constants } from "node:os"

const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const

/**
 * Resolves with the exit code that a signal stands for (128 and its number). Under npm the end of
 * the parent counts as one: npm passes signals to a shell, and that shell keeps them to itself.
 */
export function untilSignal(): Promise<number> {
  return new Promise((resolve) => {
    for (const name of SIGNALS) process.on(name, () => resolve(128 + constants.signals[name]))
    if (process.env.npm_lifecycle_event === undefined) return
    const parent = process.ppid
    const watch = setInterval(() => {
      if (process.ppid !== parent) resolve(128 + constants.signals.SIGTERM)
    }, 200)
    watch.unref()
  })
}
