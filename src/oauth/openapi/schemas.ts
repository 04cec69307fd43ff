/** What the OAuth endpoints take and answer. Requests are read by the rules of their RFCs, not by these. */
import * as z from "zod/mini"
import { GRANT_TYPES } from "../../apps/metadata.ts"

const text = z.string()
const optional = z.optional(text)
/** RFC 6749 §2.3: where the app does not authenticate by Basic. */
const authentication = {
  client_id: optional,
  client_secret: optional,
  client_assertion: optional,
  client_assertion_type: optional,
}

/** Query of the authorize request, and the form of a pushed one. */
export const authorizationRequest = z.object({
  response_type: z.optional(z.enum(["code", "connection_id"])),
  client_id: text,
  redirect_uri: optional,
  scope: optional,
  state: optional,
  nonce: optional,
  code_challenge: optional,
  code_challenge_method: z.optional(z.literal("S256")),
  response_mode: z.optional(z.enum(["query", "form_post"])),
  request_uri: optional,
  login_hint: optional,
  connection_id: optional,
  ui_locales: optional,
})

export const pushedRequest = z.extend(authorizationRequest, authentication)
export const pushed = z.object({ request_uri: text, expires_in: z.int() })

export const tokenRequest = z.object({
  grant_type: z.enum(GRANT_TYPES),
  code: optional,
  redirect_uri: optional,
  code_verifier: optional,
  refresh_token: optional,
  connection_id: optional,
  scope: optional,
  ...authentication,
})

export const tokenResponse = z.object({
  access_token: text,
  token_type: z.literal("Bearer"),
  expires_in: z.int(),
  refresh_token: optional,
  scope: text,
  connection_id: optional,
})

export const tokenOnly = z.object({ token: text, token_type_hint: optional, ...authentication })

export const introspection = z.object({
  active: z.boolean(),
  iss: optional,
  client_id: optional,
  sub: optional,
  scope: optional,
  iat: z.optional(z.int()),
  exp: z.optional(z.int()),
  token_type: optional,
})

export const userinfo = z.object({
  sub: text,
  name: text,
  provider: text,
  connection_id: text,
})

/** RFC 6749 §5.2. */
export const oauthError = z.object({ error: text, error_description: optional })

/** Members of the registration come back, with what Koppel adds. */
export const registration = z.looseObject({
  client_id: text,
  client_id_issued_at: z.int(),
  client_secret: optional,
  client_secret_expires_at: z.optional(z.int()),
  webhook_secret: optional,
  registration_access_token: optional,
  registration_client_uri: text,
})

export const registrationList = z.object({
  apps: z.array(registration),
  next_cursor: z.nullable(text),
})

export const rotatedSecret = z.object({
  client_id: text,
  client_secret: text,
  client_secret_expires_at: z.int(),
  previous_secret_expires_at: z.int(),
})

export const rotatedWebhookSecret = z.object({
  client_id: text,
  webhook_secret: text,
  previous_webhook_secret_expires_at: z.int(),
})

export const claimForm = z.object({ state: text })
/** Free-form JSON, as its own standard has it. */
export const anyJson = z.looseObject({})
