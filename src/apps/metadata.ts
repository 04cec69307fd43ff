/** What an app registers (RFC 7591 §2, and members of ours): snake_case on the wire, camelCase here. */
import * as z from "zod/mini"
import { readScope, splitScope } from "../providers/scope.ts"
import { findRedirectUriProblem } from "./redirect-uri.ts"

export interface RegistrationMetadata {
  readonly clientName: string
  readonly redirectUris: readonly string[]
  readonly responseTypes: readonly ("code" | "connection_id")[]
  readonly grantTypes: readonly string[]
  readonly tokenEndpointAuthMethod: AuthMethod
  readonly jwks: { readonly keys: readonly Record<string, unknown>[] } | undefined
  readonly scope: readonly string[]
  readonly optionalScope: readonly string[]
  readonly requirePkce: boolean
  readonly credentialsAccess: boolean
  readonly clientUri: string | undefined
  readonly logoUri: string | undefined
  readonly policyUri: string | undefined
  readonly tosUri: string | undefined
  readonly contacts: readonly string[]
  readonly initiateLoginUri: string | undefined
  readonly webhookUri: string | undefined
  readonly accentColor: string | undefined
}

export const AUTH_METHODS = [
  "client_secret_basic",
  "client_secret_post",
  "private_key_jwt",
  "none",
] as const
export type AuthMethod = (typeof AUTH_METHODS)[number]

export const GRANT_TYPES = ["authorization_code", "refresh_token", "client_credentials"] as const

const text = (max: number) => z.string().check(z.minLength(1), z.maxLength(max))
/** What is shown to people holds no control or direction-changing characters. */
const shown = text(80).check(
  z.refine((value) => !/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u.test(value), {
    error: "holds a control character",
  }),
)
/** Only web addresses, since they become links on the page; loopback for development. */
const webUri = text(2000).check(
  z.refine((value) => /^https?:/.test(value) && findRedirectUriProblem(value) === undefined, {
    error: "is not an https address",
  }),
)
const redirectUri = z.string().check(
  z.superRefine((value, context) => {
    const problem = findRedirectUriProblem(value)
    if (problem !== undefined) context.addIssue({ code: "custom", message: problem })
  }),
)
const knownScope = text(8000).check(
  z.superRefine((value, context) => {
    const unknown = splitScope(value).find((scope) => readScope(scope) === undefined)
    if (unknown !== undefined)
      context.addIssue({ code: "custom", message: "holds an unknown scope" })
  }),
)

