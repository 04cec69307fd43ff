/** Lists an app's connections, page by page. */
import { type KoppelContext, note } from "../context.ts"
import { readOwner } from "./caller.ts"
import { describeConnection } from "./describe.ts"
import { connectionQuery, readQuery } from "./schemas.ts"
import { listConnections, toConnections } from "./store.ts"

/** Gives one page of the app's claimed connections and where the next begins. */
export async function listPage(c: KoppelContext): Promise<Record<string, unknown>> {
  const { deps } = c.var
  const query = readQuery(connectionQuery, c.req.url)
  const { provider, status, "end_user.id": endUserId, cursor = "", limit } = query
  const { result } = await readOwner(c, (owner, now) => {
    const page = { after: cursor, limit: limit + 1, now }
    return listConnections(deps.db, owner, { provider, status, endUserId }, page)
  })
  const found = toConnections(result)
  const page = found.slice(0, limit)
  const next = found.length > limit ? page.at(-1)?.id : undefined
  note(c, { provider })
  return {
    connections: await Promise.all(page.map((one) => describeConnection(deps, one))),
    next_cursor: next ?? null,
  }
}
