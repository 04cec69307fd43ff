/**
 * App authentication (RFC 6749 §2.3, RFC 7523 §2.2): a secret by Basic or in the form, a signed
 * assertion, or, for public apps, the client_id alone.
 */
import { sameText, sha256 } from "../lib/bytes.ts"
import { KoppelError } from "../lib/errors.ts"
import { type App, isPublic } from "./app.ts"
import { checkAssertion, readAssertionIssuer } from "./assertion.ts"

export interface BasicCredentials {
  readonly clientId: string
  readonly secret: string
}

/** How an app says who it is; read out of a request before the app is looked up. */
export type Presented =
  | ({ readonly by: "basic" | "form" } & BasicCredentials)
  | { readonly by: "assertion"; readonly clientId: string; readonly assertion: string }
  | { readonly by: "none"; readonly clientId: string }

/** What an assertion may be made out to, and what keeps it from counting twice. */
export interface AssertionContext {
  readonly audiences: readonly string[]
  readonly now: number
}

/** An app that proved who it is; a used assertion must be remembered in the batch that acts on it. */
export interface Authenticated {
  readonly app: App
  readonly assertion: { readonly jtiHash: string; readonly expiresAt: number } | undefined
}

const ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"

/** The one answer to every failed authentication: 401, with a challenge only where Basic was used. */
export function invalidClient(detail: string, by: Presented["by"] = "basic"): KoppelError {
  return new KoppelError(401, "invalid_client", "App authentication failed.", {
    detail,
    headers: by === "basic" ? { "WWW-Authenticate": 'Basic realm="koppel", charset="UTF-8"' } : {},
  })
}

/**
 * Reads an `Authorization: Basic` header: id and secret are form-encoded before base64
 * (RFC 6749 §2.3.1). Throws `invalid_client` where there is none or it is malformed.
 */
export function readBasic(header: string | undefined): BasicCredentials {
  const match = /^basic +([A-Za-z0-9+/]+={0,2})$/i.exec(header ?? "")
  if (match?.[1] === undefined) throw invalidClient("no Basic credentials")
  try {
    const text = atob(match[1])
    const colon = text.indexOf(":")
    if (colon < 1) throw invalidClient("Basic without a colon")
    return {
      clientId: formDecode(text.slice(0, colon)),
      secret: formDecode(text.slice(colon + 1)),
    }
  } catch (error) {
    if (error instanceof KoppelError) throw error
    throw invalidClient("malformed Basic credentials")
  }
}

/**
 * Reads how an app says who it is: exactly one way (RFC 6749 §2.3). Throws `invalid_request` for more
 * than one, `invalid_client` for none.
 */
export function readPresented(
  authorization: string | undefined,
  form: ReadonlyMap<string, string>,
): Presented {
  const assertion = form.get("client_assertion")
  const secret = form.get("client_secret")
  const ways = [authorization, secret, assertion].filter((way) => way !== undefined)
  if (ways.length > 1) throw invalidRequest("more than one way of authentication was used")
  const clientId = form.get("client_id")
  if (authorization !== undefined) {
    const basic = readBasic(authorization)
    if (clientId !== undefined && clientId !== basic.clientId) {
      throw invalidRequest("client_id is not that of the Authorization header")
    }
    return { by: "basic", ...basic }
  }
  if (assertion !== undefined) {
    if (form.get("client_assertion_type") !== ASSERTION_TYPE) {
      throw invalidRequest("client_assertion_type is not that of a JWT")
    }
    const issuer = readAssertionIssuer(assertion)
    if (issuer === undefined) throw invalidClient("malformed assertion", "assertion")
    if (clientId !== undefined && clientId !== issuer) {
      throw invalidRequest("client_id is not that of the assertion")
    }
    return { by: "assertion", clientId: issuer, assertion }
  }
  if (clientId === undefined) throw invalidClient("no authentication", "none")
  return secret === undefined ? { by: "none", clientId } : { by: "form", clientId, secret }
}

/**
 * Checks what was presented against the app that was looked up by its `clientId`. A secret may come by
 * Basic or in the form, whichever a library prefers; the other ways only where registered. Throws
 * `invalid_client`, for unknown and suspended apps too.
 */
export async function authenticate(
  presented: Presented,
  app: App | undefined,
  context: AssertionContext,
): Promise<Authenticated> {
  switch (presented.by) {
    case "basic":
    case "form":
      return {
        app: await checkSecret(app, presented.secret, context.now, presented.by),
        assertion: undefined,
      }
    case "assertion": {
      const known = requireActive(app, "assertion")
      if (known.tokenEndpointAuthMethod !== "private_key_jwt") {
        throw invalidClient("not registered for private_key_jwt", "assertion")
      }
      return { app: known, assertion: await checkAssertion(presented.assertion, known, context) }
    }
    case "none": {
      const known = requireActive(app, "none")
      if (!isPublic(known)) throw invalidClient("a confidential app did not authenticate", "none")
      return { app: known, assertion: undefined }
    }
  }
}

/**
 * Checks a secret against the app's current and, while it lasts, previous one; then that the app is
 * not suspended. Throws `invalid_client`. An unknown app costs the same hash as a known one.
 */
export async function checkSecret(
  app: App | undefined,
  secret: string,
  now: number,
  by: Presented["by"] = "basic",
): Promise<App> {
  const hash = await sha256(secret)
  const isCurrent = sameText(hash, app?.secretHash ?? "")
  const isPrevious =
    (app?.previousSecretUntil ?? 0) > now && sameText(hash, app?.previousSecretHash ?? "")
  if (app === undefined) throw invalidClient("unknown app", by)
  if (!isCurrent && !isPrevious) throw invalidClient("wrong secret", by)
  return requireActive(app, by)
}

function requireActive(app: App | undefined, by: Presented["by"]): App {
  if (app === undefined) throw invalidClient("unknown app", by)
  if (app.suspended) throw invalidClient("suspended app", by)
  return app
}

function invalidRequest(description: string): KoppelError {
  return new KoppelError(400, "invalid_request", description)
}

function formDecode(text: string): string {
  return decodeURIComponent(text.replaceAll("+", " "))
}
