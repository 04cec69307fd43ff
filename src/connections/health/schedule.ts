/** When a connection is checked next: about once a day, and never many at the same instant. */
import { secondsAfter } from "../../lib/clock.ts"
import type { Verification } from "../../providers/provider.ts"

const DAY_SECONDS = 24 * 60 * 60
/** What is in doubt, or was not answered, is asked again sooner. */
const DOUBT_SECONDS = 60 * 60

/** Gives when a new connection is first checked: in half a day to a day and a half. */
export function firstCheckAt(now: number, random: () => number): number {
  return secondsAfter(now, Math.round(DAY_SECONDS * (0.5 + random())))
}

/** Gives when to ask again after an outcome. */
export function nextCheckAt(
  outcome: Verification["outcome"],
  now: number,
  random: () => number,
): number {
  const seconds = outcome === "works" ? DAY_SECONDS : DOUBT_SECONDS
  return secondsAfter(now, Math.round(seconds * (0.9 + 0.2 * random())))
}
