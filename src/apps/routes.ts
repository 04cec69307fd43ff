/** Registration and its management (RFC 7591, RFC 7592). */
import { Hono } from "hono"
import { type KoppelContext, type KoppelEnv, note } from "../context.ts"
import { sameText, sha256 } from "../lib/bytes.ts"
import { epochSeconds, secondsAfter } from "../lib/clock.ts"
import { KoppelError } from "../lib/errors.ts"
import { readJson } from "../lib/http.ts"
import { newSecret } from "../lib/ids.ts"
import type { App } from "./app.ts"
import { fetchLogo, type Logo } from "./logo.ts"
import { type AuthMethod, readMetadata, writeMetadata } from "./metadata.ts"
import { register } from "./register.ts"
import {
  deleteApp,
  deleteLogo,
  findApp,
  findLogo,
  listApps,
  rotateSecret,
  rotateWebhookSecret,
  selectApp,
  toApp,
  updateApp,
  upsertLogo,
} from "./store.ts"
import { newWebhookSecret, sealWebhookSecret } from "./webhook-secret.ts"
import { findWebhookUriProblem } from "./webhook-uri.ts"

const PAGE_SIZE = 50
/** Both secrets are valid for a day, so that an app can be redeployed without an outage. */
const SECRET_OVERLAP_SECONDS = 24 * 60 * 60

export const appRoutes = new Hono<KoppelEnv>()
  // Answers hold secrets (RFC 7591 §3.2.1).
  .use("/oauth/register/*", async (c, next) => {
    await next()
    c.res.headers.set("Cache-Control", "no-store")
  })
  .post("/oauth/register", async (c) => {
    await requireOperator(c)
    const request = readRequest(c, await readJson(c.req.raw))
    const { db, config, now } = c.var.deps
    const { logo, ...problem } = await readLogo(c, request.metadata.logoUri)
    const made = await register(db, config.keyRing, { ...request, now: now(), logo })
    note(c, { client_id: made.clientId })
    return c.json(
      {
        ...describe(c, made.app),
        ...problem,
        ...(made.clientSecret === undefined
          ? {}
          : { client_secret: made.clientSecret, client_secret_expires_at: 0 }),
        webhook_secret: made.webhookSecret,
        registration_access_token: made.registrationAccessToken,
      },
      201,
    )
  })
  .get("/oauth/register", async (c) => {
    await requireOperator(c)
    const apps = await listApps(c.var.deps.db, c.req.query("cursor") ?? "", PAGE_SIZE + 1)
    const page = apps.slice(0, PAGE_SIZE)
    const next = apps.length > PAGE_SIZE ? page.at(-1)?.clientId : undefined
    return c.json({ apps: page.map((app) => describe(c, app)), next_cursor: next ?? null })
  })
  .get("/oauth/register/:client_id", async (c) => {
    const { app } = await requireManager(c)
    return c.json(describe(c, app))
  })
  .put("/oauth/register/:client_id", async (c) => {
    const { app, isOperator } = await requireManager(c)
    const body = await readJson(c.req.raw)
    checkUpdateNames(body, app)
    const request = readRequest(c, { ...defaultsOfUpdate(app), ...asObject(body) })
    const problem = findForbiddenChange(app, request, isOperator)
    if (problem !== undefined) throw new KoppelError(403, "insufficient_scope", problem)
    const { db, now } = c.var.deps
    const { logo, ...logoProblem } = await readLogo(c, request.metadata.logoUri)
    const results = await db.batch([
      updateApp(db, app.clientId, { ...request, at: now() }),
      ...(request.metadata.logoUri === undefined ? [deleteLogo(db, app.clientId)] : []),
      ...(logo === undefined ? [] : [upsertLogo(db, app.clientId, logo)]),
      selectApp(db, app.clientId),
    ])
    const updated = toApp(results.at(-1))
    if (updated === undefined) throw invalidToken("the app is gone")
    return c.json({ ...describe(c, updated), ...logoProblem })
  })
  .delete("/oauth/register/:client_id", async (c) => {
    const { app } = await requireManager(c)
    await deleteApp(c.var.deps.db, app.clientId)
    return c.body(null, 204)
  })
  .post("/oauth/register/:client_id/rotate-secret", async (c) => {
    const { app } = await requireManager(c)
    const { db, now } = c.var.deps
    const clientSecret = newSecret("sec")
    const previousUntil = secondsAfter(now(), SECRET_OVERLAP_SECONDS)
    const change = { secretHash: await sha256(clientSecret), previousUntil, at: now() }
    if (!(await rotateSecret(db, app.clientId, change))) {
      throw new KoppelError(400, "invalid_client_metadata", "This app has no secret.")
    }
    return c.json({
      client_id: app.clientId,
      client_secret: clientSecret,
      client_secret_expires_at: 0,
      previous_secret_expires_at: epochSeconds(previousUntil),
    })
  })

  .post("/oauth/register/:client_id/rotate-webhook-secret", async (c) => {
    const { app } = await requireManager(c)
    const { db, config, now } = c.var.deps
    const webhookSecret = newWebhookSecret()
    const previousUntil = secondsAfter(now(), SECRET_OVERLAP_SECONDS)
    const sealed = await sealWebhookSecret(config.keyRing, app.clientId, webhookSecret)
    const change = { webhookSecretSealed: sealed, previousUntil, at: now() }
    await rotateWebhookSecret(db, app.clientId, change)
    return c.json({
      client_id: app.clientId,
      webhook_secret: webhookSecret,
      previous_webhook_secret_expires_at: epochSeconds(previousUntil),
    })
  })

