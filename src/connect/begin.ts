/** The round trip that every POST of a session begins with: the row is made or found. */
import type { App } from "../apps/app.ts"
import { selectApp, toApp } from "../apps/store.ts"
import { selectConnection, toConnection } from "../connections/store.ts"
import type { Deps } from "../context.ts"
import { newId } from "../lib/ids.ts"
import type { AuthorizationRequest } from "../oauth/request.ts"
import { spendPushedRequest } from "../oauth/store.ts"
import { askerOf } from "./asker-of.ts"
import { ownView } from "./own-view.ts"
import type { Session, SessionKey } from "./session.ts"
import { beginStatements, selectSession, toSession } from "./store.ts"
import { turnOf } from "./turn.ts"
import { DeadEndError, isStale, requireApp, requireTarget } from "./visit.ts"

export interface Begun {
  readonly app: App
  readonly session: Session
  /** Results of the statements that ran alongside. */
  readonly results: readonly D1Result[]
}

/**
 * Makes or finds the session of a POST, with other statements in the same batch; `checks` counts it as
 * one more question to the provider. Where it can't go on, `undo` is run with the results first; then
 * throws `DeadEndError`.
 */
export async function begin(
  deps: Deps,
  visit: { key: SessionKey; request: AuthorizationRequest; checks: 0 | 1 },
  alongside: readonly D1PreparedStatement[] = [],
  undo: (results: readonly D1Result[]) => Promise<void> = async () => {},
): Promise<Begun> {
  const { db } = deps
  const { key, request, checks } = visit
  const now = deps.now()
  const start = {
    id: newId("ses"),
    connectionId: newId("con"),
    requestedAt: request.issuedAt,
    // A colleague goes on with a session, and never begins one.
    mayBegin: !isStale(request, now) && request.handoverHash === undefined,
    pushedHash: request.handoverHash === undefined ? request.pushedHash : undefined,
    handoverHash: request.handoverHash,
    checks,
    now,
  }
  const first = [
    selectApp(db, key.clientId),
    ...(start.pushedHash === undefined
      ? []
      : [spendPushedRequest(db, key.clientId, start.pushedHash, key.browserHash)]),
    ...beginStatements(db, key, start),
    selectSession(db, key, request.issuedAt, now),
    selectConnection(db, key.clientId, key.reconnectId),
  ]
  const all = await db.batch([...first, ...alongside])
  const results = all.slice(first.length)
  try {
    const app = requireApp(toApp(all[0]))
    const session = ownView(toSession(all[first.length - 2]), request)
    requireTarget(request, toConnection(all[first.length - 1]), app)
    // The person's session, but by a request that another browser has spent.
    if (start.pushedHash !== undefined && session && session.browserHash !== key.browserHash) {
      throw new DeadEndError("other_browser", app)
    }
    return { app, session: requireOpen(session, request, app, start.mayBegin, now), results }
  } catch (error) {
    await undo(results)
    throw error
  }
}

function requireOpen(
  session: Session | undefined,
  request: AuthorizationRequest,
  app: App,
  mayBegin: boolean,
  now: number,
): Session {
  if (session === undefined) {
    throw new DeadEndError(mayBegin ? "other_browser" : "expired", app)
  }
  if (session.endedAt !== undefined) throw new DeadEndError("over", app)
  const turn = turnOf(session, request, now)
  if (turn !== "yours") throw new DeadEndError(turn, app, askerOf(request, app)?.email)
  return session
}