/** RFC 7591 asks servers to ignore members they don't know, so this one is not strict. */
export const registrationMembers = z.object({
  client_name: shown,
  redirect_uris: z.array(redirectUri).check(z.minLength(1), z.maxLength(20)),
  response_types: z._default(
    z.array(z.enum(["code", "connection_id"])).check(z.minLength(1), z.maxLength(2)),
    ["code"],
  ),
  grant_types: z.optional(z.array(z.enum(GRANT_TYPES)).check(z.maxLength(3))),
  token_endpoint_auth_method: z._default(z.enum(AUTH_METHODS), "client_secret_basic"),
  jwks: z.optional(
    z.object({
      keys: z.array(z.record(z.string(), z.unknown())).check(z.minLength(1), z.maxLength(8)),
    }),
  ),
  scope: knownScope,
  optional_scope: z._default(z.union([knownScope, z.literal("")]), ""),
  environment: z.enum(["test", "live"]),
  require_pkce: z._default(z.boolean(), false),
  credentials_access: z._default(z.boolean(), false),
  suspended: z._default(z.boolean(), false),
  client_uri: z.optional(webUri),
  logo_uri: z.optional(webUri),
  policy_uri: z.optional(webUri),
  tos_uri: z.optional(webUri),
  contacts: z._default(z.array(text(200)).check(z.maxLength(10)), []),
  initiate_login_uri: z.optional(webUri),
  webhook_uri: z.optional(webUri),
  accent_color: z.optional(z.string().check(z.regex(/^#[0-9a-fA-F]{6}$/))),
})

export type RegistrationRequest =
  | {
      readonly ok: true
      readonly metadata: RegistrationMetadata
      readonly environment: "test" | "live"
      readonly suspended: boolean
    }
  | { readonly ok: false; readonly code: RegistrationErrorCode; readonly description: string }

/** RFC 7591 §3.2.2. */
export type RegistrationErrorCode = "invalid_redirect_uri" | "invalid_client_metadata"

/** Reads registration metadata; where it is refused, the description names the member and the remedy. */
export function readMetadata(body: unknown): RegistrationRequest {
  const parsed = registrationMembers.safeParse(body)
  if (!parsed.success) return describeIssue(parsed.error.issues[0])
  const wire = parsed.data
  const scope = splitScope(wire.scope)
  const optionalScope = splitScope(wire.optional_scope)
  const isPublicApp = wire.token_endpoint_auth_method === "none"
  const grantTypes = wire.grant_types ?? defaultGrants(isPublicApp)
  const problem =
    findInconsistency(wire.token_endpoint_auth_method, wire.response_types, grantTypes) ??
    (scope.length === 0 ? "scope names no provider" : undefined) ??
    (optionalScope.some((one) => !scope.includes(one))
      ? "optional_scope is not part of scope"
      : undefined) ??
    findKeyProblem(wire.token_endpoint_auth_method, wire.jwks?.keys)
  if (problem !== undefined) return refuse("invalid_client_metadata", problem)
  return {
    ok: true,
    environment: wire.environment,
    suspended: wire.suspended,
    metadata: {
      clientName: wire.client_name,
      redirectUris: wire.redirect_uris,
      responseTypes: wire.response_types,
      grantTypes,
      tokenEndpointAuthMethod: wire.token_endpoint_auth_method,
      jwks: wire.jwks,
      scope,
      optionalScope,
      requirePkce: wire.require_pkce,
      credentialsAccess: wire.credentials_access,
      clientUri: wire.client_uri,
      logoUri: wire.logo_uri,
      policyUri: wire.policy_uri,
      tosUri: wire.tos_uri,
      contacts: wire.contacts,
      initiateLoginUri: wire.initiate_login_uri,
      webhookUri: wire.webhook_uri,
      accentColor: wire.accent_color,
    },
  }
}

function defaultGrants(isPublicApp: boolean): (typeof GRANT_TYPES)[number][] {
  return isPublicApp ? ["authorization_code", "refresh_token"] : [...GRANT_TYPES]
}

function findInconsistency(
  method: AuthMethod,
  responseTypes: readonly string[],
  grantTypes: readonly string[],
): string | undefined {
  if (method !== "none") {
    return responseTypes.includes("code") && !grantTypes.includes("authorization_code")
      ? "response_types holds code, so grant_types must hold authorization_code"
      : undefined
  }
  if (responseTypes.includes("connection_id")) {
    return "response_types: connection_id is for apps that authenticate; a public app uses code"
  }
  return grantTypes.includes("client_credentials")
    ? "grant_types: client_credentials is for apps that authenticate"
    : undefined
}

function findKeyProblem(
  method: AuthMethod,
  keys: readonly Record<string, unknown>[] | undefined,
): string | undefined {
  if (method !== "private_key_jwt") {
    return keys === undefined ? undefined : "jwks goes with private_key_jwt only"
  }
  if (keys === undefined) return "private_key_jwt needs jwks"
  const isPrivate = keys.some((key) => ["d", "k", "p", "q"].some((member) => member in key))
  return isPrivate ? "jwks holds a private or symmetric key" : undefined
}

function describeIssue(
  issue: { readonly path: readonly PropertyKey[]; readonly message: string } | undefined,
): RegistrationRequest {
  const member = issue?.path.map(String).join(".") ?? ""
  const description = `${member === "" ? "body" : member}: ${issue?.message ?? "is refused"}`
  const code = member.startsWith("redirect_uris")
    ? "invalid_redirect_uri"
    : "invalid_client_metadata"
  return refuse(code, description)
}

function refuse(code: RegistrationErrorCode, description: string): RegistrationRequest {
  return { ok: false, code, description }
}

/** Gives metadata as the wire has it (RFC 7591 §3.2.1), without what is unset. */
export function writeMetadata(metadata: RegistrationMetadata): Record<string, unknown> {
  return {
    client_name: metadata.clientName,
    redirect_uris: metadata.redirectUris,
    response_types: metadata.responseTypes,
    grant_types: metadata.grantTypes,
    token_endpoint_auth_method: metadata.tokenEndpointAuthMethod,
    jwks: metadata.jwks,
    scope: metadata.scope.join(" "),
    optional_scope: metadata.optionalScope.join(" "),
    require_pkce: metadata.requirePkce,
    credentials_access: metadata.credentialsAccess,
    client_uri: metadata.clientUri,
    logo_uri: metadata.logoUri,
    policy_uri: metadata.policyUri,
    tos_uri: metadata.tosUri,
    contacts: metadata.contacts,
    initiate_login_uri: metadata.initiateLoginUri,
    webhook_uri: metadata.webhookUri,
    accent_color: metadata.accentColor,
  }
}