/** Serves what was fetched; nothing in it can run, whatever a browser takes it for. */
export const logoRoutes = new Hono<KoppelEnv>().get("/logos/:client_id", async (c) => {
  const logo = await findLogo(c.var.deps.db, c.req.param("client_id"))
  if (logo === undefined) throw new KoppelError(404, "not_found", "There is no such logo.")
  const bytes = Uint8Array.from(atob(logo.content), (character) => character.charCodeAt(0))
  return c.body(bytes, 200, {
    "Content-Type": logo.contentType,
    "Content-Security-Policy": "default-src 'none'; sandbox",
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "public, max-age=3600",
  })
})

/** A logo that can't be had doesn't stand in the way of the app; the answer says what is wrong. */
async function readLogo(
  c: KoppelContext,
  logoUri: string | undefined,
): Promise<{ logo?: Logo; logo_problem?: string }> {
  const { fetch, config } = c.var.deps
  if (logoUri === undefined) return {}
  try {
    return {
      logo: await fetchLogo(logoUri, { fetch, issuer: config.issuer, loopback: config.loopback }),
    }
  } catch (error) {
    if (!(error instanceof KoppelError)) throw error
    return { logo_problem: error.message }
  }
}

type ReadyRequest = Extract<ReturnType<typeof readMetadata>, { ok: true }>

function readRequest(c: KoppelContext, body: unknown): ReadyRequest {
  const request = readMetadata(body)
  if (!request.ok) throw new KoppelError(400, request.code, request.description)
  const { webhookUri } = request.metadata
  const problem =
    webhookUri === undefined ? undefined : findWebhookUriProblem(webhookUri, c.var.deps.config)
  if (problem !== undefined) {
    throw new KoppelError(400, "invalid_client_metadata", `webhook_uri: ${problem}`)
  }
  return request
}

/** The operator's token opens every registration. */
async function requireOperator(c: KoppelContext): Promise<void> {
  if (!(await isOperatorToken(c, readBearer(c)))) throw invalidToken("not the registration token")
}

