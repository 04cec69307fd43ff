/** A fresh verification of a stored connection, and what it means for its status. */
import type { Deps } from "../context.ts"
import { newId } from "../lib/ids.ts"
import type {
  CouldNotCheck,
  Credentials,
  PermissionState,
  Provider,
  Verification,
} from "../providers/provider.ts"
import { findProvider } from "../providers/registry.ts"
import { permissionsOf, readScopes } from "../providers/scope.ts"
import { open } from "../vault/seal.ts"
import { enqueueConnectionEvent } from "../webhooks/store.ts"
import {
  type Attempt,
  makeAttempt,
  reserveStatements,
  settle,
  toReservation,
} from "./attempts/attempt.ts"
import type { Connection } from "./connection.ts"
import { nextCheckAt } from "./health/schedule.ts"
import { saveOutcome } from "./health/store.ts"
import { selectConnection, toConnection } from "./store.ts"

/** Refusals in a row that make a connection broken, where its method says nothing else. */
const REFUSALS_UNTIL_BROKEN = 2

/** What a verification came to. */
export interface Checked {
  /** As it is now; undefined where it was deleted meanwhile. */
  readonly connection: Connection | undefined
  readonly verification: Verification
  /** False where the provider was left in peace. */
  readonly isAsked: boolean
  /** Webhooks that may have been written. */
  readonly messageIds: readonly string[]
}

/**
 * Asks the provider about a stored connection and notes the outcome: one round trip, and one more
 * where a login has to be reserved first. `isDecisive`: a refusal breaks it at once, because another
 * one was seen. `known`: an outcome that was just seen elsewhere, so that nobody is asked again. Throws where the credentials can't be opened.
 */
export async function verifyConnection(
  deps: Deps,
  connection: Connection,
  {
    isDecisive = false,
    random = Math.random,
    known,
  }: { isDecisive?: boolean; random?: () => number; known?: Verification } = {},
): Promise<Checked> {
  const { db } = deps
  const provider = requireProvider(connection)
  const credentials = await openCredentials(deps, connection)
  const { attempt, verification, isAsked } =
    known === undefined
      ? await ask(deps, provider, connection, credentials)
      : { verification: known, isAsked: false, attempt: undefined }
  const now = deps.now()
  const threshold = provider.method.refusalsUntilBroken ?? REFUSALS_UNTIL_BROKEN
  const statusChangeId = newId("msg")
  const updateChangeId = isChanged(connection, verification) ? newId("msg") : undefined
  const works = verification.outcome === "works" ? verification : undefined
  const event = { clientId: connection.clientId, connection: { id: connection.id }, at: now }
  const results = await db.batch([
    saveOutcome(db, connection, {
      // A refusal of our own settings says nothing about the credentials.
      outcome: isOurRefusal(verification) ? "could_not_check" : verification.outcome,
      at: now,
      refusalsUntilBroken: isDecisive ? 1 : threshold,
      statusChangeId,
      updateChangeId,
      nextCheckAt: nextCheckAt(verification.outcome, now, random),
      permissions: works?.permissions,
      account: works?.account,
    }),
    ...(verification.outcome === "could_not_check"
      ? []
      : [
          enqueueConnectionEvent(db, {
            ...event,
            id: statusChangeId,
            type: works === undefined ? "connection.broken" : "connection.recovered",
            changeId: statusChangeId,
          }),
        ]),
    ...(updateChangeId === undefined
      ? []
      : [
          enqueueConnectionEvent(db, {
            ...event,
            id: updateChangeId,
            type: "connection.updated",
            changeId: updateChangeId,
          }),
        ]),
    ...(attempt === undefined ? [] : [settle(db, attempt, verification)]),
    selectConnection(db, connection.clientId, connection.id),
  ])
  const messageIds = [statusChangeId, ...(updateChangeId === undefined ? [] : [updateChangeId])]
  return { connection: toConnection(results.at(-1)), verification, isAsked, messageIds }
}

/** Opens what is sealed in a connection's row; throws `KoppelError` where it can't be. */
export async function openCredentials(
  { config }: Deps,
  { id, clientId, provider, credentialsSealed }: Connection,
): Promise<Credentials> {
  const place = { purpose: "connection", id, clientId, provider } as const
  return (await open(config.keyRing, credentialsSealed, place)) as Credentials
}

/** Lists what the scopes of a connection open at its provider. */
export function permissionsOfConnection({ scope }: Connection): string[] {
  const scopes = readScopes(scope)
  return scopes.ok ? permissionsOf(scopes.scopes) : []
}

function requireProvider({ provider }: Connection): Provider {
  const known = findProvider(provider)
  if (known === undefined) throw new Error("the provider of a stored connection is gone")
  return known
}

interface Asked {
  readonly verification: Verification
  readonly isAsked: boolean
  /** Reserved, and to be settled. */
  readonly attempt?: Attempt | undefined
}

async function ask(
  deps: Deps,
  provider: Provider,
  connection: Connection,
  credentials: Credentials,
): Promise<Asked> {
  const { environment, clientId, id } = connection
  const upstream = deps.upstream(provider, environment, true)
  if (upstream === undefined) return { verification: notAsked("switched_off"), isAsked: false }
  const attempt = upstream.adapter.checkable
    ? await makeAttempt(deps, provider, credentials, { environment, who: [clientId, id] })
    : undefined
  if (attempt !== undefined) {
    const reservation = toReservation(
      await deps.db.batch(reserveStatements(deps.db, attempt, false, deps.now())),
    )
    if (reservation !== "reserved") {
      const code = reservation === "running" ? "busy" : attempt.limit.problem.code
      return { verification: notAsked(code), isAsked: false }
    }
  }
  const verification = await upstream.adapter.verify(credentials, {
    fetch: upstream.fetch,
    now: deps.now,
    signal: AbortSignal.timeout(deps.verificationSeconds * 1000),
    permissions: permissionsOfConnection(connection),
  })
  return { verification, isAsked: upstream.adapter.checkable, attempt }
}

function notAsked(code: string): CouldNotCheck {
  return { outcome: "could_not_check", code, uncheckable: false }
}

function isOurRefusal(verification: Verification): boolean {
  return verification.outcome === "refused" && verification.notAsked === true
}

/** An app should know when a permission went missing or came back; "unknown" is no news. */
function isChanged(connection: Connection, verification: Verification): boolean {
  if (verification.outcome !== "works") return false
  const missing = (states: Readonly<Record<string, PermissionState>>) =>
    Object.keys(states)
      .filter((name) => states[name] === "missing")
      .sort()
      .join(" ")
  return missing(connection.permissions) !== missing(verification.permissions)
}
