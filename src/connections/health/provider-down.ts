/** Whether a provider is down, as the health sweep last found it. */
import { secondsAfter } from "../../lib/clock.ts"
import { type ProviderStatus, selectProviderStatus } from "./store.ts"

/** A finding that nobody has renewed says nothing any more. */
const FRESH_SECONDS = 2 * 60 * 60

/** Lists the providers that are down; one round trip. */
export async function listProvidersDown(db: D1Database, now: number): Promise<string[]> {
  const { results } = await selectProviderStatus(db).all<ProviderStatus>()
  return results
    .filter(({ status, at }) => status === "down" && at > secondsAfter(now, -FRESH_SECONDS))
    .map(({ provider }) => provider)
}

/** Tells whether a provider is down for live connections; one round trip. */
export async function isProviderDown(
  db: D1Database,
  provider: string,
  now: number,
): Promise<boolean> {
  return (await listProvidersDown(db, now)).includes(provider)
}
