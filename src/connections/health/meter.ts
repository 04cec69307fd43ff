/** Counts what a run uses, and spaces out its calls to one host. */
import type { Deps } from "../../context.ts"

/** What one run may use. */
export interface HealthBudget {
  /** Calls to providers and to D1, together. */
  readonly subrequests: number
  /** No check is begun after so long. */
  readonly seconds: number
  /** Calls to one host. */
  readonly perSecond: number
  /** Connections of one provider and environment. */
  readonly checks: number
  readonly sleep: (seconds: number) => Promise<void>
  readonly random: () => number
}

/** Round trips to D1 of one check. */
const ROUND_TRIPS = 3

/** A run's dependencies with its calls counted. */
export interface Meter {
  readonly deps: Deps
  readonly budget: HealthBudget
  /** Tells whether a check of so many calls still fits. */
  hasRoomFor(calls: number): boolean
  /** Counts a check. */
  count(): void
  checked(): number
}

/** Wraps the fetch of every provider; a call to a host waits until it is that host's turn. */
export function meter(deps: Deps, budget: HealthBudget, endsAt: number): Meter {
  let used = 0
  let checks = 0
  const turns = new Map<string, number>()
  const wait = async (host: string) => {
    const now = deps.now()
    const turn = Math.max(now, turns.get(host) ?? 0)
    turns.set(host, turn + 1000 / budget.perSecond)
    if (turn > now) await budget.sleep((turn - now) / 1000)
  }
  const counted =
    (fetch: typeof globalThis.fetch): typeof globalThis.fetch =>
    async (input, init) => {
      used++
      await wait(new URL(input instanceof Request ? input.url : String(input)).host)
      return await fetch(input, init)
    }
  return {
    deps: {
      ...deps,
      upstream: (provider, environment, stored) => {
        const upstream = deps.upstream(provider, environment, stored)
        return upstream && { adapter: upstream.adapter, fetch: counted(upstream.fetch) }
      },
    },
    budget,
    hasRoomFor: (calls) => deps.now() < endsAt && used + calls <= budget.subrequests,
    count: () => {
      checks++
      used += ROUND_TRIPS
    },
    checked: () => checks,
  }
}
