/** Whether a provider is down, as the health sweep last found it. */
import { secondsAfter } from "../../lib/clock.ts"
import { type ProviderStatus, selectProviderStatus } from "./store.ts"

/** A finding that nobody has renewed says nothing any more. */
const FRESH_SECONDS = 2 * 60 * 60

/** Lists the providers that are down; one round trip. */
export async function listProvidersDown(db: D1Database, now: number): Promise<string[]> {
  return toProvidersDown(await selectProviderStatus(db).all<ProviderStatus>(), now)
}

/** Takes the providers that are down out of what was read of them. */
export function toProvidersDown(result: D1Result | undefined, now: number): string[] {
  const rows = (result?.results ?? []) as ProviderStatus[]
  return rows
    .filter(({ status, at }) => status === "down" && at > secondsAfter(now, -FRESH_SECONDS))
    .map(({ provider }) => provider)
}
