/** Signatures of Standard Webhooks: HMAC-SHA256 over id, timestamp and body. */
import { utf8 } from "../lib/bytes.ts"
import { epochSeconds } from "../lib/clock.ts"

const PREFIX = "whsec_"

/** Gives the three headers for one try; each secret, the one in use first, gives one signature. */
export async function signWebhook(
  secrets: readonly string[],
  message: { readonly id: string; readonly body: string },
  now: number,
): Promise<Record<string, string>> {
  const timestamp = String(epochSeconds(now))
  const text = utf8(`${message.id}.${timestamp}.${message.body}`)
  const signatures = await Promise.all(secrets.map((secret) => signOne(secret, text)))
  return {
    "webhook-id": message.id,
    "webhook-timestamp": timestamp,
    "webhook-signature": signatures.join(" "),
  }
}

async function signOne(secret: string, text: Uint8Array<ArrayBuffer>): Promise<string> {
  const bytes = Uint8Array.from(atob(secret.slice(PREFIX.length)), (char) => char.charCodeAt(0))
  const algorithm = { name: "HMAC", hash: "SHA-256" }
  const key = await crypto.subtle.importKey("raw", bytes, algorithm, false, ["sign"])
  const signature = new Uint8Array(await crypto.subtle.sign("HMAC", key, text))
  return `v1,${btoa(String.fromCharCode(...signature))}`
}
