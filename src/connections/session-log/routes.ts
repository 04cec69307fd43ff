/** How far the app's own sessions came, by the reference that a person reads out from the page. */
import { Hono } from "hono"
import type { KoppelEnv } from "../../context.ts"
import { rfc3339 } from "../../lib/clock.ts"
import { readOwner } from "../caller.ts"
import { readQuery, sessionQuery } from "../schemas.ts"
import { listSteps, toSteps } from "./store.ts"

/** A session has its submits capped, so this is all of it. */
const MAX_STEPS = 500

export const sessionRoutes = new Hono<KoppelEnv>().get("/v1/sessions", async (c) => {
  const { db } = c.var.deps
  const { reference } = readQuery(sessionQuery, c.req.url)
  const { result } = await readOwner(c, (owner, now) =>
    listSteps(db, owner, reference, { limit: MAX_STEPS, now }),
  )
  const sessions = Map.groupBy(toSteps(result), ({ sessionId }) => sessionId)
  return c.json({
    sessions: [...sessions.values()].map((steps) => ({
      provider: steps[0]?.provider,
      steps: steps.map(({ step, code, reference, at }) => ({
        step,
        code: code ?? null,
        reference,
        at: rfc3339(at),
      })),
    })),
  })
})
