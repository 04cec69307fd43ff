/**
 * Checks an authorization request in the order of RFC 6749 §4.1.2.1: while client and redirect URI
 * are not proven the browser stays here; after that every error goes back to the app. Writes nothing.
 */
import { type App, isPublic } from "../apps/app.ts"
import { isLoopbackUri, matchesRedirectUri } from "../apps/redirect-uri.ts"
import { KoppelError } from "../lib/errors.ts"
import type { Parameters } from "../lib/http.ts"
import { mayAskFor, readScopes, type Scope } from "../providers/scope.ts"
import { RedirectError, type ReturnAddress } from "./redirect.ts"
import type { AuthorizationRequest } from "./request.ts"

/** A page that says why the flow can't start, and, for developers, what was received and registered. */
export class StayError extends KoppelError {
  readonly shown: Readonly<Record<string, readonly string[]>>

  constructor(
    code: string,
    description: string,
    shown: Readonly<Record<string, readonly string[]>> = {},
  ) {
    super(400, code, description)
    this.name = "StayError"
    this.shown = shown
  }
}

/**
 * Takes the request's parameters and the app that its `client_id` names; gives the checked request.
 * Throws `StayError` before client and redirect URI are proven, `RedirectError` after.
 */
export function checkAuthorization(
  parameters: Parameters,
  app: App | undefined,
): Omit<AuthorizationRequest, "browserHash" | "issuedAt"> {
  const known = requireApp(parameters, app)
  const address = requireRedirectUri(parameters, known)
  refuseRepeated(parameters, address)
  const responseType = requireResponseType(parameters, known, address)
  const { provider, scopes } = requireScope(parameters, known, address)
  requireState(parameters, responseType, address)
  return {
    ...address,
    clientId: known.clientId,
    environment: known.environment,
    provider,
    responseType,
    scope: scopes.map((scope) => scope.text),
    nonce: requireShort(parameters, "nonce", address),
  }
}

function requireApp(parameters: Parameters, app: App | undefined): App {
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
  const isDeveloping =
    app.environment === "test" || (received !== undefined && isLoopbackUri(received))
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
    throw new StayError("invalid_request", "redirect_uri is missing from the address.", shown)
  }
  if (!app.redirectUris.some((registered) => matchesRedirectUri(registered, received))) {
    throw new StayError(
      "invalid_request",
      "The app asked to return to an address that it has not registered.",
      shown,
    )
  }
  const state = parameters.values.get("state")
  // A state that stands twice is none: which of them would be the app's?
  return {
    redirectUri: received,
    state: state !== undefined && state.length <= 2048 ? state : undefined,
  }
}

function refuseRepeated(parameters: Parameters, address: ReturnAddress): void {
  const [name] = parameters.repeated
  if (name === undefined) return
  const shown = /^[a-z_]{1,40}$/.test(name) ? name : "a parameter"
  throw new RedirectError(address, "invalid_request", `${shown} stands more than once`)
}

function requireResponseType(
  parameters: Parameters,
  app: App,
  address: ReturnAddress,
): AuthorizationRequest["responseType"] {
  const responseType = parameters.values.get("response_type")
  if (responseType === undefined) {
    throw new RedirectError(address, "invalid_request", "response_type is missing")
  }
  if (responseType !== "connection_id") {
    throw new RedirectError(
      address,
      "unsupported_response_type",
      "response_type must be connection_id",
    )
  }
  if (!app.responseTypes.includes(responseType) || isPublic(app)) {
    throw new RedirectError(
      address,
      "unauthorized_client",
      `this app is not registered for response_type ${responseType}`,
    )
  }
  return responseType
}

/** Provider and permissions travel in `scope`. */
function requireScope(
  parameters: Parameters,
  app: App,
  address: ReturnAddress,
): { provider: string; scopes: readonly Scope[] } {
  const scope = parameters.values.get("scope")
  if (scope === undefined) {
    throw new RedirectError(address, "invalid_scope", "scope must name a provider")
  }
  const result = readScopes(scope)
  if (!result.ok) throw new RedirectError(address, "invalid_scope", result.reason)
  if (!result.scopes.every((one) => mayAskFor(app.scope, one))) {
    throw new RedirectError(
      address,
      "invalid_scope",
      "scope holds one this app is not registered for",
    )
  }
  return { provider: result.provider.id, scopes: result.scopes }
}

/** The claim proves with `state` that the flow that ended is the one the app began. */
function requireState(
  parameters: Parameters,
  responseType: AuthorizationRequest["responseType"],
  address: ReturnAddress,
): void {
  requireShort(parameters, "state", address)
  if (responseType === "connection_id" && address.state === undefined) {
    throw new RedirectError(address, "invalid_request", "state is required with connection_id")
  }
}

function requireShort(
  parameters: Parameters,
  name: string,
  address: ReturnAddress,
): string | undefined {
  const value = parameters.values.get(name)
  if (value !== undefined && value.length > 2048) {
    throw new RedirectError(address, "invalid_request", `${name} is longer than 2,048 characters`)
  }
  return value
}
