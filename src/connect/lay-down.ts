/** Lays down what a session came to: a new connection, or what is to replace an old one's login. */
import type { Connection } from "../connections/connection.ts"
import { placeOfReconnect } from "../connections/reconnect/apply.ts"
import { insertReconnect } from "../connections/reconnect/store.ts"
import { insertPending } from "../connections/store.ts"
import type { Deps } from "../context.ts"
import { secondsAfter } from "../lib/clock.ts"
import type { Credentials } from "../providers/provider.ts"
import { seal } from "../vault/seal.ts"
import type { Grant } from "./grant.ts"
import { sealFor } from "./kept.ts"
import type { PassedVerdict } from "./ready.ts"
import type { Session } from "./session.ts"
import type { Visit } from "./visit.ts"

/** What nobody claims or redeems is destroyed after a day. */
const PENDING_SECONDS = 24 * 60 * 60

export interface Finished {
  readonly visit: Visit
  readonly session: Session
  readonly verdict: PassedVerdict
  readonly grant: Grant
  readonly pasted: Credentials
  readonly now: number
}

export interface Placed {
  readonly statement: D1PreparedStatement
  /** The connection that the app gets to hear of. */
  readonly connectionId: string
  readonly reconnectId: string | undefined
}

/**
 * Gives the statement that lays it down, pending: beside `target`, whose login goes on working, or as
 * a connection of its own. `stateHash` is what a claim has to prove.
 */
export async function layDown(
  deps: Deps,
  finished: Finished,
  { target, stateHash }: { target: Connection | undefined; stateHash: string | undefined },
): Promise<Placed> {
  const { visit, session, verdict, grant, pasted, now } = finished
  const { app, request, provider } = visit
  const { connectionId: id, clientId } = session
  // What this page shows is what is agreed to; a yes of before was to what was shown then.
  const isNow = session.confirmedAt === undefined && session.handedOverAt === undefined
  const works = verdict.outcome === "works" ? verdict : undefined
  const brought = {
    id,
    clientId,
    method: provider.method.id,
    // Not checked, it passed as the account that it was.
    accountFingerprint: works?.accountFingerprint ?? target?.accountFingerprint,
    account: works?.account ?? target?.account ?? { name: provider.title },
    scope: grant.granted.join(" "),
    permissions: works?.permissions ?? {},
    credentialsAccess: app.credentialsAccess && (isNow || session.agreedAccess),
    verificationOutcome: verdict.outcome,
    verificationAt: verdict.at,
    handedOver: session.handedOverAt !== undefined,
    endUser: request.endUser,
    // Whoever typed is in charge of it.
    browserHash: session.helperHash ?? request.browserHash,
    stateHash,
    createdAt: now,
    expiresAt: secondsAfter(now, PENDING_SECONDS),
  }
  if (target === undefined) {
    const connection = {
      ...brought,
      provider: session.provider,
      environment: app.environment,
      status: "active" as const,
      credentialsSealed: await sealFor(deps, session, "connection", pasted),
      claimedAt: undefined,
      lastUsedAt: undefined,
    }
    const statement = insertPending(deps.db, connection, session.id)
    return { statement, connectionId: id, reconnectId: undefined }
  }
  const { id: connectionId } = target
  const place = placeOfReconnect({ id, connectionId, clientId, provider: session.provider })
  const credentialsSealed = await seal(deps.config.keyRing, pasted, place)
  const reconnect = { ...brought, connectionId, credentialsSealed }
  const statement = insertReconnect(deps.db, reconnect, session.id)
  return { statement, connectionId, reconnectId: id }
}
