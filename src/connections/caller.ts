/** Who calls `/v1`, and the connection that the path names: one round trip. */

import type { App } from "../apps/app.ts"
import { authenticate, checkSecret, readBasic, readPresented } from "../apps/authenticate.ts"
import { type Owner, selectApp, toApp } from "../apps/store.ts"
import { type KoppelContext, note } from "../context.ts"
import { KoppelError } from "../lib/errors.ts"
import { hasBearer, readBearer } from "./bearer.ts"
import type { Connection } from "./connection.ts"
import { readConnectionId, readSubject } from "./connection-id.ts"
import { selectConnection, toConnection } from "./store.ts"

export interface Caller {
  readonly app: App
  /** The named connection, claimed or not, where it is this caller's to see. */
  readonly connection: Connection | undefined
  /** What the statements of `along` gave. */
  readonly results: readonly D1Result[]
}

/** Gives statements for the round trip that reads a caller, about the connection named `id`. */
export type Along = (owner: Owner, id: string, now: number) => readonly D1PreparedStatement[]

/** Reads the caller by Basic (the app) or Bearer (one connection, or the app); throws 401. */
export async function readCaller(c: KoppelContext, along: Along = () => []): Promise<Caller> {
  const authorization = c.req.header("authorization")
  const caller = hasBearer(authorization)
    ? await byBearer(c, authorization, along)
    : await byBasic(c, along)
  note(c, { client_id: caller.app.clientId, provider: caller.connection?.provider })
  return caller
}

/** Reads the caller by app authentication alone: Basic, or the form. An assertion counts here, too. */
export async function readAppCaller(
  c: KoppelContext,
  form: ReadonlyMap<string, string>,
): Promise<
  Omit<Caller, "results"> & {
    readonly assertion: { jtiHash: string; expiresAt: number } | undefined
  }
> {
  const { db, config, now } = c.var.deps
  const presented = readPresented(c.req.header("authorization"), form)
  const [appResult, connectionResult] = await db.batch([
    selectApp(db, presented.clientId),
    selectConnection(db, presented.clientId, (await pathId(c, presented.clientId)) ?? ""),
  ])
  const context = { audiences: [config.issuer, `${config.issuer}/oauth/token`], now: now() }
  const { app, assertion } = await authenticate(presented, toApp(appResult), context)
  const connection = toConnection(connectionResult)
  note(c, { client_id: app.clientId, provider: connection?.provider })
  return { app, connection, assertion }
}

/**
 * Reads the app behind a call that is about no connection, by Basic or a token of the app itself,
 * together with a statement about the app where there is one; throws 401, or 403 for a token of one connection.
 */
export async function readOwner(
  c: KoppelContext,
  statement?: (owner: Owner, now: number) => D1PreparedStatement,
): Promise<{ readonly app: App; readonly result: D1Result | undefined }> {
  const { deps } = c.var
  const now = deps.now()
  const authorization = c.req.header("authorization")
  if (hasBearer(authorization)) {
    const along = (tokenHash: string) =>
      statement === undefined ? [] : [statement({ tokenHash }, now)]
    const { app, token, results } = await readBearer(deps, authorization, "", along)
    if (token.connectionId !== undefined) throw forOneConnection()
    note(c, { client_id: app.clientId })
    return { app, result: results[0] }
  }
  const { clientId, secret } = readBasic(authorization)
  const [appResult, result] = await deps.db.batch([
    selectApp(deps.db, clientId),
    ...(statement === undefined ? [] : [statement({ clientId }, now)]),
  ])
  const app = await checkSecret(toApp(appResult), secret, now)
  note(c, { client_id: app.clientId })
  return { app, result }
}

function forOneConnection(): KoppelError {
  return new KoppelError(403, "insufficient_scope", "This token is for one connection only.", {
    headers: { "WWW-Authenticate": 'Bearer error="insufficient_scope"' },
  })
}

async function byBasic(c: KoppelContext, along: Along): Promise<Caller> {
  const { db, now } = c.var.deps
  const { clientId, secret } = readBasic(c.req.header("authorization"))
  const id = (await pathId(c, clientId)) ?? ""
  const [appResult, connectionResult, ...results] = await db.batch([
    selectApp(db, clientId),
    selectConnection(db, clientId, id),
    ...along({ clientId }, id, now()),
  ])
  const app = await checkSecret(toApp(appResult), secret, now())
  return { app, connection: toConnection(connectionResult), results }
}

async function byBearer(
  c: KoppelContext,
  authorization: string | undefined,
  along: Along,
): Promise<Caller> {
  const { deps } = c.var
  const named = readSubject(c.req.param("id") ?? "")
  const bearer = await readBearer(deps, authorization, named, (tokenHash) =>
    along({ tokenHash }, named, deps.now()),
  )
  const id = await pathId(c, bearer.app.clientId)
  const { app, connection, results } = bearer
  return { app, connection: connection?.id === id ? connection : undefined, results }
}

/** The `con_…` that the path names, signed or bare. */
async function pathId(c: KoppelContext, clientId: string): Promise<string | undefined> {
  const { signingKeys, issuer } = c.var.deps.config
  return await readConnectionId(signingKeys, issuer, c.req.param("id") ?? "", clientId)
}
