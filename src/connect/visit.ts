/** Who is at the page: the request out of its address, the browser, the app and the session. */
import type { App } from "../apps/app.ts"
import { matchesRedirectUri } from "../apps/redirect-uri.ts"
import { selectApp, toApp } from "../apps/store.ts"
import type { Connection } from "../connections/connection.ts"
import { toProvidersDown } from "../connections/health/provider-down.ts"
import { selectStatusOf } from "../connections/health/store.ts"
import { selectConnection, toConnection } from "../connections/store.ts"
import { type KoppelContext, note } from "../context.ts"
import { KoppelError } from "../lib/errors.ts"
import { hashBrowser, readBrowser } from "../oauth/browser.ts"
import { type AuthorizationRequest, isFresh, openRequest } from "../oauth/request.ts"
import { selectSpentElsewhere } from "../oauth/store.ts"
import type { Provider } from "../providers/provider.ts"
import { findProvider } from "../providers/registry.ts"
import { ownView } from "./own-view.ts"
import { IDLE_SECONDS, type Session, type SessionKey } from "./session.ts"
import { selectLoginInUse, selectSession, toLoginInUse, toSession } from "./store.ts"
import { type Turn, turnOf } from "./turn.ts"

export interface Visit {
  /** The sealed request, as it stands in the address. */
  readonly sealed: string
  readonly request: AuthorizationRequest
  readonly app: App
  readonly provider: Provider
  /** The cookie's value. */
  readonly browser: string
  readonly key: SessionKey
  readonly session: Session | undefined
  /** The connection that is to be reconnected; gone where it was ended meanwhile. */
  readonly target: Connection | undefined
  /** The app still remembers its request, so the browser may be sent back. */
  readonly isFresh: boolean
  readonly turn: Turn
  /** What this page and its log line show. */
  readonly reference: string
  /** The health checks found that the provider does not answer. */
  readonly isProviderDown: boolean
  /** The login that was found works for another app already. */
  readonly isLoginInUse: boolean
}

/** Why a page can't go on; each has words of its own and a way back where that is safe. */
export type DeadEnd = "other_browser" | "over" | "expired" | "gone" | Exclude<Turn, "yours">

/** Leads to a page that says so; `app` is named there and linked by what it registered. */
export class DeadEndError extends KoppelError {
  readonly deadEnd: DeadEnd
  readonly app: App | undefined
  /** Whom to ask for a new link. */
  readonly ask: string | undefined

  constructor(deadEnd: DeadEnd, app: App | undefined, ask?: string) {
    super(deadEnd === "other_browser" ? 403 : 410, deadEnd, "This page can't go on.")
    this.name = "DeadEndError"
    this.deadEnd = deadEnd
    this.app = app
    this.ask = ask
  }
}

/** Opens the request in the page's address without asking who is there; throws 404. */
export async function readRequest(c: KoppelContext): Promise<AuthorizationRequest> {
  const request = await openRequest(c.var.deps.config.keyRing, c.req.param("request") ?? "")
  note(c, { client_id: request.clientId, provider: request.provider })
  return request
}

/** Gives the session's name, or undefined where another browser has opened the page. */
export async function matchBrowser(
  c: KoppelContext,
  request: AuthorizationRequest,
): Promise<{ browser: string; key: SessionKey } | undefined> {
  const browser = readBrowser(c)
  if (browser === undefined || (await hashBrowser(browser)) !== request.browserHash)
    return undefined
  const { clientId, provider, browserHash, endUser, reconnect } = request
  const who = { browserHash, endUserId: endUser?.id ?? "" }
  return { browser, key: { clientId, provider, ...who, reconnectId: reconnect ?? "" } }
}

/**
 * Reads everything about a visit in one round trip. Throws `DeadEndError` where the page is another
 * browser's, its session is over, the request is older than a session lives without progress, or what
 * it reconnects was ended.
 */
export async function readVisit(c: KoppelContext): Promise<Visit> {
  const visit = await readAnyVisit(c)
  if (visit.session?.endedAt !== undefined) throw new DeadEndError("over", visit.app)
  requireTarget(visit.request, visit.target, visit.app)
  return visit
}

/** As `readVisit`, but a session that has ended is given too. */
export async function readAnyVisit(c: KoppelContext): Promise<Visit> {
  const { db, now } = c.var.deps
  const request = await readRequest(c)
  const match = await matchBrowser(c, request)
  if (match === undefined) {
    const [result] = await db.batch([selectApp(db, request.clientId)])
    throw new DeadEndError("other_browser", toApp(result))
  }
  const { clientId, browserHash } = match.key
  // What a colleague goes on with, the requester's browser has spent.
  const pushedHash = request.handoverHash === undefined ? request.pushedHash : undefined
  const [appResult, sessionResult, spentResult, targetResult, down, inUse] = await db.batch([
    selectApp(db, request.clientId),
    selectSession(db, match.key, request.issuedAt, now()),
    selectSpentElsewhere(db, clientId, pushedHash ?? "", browserHash),
    selectConnection(db, clientId, request.reconnect ?? ""),
    selectStatusOf(db, request.provider),
    selectLoginInUse(db, match.key),
  ])
  const app = requireApp(toApp(appResult))
  // By the person's name the session would be found, but this request was used up elsewhere.
  if (spentResult?.results.length === 1) throw new DeadEndError("other_browser", app)
  requireRegistered(app, request)
  const session = ownView(toSession(sessionResult), request)
  if (session === undefined && isStale(request, now())) throw new DeadEndError("expired", app)
  // The sandbox is never down, and everybody's.
  const isLive = app.environment === "live"
  return {
    ...match,
    sealed: c.req.param("request") ?? "",
    request,
    app,
    provider: requireProvider(request.provider),
    session,
    target: toConnection(targetResult),
    isFresh: isFresh(request, now()),
    turn: turnOf(session, request, now()),
    reference: c.var.reference,
    isProviderDown: isLive && toProvidersDown(down, now()).includes(request.provider),
    isLoginInUse: isLive && toLoginInUse(inUse),
  }
}

/** A suspended app is refused everywhere at once. */
export function requireApp(app: App | undefined): App {
  if (app !== undefined && !app.suspended) return app
  throw new KoppelError(403, "unauthorized_client", "The app may not connect right now.", {
    detail: app === undefined ? "unknown app" : "suspended app",
  })
}

/** Refuses to go on with a reconnect whose connection was ended meanwhile. */
export function requireTarget(
  { reconnect }: AuthorizationRequest,
  target: Connection | undefined,
  app: App,
): void {
  if (reconnect !== undefined && target === undefined) throw new DeadEndError("gone", app)
}

/** The registration may have changed since the request was checked. */
function requireRegistered(app: App, { redirectUri }: AuthorizationRequest): void {
  if (app.redirectUris.some((registered) => matchesRedirectUri(registered, redirectUri))) return
  throw new KoppelError(403, "unauthorized_client", "The app may not connect like this any more.", {
    detail: "redirect_uri is no longer registered",
  })
}

/** A request without a row is worth as much as a row without progress. */
export function isStale(request: AuthorizationRequest, now: number): boolean {
  return now - request.issuedAt > IDLE_SECONDS * 1000
}

/** Gives the provider of a request, which was known when the request was checked. */
export function requireProvider(id: string): Provider {
  const provider = findProvider(id)
  if (provider !== undefined) return provider
  throw new KoppelError(404, "not_found", "This address is not complete.", {
    detail: "provider is gone",
  })
}
