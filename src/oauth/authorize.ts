/**
 * Checks an authorization request in the order of RFC 6749 §4.1.2.1: while client and redirect URI
 * are not proven the browser stays here; after that every error goes back to the app. Writes nothing.
 */
import { type App, isPublic } from "../apps/app.ts"
import { isLoopbackUri, matchesRedirectUri } from "../apps/redirect-uri.ts"
import type { Connection } from "../connections/connection.ts"
import { KoppelError } from "../lib/errors.ts"
import type { Parameters } from "../lib/http.ts"
import { mayAskFor, readScopes, type Scope } from "../providers/scope.ts"
import { readEndUser, readOrganization } from "./asker.ts"
import { isChallenge } from "./pkce.ts"
import { RedirectError, type ReturnAddress } from "./redirect.ts"
import type { CheckedRequest } from "./request.ts"

/** A page that says why the flow can't start, and, for developers, what was received and registered. */
export class StayError extends KoppelError {
  readonly shown: Readonly<Record<string, readonly string[]>>
  /** The app, where it is proven and the person may be led back to it. */
  readonly app: App | undefined

  constructor(
    code: string,
    description: string,
    more: { shown?: Readonly<Record<string, readonly string[]>>; app?: App } = {},
  ) {
    super(400, code, description)
    this.name = "StayError"
    this.shown = more.shown ?? {}
    this.app = more.app
  }
}

/**
 * Takes the request's parameters and the app that its `client_id` names; gives the checked request.
 * `pushed`: they came from the authenticated app itself (RFC 9126), which alone may say who is asking.
 * `named`: the connection of that app which its `connection_id` names.
 * Throws `StayError` before client and redirect URI are proven, `RedirectError` after.
 */
export function checkAuthorization(
  parameters: Parameters,
  app: App | undefined,
  { pushed, named }: { readonly pushed: boolean; readonly named: Connection | undefined },
): CheckedRequest {
  const known = requireApp(parameters, app)
  const address = requireRedirectUri(parameters, known)
  refuseRepeated(parameters, address)
  refuseRequestObject(parameters, address)
  requireResponseMode(parameters, address)
  const responseType = requireResponseType(parameters, known, address)
  const { provider, scopes } = requireScope(parameters, known, address)
  const reconnect = requireReconnectable(parameters, named, provider, address)
  const codeChallenge = requireChallenge(parameters, known, responseType, address)
  requireState(parameters, responseType, codeChallenge, address)
  const asker = pushed ? requireAsker(parameters, known, address) : {}
  refusePromptNone(parameters, address)
  return {
    ...address,
    clientId: known.clientId,
    environment: known.environment,
    provider,
    responseType,
    scope: scopes.map((scope) => scope.text),
    nonce: requireShort(parameters, "nonce", address),
    codeChallenge,
    loginHint: requireShort(parameters, "login_hint", address),
    uiLocales: requireShort(parameters, "ui_locales", address),
    endUser: undefined,
    organization: undefined,
    reconnect,
    ...asker,
  }
}

/** The app that a request names, where it is known and not suspended; throws `StayError`. */
export function requireApp(parameters: Parameters, app: App | undefined): App {
  if (parameters.repeated.includes("client_id")) {
    throw new StayError("invalid_request", "client_id stands more than once in the address.")
  }
  if (!parameters.values.has("client_id")) {
    throw new StayError("invalid_request", "client_id is missing from the address.")
  }
  if (app === undefined)
    throw new StayError("invalid_client", "The app that sent you is not known.")
  if (app.suspended) {
    throw new StayError("unauthorized_client", "The app that sent you may not connect right now.")
  }
  return app
}

/** Exact string match (RFC 9700 §2.1). */
function requireRedirectUri(parameters: Parameters, app: App): ReturnAddress {
  const received = parameters.values.get("redirect_uri")
  // Anybody can ask for a loopback address; only an app that has one is being developed.
  const isDeveloping = app.environment === "test" || app.redirectUris.some(isLoopbackUri)
  const shown = isDeveloping
    ? {
        "redirect_uri received": received === undefined ? [] : [received],
        registered: app.redirectUris,
      }
    : {}
  if (parameters.repeated.includes("redirect_uri")) {
    throw new StayError("invalid_request", "redirect_uri stands more than once in the address.")
  }
  if (received === undefined) {
    throw new StayError("invalid_request", "redirect_uri is missing from the address.", { shown })
  }
  if (!app.redirectUris.some((registered) => matchesRedirectUri(registered, received))) {
    throw new StayError(
      "invalid_request",
      "The app asked to return to an address that it has not registered.",
      { shown },
    )
  }
  const state = parameters.values.get("state")
  return {
    redirectUri: received,
    // A state that stands twice, or is too long to be one, is none.
    state: state !== undefined && state.length <= 2048 ? state : undefined,
    responseMode: parameters.values.get("response_mode") === "form_post" ? "form_post" : "query",
  }
}

function refuseRepeated(parameters: Parameters, address: ReturnAddress): void {
  const [name] = parameters.repeated
  if (name === undefined) return
  const shown = /^[a-z_]{1,40}$/.test(name) ? name : "a parameter"
  throw new RedirectError(address, "invalid_request", `${shown} stands more than once`)
}

