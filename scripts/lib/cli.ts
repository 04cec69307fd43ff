/** What every script does alike: one sentence for an expected error, the exit code, prepared env. */

/** An error whose sentence is for the person at the terminal; no stack is printed. */
export class UsageError extends Error {}

/** Stops the script with one sentence. */
export function fail(sentence: string): never {
  throw new UsageError(sentence)
}

/** Runs a script; what it throws becomes a sentence and exit code 1. */
export function runMain(main: () => Promise<unknown>): void {
  main().then(
    (code) => {
      if (typeof code === "number") process.exitCode = code
    },
    (error: unknown) => {
      console.error(error instanceof UsageError ? error.message : error)
      process.exitCode = 1
    },
  )
}
