/** Receives what the broker tells by itself, checked as Standard Webhooks says. */
import { createHmac, timingSafeEqual } from "node:crypto"
import type { IncomingHttpHeaders } from "node:http"

/** Gives "type: id" of a message whose signature is right and that is at most five minutes old. */
export function readWebhook(
  headers: IncomingHttpHeaders,
  body: string,
  secret: string | undefined,
): string | undefined {
  const { "webhook-id": id, "webhook-timestamp": timestamp, "webhook-signature": sent } = headers
  const isFresh = Math.abs(Date.now() / 1000 - Number(timestamp)) < 300
  if (secret === undefined || !isFresh) return undefined
  const key = Buffer.from(secret.replace("whsec_", ""), "base64")
  const right = createHmac("sha256", key).update(`${id}.${timestamp}.${body}`).digest()
  const isRight = String(sent)
    .split(" ")
    .map((signature) => Buffer.from(signature.replace("v1,", ""), "base64"))
    .some((signature) => signature.length === right.length && timingSafeEqual(signature, right))
  if (!isRight) return undefined
  const { type, data } = JSON.parse(body) as { type: string; data?: { id?: string } }
  return `${type}: ${data?.id ?? ""}`
}
