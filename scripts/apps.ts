/** `npm run apps`: creates, lists, shows, suspends apps and rotates their secrets, over HTTP. */
import { parseArgs } from "node:util"
import { fail, runMain, UsageError } from "./lib/cli.ts"
import {
  listApps,
  type RegisteredApp,
  RegistrationError,
  readApp,
  registerApp,
  replaceApp,
  rotateSecret,
} from "./lib/registration.ts"
import { readDevVars } from "./lib/state.ts"

const USAGE = `Usage: npm run apps -- <command> [options]

  create --name <name> --redirect-uri <uri>… --scope <scopes> [--environment test|live]
         [--public] [--credentials-access]
                              registers an app; prints its secrets, once
  list                        all apps
  show <client_id>            one app's registration
  rotate-secret <client_id>   makes a new client secret; prints it, once
  suspend <client_id>         refuses the app everywhere; --resume lets it in again

  --issuer <url>              the broker; else ISSUER, else http://localhost:8787
  --json                      prints JSON only

The REGISTRATION_TOKEN is taken from the environment, else from .dev.vars.`

const options = {
  name: { type: "string" },
  "redirect-uri": { type: "string", multiple: true },
  scope: { type: "string" },
  environment: { type: "string" },
  public: { type: "boolean" },
  "credentials-access": { type: "boolean" },
  resume: { type: "boolean" },
  issuer: { type: "string" },
  json: { type: "boolean" },
  help: { type: "boolean", short: "h" },
} as const

function readArguments() {
  try {
    return parseArgs({ options, allowPositionals: true })
  } catch (error) {
    return fail(`${error instanceof Error ? error.message : "Unknown arguments."}\n\n${USAGE}`)
  }
}

type Values = ReturnType<typeof readArguments>["values"]

function print(app: RegisteredApp, json: boolean | undefined): void {
  if (json) {
    console.log(JSON.stringify(app, null, 2))
    return
  }
  const members = Object.entries(app).filter(([, value]) => String(value ?? "") !== "")
  const width = Math.max(...members.map(([name]) => name.length)) + 2
  for (const [name, value] of members) {
    const text = Array.isArray(value) ? value.join(" ") : String(value)
    console.log(`${name.padEnd(width)}${text}`)
  }
}

function metadata(values: Values) {
  const { name, scope, environment = "test" } = values
  const redirectUris = values["redirect-uri"] ?? []
  if (!name) return fail("create needs --name.")
  if (!scope) return fail('create needs --scope, such as "nmbrs:companies.read".')
  if (redirectUris.length === 0) return fail("create needs --redirect-uri, at least once.")
  if (environment !== "test" && environment !== "live") {
    return fail("--environment is test or live.")
  }
  return {
    client_name: name,
    redirect_uris: redirectUris,
    scope,
    environment,
    response_types: values.public ? ["code"] : ["code", "connection_id"],
    token_endpoint_auth_method: values.public ? "none" : "client_secret_basic",
    credentials_access: values["credentials-access"] ?? false,
  }
}

async function suspend(base: string, token: string, clientId: string, suspended: boolean) {
  return replaceApp(base, token, { ...(await readApp(base, token, clientId)), suspended })
}

async function run(): Promise<void> {
  const { values, positionals } = readArguments()
  const [command, clientId, ...more] = positionals
  if (values.help || command === "help") return console.log(USAGE)
  if (more.length > 0) fail(`Too many arguments: ${more.join(" ")}`)

  const base = values.issuer ?? process.env.ISSUER ?? "http://localhost:8787"
  if (!URL.canParse(base)) fail("The issuer is not a URL.")
  const needToken = () =>
    process.env.REGISTRATION_TOKEN ??
    readDevVars().REGISTRATION_TOKEN ??
    fail("Set REGISTRATION_TOKEN.")
  const needId = () => clientId ?? fail(`${command} needs a client_id.`)

  switch (command) {
    case "create": {
      const wanted = metadata(values)
      return print(await registerApp(base, needToken(), wanted), values.json)
    }
    case "show":
      return print(await readApp(base, needToken(), needId()), values.json)
    case "rotate-secret":
      return print(await rotateSecret(base, needToken(), needId()), values.json)
    case "suspend":
      return print(await suspend(base, needToken(), needId(), !values.resume), values.json)
    case "list": {
      const apps = await listApps(base, needToken())
      if (values.json) return console.log(JSON.stringify(apps, null, 2))
      for (const app of apps) {
        const state = app.suspended ? "suspended" : "active"
        console.log([app.client_id, app.environment, state, app.client_name].join("  "))
      }
      return
    }
    default:
      return fail(USAGE)
  }
}

runMain(() =>
  run().catch((error: unknown) => {
    throw error instanceof RegistrationError ? new UsageError(error.message) : error
  }),
)
