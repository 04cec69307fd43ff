/** Runs wrangler: no prompts, no metrics, and everything it started ends with it. */
import { type ChildProcess, spawn } from "node:child_process"
import { createRequire } from "node:module"
import { ROOT } from "./state.ts"

/** What wrangler's own bin starts: without that process between, signals reach the right one. */
const WRANGLER = createRequire(import.meta.url).resolve("wrangler")

const END_WITH_PARENT = new URL("end-with-parent.ts", import.meta.url).href

const environment = {
  ...process.env,
  WRANGLER_SEND_METRICS: "false",
  WRANGLER_HIDE_BANNER: "true",
}

/** A child process. */
export interface Running {
  /** The exit code, once it has ended; 128 and more for a signal. */
  readonly ended: Promise<number>
  /** Ends it, gently first, and waits until it is gone. */
  stop(): Promise<number>
}

/** Watches over a child: it ends when this process does. */
export function watchOver(child: ChildProcess): Running {
  const killNow = () => {
    child.kill("SIGKILL")
  }
  process.once("exit", killNow)
  const ended = new Promise<number>((resolve, reject) => {
    child.once("error", reject)
    child.once("exit", (code, by) => {
      process.off("exit", killNow)
      resolve(code ?? (by === "SIGINT" ? 130 : 143))
    })
  })
  return {
    ended,
    async stop() {
      child.kill("SIGTERM")
      const patience = setTimeout(killNow, 5000)
      const code = await ended
      clearTimeout(patience)
      return code
    },
  }
}

/** Starts a command of Node's without standard input. */
export function startNode(args: readonly string[], env: NodeJS.ProcessEnv = process.env): Running {
  return watchOver(
    spawn(process.execPath, ["--import", END_WITH_PARENT, ...args], {
      cwd: ROOT,
      env,
      stdio: ["ignore", "inherit", "inherit", "ipc"],
    }),
  )
}

/** Starts a wrangler command that goes on until it is stopped, such as `dev`. */
export function startWrangler(args: readonly string[]): Running {
  return startNode(["--no-warnings", WRANGLER, ...args], { ...environment, CI: "1" })
}

/** Runs a wrangler command to its end with the terminal's input and output; gives the exit code. */
export async function runWrangler(args: readonly string[]): Promise<number> {
  return watchOver(
    spawn(process.execPath, ["--no-warnings", WRANGLER, ...args], {
      cwd: ROOT,
      env: environment,
      stdio: "inherit",
    }),
  ).ended
}

/** Runs a wrangler command without prompts; gives the exit code and all that it printed. */
export function runWranglerQuietly(
  args: readonly string[],
): Promise<{ code: number; output: string }> {
  const child = spawn(process.execPath, ["--no-warnings", WRANGLER, ...args], {
    cwd: ROOT,
    env: { ...environment, CI: "1" },
    stdio: ["ignore", "pipe", "pipe"],
  })
  let output = ""
  child.stdout.on("data", (chunk) => {
    output += chunk
  })
  child.stderr.on("data", (chunk) => {
    output += chunk
  })
  return new Promise((resolve, reject) => {
    child.once("error", reject)
    child.once("close", (code) => resolve({ code: code ?? 1, output }))
  })
}
