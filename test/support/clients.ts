/** What tests of stock clients share: an app at the broker, an example that runs. */
import { spawn } from "node:child_process"
import { resolve } from "node:path"
import { setTimeout as wait } from "node:timers/promises"
import { isTaken } from "../../scripts/lib/ports.ts"
import { registerApp } from "../../scripts/lib/registration.ts"
import type { TestBroker } from "./browser.ts"

const ROOT = resolve(import.meta.dirname, "../..")

export interface ClientApp {
  readonly id: string
  readonly secret: string
}

/** Registers a test app with one redirect URI. */
export async function registerClient(broker: TestBroker, redirectUri: string): Promise<ClientApp> {
  const app = await registerApp(broker.issuer, broker.registrationToken, {
    client_name: "Urenweek",
    redirect_uris: [redirectUri],
    scope: "nmbrs:employees.read",
    environment: "test",
  })
  return { id: app.client_id, secret: app.client_secret ?? "" }
}

/** Starts `examples/<name>/server.ts` on a port; gives how to stop it. */
export async function startExample(
  name: string,
  broker: TestBroker,
  app: ClientApp,
  port: number,
): Promise<() => Promise<void>> {
  const child = spawn(process.execPath, [`examples/${name}/server.ts`], {
    cwd: ROOT,
    env: {
      ...process.env,
      ISSUER: broker.issuer,
      CLIENT_ID: app.id,
      CLIENT_SECRET: app.secret,
      APP_PORT: String(port),
    },
    stdio: ["ignore", "pipe", "pipe"],
  })
  let output = ""
  for (const stream of [child.stdout, child.stderr]) {
    stream.on("data", (chunk) => {
      output += chunk
    })
  }
  const ended = new Promise<void>((done) => child.once("exit", () => done()))
  while (!(await isTaken(port))) {
    if (child.exitCode !== null) throw new Error(`${name} did not start.\n${output}`)
    await wait(50)
  }
  return async () => {
    child.kill("SIGTERM")
    await ended
  }
}
