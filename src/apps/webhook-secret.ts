/** The secret that signs an app's webhooks: sealed, because it is needed as it is. */
import { randomBytes } from "../lib/bytes.ts"
import type { KeyRing } from "../vault/key-ring.ts"
import { open, seal } from "../vault/seal.ts"

const place = (clientId: string) =>
  ({ purpose: "webhook_secret", id: clientId, clientId, provider: "" }) as const

/** Makes a secret in Standard Webhooks' form: `whsec_` and the base64 of the key. */
export function newWebhookSecret(): string {
  return `whsec_${btoa(String.fromCharCode(...randomBytes(32)))}`
}

/** Seals an app's secret. */
export async function sealWebhookSecret(
  keyRing: KeyRing,
  clientId: string,
  secret: string,
): Promise<string> {
  return await seal(keyRing, secret, place(clientId))
}

/** Opens an app's secret; throws `KoppelError` where its sealing key is gone. */
export async function openWebhookSecret(
  keyRing: KeyRing,
  clientId: string,
  sealed: string,
): Promise<string> {
  return (await open(keyRing, sealed, place(clientId))) as string
}
