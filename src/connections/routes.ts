/** The app's API for connections. */
import { Hono } from "hono"
import { type KoppelEnv, note } from "../context.ts"
import { sha256 } from "../lib/bytes.ts"
import { readForm } from "../lib/http.ts"
import { newId } from "../lib/ids.ts"
import { deliverSoon } from "../webhooks/deliver-soon.ts"
import { readAppCaller, readCaller } from "./caller.ts"
import { claim, connectionNotFound } from "./claim.ts"
import type { Connection } from "./connection.ts"
import { describeConnection, describeOutcome } from "./describe.ts"
import { listPage } from "./list.ts"
import { claimReconnect, selectForClaim } from "./reconnect/claim.ts"
import { removeConnection } from "./remove.ts"
import { revealCredentials } from "./reveal.ts"
import { sessionRoutes } from "./session-log/routes.ts"
import { verifyConnection } from "./verify.ts"
import { webhookRoutes } from "./webhook-routes.ts"

export const connectionRoutes = new Hono<KoppelEnv>()
  .use("/v1/*", async (c, next) => {
    await next()
    c.res.headers.set("Cache-Control", "no-store")
  })
  .get("/v1/connections", async (c) => c.json(await listPage(c)))
  .get("/v1/connections/:id", async (c) => {
    const { connection } = await readCaller(c)
    return c.json(await describeConnection(c.var.deps, requireClaimed(connection)))
  })
  .post("/v1/connections/:id/claim", async (c) => {
    const { deps } = c.var
    const state = (await readForm(c.req.raw)).values.get("state")
    const stateHash = await sha256(state ?? "")
    const { app, connection, results } = await readCaller(c, (owner, id, now) =>
      selectForClaim(deps.db, owner, id, stateHash, now),
    )
    if (connection?.claimedAt !== undefined) {
      const applied = await claimReconnect(deps, results, state)
      deliverSoon(c, app, applied.messageIds)
      note(c, { outcome: "reconnected" })
      return c.json(await describeConnection(deps, applied.connection))
    }
    const messageId = newId("msg")
    const claimed = await claim(deps.db, connection, state, { now: deps.now(), messageId })
    deliverSoon(c, app, [messageId])
    note(c, { outcome: "claimed" })
    return c.json(await describeConnection(deps, claimed))
  })
  .post("/v1/connections/:id/verify", async (c) => {
    const { deps } = c.var
    const { app, connection } = await readCaller(c)
    const checked = await verifyConnection(deps, requireClaimed(connection))
    const { verification } = checked
    deliverSoon(c, app, checked.messageIds)
    const detail = verification.outcome === "could_not_check" ? verification.detail : undefined
    note(c, { outcome: verification.outcome, detail })
    const now = requireClaimed(checked.connection)
    return c.json({ ...(await describeConnection(deps, now)), ...describeOutcome(checked, now) })
  })
  .delete("/v1/connections/:id", async (c) => {
    const { db, now } = c.var.deps
    const { app, connection } = await readCaller(c)
    const messageId = newId("msg")
    await removeConnection(db, requireClaimed(connection), { now: now(), messageId })
    deliverSoon(c, app, [messageId])
    note(c, { outcome: "deleted" })
    return c.body(null, 204)
  })
  .post("/v1/connections/:id/credentials", async (c) => {
    const { db, config, now } = c.var.deps
    // Most callers authenticate by Basic and send no body at all.
    const hasBody = c.req.header("content-type") !== undefined
    const form = hasBody ? (await readForm(c.req.raw)).values : new Map<string, string>()
    const { app, connection: found, assertion } = await readAppCaller(c, form)
    const connection = requireClaimed(found)
    const messageId = newId("msg")
    const request = { now: now(), messageId, reference: c.var.reference, assertion }
    const credentials = await revealCredentials(db, config.keyRing, connection, request)
    deliverSoon(c, app, [messageId])
    note(c, { outcome: "credentials_read" })
    return c.json({ provider: connection.provider, credentials })
  })
  .route("/", webhookRoutes)
  .route("/", sessionRoutes)

/** Until it is claimed or redeemed a connection does not exist for anybody. */
function requireClaimed(connection: Connection | undefined): Connection {
  if (connection?.claimedAt === undefined) throw connectionNotFound("unknown or not yet claimed")
  return connection
}
