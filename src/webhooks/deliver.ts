/**
 * Sends what is in the outbox. A message belongs to one run at a time, by the lease in its row; what
 * is lost on the way is tried again, with the same id.
 */
import { openWebhookSecret } from "../apps/webhook-secret.ts"
import { findWebhookUriProblem } from "../apps/webhook-uri.ts"
import type { Deps } from "../context.ts"
import { secondsAfter } from "../lib/clock.ts"
import { newId } from "../lib/ids.ts"
import { signWebhook } from "./sign.ts"
import { type Due, settleTry, type TryResult, takeDue, type Wanted } from "./store.ts"

/** Waits between tries: eight in about three days. */
const WAIT_SECONDS = [60, 5 * 60, 30 * 60, 2 * 3600, 8 * 3600, 20 * 3600, 40 * 3600]
/** A wait is that much longer or shorter, so that what failed together does not come back together. */
const JITTER = 0.15
/** Sockets that one invocation may have open. */
const AT_A_TIME = 6

/** What one run may use. */
export interface DeliveryBudget {
  /** Nothing is begun after so long; what is left is given back. */
  readonly seconds: number
  /** Gives a number from 0 up to 1. */
  readonly random: () => number
}

/** Tries the messages that a run takes; gives how many were delivered. */
export async function deliver(
  deps: Deps,
  wanted: Wanted,
  budget: DeliveryBudget,
): Promise<{ readonly tried: number; readonly delivered: number }> {
  const leaseId = newId("run")
  const endsAt = secondsAfter(deps.now(), budget.seconds)
  const due = await takeDue(deps.db, wanted, leaseId, deps.now())
  if (due.length === 0) return { tried: 0, delivered: 0 }
  const settled: D1PreparedStatement[] = []
  let delivered = 0
  const queue = due.values()
  const work = async () => {
    for (const message of queue) {
      const result: TryResult =
        deps.now() < endsAt ? await tryOnce(deps, message, budget.random) : { next: "untried" }
      if (result.next === "delivered") delivered++
      settled.push(settleTry(deps.db, message, leaseId, result, deps.now()))
    }
  }
  await Promise.all(Array.from({ length: AT_A_TIME }, work))
  await deps.db.batch(settled)
  return { tried: due.length, delivered }
}

async function tryOnce(deps: Deps, message: Due, random: () => number): Promise<TryResult> {
  const { webhookUri } = message
  if (webhookUri === undefined) return { next: "parked", code: "no_webhook_uri" }
  if (findWebhookUriProblem(webhookUri, deps.config) !== undefined) {
    return { next: "parked", code: "webhook_uri_refused" }
  }
  const code = message.suspended ? "suspended" : await send(deps, message, webhookUri)
  if (code === "delivered") return { next: "delivered", code }
  const wait = WAIT_SECONDS[message.tries - 1]
  if (code === "status_410" || wait === undefined) return { next: "parked", code }
  const jitter = 1 + JITTER * (2 * random() - 1)
  return { next: "again", code, nextTryAt: secondsAfter(deps.now(), Math.round(wait * jitter)) }
}

/** Sends one message; gives what came of it as a code. Never throws. */
async function send(deps: Deps, message: Due, webhookUri: string): Promise<string> {
  const { id, payload: body } = message
  const secrets = await openSecrets(deps, message)
  if (secrets.length === 0) return "not_signed"
  const signal = AbortSignal.timeout(deps.webhookSeconds * 1000)
  // Taken out first: workerd's fetch refuses to be called as a method of another object.
  const { fetch } = deps
  try {
    const signature = await signWebhook(secrets, { id, body }, deps.now())
    const asked = fetch(webhookUri, {
      method: "POST",
      headers: {
        "content-type": "application/json",
        "user-agent": "Koppel-Webhooks/1",
        ...signature,
      },
      body,
      // A redirect could lead where the address itself may not.
      redirect: "manual",
      signal,
    })
    const response = await Promise.race([asked, aborted(signal)])
    // What a receiver answers is nobody's business.
    response.body?.cancel().catch(() => undefined)
    if (response.ok) return "delivered"
    return response.status >= 300 && response.status < 400
      ? "redirected"
      : `status_${response.status}`
  } catch {
    return signal.aborted ? "timeout" : "unreachable"
  }
}

/**
 * Gives the secrets that sign: the one in use and, while it is valid, the one before. Without the first
 * there are none; the second is left out where its sealing key is gone.
 */
async function openSecrets({ config, now }: Deps, message: Due): Promise<string[]> {
  const { clientId, secretSealed, previousSecretSealed, previousSecretUntil } = message
  const open = (sealed: string) =>
    openWebhookSecret(config.keyRing, clientId, sealed).catch(() => undefined)
  const secret = await open(secretSealed)
  if (secret === undefined) return []
  const isRotating = previousSecretSealed !== undefined && previousSecretUntil > now()
  const previous = isRotating ? await open(previousSecretSealed) : undefined
  return previous === undefined ? [secret] : [secret, previous]
}

/** Rejects when the time is over, for a `fetch` that doesn't heed its signal. */
function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    signal.addEventListener("abort", () => reject(signal.reason), { once: true })
  })
}
