/**
 * The handover: the person is not the administrator, and a colleague goes on by a link. Only where a
 * confidential app said by PAR who asks, since a link that makes a stranger paste is what a phisher
 * wants. Opening the link changes nothing; the colleague's yes at the end uses it up.
 */
import type { App } from "../apps/app.ts"
import { selectAppOfHandover, toApp } from "../apps/store.ts"
import type { Deps } from "../context.ts"
import { sha256 } from "../lib/bytes.ts"
import { secondsAfter } from "../lib/clock.ts"
import { newId, newSecret } from "../lib/ids.ts"
import { type AuthorizationRequest, sealRequest } from "../oauth/request.ts"
import { open, seal } from "../vault/seal.ts"
import { type Asker, askerOf } from "./asker-of.ts"
import { begin } from "./begin.ts"
import {
  closeHandover,
  finishHandover,
  openHandover,
  selectHandover,
  toHandoverSealed,
} from "./handover/store.ts"
import { logStep } from "./log-step.ts"
import { HANDOVER_SECONDS, isHandoverOpen, type Session, type SessionKey } from "./session.ts"
import { toSession } from "./store.ts"
import { DeadEndError, type Visit } from "./visit.ts"

/** Makes a link for a colleague; an earlier one ends. Gives the link's token, told this once. */
export async function createHandover(
  deps: Deps,
  visit: { key: SessionKey; request: AuthorizationRequest; reference: string },
): Promise<{ token: string; until: number }> {
  const { session, app } = await begin(deps, { ...visit, checks: 0 })
  if (askerOf(visit.request, app) === undefined) throw new DeadEndError("over", app)
  const token = newSecret("hnd")
  const hash = await sha256(token)
  const now = deps.now()
  const until = secondsAfter(now, HANDOVER_SECONDS)
  const place = placeOf(session, hash)
  const sealed = await seal(deps.config.keyRing, visit.request, place)
  const { reference } = visit
  await deps.db.batch([
    logStep(deps.db, session, { step: "handover_created", reference, at: now }),
    openHandover(deps.db, session, { hash, sealed, until, now }),
  ])
  return { token, until }
}

/** Withdraws the link that is out; what the colleague typed with it goes, too. */
export async function revokeHandover(deps: Deps, { session, reference }: Visit): Promise<void> {
  if (session === undefined) return
  const at = deps.now()
  await deps.db.batch([
    logStep(deps.db, session, { step: "handover_revoked", reference, at }),
    closeHandover(deps.db, session, at),
  ])
}

/** What a colleague's link leads to. */
export interface Lead {
  readonly app: App
  readonly asker: Asker
  readonly request: AuthorizationRequest
  readonly session: Session
  readonly hash: string
}

/**
 * Reads what a link leads to; writes nothing. Throws `DeadEndError` `link_ended` or `helped`, with whom
 * to ask where that is known.
 */
export async function readLead(deps: Deps, token: string): Promise<Lead> {
  const hash = await sha256(token)
  const [result, appResult] = await deps.db.batch([
    selectHandover(deps.db, hash),
    selectAppOfHandover(deps.db, hash),
  ])
  const session = toSession(result)
  const sealed = toHandoverSealed(result)
  if (session === undefined || sealed === undefined) throw new DeadEndError("link_ended", undefined)
  const app = toApp(appResult)
  const request = (await open(
    deps.config.keyRing,
    sealed,
    placeOf(session, hash),
  )) as AuthorizationRequest
  const asker = app === undefined || app.suspended ? undefined : askerOf(request, app)
  if (app === undefined || asker === undefined) throw new DeadEndError("link_ended", undefined)
  if (session.handedOverAt !== undefined) throw new DeadEndError("helped", app, asker.email)
  if (!isHandoverOpen(session, deps.now())) {
    throw new DeadEndError("link_ended", app, asker.email)
  }
  return { app, asker, request, session, hash }
}

/** Lets the colleague's browser go on with the session; gives the sealed request of its page. */
export async function acceptHandover(
  deps: Deps,
  { request, hash }: Lead,
  browserHash: string,
  uiLocales: string,
): Promise<string> {
  return await sealRequest(deps.config.keyRing, {
    ...request,
    id: newId("req"),
    handoverHash: hash,
    uiLocales,
    browserHash,
    issuedAt: deps.now(),
  })
}

/**
 * Keeps the colleague's yes, and whether they want another account as a connection of its own, until
 * the requester hands off.
 */
export async function completeHandover(
  deps: Deps,
  { app, request, reference }: Visit,
  session: Session,
  yes: { readonly hash: string; readonly asNew: boolean },
): Promise<void> {
  const now = deps.now()
  await deps.db.batch([
    logStep(deps.db, session, { step: "handover_completed", reference, at: now }),
    finishHandover(deps.db, session, {
      ...yes,
      browserHash: request.browserHash,
      access: app.credentialsAccess,
      now,
    }),
  ])
}

function placeOf({ connectionId, clientId, provider }: Session, hash: string) {
  return { purpose: "handover", id: `${connectionId}/${hash}`, clientId, provider } as const
}
