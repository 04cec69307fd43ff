/** What browser tests share: Chromium, a broker and the sample app of their own, what went wrong. */
import { type ChildProcess, spawn } from "node:child_process"
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join, resolve } from "node:path"
import type { Page } from "playwright-core"
import { freePort, isTaken } from "../../scripts/lib/ports.ts"
import { testBindings } from "./bindings.ts"

const ROOT = resolve(import.meta.dirname, "../..")

/** A program that a test started. */
export interface Started {
  /** All that it printed so far. */
  readonly output: () => string
  readonly stop: () => Promise<void>
}

export interface TestBroker extends Started {
  readonly issuer: string
  readonly registrationToken: string
  /** The test app that `npm run dev` registers. */
  readonly clientId: string
  readonly clientSecret: string
}

function start(
  args: readonly string[],
  env: Readonly<Record<string, string>>,
): Started & {
  readonly child: ChildProcess
} {
  const child = spawn(process.execPath, args, {
    cwd: ROOT,
    env: { ...process.env, ...env },
    stdio: ["ignore", "pipe", "pipe"],
  })
  let output = ""
  for (const stream of [child.stdout, child.stderr]) {
    stream.on("data", (chunk) => {
      output += chunk
    })
  }
  const ended = new Promise<void>((done) => child.once("exit", () => done()))
  const stop = async () => {
    child.kill("SIGTERM")
    await ended
  }
  return { child, output: () => output, stop }
}

/** Waits until `check` gives something; fails with what the program printed. */
async function until<T>(program: ReturnType<typeof start>, check: () => Promise<T | undefined>) {
  const deadline = Date.now() + 90_000
  while (Date.now() < deadline && program.child.exitCode === null) {
    const found = await check()
    if (found !== undefined) return found
    await new Promise((wake) => setTimeout(wake, 100))
  }
  await program.stop()
  throw new Error(`It did not start.\n${program.output()}`)
}

/**
 * Starts the broker as `npm run dev` does, on a free port, with its own keys and database. `args`
 * are further `wrangler dev` arguments.
 */
export async function startBroker(
  options: { readonly appPort?: number; readonly args?: readonly string[] } = {},
): Promise<TestBroker> {
  const port = await freePort()
  const state = mkdtempSync(join(tmpdir(), "koppel-test-"))
  const { REGISTRATION_TOKEN: registrationToken } = testBindings
  const program = start(
    [
      ...["scripts/dev.ts", "--var", `REGISTRATION_TOKEN:${registrationToken}`],
      ...(options.args ?? []),
    ],
    { PORT: String(port), APP_PORT: String(options.appPort ?? 8788), KOPPEL_STATE_DIR: state },
  )
  const app = await until(program, async () => {
    if (program.output().includes("No test app:")) await program.stop()
    if (!program.output().includes("client_secret")) return undefined
    const file = join(state, ".dev.app.json")
    return existsSync(file) ? JSON.parse(readFileSync(file, "utf8")) : undefined
  })
  return {
    issuer: `http://localhost:${port}`,
    registrationToken,
    clientId: app.client_id,
    clientSecret: app.client_secret,
    output: program.output,
    stop: async () => {
      await program.stop()
      rmSync(state, { recursive: true, force: true })
    },
  }
}

/** Starts the sample app against a broker; `broker` must have been started with the same port. */
export async function startSampleApp(broker: TestBroker, port: number): Promise<Started> {
  const program = start(["examples/payroll-app/server.ts"], {
    ISSUER: broker.issuer,
    CLIENT_ID: broker.clientId,
    CLIENT_SECRET: broker.clientSecret,
    APP_PORT: String(port),
  })
  await until(program, async () => ((await isTaken(port)) ? true : undefined))
  return program
}

/** What a browser complained about: everything in the console, and requests that failed. */
export interface Complaints {
  readonly console: readonly string[]
  readonly requests: readonly string[]
}

/** Collects complaints of a page from now on. */
export function collectComplaints(page: Page): Complaints {
  const found = { console: [] as string[], requests: [] as string[] }
  page.on("console", (message) => found.console.push(`${message.type()}: ${message.text()}`))
  page.on("pageerror", (error) => found.console.push(`error: ${error.message}`))
  page.on("requestfailed", (request) => {
    found.requests.push(`${request.url()}: ${request.failure()?.errorText}`)
  })
  return found
}

/** Draws the page as a phone and a desktop show it, light and dark, into KOPPEL_SCREENSHOTS. */
export async function screenshots(page: Page, name: string): Promise<void> {
  const dir = process.env.KOPPEL_SCREENSHOTS
  if (!dir) return
  mkdirSync(dir, { recursive: true })
  const before = page.viewportSize()
  for (const width of [375, 1280]) {
    await page.setViewportSize({ width, height: 800 })
    for (const colorScheme of ["light", "dark"] as const) {
      await page.emulateMedia({ colorScheme })
      await page.screenshot({
        path: join(dir, `${name}-${width}-${colorScheme}.png`),
        fullPage: true,
      })
    }
  }
  await page.emulateMedia({ colorScheme: null })
  if (before) await page.setViewportSize(before)
}
