/** Every address of the machine-readable interface, one line or two each. */
import type * as z from "zod/mini"
import { registrationMembers } from "../../apps/metadata.ts"
import * as api from "../../connections/schemas.ts"
import * as oauth from "./schemas.ts"

/** Ways of authentication; the names of `components.securitySchemes`. */
export type Security = "app" | "token" | "registration" | "operator"

/** One operation of the document. */
export interface Operation {
  readonly method: "get" | "post" | "put" | "delete"
  readonly path: string
  readonly id: string
  readonly summary: string
  readonly security: readonly Security[]
  readonly query?: z.ZodMiniType
  readonly form?: z.ZodMiniType
  readonly json?: z.ZodMiniType
  readonly status: number
  /** A schema's name in `schemas`; absent for an empty answer. */
  readonly answer?: keyof typeof schemas
  /** Content type of answers that are not JSON. */
  readonly type?: string
}

/** Schemas that the document names. */
export const schemas = {
  Connection: api.connection,
  ConnectionList: api.connectionList,
  VerifiedConnection: api.verified,
  Credentials: api.credentials,
  WebhookList: api.webhookList,
  ReplayedWebhook: api.replayed,
  SessionList: api.sessionList,
  Problem: api.problem,
  PushedRequest: oauth.pushed,
  TokenResponse: oauth.tokenResponse,
  Introspection: oauth.introspection,
  Userinfo: oauth.userinfo,
  OAuthError: oauth.oauthError,
  Registration: oauth.registration,
  RegistrationList: oauth.registrationList,
  RotatedSecret: oauth.rotatedSecret,
  RotatedWebhookSecret: oauth.rotatedWebhookSecret,
  Json: oauth.anyJson,
} as const

const CONNECTION = "/v1/connections/{id}"
const REGISTRATION = "/oauth/register/{client_id}"
const APP: readonly Security[] = ["app", "token"]
const MANAGER: readonly Security[] = ["registration", "operator"]

type Method = Operation["method"]
type Rest = Partial<Pick<Operation, "query" | "form" | "json" | "answer" | "type" | "status">>

function operation(
  [method, path]: readonly [Method, string],
  id: string,
  summary: string,
  security: readonly Security[],
  rest: Rest = {},
): Operation {
  return { method, path, id, summary, security, status: 200, ...rest }
}

/** All operations, in the order of the document. */
export const operations: readonly Operation[] = [
  operation(["get", "/v1/connections"], "listConnections", "List the app's connections", APP, {
    query: api.connectionQuery,
    answer: "ConnectionList",
  }),
  operation(["get", CONNECTION], "readConnection", "Read a connection", APP, {
    answer: "Connection",
  }),
  operation(["delete", CONNECTION], "deleteConnection", "End a connection", APP, { status: 204 }),
  operation(["post", `${CONNECTION}/claim`], "claimConnection", "Claim a connection", ["app"], {
    form: oauth.claimForm,
    answer: "Connection",
  }),
  operation(["post", `${CONNECTION}/verify`], "verifyConnection", "Ask the provider again", APP, {
    answer: "VerifiedConnection",
  }),
  operation(
    ["post", `${CONNECTION}/credentials`],
    "readCredentials",
    "Read the plain credentials, where the person was told so",
    ["app"],
    { answer: "Credentials" },
  ),
  operation(["get", "/v1/sessions"], "listSessions", "See how far a session came", APP, {
    query: api.sessionQuery,
    answer: "SessionList",
  }),
  operation(["get", "/v1/webhooks"], "listWebhooks", "List webhooks by what became of them", APP, {
    query: api.webhookQuery,
    answer: "WebhookList",
  }),
  operation(["post", "/v1/webhooks/{id}/replay"], "replayWebhook", "Send a webhook again", APP, {
    status: 202,
    answer: "ReplayedWebhook",
  }),
  operation(["get", "/oauth/authorize"], "authorize", "Begin (RFC 6749 §4.1.1)", [], {
    query: oauth.authorizationRequest,
    status: 303,
  }),
  operation(["post", "/oauth/par"], "pushRequest", "Push a request (RFC 9126)", ["app"], {
    form: oauth.pushedRequest,
    status: 201,
    answer: "PushedRequest",
  }),
  operation(["post", "/oauth/token"], "issueToken", "Get a token (RFC 6749 §3.2)", ["app"], {
    form: oauth.tokenRequest,
    answer: "TokenResponse",
  }),
  operation(["post", "/oauth/introspect"], "introspect", "Introspect (RFC 7662)", ["app"], {
    form: oauth.tokenOnly,
    answer: "Introspection",
  }),
  operation(["post", "/oauth/revoke"], "revoke", "Revoke a token (RFC 7009)", ["app"], {
    form: oauth.tokenOnly,
  }),
  operation(["get", "/oauth/userinfo"], "userinfo", "Whose account it is", ["token"], {
    answer: "Userinfo",
  }),
  operation(["post", "/oauth/register"], "registerApp", "Register (RFC 7591)", ["operator"], {
    json: registrationMembers,
    status: 201,
    answer: "Registration",
  }),
  operation(["get", "/oauth/register"], "listApps", "List apps", ["operator"], {
    answer: "RegistrationList",
  }),
  operation(["get", REGISTRATION], "readApp", "Read a registration (RFC 7592)", MANAGER, {
    answer: "Registration",
  }),
  operation(["put", REGISTRATION], "updateApp", "Update a registration (RFC 7592)", MANAGER, {
    json: registrationMembers,
    answer: "Registration",
  }),
  operation(["delete", REGISTRATION], "deleteApp", "Delete an app and all it has", MANAGER, {
    status: 204,
  }),
  operation(["post", `${REGISTRATION}/rotate-secret`], "rotateSecret", "New secret", MANAGER, {
    answer: "RotatedSecret",
  }),
  operation(
    ["post", `${REGISTRATION}/rotate-webhook-secret`],
    "rotateWebhookSecret",
    "New webhook secret; both sign for a day",
    MANAGER,
    { answer: "RotatedWebhookSecret" },
  ),
  operation(
    ["post", "/proxy/nmbrs/soap/v3/{service}.asmx"],
    "callNmbrs",
    "Nmbrs' own SOAP service, with the credentials put in",
    ["token"],
    { type: "text/xml" },
  ),
  operation(
    ["get", "/proxy/nmbrs/soap/v3/{service}.asmx"],
    "describeNmbrs",
    "The service's WSDL (`?wsdl`)",
    [],
    { type: "text/xml" },
  ),
  ...(["get", "post", "put", "delete"] as const).map((method) =>
    operation(
      [method, "/proxy/nimbus/{path}"],
      `callNimbus${method[0]?.toUpperCase()}${method.slice(1)}`,
      "Nimbus' own API, with the token put in",
      ["token"],
      { answer: "Json" },
    ),
  ),
]
