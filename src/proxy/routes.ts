/** The provider's API with the credentials put in: `/proxy/<provider>/…`. Bearer only. */
import { Hono } from "hono"
import type { Connection } from "../connections/connection.ts"
import { type KoppelContext, type KoppelEnv, note } from "../context.ts"
import { answerOf, listed } from "./answer.ts"
import { cached } from "./cached.ts"
import { readProxyCaller } from "./caller.ts"
import { forward, publish, requireApi } from "./forward.ts"
import { readBody } from "./read-body.ts"
import { suspectConnection } from "./suspect.ts"
import { readTarget, type Target } from "./target.ts"

/** Told when a provider turned down the credentials of a connection. */
export type OnRefused = (connection: Connection) => Promise<void>

export const proxyRoutes = new Hono<KoppelEnv>().all("/proxy/:provider/*", async (c) => {
  const target = readTarget(c.req.raw)
  const published = await readPublished(c, target)
  if (published !== undefined) return published
  return await passOn(c, target, (connection) => suspectConnection(c, connection))
})

async function passOn(
  c: KoppelContext,
  { provider, call }: Target,
  onRefused: OnRefused,
): Promise<Response> {
  const { deps } = c.var
  const caller = await readProxyCaller(c, provider)
  const { connection } = caller
  const api = requireApi(deps.upstream(provider, connection.environment, true))
  const body = await readBody(c.req.raw)
  const headers = listed(c.req.raw.headers, api.proxy.requestHeaders)
  const proxied = await forward(deps, provider, api, caller, { ...call, headers, body })
  note(c, { outcome: proxied.outcome, code: proxied.code })
  if (proxied.suspect) later(c, onRefused(connection))
  return answerOf(proxied, api.proxy)
}

async function readPublished(c: KoppelContext, target: Target): Promise<Response | undefined> {
  const { deps } = c.var
  const more = {
    issuer: deps.config.issuer,
    later: (work: Promise<unknown>) => later(c, work),
  }
  const found = await publish(deps, target.provider, target.call, (name, make) =>
    cached(name, make, more),
  )
  if (found === undefined) return undefined
  note(c, { provider: target.provider.id, outcome: "published" })
  const response = answerOf(found.proxied, found.api.proxy)
  response.headers.set("Cache-Control", "public, max-age=3600")
  return response
}

/** Lets work go on behind the answer, where the platform can do that. */
function later(c: KoppelContext, work: Promise<unknown>): void {
  const settled = work.catch(() => undefined)
  try {
    c.executionCtx.waitUntil(settled)
  } catch {
    // Without an execution context (a test, a script) it goes on by itself.
  }
}
