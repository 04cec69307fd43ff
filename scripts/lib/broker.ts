/** Starts the broker on this machine: keys, migrated D1, `wrangler dev`, the test app. */
import { setTimeout as sleep } from "node:timers/promises"
import { fail } from "./cli.ts"
import { type DevApp, ensureDevApp } from "./dev-app.ts"
import { type DevArgs, readDevArgs, withoutOption } from "./dev-args.ts"
import { freePort, isTaken, mirrorOnIpv6 } from "./ports.ts"
import { defaultPersistDir, devVarsPath, ensureDevVars } from "./state.ts"
import { type Running, runWranglerQuietly, startWrangler } from "./wrangler.ts"

export interface Broker extends Running {
  readonly issuer: string
  /** Resolves once the broker answers; undefined where it ended before. */
  readonly ready: Promise<Ready | undefined>
}

/** What a broker that answers has to tell. */
export interface Ready {
  /** The test app, or the reason why there is none. */
  readonly app: DevApp | { readonly problem: string }
}

const LOOPBACK = ["localhost", "127.0.0.1", "[::1]", "::1"]

function isLoopback(issuer: string): boolean {
  return URL.canParse(issuer) && LOOPBACK.includes(new URL(issuer).hostname)
}

/** Gives the port of the sample app, whose callback the test app has registered. */
export function appPort(): number {
  return readPort(process.env.APP_PORT ?? "8788", "APP_PORT")
}

/** Reads a port number; `0` stands for any free one. */
function readPort(value: string, name: string): number {
  const port = Number(value)
  return Number.isInteger(port) && port >= 0 && port < 65536
    ? port
    : fail(`${name} is not a port number.`)
}

async function choosePort(args: DevArgs, host: string): Promise<number> {
  const port =
    args.port === undefined
      ? readPort(process.env.PORT ?? "8787", "PORT")
      : readPort(args.port, "--port")
  if (port === 0) return freePort()
  if (await isTaken(port, host)) {
    fail(`Port ${port} is taken. Stop what runs there, or choose another: PORT=… or --port ….`)
  }
  return port
}

async function migrate(location: readonly string[]): Promise<void> {
  const { code, output } = await runWranglerQuietly([
    ...["d1", "migrations", "apply", "DB", "--local"],
    ...location,
  ])
  if (code !== 0) fail(`The local database could not be migrated.\n${output}`)
}

/** Settings that hold unless they are given by `--var` or in `.dev.vars`. */
function defaultVars(
  args: DevArgs,
  file: Readonly<Record<string, string | undefined>>,
  address: string,
): { issuer: string; vars: string[] } {
  const given: Readonly<Record<string, string | undefined>> = { ...file, ...args.vars }
  const issuer = given.ISSUER ?? address
  const vars: string[] = []
  if (given.ISSUER === undefined) vars.push("--var", `ISSUER:${issuer}`)
  if (given.RATE_LIMITS === undefined && isLoopback(issuer)) vars.push("--var", "RATE_LIMITS:off")
  return { issuer, vars }
}

async function untilAnswering(base: string, broker: Running): Promise<Response | undefined> {
  let over = false
  const stopAsking = () => {
    over = true
  }
  broker.ended.then(stopAsking, stopAsking)
  while (!over) {
    try {
      return await fetch(new URL("/healthz", base), { signal: AbortSignal.timeout(5000) })
    } catch {
      await sleep(100)
    }
  }
  return undefined
}

async function becomeReady(
  base: string,
  token: string,
  broker: Running,
): Promise<Ready | undefined> {
  if (base.startsWith("https:")) {
    return { app: { problem: "Under https no test app is registered; use `npm run apps`." } }
  }
  const health = await untilAnswering(base, broker)
  if (!health) return undefined
  if (!health.ok) {
    return { app: { problem: `/healthz answers ${health.status}: ${await health.text()}` } }
  }
  try {
    return { app: await ensureDevApp(base, token, appPort()) }
  } catch (error) {
    return { app: { problem: error instanceof Error ? error.message : "No test app." } }
  }
}

/** Starts the broker with `wrangler dev` arguments, which win over what this function would choose. */
export async function startBroker(argv: readonly string[]): Promise<Broker> {
  const args = readDevArgs(argv)
  const file = await ensureDevVars()
  const host = args.ip === undefined || args.ip === "localhost" ? "127.0.0.1" : args.ip
  const bound = host === "*" || host === "0.0.0.0" ? "127.0.0.1" : host
  const port = await choosePort(args, host === "*" ? "0.0.0.0" : host)
  const protocol = args.localProtocol ?? "http"
  const name = LOOPBACK.includes(bound) ? "localhost" : bound
  const { issuer, vars } = defaultVars(args, file, `${protocol}://${name}:${port}`)

  const persistTo = args.persistTo ?? defaultPersistDir()
  const location = [
    ...(persistTo ? ["--persist-to", persistTo] : []),
    ...(args.config ? ["--config", args.config] : []),
    ...(args.env ? ["--env", args.env] : []),
  ]
  await migrate(location)

  const running = startWrangler([
    "dev",
    ...vars,
    ...["--env-file", devVarsPath()],
    ...["--show-interactive-dev-session=false"],
    ...(args.ip === undefined ? ["--ip", host] : []),
    ...["--port", String(port)],
    ...(args.persistTo === undefined && persistTo ? ["--persist-to", persistTo] : []),
    ...withoutOption(argv, "--port"),
  ])
  if (host === "127.0.0.1") await mirrorOnIpv6(port)
  const token = args.vars.REGISTRATION_TOKEN ?? file.REGISTRATION_TOKEN ?? ""
  const base = `${protocol}://${bound.includes(":") ? `[${bound}]` : bound}:${port}`
  return { ...running, issuer, ready: becomeReady(base, token, running) }
}
