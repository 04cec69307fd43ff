/** The test app that `npm run dev` and `npm run demo` register on first run. */
import { existsSync, readFileSync } from "node:fs"
import { RegistrationError, readApp, registerApp } from "./registration.ts"
import { devAppPath, writePrivate } from "./state.ts"

const SCOPE = [
  "nmbrs",
  ...[
    "companies.read",
    "employees.read",
    "identity.read",
    "contracts.read",
    "salaries.read",
    "absences.read",
    "schedules.read",
    "hours.write",
  ].map((bundle) => `nmbrs:${bundle}`),
  "nimbus",
  "nimbus:api",
].join(" ")

export interface DevApp {
  readonly client_id: string
  readonly client_secret: string
  readonly webhook_secret: string
  readonly redirect_uris: readonly string[]
}

function metadata(appPort: number) {
  return {
    client_name: "Urenweek",
    client_uri: `http://localhost:${appPort}/`,
    redirect_uris: [`http://localhost:${appPort}/callback`, "http://127.0.0.1/callback"],
    response_types: ["code", "connection_id"],
    grant_types: ["authorization_code", "refresh_token", "client_credentials"],
    token_endpoint_auth_method: "client_secret_basic",
    scope: SCOPE,
    environment: "test",
    credentials_access: false,
    webhook_uri: `http://localhost:${appPort}/webhooks`,
  }
}

function readSaved(): DevApp | undefined {
  if (!existsSync(devAppPath())) return undefined
  try {
    const saved = JSON.parse(readFileSync(devAppPath(), "utf8"))
    const names = ["client_id", "client_secret", "webhook_secret"]
    if (names.every((name) => typeof saved[name] === "string")) return saved
  } catch {
    // An unreadable file is as good as none.
  }
  return undefined
}

async function isKnown(base: string, token: string, clientId: string): Promise<boolean> {
  try {
    await readApp(base, token, clientId)
    return true
  } catch (error) {
    if (error instanceof RegistrationError && [401, 403, 404].includes(error.status)) return false
    throw error
  }
}

/** Gives the test app of the broker at `base`, registering it where that broker does not know it. */
export async function ensureDevApp(base: string, token: string, appPort: number): Promise<DevApp> {
  const wanted = metadata(appPort)
  const saved = readSaved()
  const same = saved?.redirect_uris?.join() === wanted.redirect_uris.join()
  if (saved && same && (await isKnown(base, token, saved.client_id))) return saved
  const registered = await registerApp(base, token, wanted)
  if (!registered.client_secret) throw new RegistrationError(0, "The broker gave no client secret.")
  const app = {
    client_id: registered.client_id,
    client_secret: registered.client_secret,
    webhook_secret: registered.webhook_secret ?? "",
    redirect_uris: wanted.redirect_uris,
  }
  writePrivate(devAppPath(), `${JSON.stringify(app, null, 2)}\n`)
  return app
}
