/** Pushed authorization requests (RFC 9126): the app sends its request itself, and gets an address. */
import type { App } from "../apps/app.ts"
import type { Connection } from "../connections/connection.ts"
import { toConnection } from "../connections/store.ts"
import type { KoppelContext } from "../context.ts"
import { sha256 } from "../lib/bytes.ts"
import { KoppelError } from "../lib/errors.ts"
import type { Parameters } from "../lib/http.ts"
import { newSecret } from "../lib/ids.ts"
import { open, seal } from "../vault/seal.ts"
import { checkAuthorization, requireApp, StayError } from "./authorize.ts"
import { readClient } from "./client.ts"
import { selectNamedConnection } from "./client-credentials.ts"
import { RedirectError } from "./redirect.ts"
import type { CheckedRequest } from "./request.ts"
import { insertPushedRequest, PUSHED_OPEN_SECONDS } from "./store.ts"

const PREFIX = "urn:ietf:params:oauth:request_uri:"

/** Checks and keeps a request; gives its `request_uri`. Throws OAuth's errors, none of which redirect. */
export async function push(c: KoppelContext): Promise<{ request_uri: string; expires_in: number }> {
  const { db, config, now } = c.var.deps
  const { app, form, run, results } = await readClient(c, (form, clientId) =>
    selectNamedConnection(c.var.deps, form, clientId),
  )
  if (form.has("request_uri")) {
    throw new KoppelError(400, "invalid_request", "request_uri must not be sent here")
  }
  const parameters = { values: new Map([...form, ["client_id", app.clientId]]), repeated: [] }
  const request = checkPushed(parameters, app, toConnection(results[0]))
  const secret = newSecret("par")
  const hash = await sha256(secret)
  const place = placeOf(hash, app.clientId)
  const requestSealed = await seal(config.keyRing, request, place)
  await run([insertPushedRequest(db, { hash, clientId: app.clientId, requestSealed, now: now() })])
  return { request_uri: `${PREFIX}${secret}`, expires_in: PUSHED_OPEN_SECONDS }
}

/** Gives the hash of a `request_uri` of ours, or undefined for any other. */
export async function hashRequestUri(requestUri: string): Promise<string | undefined> {
  return requestUri.startsWith(PREFIX) ? await sha256(requestUri.slice(PREFIX.length)) : undefined
}

/**
 * Opens a pushed request. The parameters beside `request_uri` count for nothing but `client_id`
 * (RFC 9126 §4). Throws `StayError` where it is unknown, too old or spent.
 */
export async function openPushed(
  c: KoppelContext,
  parameters: Parameters,
  app: App | undefined,
  pushed: { readonly hash: string; readonly sealed: string | undefined },
): Promise<CheckedRequest> {
  const known = requireApp(parameters, app)
  if (pushed.sealed === undefined) {
    throw new StayError(
      "invalid_request_uri",
      "This address was used before, or is more than a minute old.",
      { app: known },
    )
  }
  const place = placeOf(pushed.hash, known.clientId)
  return (await open(c.var.deps.config.keyRing, pushed.sealed, place)) as CheckedRequest
}

/** There is no browser to send anywhere, so every error is the app's own answer. */
function checkPushed(
  parameters: Parameters,
  app: App,
  named: Connection | undefined,
): CheckedRequest {
  try {
    return checkAuthorization(parameters, app, { pushed: true, named })
  } catch (error) {
    if (error instanceof StayError || error instanceof RedirectError) {
      throw new KoppelError(400, error.code, error.message)
    }
    throw error
  }
}

function placeOf(hash: string, clientId: string) {
  return { purpose: "pushed_request", id: hash, clientId, provider: "" } as const
}