/** An app manages itself with its registration access token; the operator manages every app. */
async function requireManager(c: KoppelContext): Promise<{ app: App; isOperator: boolean }> {
  const token = readBearer(c)
  const isOperator = await isOperatorToken(c, token)
  const clientId = c.req.param("client_id") ?? ""
  const app = await findApp(c.var.deps.db, clientId)
  const isOwn = sameText(await sha256(token), app?.registrationTokenHash ?? "")
  // RFC 7592 §2.1: an app that is gone answers as a wrong token does.
  if (app === undefined || !(isOperator || isOwn)) throw invalidToken("no such app or wrong token")
  if (app.suspended && !isOperator) throw invalidToken("suspended app")
  note(c, { client_id: app.clientId })
  return { app, isOperator }
}

async function isOperatorToken(c: KoppelContext, token: string): Promise<boolean> {
  return sameText(await sha256(token), await sha256(c.var.deps.config.registrationToken))
}

function readBearer(c: KoppelContext): string {
  const match = /^bearer +([\x21-\x7e]+)$/i.exec(c.req.header("authorization") ?? "")
  if (match?.[1] === undefined) throw invalidToken("no bearer token")
  return match[1]
}

function invalidToken(detail: string): KoppelError {
  return new KoppelError(401, "invalid_token", "The registration token is not accepted.", {
    detail,
    headers: { "WWW-Authenticate": 'Bearer error="invalid_token"' },
  })
}

/** RFC 7592 §2.2: what the server chose may be sent back, but only as it is. */
function checkUpdateNames(body: unknown, app: App): void {
  const sent = asObject(body)
  if (sent.client_id !== app.clientId) {
    throw new KoppelError(400, "invalid_client_metadata", "client_id: must be this app's own")
  }
  if ("client_secret" in sent) {
    // It may only be sent back as it is, and what it is we don't know: it is kept as a hash.
    throw new KoppelError(400, "invalid_client_metadata", "client_secret: must not be sent")
  }
  for (const name of [
    "registration_access_token",
    "registration_client_uri",
    "client_secret_expires_at",
    "client_id_issued_at",
  ]) {
    if (name in sent) {
      throw new KoppelError(400, "invalid_client_metadata", `${name}: must not be sent`)
    }
  }
}

/** Members that an app's own update leaves out keep their value where leaving out can't mean reset. */
function defaultsOfUpdate(app: App): Record<string, unknown> {
  return {
    environment: app.environment,
    suspended: app.suspended,
    credentials_access: app.credentialsAccess,
  }
}

function findForbiddenChange(
  app: App,
  request: ReadyRequest,
  isOperator: boolean,
): string | undefined {
  if (request.environment !== app.environment) return "environment: never changes"
  // What the app holds, a secret or a key or nothing, was told at registration.
  const method = request.metadata.tokenEndpointAuthMethod
  if (kindOf(app.tokenEndpointAuthMethod) !== kindOf(method)) {
    return "token_endpoint_auth_method: register a new app for this"
  }
  if (isOperator) return undefined
  if (request.suspended !== app.suspended) return "suspended: only the operator changes it"
  if (request.metadata.credentialsAccess !== app.credentialsAccess) {
    return "credentials_access: only the operator changes it"
  }
  const isWider = request.metadata.scope.some((scope) => !app.scope.includes(scope))
  return isWider ? "scope: only the operator widens it" : undefined
}

function kindOf(method: AuthMethod): string {
  return method.startsWith("client_secret") ? "secret" : method
}

function asObject(body: unknown): Record<string, unknown> {
  return typeof body === "object" && body !== null && !Array.isArray(body)
    ? (body as Record<string, unknown>)
    : {}
}

function describe(c: KoppelContext, app: App): Record<string, unknown> {
  return {
    client_id: app.clientId,
    client_id_issued_at: epochSeconds(app.createdAt),
    ...writeMetadata(app),
    environment: app.environment,
    suspended: app.suspended,
    registration_client_uri: `${c.var.deps.config.issuer}/oauth/register/${app.clientId}`,
  }
}
