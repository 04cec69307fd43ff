/** The first try of a message, after the answer is on its way. */
import type { App } from "../apps/app.ts"
import type { KoppelContext } from "../context.ts"
import { deliver } from "./deliver.ts"

/** Longest that a try after the answer may be begun. */
const BUDGET = { seconds: 20, random: Math.random }

/**
 * Tries messages once the answer is sent. Where that can't be, or fails, the sweep of the next minute
 * tries them: they stand in the outbox since the change was made.
 */
export function deliverSoon(
  c: KoppelContext,
  app: Pick<App, "webhookUri">,
  ids: readonly string[],
): void {
  if (app.webhookUri === undefined || ids.length === 0) return
  try {
    c.executionCtx.waitUntil(deliver(c.var.deps, { ids }, BUDGET).catch(() => undefined))
  } catch {
    // Some callers have no execution context.
  }
}
