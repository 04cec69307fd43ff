/** The app's API for connections. */
import { Hono } from "hono"
import type { App } from "../apps/app.ts"
import { checkSecret, readBasic } from "../apps/authenticate.ts"
import { selectApp, toApp } from "../apps/store.ts"
import { type KoppelContext, type KoppelEnv, note } from "../context.ts"
import { readForm } from "../lib/http.ts"
import { claim, connectionNotFound } from "./claim.ts"
import type { Connection } from "./connection.ts"
import { readConnectionId } from "./connection-id.ts"
import { describeConnection } from "./describe.ts"
import { revealCredentials } from "./reveal.ts"
import { selectConnection, toConnection } from "./store.ts"

export const connectionRoutes = new Hono<KoppelEnv>()
  .use("/v1/*", async (c, next) => {
    await next()
    c.res.headers.set("Cache-Control", "no-store")
  })
  .get("/v1/connections/:id", async (c) => {
    const { connection } = await requireConnection(c)
    return c.json(await describeConnection(c.var.deps, requireClaimed(connection)))
  })
  .post("/v1/connections/:id/claim", async (c) => {
    const { db, now } = c.var.deps
    const { values } = await readForm(c.req.raw)
    const { connection } = await requireConnection(c)
    const claimed = await claim(db, connection, values.get("state"), now())
    note(c, { provider: claimed.provider, outcome: "claimed" })
    return c.json(await describeConnection(c.var.deps, claimed))
  })
  .post("/v1/connections/:id/credentials", async (c) => {
    const { db, config, now } = c.var.deps
    const connection = requireClaimed((await requireConnection(c)).connection)
    const { reference } = c.var
    const request = { now: now(), reference }
    const credentials = await revealCredentials(db, config.keyRing, connection, request)
    note(c, { provider: connection.provider, outcome: "credentials_read" })
    return c.json({ provider: connection.provider, credentials })
  })

/** Authenticates the app and reads the connection it names, in one round trip. */
async function requireConnection(
  c: KoppelContext,
): Promise<{ app: App; connection: Connection | undefined }> {
  const { db, config, now } = c.var.deps
  const { clientId, secret } = readBasic(c.req.header("authorization"))
  const { signingKeys, issuer } = config
  const id = await readConnectionId(signingKeys, issuer, c.req.param("id") ?? "", clientId)
  const [appResult, connectionResult] = await db.batch([
    selectApp(db, clientId),
    selectConnection(db, clientId, id ?? ""),
  ])
  const app = await checkSecret(toApp(appResult), secret, now())
  note(c, { client_id: app.clientId })
  return { app, connection: toConnection(connectionResult) }
}

/** Until it is claimed a connection does not exist for anybody. */
function requireClaimed(connection: Connection | undefined): Connection {
  if (connection?.claimedAt === undefined) throw connectionNotFound("unknown or not yet claimed")
  return connection
}
