/** Tries out permissions, a few at a time, until all are known or the time is over. */
import type { PermissionState } from "../provider.ts"
import { call, type Line, type Outcome } from "./call.ts"
import { type Ids, probeParameters } from "./probes.ts"
import { readNothing } from "./readings.ts"
import type { Login } from "./soap.ts"

const atATime = 6
const atMost = 30

/**
 * Takes permissions, gives what became of each that was probed. Those without a probe, beyond the
 * first 30, or not reached in time are left out. Stops asking once Nmbrs refuses the login itself.
 */
export async function probePermissions(
  line: Line,
  login: Login,
  permissions: readonly string[],
  ids: Ids,
): Promise<ReadonlyMap<string, Outcome<undefined>>> {
  const probes = [...new Set(permissions)].flatMap((permission) => {
    const parameters = probeParameters(permission, ids)
    return parameters === undefined ? [] : [{ permission, parameters }]
  })
  const outcomes = new Map<string, Outcome<undefined>>()
  const queue = probes.slice(0, atMost).values()
  let refused = false
  const work = async () => {
    for (const { permission, parameters } of queue) {
      if (refused || line.signal.aborted) return
      const request = { ...operationOf(permission), parameters }
      const outcome = await call(line, login, request, readNothing())
      outcomes.set(permission, outcome)
      refused ||= outcome.kind === "fault" && outcome.meaning === "refused"
    }
  }
  await Promise.all(Array.from({ length: atATime }, work))
  return outcomes
}

/** Takes what became of a call, gives the state of its permission. */
export function permissionState(outcome: Outcome<unknown> | undefined): PermissionState {
  if (outcome === undefined || outcome.kind === "trouble") return "unknown"
  if (outcome.kind === "result") return "granted"
  switch (outcome.meaning) {
    case "not_allowed":
      return "missing"
    case "outside":
      return "granted"
    case "refused":
    case "no_subscription":
      return "unknown"
  }
}

function operationOf(permission: string): { service: string; operation: string } {
  const [service = "", operation = ""] = permission.split(":")
  return { service, operation }
}
