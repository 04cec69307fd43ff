/** Registers an app (RFC 7591 §3). */
import { sha256 } from "../lib/bytes.ts"
import { newId, newSecret } from "../lib/ids.ts"
import type { KeyRing } from "../vault/key-ring.ts"
import type { App } from "./app.ts"
import type { Logo } from "./logo.ts"
import type { RegistrationMetadata } from "./metadata.ts"
import { insertApp, selectApp, toApp, upsertLogo } from "./store.ts"
import { newWebhookSecret, sealWebhookSecret } from "./webhook-secret.ts"

/** What is told once, at registration, and stored as hashes only (the webhook secret sealed). */
export interface RegisteredApp {
  readonly clientId: string
  readonly clientSecret: string | undefined
  readonly registrationAccessToken: string
  readonly webhookSecret: string
  readonly app: App
}

/** Makes the app's id and secrets, stores the app, and gives what its developer is told once. */
export async function register(
  db: D1Database,
  keyRing: KeyRing,
  app: {
    readonly metadata: RegistrationMetadata
    readonly environment: "test" | "live"
    readonly suspended: boolean
    readonly now: number
    readonly logo: Logo | undefined
  },
): Promise<RegisteredApp> {
  const clientId = newId("app")
  const isPublicApp = app.metadata.tokenEndpointAuthMethod === "none"
  const usesSecret = app.metadata.tokenEndpointAuthMethod.startsWith("client_secret")
  const clientSecret = usesSecret && !isPublicApp ? newSecret("sec") : undefined
  const registrationAccessToken = newSecret("rat")
  const webhookSecret = newWebhookSecret()
  const insert = insertApp(db, {
    clientId,
    environment: app.environment,
    suspended: app.suspended,
    metadata: app.metadata,
    secretHash: clientSecret === undefined ? undefined : await sha256(clientSecret),
    registrationTokenHash: await sha256(registrationAccessToken),
    webhookSecretSealed: await sealWebhookSecret(keyRing, clientId, webhookSecret),
    at: app.now,
  })
  const results = await db.batch([
    insert,
    ...(app.logo === undefined ? [] : [upsertLogo(db, clientId, app.logo)]),
    selectApp(db, clientId),
  ])
  const registered = toApp(results.at(-1))
  if (registered === undefined) throw new Error("an app that was just registered is not there")
  return { clientId, clientSecret, registrationAccessToken, webhookSecret, app: registered }
}
