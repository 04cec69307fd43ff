/** Composition root: middleware order, mounts, the one error handler, the real or the sandbox fetch. */
import { Hono } from "hono"
import { methodNotAllowed } from "hono/method-not-allowed"
import { routePath } from "hono/route"
import { base64url } from "jose"
import { appRoutes, logoRoutes } from "./apps/routes.ts"
import { type Config, ConfigError, readConfig } from "./config.ts"
import { connectRoutes } from "./connect/routes.tsx"
import { listProvidersDown } from "./connections/health/provider-down.ts"
import {
  selectActiveSince,
  selectKeyUse,
  toActiveSince,
  toKeyNeeded,
} from "./connections/reseal/store.ts"
import { connectionRoutes } from "./connections/routes.ts"
import type { Deps, KoppelContext, KoppelEnv } from "./context.ts"
import { embedRoutes } from "./embed/routes.ts"
import { respondToError } from "./error-pages.tsx"
import { randomBytes } from "./lib/bytes.ts"
import { secondsAfter } from "./lib/clock.ts"
import { KoppelError } from "./lib/errors.ts"
import { newReference } from "./lib/ids.ts"
import { writeLog } from "./lib/log.ts"
import { openapiRoutes } from "./oauth/openapi/routes.ts"
import { oauthRoutes, shareWithApps } from "./oauth/routes.ts"
import type { Adapter, Provider } from "./providers/provider.ts"
import { proxyRoutes } from "./proxy/routes.ts"
import { nimbusSandbox } from "./sandbox/nimbus/index.ts"
import { nmbrsSandbox } from "./sandbox/nmbrs/index.ts"
import type { Sandbox, Sleep } from "./sandbox/sandbox.ts"

/** What the outside decides: time, the network, and how long a provider may take. */
export interface Outside {
  readonly now: () => number
  readonly fetch: typeof fetch
  readonly sleep: Sleep
  readonly verificationSeconds: number
  /** Ten where it is left out. */
  readonly webhookSeconds?: number
  /** A minute where it is left out: Nmbrs is slow for large companies. */
  readonly proxySeconds?: number
}

const SANDBOXES: Readonly<Record<string, Sandbox>> = { nmbrs: nmbrsSandbox, nimbus: nimbusSandbox }

/** Builds the whole application. */
export function createApp(outside: Outside): Hono<KoppelEnv> {
  const app = new Hono<KoppelEnv>()
  app.use(async (c, next) => {
    c.set("reference", newReference())
    c.set("nonce", base64url.encode(randomBytes(16)))
    c.set("log", {})
    await next()
    writeLog({
      ...c.var.log,
      reference: c.var.reference,
      method: c.req.method,
      route: routePath(c, -1),
      status: c.res.status,
    })
  })
  app.use(async (c, next) => {
    const config = await readConfig(c.env)
    c.set("deps", dependencies(outside, config, c.env.DB))
    await next()
    if (!config.loopback) c.header("Strict-Transport-Security", "max-age=63072000")
  })
  // Before the limiter, so that a browser app can read its refusal.
  app.use("/oauth/token", shareWithApps)
  app.use("/.well-known/*", shareWithApps)
  app.use(methodNotAllowed({ app, onMethodNotAllowed: refuseMethod }))
  app.use("/connect/*", limit("LIMIT_PAGE", "LIMIT_SUBMIT"))
  app.use("/handover/*", limit("LIMIT_PAGE", "LIMIT_SUBMIT"))
  app.use("/oauth/*", limit("LIMIT_PAGE", "LIMIT_API"))
  app.use("/v1/*", limit("LIMIT_API", "LIMIT_API"))
  app.use("/proxy/*", limit("LIMIT_API", "LIMIT_API"))
  app.get("/healthz", async (c) => {
    const { db, now, config } = c.var.deps
    const { adapters, malformed } = config
    const down = await listProvidersDown(db, now())
    const providers = Object.fromEntries(
      [...adapters].map(([id, one]) => [id, healthOf(one, down.includes(id))]),
    )
    return c.json({
      status: "ok",
      providers,
      settings: malformed,
      sealing_keys: await describeKeys(db, config.keyRing, now()),
    })
  })
  app.route("/", appRoutes)
  app.route("/", logoRoutes)
  app.route("/", oauthRoutes)
  app.route("/", openapiRoutes)
  app.route("/", connectRoutes)
  app.route("/", connectionRoutes)
  app.route("/", proxyRoutes)
  app.route("/", embedRoutes)
  app.notFound((c) =>
    respondToError(c, new KoppelError(404, "not_found", "There is nothing at this address.")),
  )
  app.onError((error, c) => {
    if (error instanceof ConfigError && c.req.path === "/healthz") {
      return c.json({ status: "misconfigured", settings: error.settings }, 503)
    }
    return respondToError(c, error)
  })
  return app
}

