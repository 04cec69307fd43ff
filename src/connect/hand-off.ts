/**
 * Hands a finished session off: the connection is made, or what is to replace its login is laid beside
 * it, and the browser goes back to the app.
 */
import { signConnectionId } from "../connections/connection-id.ts"
import { isWaiting } from "../connections/reconnect/apply.ts"
import { selectReconnect, toReconnect } from "../connections/reconnect/store.ts"
import { selectConnection, toConnection } from "../connections/store.ts"
import type { Deps } from "../context.ts"
import { sha256 } from "../lib/bytes.ts"
import { newId } from "../lib/ids.ts"
import type { AuthorizationRequest } from "../oauth/request.ts"
import { spendPushedRequest } from "../oauth/store.ts"
import { deriveCode } from "../tokens/derive.ts"
import { insertCode, selectLiveCode } from "../tokens/store.ts"
import { enqueueSessionEvent } from "../webhooks/store.ts"
import { openPasted } from "./kept.ts"
import { type Finished, layDown, type Placed } from "./lay-down.ts"
import { endMessageId, logStep } from "./log-step.ts"
import { weigh } from "./ready.ts"
import type { Session } from "./session.ts"
import { confirmSession, endSession } from "./store.ts"
import { isSameAccount } from "./target.ts"
import { DeadEndError, type Visit } from "./visit.ts"

/**
 * `response`: what the app is sent. `later`: the app has forgotten its request; the person's yes is
 * kept until they press Connect there once more. `form`: there is nothing to hand off yet.
 */
export type HandOff =
  | {
      readonly kind: "response"
      readonly response: Readonly<Record<string, string>>
      /** Webhooks that may have been written. */
      readonly messageIds: readonly string[]
    }
  | { readonly kind: "later" }
  | { readonly kind: "form" }

/**
 * Hands off what the summary showed. A second press of the same button leads to the same place.
 * `asNew`: the person wants another provider account than the reconnect was for, as a new connection.
 */
export async function handOff(deps: Deps, visit: Visit, asNew: boolean): Promise<HandOff> {
  const { request, app, session, target, reference } = visit
  const now = deps.now()
  if (session?.ending === "done") return await repeatHandOff(deps, visit, session)
  if (session?.endedAt !== undefined) throw new DeadEndError("over", app)
  if (request.reconnect !== undefined && target === undefined) throw new DeadEndError("gone", app)
  const progress = weigh(session, request, app, now)
  if (session === undefined || progress.stage !== "summary") return { kind: "form" }
  // The instant that it was weighed at: what was kept then is handed off.
  const pasted = await openPasted(deps, session, now)
  const isAnother = await isAnotherAccount(deps, { visit, session, pasted, ...progress })
  if (isAnother && !asNew && !session.isAsNew) return { kind: "form" }
  if (!visit.isFresh) {
    await deps.db.batch([
      logStep(deps.db, session, { step: "confirmed", reference, at: now }),
      confirmSession(deps.db, session, app.credentialsAccess, now),
    ])
    return { kind: "later" }
  }
  const placed = await layDown(
    deps,
    { visit, session, ...progress, pasted, now },
    {
      target: isAnother ? undefined : target,
      stateHash: await claimHash(request),
    },
  )
  const code = await codeFor(deps, request, session)
  const { id: sessionId, clientId } = session
  const results = await deps.db.batch([
    placed.statement,
    ...(await codeStatements(deps.db, request, placed, code, now)),
    logStep(deps.db, session, { step: "handed_off", reference, at: now }),
    endSession(deps.db, session, "done", now, { asNew: isAnother }),
    enqueueSessionEvent(deps.db, { sessionId, clientId, outcome: "done", at: now }),
    // A resumed session is handed off with no submit before.
    ...(request.pushedHash === undefined
      ? []
      : [spendPushedRequest(deps.db, app.clientId, request.pushedHash, request.browserHash)]),
  ])
  // Another press was quicker: the row is its row, and the answer the same if it was the same request.
  if (results[0]?.meta.changes !== 1) return await repeatHandOff(deps, visit, session)
  const response = await responseOf(deps, request, placed.connectionId, code)
  return { kind: "response", response, messageIds: [endMessageId(session)] }
}

/** What a colleague's page said, the colleague has answered; the requester isn't asked again. */
async function isAnotherAccount(
  deps: Deps,
  { visit, session, verdict, pasted }: Pick<Finished, "visit" | "session" | "verdict" | "pasted">,
): Promise<boolean> {
  if (visit.target === undefined) return false
  if (session.handedOverAt !== undefined) return session.isAsNew
  return !(await isSameAccount(deps, visit, verdict, pasted))
}

/** The same response again, while what was laid down waits for this very request's claim or redemption. */
async function repeatHandOff(deps: Deps, visit: Visit, session: Session): Promise<HandOff> {
  const { request, app } = visit
  const code = await codeFor(deps, request, session)
  const [connectionResult, reconnectResult, codeResult] = await deps.db.batch([
    selectConnection(deps.db, app.clientId, session.connectionId),
    selectReconnect(deps.db, app.clientId, session.connectionId),
    selectLiveCode(deps.db, app.clientId, await sha256(code ?? ""), deps.now()),
  ])
  const connection = toConnection(connectionResult)
  const reconnect = toReconnect(reconnectResult)
  const isPending = connection === undefined ? isWaiting(reconnect) : !connection.claimedAt
  const { stateHash } = connection ?? reconnect ?? {}
  const isOurs =
    code === undefined
      ? stateHash !== undefined && stateHash === (await claimHash(request))
      : codeResult?.results.length === 1
  if (!isPending || !isOurs || !visit.isFresh) throw new DeadEndError("over", app)
  const connectionId = reconnect?.connectionId ?? session.connectionId
  const response = await responseOf(deps, request, connectionId, code)
  return { kind: "response", response, messageIds: [] }
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
  { connectionId, reconnectId }: Placed,
  code: string | undefined,
  now: number,
): Promise<D1PreparedStatement[]> {
  if (code === undefined) return []
  const { clientId, redirectUri, codeChallenge, nonce } = request
  const bound = { clientId, connectionId, reconnectId, redirectUri, codeChallenge, nonce, now }
  return [insertCode(db, { hash: await sha256(code), familyId: newId("fam"), ...bound })]
}

async function responseOf(
  { config, now }: Deps,
  { clientId, provider, environment, nonce }: AuthorizationRequest,
  connectionId: string,
  code: string | undefined,
): Promise<Record<string, string>> {
  if (code !== undefined) return { code }
  const claims = { connectionId, clientId, provider, environment, nonce }
  return {
    connection_id: await signConnectionId(config.signingKeys, config.issuer, claims, now()),
  }
}
