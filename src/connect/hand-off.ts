/** Hands a finished session off: the connection is made, and the browser goes back to the app. */
import { signConnectionId } from "../connections/connection-id.ts"
import { insertPending, selectConnection, toConnection } from "../connections/store.ts"
import type { Deps } from "../context.ts"
import { sha256 } from "../lib/bytes.ts"
import { secondsAfter } from "../lib/clock.ts"
import { newId } from "../lib/ids.ts"
import type { AuthorizationRequest } from "../oauth/request.ts"
import { deriveCode } from "../tokens/derive.ts"
import { insertCode, selectLiveCode } from "../tokens/store.ts"
import { openPasted, sealFor } from "./kept.ts"
import { weigh } from "./ready.ts"
import type { Session } from "./session.ts"
import { confirmSession, endSession } from "./store.ts"
import { DeadEndError, type Visit } from "./visit.ts"

/** A connection that nobody claims or redeems is destroyed after a day. */
const PENDING_SECONDS = 24 * 60 * 60

/**
 * `response`: what the app is sent. `later`: the app has forgotten its request; the person's yes is
 * kept until they press Connect there once more. `form`: there is nothing to hand off yet.
 */
export type HandOff =
  | { readonly kind: "response"; readonly response: Readonly<Record<string, string>> }
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
  // The instant that it was weighed at: what was kept then is handed off.
  const pasted = await openPasted(deps, session, now)
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
    handedOver: session.handedOverAt !== undefined,
    endUser: request.endUser,
    stateHash: await claimHash(request),
    createdAt: now,
    claimedAt: undefined,
    expiresAt: secondsAfter(now, PENDING_SECONDS),
  }
  const code = await codeFor(deps, request, session)
  const results = await deps.db.batch([
    insertPending(deps.db, connection, session.id),
    ...(await codeStatements(deps.db, request, session, code, now)),
    endSession(deps.db, session, "done", now),
  ])
  // Another press was quicker: the row is its row, and the answer the same if it was the same request.
  if (results[0]?.meta.changes !== 1) return await repeatHandOff(deps, visit, session)
  return { kind: "response", response: await responseOf(deps, request, session, code) }
}

/** The same response again, while the connection waits for this very request's claim or redemption. */
async function repeatHandOff(deps: Deps, visit: Visit, session: Session): Promise<HandOff> {
  const { request, app } = visit
  const code = await codeFor(deps, request, session)
  const [connectionResult, codeResult] = await deps.db.batch([
    selectConnection(deps.db, app.clientId, session.connectionId),
    selectLiveCode(deps.db, app.clientId, await sha256(code ?? ""), deps.now()),
  ])
  const connection = toConnection(connectionResult)
  const isPending = connection !== undefined && connection.claimedAt === undefined
  const isOurs =
    code === undefined
      ? connection?.stateHash !== undefined && connection.stateHash === (await claimHash(request))
      : codeResult?.results.length === 1
  if (!isPending || !isOurs || !visit.isFresh) throw new DeadEndError("over", app)
  return { kind: "response", response: await responseOf(deps, request, session, code) }
}

/** With a code the connection is redeemed, not claimed. */
async function claimHash({
  responseType,
  state,
}: AuthorizationRequest): Promise<string | undefined> {
  return responseType === "connection_id" && state !== undefined ? await sha256(state) : undefined
}

async function codeFor(
  { config }: Deps,
  request: AuthorizationRequest,
  session: Session,
): Promise<string | undefined> {
  if (request.responseType !== "code") return undefined
  return await deriveCode(config.fingerprintKey, session.connectionId, request.id)
}

/** A code is bound to app, redirect URI, challenge and connection. */
async function codeStatements(
  db: D1Database,
  request: AuthorizationRequest,
  { connectionId }: Session,
  code: string | undefined,
  now: number,
): Promise<D1PreparedStatement[]> {
  if (code === undefined) return []
  const { clientId, redirectUri, codeChallenge, nonce } = request
  const hash = await sha256(code)
  const familyId = newId("fam")
  return [
    insertCode(db, {
      hash,
      clientId,
      connectionId,
      redirectUri,
      codeChallenge,
      nonce,
      familyId,
      now,
    }),
  ]
}

async function responseOf(
  { config, now }: Deps,
  request: AuthorizationRequest,
  { connectionId, clientId, provider }: Session,
  code: string | undefined,
): Promise<Record<string, string>> {
  if (code !== undefined) return { code }
  const { environment, nonce } = request
  const claims = { connectionId, clientId, provider, environment, nonce }
  return {
    connection_id: await signConnectionId(config.signingKeys, config.issuer, claims, now()),
  }
}

/** Ends a session as cancelled; gives what the app is sent, or undefined where the app forgot. */
export async function cancel(
  deps: Deps,
  visit: Visit,
): Promise<Readonly<Record<string, string>> | undefined> {
  const { app, session } = visit
  if (session?.ending === "done") throw new DeadEndError("over", app)
  if (session !== undefined && session.endedAt === undefined) {
    await endSession(deps.db, session, "cancelled", deps.now()).run()
  }
  if (!visit.isFresh) return undefined
  return { error: "access_denied", error_description: "the person cancelled" }
}
