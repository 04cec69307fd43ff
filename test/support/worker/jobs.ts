/** What runs on a schedule, by hand: the same clock as the harness, a network and a sleep of the test's own. */
import { env } from "cloudflare:workers"
import { dependencies } from "../../../src/app.ts"
import { type Environment, readConfig } from "../../../src/config.ts"
import type { HealthBudget } from "../../../src/connections/health/meter.ts"
import type { Deps } from "../../../src/context.ts"
import { claim, connect, type Harness, type RegisteredApp } from "./harness.ts"

export const sleepNot = () => Promise.resolve()

/** A budget that no small test reaches. */
export const HEALTH: HealthBudget = {
  subrequests: 1000,
  seconds: 3600,
  perSecond: 1000,
  checks: 100,
  sleep: sleepNot,
  random: () => 0.5,
}

/** Dependencies of a job, with the harness's clock. */
export async function jobDeps(
  harness: Harness,
  fetch: typeof globalThis.fetch = () => Promise.reject(new TypeError("no network")),
  settings: Record<string, unknown> = {},
): Promise<Deps> {
  const bindings = { ...env, ...settings } as unknown as Environment
  const outside = {
    now: () => ++harness.clock.at,
    fetch,
    sleep: (seconds: number, signal?: AbortSignal | null) =>
      new Promise<void>((resolve, reject) => {
        signal?.addEventListener("abort", () => reject(signal.reason))
        if (seconds < 10) resolve()
      }),
    verificationSeconds: 0.2,
    webhookSeconds: 0.05,
  }
  return dependencies(outside, await readConfig(bindings), bindings.DB)
}

/** Connects and claims; gives the `con_…`. */
export async function connected(
  harness: Harness,
  app: RegisteredApp,
  options: Parameters<typeof connect>[2] = {},
): Promise<string> {
  const id = (await connect(harness, app, options)).get("connection_id") ?? ""
  const response = await claim(harness, app, id)
  if (response.status !== 200) throw new Error(await response.text())
  // That the session ended is told, too; tests of it look at it by themselves.
  await env.DB.prepare("DELETE FROM webhooks WHERE client_id = ?1 AND type = 'session.ended'")
    .bind(app.client_id)
    .run()
  return ((await response.json()) as { id: string }).id
}

export interface Answer {
  readonly status: number
  readonly headers: Headers
  readonly body: Record<string, unknown>
}

/** Calls `/v1` with Basic, or with the given Authorization. */
export async function api(
  harness: Harness,
  app: { readonly basic: string },
  method: string,
  path: string,
  authorization = app.basic,
): Promise<Answer> {
  const response = await harness.request(path, { method, headers: { authorization } })
  const text = await response.text()
  const body = text === "" ? {} : (JSON.parse(text) as Record<string, unknown>)
  return { status: response.status, headers: response.headers, body }
}

/** Gets a token of the app itself, or for one connection. */
export async function bearer(
  harness: Harness,
  app: { readonly basic: string },
  connectionId?: string,
): Promise<string> {
  const response = await harness.request("/oauth/token", {
    method: "POST",
    headers: {
      authorization: app.basic,
      "content-type": "application/x-www-form-urlencoded",
    },
    body: new URLSearchParams({
      grant_type: "client_credentials",
      ...(connectionId === undefined ? {} : { connection_id: connectionId }),
    }).toString(),
  })
  const { access_token } = (await response.json()) as { access_token: string }
  return `Bearer ${access_token}`
}

/** Puts other credentials' login into a stored connection, sealed as the flow does it. */
export async function resealAs(
  deps: Deps,
  id: string,
  change: Readonly<Record<string, string>>,
): Promise<void> {
  const { open, seal } = await import("../../../src/vault/seal.ts")
  const row = await env.DB.prepare(
    "SELECT client_id, provider, credentials_sealed FROM connections WHERE id = ?1",
  )
    .bind(id)
    .first<{ client_id: string; provider: string; credentials_sealed: string }>()
  if (row === null) throw new Error("no such connection")
  const place = {
    purpose: "connection",
    id,
    clientId: row.client_id,
    provider: row.provider,
  } as const
  const old = (await open(deps.config.keyRing, row.credentials_sealed, place)) as object
  const sealed = await seal(deps.config.keyRing, { ...old, ...change }, place)
  await env.DB.prepare("UPDATE connections SET credentials_sealed = ?2 WHERE id = ?1")
    .bind(id, sealed)
    .run()
}

/** Gives the steps of a statement's plan. */
export async function planOf(statement: string, places: number): Promise<string[]> {
  const { results } = await env.DB.prepare(`EXPLAIN QUERY PLAN ${statement}`)
    .bind(...Array.from({ length: places }, () => 1))
    .all<{ detail: string }>()
  return results.map(({ detail }) => detail)
}
