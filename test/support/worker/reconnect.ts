/** Connecting again what is connected already: through the page, by PAR, and what is stored of it. */
import { env } from "cloudflare:workers"
import {
  type Arrival,
  authorizePath,
  Browser,
  CALLBACK,
  type Harness,
  nmbrsFields,
  type RegisteredApp,
  registerApp,
  returned,
} from "./harness.ts"
import { api, jobDeps, resealAs } from "./jobs.ts"
import { post } from "./oauth.ts"

type Parameters = Record<string, string | undefined>

/** Registers an app that hears of changes. */
export async function registerListener(harness: Harness): Promise<RegisteredApp> {
  return await registerApp(harness, { webhook_uri: "https://hooks.example/koppel" })
}

/** Opens the page for a reconnect of `id`. */
export async function openAgain(
  browser: Browser,
  app: { client_id: string },
  id: string,
  parameters: Parameters = {},
): Promise<Arrival> {
  return await browser.open(authorizePath(app, { connection_id: id, ...parameters }))
}

/** Opens it by a pushed request of the app. */
export async function openPushed(
  harness: Harness,
  browser: Browser,
  app: RegisteredApp,
  parameters: Parameters,
): Promise<Arrival> {
  const form = {
    response_type: "connection_id",
    redirect_uri: CALLBACK,
    scope: "nmbrs:employees.read",
    state: "state-of-this-flow",
    ...parameters,
  }
  const { body } = await post(harness, "/oauth/par", form, app.basic)
  const query = new URLSearchParams({
    client_id: app.client_id,
    request_uri: String(body.request_uri),
  })
  return await browser.open(`/oauth/authorize?${query}`)
}

/** Walks a reconnect to the app's callback; gives what came back. */
export async function connectAgain(
  harness: Harness,
  app: { client_id: string },
  id: string,
  options: {
    readonly browser?: Browser
    readonly parameters?: Parameters
    readonly fields?: Record<string, string>
    readonly button?: Record<string, string>
  } = {},
): Promise<URLSearchParams> {
  const browser = options.browser ?? new Browser(harness)
  const form = await openAgain(browser, app, id, options.parameters)
  const summary = await browser.submit(form, options.fields ?? nmbrsFields())
  return returned(await browser.submit(summary, {}, options.button))
}

/** Makes the provider refuse the stored login until the connection is broken. */
export async function breakConnection(
  harness: Harness,
  app: RegisteredApp,
  id: string,
): Promise<void> {
  await resealAs(await jobDeps(harness), id, { username: "revoked-later@koppel.test" })
  await api(harness, app, "POST", `/v1/connections/${id}/verify`)
  const { body } = await api(harness, app, "POST", `/v1/connections/${id}/verify`)
  if (body.status !== "broken") throw new Error(JSON.stringify(body))
}

/** Reads a row of a connection, whole. */
export async function rowOf(id: string): Promise<Record<string, unknown>> {
  const row = await env.DB.prepare("SELECT * FROM connections WHERE id = ?1").bind(id).first()
  return row ?? {}
}

/** Reads the reconnects of a connection. */
export async function reconnectsOf(id: string): Promise<Record<string, unknown>[]> {
  const { results } = await env.DB.prepare("SELECT * FROM reconnects WHERE connection_id = ?1")
    .bind(id)
    .all()
  return results
}

/** Types of the webhooks that an app was written, in order. */
export async function messagesOf(app: { client_id: string }): Promise<string[]> {
  const { results } = await env.DB.prepare(
    `SELECT type FROM webhooks WHERE client_id = ?1 AND type LIKE 'connection.%'
     ORDER BY created_at, type`,
  )
    .bind(app.client_id)
    .all<{ type: string }>()
  return results.map(({ type }) => type)
}
