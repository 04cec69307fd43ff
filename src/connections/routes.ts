/** The app's API for connections. */
import { Hono } from "hono"
import { type KoppelEnv, note } from "../context.ts"
import { readForm } from "../lib/http.ts"
import { readAppCaller, readCaller } from "./caller.ts"
import { claim, connectionNotFound } from "./claim.ts"
import type { Connection } from "./connection.ts"
import { describeConnection } from "./describe.ts"
import { revealCredentials } from "./reveal.ts"

export const connectionRoutes = new Hono<KoppelEnv>()
  .use("/v1/*", async (c, next) => {
    await next()
    c.res.headers.set("Cache-Control", "no-store")
  })
  .get("/v1/connections/:id", async (c) => {
    const { connection } = await readCaller(c)
    return c.json(await describeConnection(c.var.deps, requireClaimed(connection)))
  })
  .post("/v1/connections/:id/claim", async (c) => {
    const { db, now } = c.var.deps
    const { values } = await readForm(c.req.raw)
    const { connection } = await readCaller(c)
    const claimed = await claim(db, connection, values.get("state"), now())
    note(c, { outcome: "claimed" })
    return c.json(await describeConnection(c.var.deps, claimed))
  })
  .post("/v1/connections/:id/credentials", async (c) => {
    const { db, config, now } = c.var.deps
    // Most callers authenticate by Basic and send no body at all.
    const hasBody = c.req.header("content-type") !== undefined
    const form = hasBody ? (await readForm(c.req.raw)).values : new Map<string, string>()
    const { connection: found, assertion } = await readAppCaller(c, form)
    const connection = requireClaimed(found)
    const request = { now: now(), reference: c.var.reference, assertion }
    const credentials = await revealCredentials(db, config.keyRing, connection, request)
    note(c, { outcome: "credentials_read" })
    return c.json({ provider: connection.provider, credentials })
  })

/** Until it is claimed or redeemed a connection does not exist for anybody. */
function requireClaimed(connection: Connection | undefined): Connection {
  if (connection?.claimedAt === undefined) throw connectionNotFound("unknown or not yet claimed")
  return connection
}
