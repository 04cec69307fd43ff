/** Hands a finished session off: the connection is made, and the browser goes back to the app. */
import { signConnectionId } from "../connections/connection-id.ts"
import { insertPending, selectConnection, toConnection } from "../connections/store.ts"
import type { Deps } from "../context.ts"
import { sha256 } from "../lib/bytes.ts"
import { secondsAfter } from "../lib/clock.ts"
import { buildRedirect } from "../oauth/redirect.ts"
import type { AuthorizationRequest } from "../oauth/request.ts"
import { openPasted, sealFor } from "./kept.ts"
import { weigh } from "./ready.ts"
import type { Session } from "./session.ts"
import { confirmSession, endSession } from "./store.ts"
import { DeadEndError, type Visit } from "./visit.ts"

/** A connection that nobody claims or redeems is destroyed after a day. */
const PENDING_SECONDS = 24 * 60 * 60

/**
 * `redirect`: where the browser goes. `later`: the app has forgotten its request; the person's yes is
 * kept until they press Connect there once more. `form`: there is nothing to hand off yet.
 */
export type HandOff =
  | { readonly kind: "redirect"; readonly location: string }
  | { readonly kind: "later" }
  | { readonly kind: "form" }

/** Hands off what the summary showed. A second press of the same button leads to the same place. */
export async function handOff(deps: Deps, visit: Visit): Promise<HandOff> {
  const { request, app, session } = visit
  const now = deps.now()
  if (session?.ending === "done") return await repeatHandOff(deps, visit, session)
  if (session?.endedAt !== undefined) throw new DeadEndError("over", app)
  const progress = weigh(session, request, app, now)
  if (session === undefined || progress.stage !== "summary") return { kind: "form" }
  if (!visit.isFresh) {
    await confirmSession(deps.db, session, now).run()
    return { kind: "later" }
  }
  const { verdict, grant } = progress
  const pasted = await openPasted(deps, session)
  const connection = {
    id: session.connectionId,
    clientId: app.clientId,
    provider: session.provider,
    method: visit.provider.method.id,
    environment: app.environment,
    status: "active" as const,
    credentialsSealed: await sealFor(deps, session, "connection", pasted),
    accountFingerprint: verdict.outcome === "works" ? verdict.accountFingerprint : undefined,
    account: verdict.outcome === "works" ? verdict.account : { name: visit.provider.title },
    scope: grant.granted.join(" "),
    permissions: verdict.outcome === "works" ? verdict.permissions : {},
    credentialsAccess: app.credentialsAccess,
    verificationOutcome: verdict.outcome,
    verificationAt: verdict.at,
    handedOver: false,
    stateHash: request.state === undefined ? undefined : await sha256(request.state),
    createdAt: now,
    claimedAt: undefined,
    expiresAt: secondsAfter(now, PENDING_SECONDS),
  }
  const results = await deps.db.batch([
    insertPending(deps.db, connection, session.id),
    endSession(deps.db, session, "done", now),
  ])
  // Another press was quicker: the row is its row, and the answer the same if it was the same request.
  if (results[0]?.meta.changes !== 1) return await repeatHandOff(deps, visit, session)
  return { kind: "redirect", location: await responseLocation(deps, request, session) }
}

/** The same response again, while the connection waits for its claim by this very request. */
async function repeatHandOff(deps: Deps, visit: Visit, session: Session): Promise<HandOff> {
  const { request, app } = visit
  const [result] = await deps.db.batch([
    selectConnection(deps.db, app.clientId, session.connectionId),
  ])
  const connection = toConnection(result)
  const isPending = connection !== undefined && connection.claimedAt === undefined
  const isOurs =
    request.state !== undefined && connection?.stateHash === (await sha256(request.state))
  if (!isPending || !isOurs || !visit.isFresh) throw new DeadEndError("over", app)
  return { kind: "redirect", location: await responseLocation(deps, request, session) }
}

async function responseLocation(
  { config, now }: Deps,
  request: AuthorizationRequest,
  { connectionId, clientId, provider }: Session,
): Promise<string> {
  const { environment, nonce } = request
  const claims = { connectionId, clientId, provider, environment, nonce }
  const signed = await signConnectionId(config.signingKeys, config.issuer, claims, now())
  return buildRedirect(request, config.issuer, { connection_id: signed })
}

/** Ends a session as cancelled; gives where the browser goes, or undefined where the app forgot. */
export async function cancel(deps: Deps, visit: Visit): Promise<string | undefined> {
  const { request, app, session } = visit
  if (session?.ending === "done") throw new DeadEndError("over", app)
  if (session !== undefined && session.endedAt === undefined) {
    await endSession(deps.db, session, "cancelled", deps.now()).run()
  }
  if (!visit.isFresh) return undefined
  return buildRedirect(request, deps.config.issuer, {
    error: "access_denied",
    error_description: "the person cancelled",
  })
}