/** Puts together what routes and scheduled jobs work with. */
export function dependencies(outside: Outside, config: Config, db: D1Database): Deps {
  return {
    now: outside.now,
    fetch: outside.fetch,
    config,
    db,
    verificationSeconds: outside.verificationSeconds,
    magic: (provider) => SANDBOXES[provider.id]?.magic ?? [],
    webhookSeconds: outside.webhookSeconds ?? 10,
    proxySeconds: outside.proxySeconds ?? 60,
    upstream: (provider, environment, stored) => {
      if (environment === "test") return sandboxUpstream(outside, provider, stored)
      const adapter = config.adapters.get(provider.id)
      return adapter === undefined ? undefined : { adapter, fetch: outside.fetch }
    },
  }
}

const sandboxAdapters = new Map<string, Adapter>()

/** Test apps talk through the same adapter to a simulated provider. */
function sandboxUpstream({ sleep }: Outside, provider: Provider, stored: boolean) {
  const sandbox = SANDBOXES[provider.id]
  if (sandbox === undefined) return undefined
  const adapter =
    sandboxAdapters.get(provider.id) ?? provider.configure(sandbox.settings, { loopback: false })
  sandboxAdapters.set(provider.id, adapter)
  return { adapter, fetch: sandbox.fetch({ sleep, stored }) }
}

/** A session, with a colleague's link and a kept yes, may last so long; nothing sealed lasts longer unless it is sealed anew. */
const SEALED_LIFE_SECONDS = 17 * 24 * 60 * 60

/** Which sealing keys are still needed, for the last step of a rotation. */
async function describeKeys(db: D1Database, { active, keys }: Config["keyRing"], now: number) {
  const kids = [...keys.keys()]
  if (kids.length === 1) return [{ kid: active, active: true, needed: true }]
  const [since, ...uses] = await db.batch([
    selectActiveSince(db, active),
    ...kids.map((kid) => selectKeyUse(db, kid)),
  ])
  const activeSince = toActiveSince(since)
  const isSettled =
    activeSince !== undefined && secondsAfter(activeSince, SEALED_LIFE_SECONDS) <= now
  return kids.map((kid, at) => ({
    kid,
    active: kid === active,
    needed: kid === active || !isSettled || toKeyNeeded(uses[at]),
  }))
}

function healthOf(adapter: Adapter | undefined, isDown: boolean): string {
  if (adapter === undefined) return "misconfigured"
  if (isDown) return "down"
  return adapter.checkable ? "ok" : "not_checkable"
}

function refuseMethod(c: KoppelContext, methods: readonly string[]) {
  return respondToError(
    c,
    new KoppelError(405, "method_not_allowed", `Use ${methods.join(" or ")} here.`, {
      headers: { Allow: methods.join(", ") },
    }),
  )
}

type Limiter = "LIMIT_PAGE" | "LIMIT_SUBMIT" | "LIMIT_API"

/** Gives whether the limiter allows it, or undefined where it is down, in whichever way. */
async function ask(limiter: RateLimit, key: string): Promise<boolean | undefined> {
  try {
    return (await limiter.limit({ key })).success
  } catch {
    return undefined
  }
}

/** A first filter by address; one that is down refuses. */
function limit(reads: Limiter, writes: Limiter) {
  return async (c: KoppelContext, next: () => Promise<void>) => {
    if (c.var.deps.config.rateLimits) {
      const limiter = c.req.method === "GET" || c.req.method === "HEAD" ? reads : writes
      const key = c.req.header("cf-connecting-ip") ?? "unknown"
      const isAllowed = await ask(c.env[limiter], key)
      if (isAllowed !== true) {
        throw new KoppelError(isAllowed === false ? 429 : 503, "slow_down", "Wait a minute.", {
          detail: isAllowed === false ? limiter : `${limiter} is down`,
          headers: { "Retry-After": "60" },
        })
      }
    }
    await next()
  }
}