/** Request objects (RFC 9101) are not taken; a `request_uri` of our own is opened before this. */
function refuseRequestObject({ values }: Parameters, address: ReturnAddress): void {
  if (values.has("request")) {
    throw new RedirectError(address, "request_not_supported", "request objects are not taken")
  }
}

function requireResponseMode({ values }: Parameters, address: ReturnAddress): void {
  const mode = values.get("response_mode")
  if (mode !== undefined && mode !== "query" && mode !== "form_post") {
    throw new RedirectError(address, "invalid_request", "response_mode must be query or form_post")
  }
}

function requireResponseType(
  { values }: Parameters,
  app: App,
  address: ReturnAddress,
): CheckedRequest["responseType"] {
  const responseType = values.get("response_type")
  if (responseType === undefined) {
    throw new RedirectError(address, "invalid_request", "response_type is missing")
  }
  if (responseType !== "code" && responseType !== "connection_id") {
    const description = "response_type must be code or connection_id"
    throw new RedirectError(address, "unsupported_response_type", description)
  }
  const isForConfidential = responseType === "connection_id"
  if (!app.responseTypes.includes(responseType) || (isForConfidential && isPublic(app))) {
    const description = `this app is not registered for response_type ${responseType}`
    throw new RedirectError(address, "unauthorized_client", description)
  }
  return responseType
}

/** Provider and permissions travel in `scope`. */
function requireScope(
  { values }: Parameters,
  app: App,
  address: ReturnAddress,
): { provider: string; scopes: readonly Scope[] } {
  const scope = values.get("scope")
  if (scope === undefined) {
    throw new RedirectError(address, "invalid_scope", "scope must name a provider")
  }
  const result = readScopes(scope)
  if (!result.ok) throw new RedirectError(address, "invalid_scope", result.reason)
  if (!result.scopes.every((one) => mayAskFor(app.scope, one))) {
    const description = "scope holds one this app is not registered for"
    throw new RedirectError(address, "invalid_scope", description)
  }
  return { provider: result.provider.id, scopes: result.scopes }
}

/** Unknown, deleted, unclaimed, another app's and another provider's get one and the same answer. */
function requireReconnectable(
  { values }: Parameters,
  named: Connection | undefined,
  provider: string,
  address: ReturnAddress,
): string | undefined {
  if (!values.has("connection_id")) return undefined
  if (named?.claimedAt !== undefined && named.provider === provider) return named.id
  const description = "connection_id names no connection of this app and provider"
  throw new RedirectError(address, "invalid_request", description)
}

/** S256 only (RFC 7636 §4.3); `plain` is also what a missing method means. */
function requireChallenge(
  { values }: Parameters,
  app: App,
  responseType: CheckedRequest["responseType"],
  address: ReturnAddress,
): string | undefined {
  const challenge = values.get("code_challenge")
  const method = values.get("code_challenge_method")
  const refuse = (description: string) => new RedirectError(address, "invalid_request", description)
  if (responseType === "connection_id") return undefined
  if (challenge === undefined) {
    if (method !== undefined) throw refuse("code_challenge is missing")
    if (isPublic(app) || app.requirePkce) throw refuse("code_challenge is required for this app")
    return undefined
  }
  if (method !== "S256") throw refuse("code_challenge_method must be S256")
  if (!isChallenge(challenge)) throw refuse("code_challenge is not the base64url of 32 bytes")
  return challenge
}

/** Something must tie the response to the browser that the app began with. */
function requireState(
  parameters: Parameters,
  responseType: CheckedRequest["responseType"],
  codeChallenge: string | undefined,
  address: ReturnAddress,
): void {
  requireShort(parameters, "state", address)
  if (address.state !== undefined) return
  if (responseType === "connection_id") {
    throw new RedirectError(address, "invalid_request", "state is required with connection_id")
  }
  if (codeChallenge === undefined) {
    throw new RedirectError(address, "invalid_request", "code_challenge or state is required")
  }
}

/** Who is asking; shown on the page as the app's word. */
function requireAsker(
  { values }: Parameters,
  app: App,
  address: ReturnAddress,
): Pick<CheckedRequest, "endUser" | "organization"> {
  const endUser = values.get("end_user")
  const organization = values.get("organization")
  if (isPublic(app) && (endUser !== undefined || organization !== undefined)) {
    const description = "end_user and organization are for apps that authenticate"
    throw new RedirectError(address, "invalid_request", description)
  }
  const asker = { endUser: readEndUser(endUser), organization: readOrganization(organization) }
  for (const [name, value] of Object.entries(asker)) {
    if (value !== "malformed") continue
    const wire = name === "endUser" ? "end_user" : name
    throw new RedirectError(address, "invalid_request", `${wire} is not such a JSON object`)
  }
  return asker as Pick<CheckedRequest, "endUser" | "organization">
}

/** Nothing can be done without the person; every other prompt is what happens anyway. */
function refusePromptNone({ values }: Parameters, address: ReturnAddress): void {
  if (values.get("prompt")?.split(" ").includes("none")) {
    throw new RedirectError(address, "interaction_required", "connecting needs the person")
  }
}

function requireShort(
  { values }: Parameters,
  name: string,
  address: ReturnAddress,
): string | undefined {
  const value = values.get(name)
  if (value !== undefined && value.length > 2048) {
    throw new RedirectError(address, "invalid_request", `${name} is longer than 2,048 characters`)
  }
  return value
}
