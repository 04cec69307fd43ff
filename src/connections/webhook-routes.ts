/** The app's API for its webhooks: what was not delivered, and once more. */
import { Hono } from "hono"
import { type KoppelEnv, note } from "../context.ts"
import { rfc3339 } from "../lib/clock.ts"
import { KoppelError } from "../lib/errors.ts"
import { deliverSoon } from "../webhooks/deliver-soon.ts"
import {
  listMessages,
  type Message,
  replayMessage,
  toMessages,
} from "../webhooks/messages/store.ts"
import { readOwner } from "./caller.ts"
import { readQuery, webhookQuery } from "./schemas.ts"

export const webhookRoutes = new Hono<KoppelEnv>()
  .get("/v1/webhooks", async (c) => {
    const { db } = c.var.deps
    const query = readQuery(webhookQuery, c.req.url)
    const { result } = await readOwner(c, (owner, now) => {
      const page = { after: query.cursor ?? "", limit: query.limit + 1, now }
      return listMessages(db, owner, query.status, page)
    })
    const messages = toMessages(result)
    const page = messages.slice(0, query.limit)
    const next = messages.length > query.limit ? page.at(-1)?.id : undefined
    return c.json({ webhooks: page.map(describe), next_cursor: next ?? null })
  })
  .post("/v1/webhooks/:id/replay", async (c) => {
    const { db, now } = c.var.deps
    const { app } = await readOwner(c)
    const id = c.req.param("id")
    if (!(await replayMessage(db, app.clientId, id, now()))) {
      throw new KoppelError(404, "not_found", "There is no such webhook that has been sent.")
    }
    deliverSoon(c, app, [id])
    note(c, { outcome: "replayed" })
    return c.json({ id, status: "pending" }, 202)
  })

function describe(message: Message) {
  const { id, type, status, tries, code, payload, createdAt, triedAt } = message
  return {
    id,
    type,
    status,
    tries,
    code: code ?? null,
    created_at: rfc3339(createdAt),
    tried_at: triedAt === undefined ? null : rfc3339(triedAt),
    payload,
  }
}
