/** OAuth endpoints: parse, call, respond. */
import { Hono } from "hono"
import { cors } from "hono/cors"
import { selectApp, toApp } from "../apps/store.ts"
import { toConnection } from "../connections/store.ts"
import { type KoppelContext, type KoppelEnv, note } from "../context.ts"
import { KoppelError } from "../lib/errors.ts"
import { readParameters } from "../lib/http.ts"
import { newId } from "../lib/ids.ts"
import { findProvider } from "../providers/registry.ts"
import { checkAuthorization } from "./authorize.ts"
import { ensureBrowser, hashBrowser, readBrowser } from "./browser.ts"
import { selectNamedConnection } from "./client-credentials.ts"
import { introspect } from "./introspect.ts"
import { describeServer } from "./metadata.ts"
import { hashRequestUri, openPushed, push } from "./par.ts"
import { RedirectError } from "./redirect.ts"
import { type CheckedRequest, sealRequest } from "./request.ts"
import { revoke } from "./revoke.ts"
import { selectPushedRequest, toPushedRequest } from "./store.ts"
import { issueToken } from "./token.ts"
import { describeUser } from "./userinfo.ts"

/** Public apps in browsers call these; the page is never shared with another origin. */
export const shareWithApps = cors({ origin: "*", allowMethods: ["GET", "POST"], maxAge: 3600 })

export const oauthRoutes = new Hono<KoppelEnv>()
  .get("/oauth/authorize", async (c) => {
    const { config, now } = c.var.deps
    const { checked, pushedHash } = await readAuthorization(c)
    note(c, { provider: checked.provider })
    requireProviderUp(c, checked)
    const browserHash = await hashBrowser(ensureBrowser(c))
    const request = { ...checked, id: newId("req"), pushedHash, browserHash, issuedAt: now() }
    const sealed = await sealRequest(config.keyRing, request)
    c.header("Cache-Control", "no-store")
    return c.redirect(`${config.issuer}/connect/${sealed}`, 303)
  })
  .post("/oauth/par", async (c) => c.json(await push(c), 201, NO_STORE))
  .post("/oauth/token", async (c) => c.json(await issueToken(c), 200, NO_STORE))
  .post("/oauth/introspect", async (c) => c.json(await introspect(c), 200, NO_STORE))
  .post("/oauth/revoke", async (c) => {
    await revoke(c)
    // RFC 7009 §2.2 leaves the body open; some clients want JSON from every answer.
    return c.json({}, 200, NO_STORE)
  })
  .get("/oauth/userinfo", async (c) => c.json(await describeUser(c), 200, NO_STORE))
  .get("/.well-known/oauth-authorization-server", describe)
  .get("/.well-known/openid-configuration", describe)
  .get("/.well-known/jwks.json", (c) => {
    c.header("Cache-Control", "public, max-age=300")
    c.header("Content-Type", "application/jwk-set+json")
    return c.body(JSON.stringify(c.var.deps.config.signingKeys.jwks))
  })

/** RFC 6749 §5.1. */
const NO_STORE = { "Cache-Control": "no-store", Pragma: "no-cache" }

function describe(c: KoppelContext) {
  c.header("Cache-Control", "public, max-age=300")
  return c.json(describeServer(c.var.deps.config.issuer))
}

/** Checks the request, pushed or not, in one round trip. */
async function readAuthorization(
  c: KoppelContext,
): Promise<{ checked: CheckedRequest; pushedHash: string | undefined }> {
  const { deps } = c.var
  const { db, now } = deps
  const parameters = readParameters(new URL(c.req.url).searchParams)
  const clientId = parameters.values.get("client_id") ?? ""
  const requestUri = parameters.values.get("request_uri")
  const pushedHash = requestUri === undefined ? undefined : await hashRequestUri(requestUri)
  const [appResult, namedResult, pushedResult] = await db.batch([
    selectApp(db, clientId),
    ...(await selectNamedConnection(deps, parameters.values, clientId)),
    selectPushedRequest(
      db,
      clientId,
      pushedHash ?? "",
      await hashBrowser(readBrowser(c) ?? ""),
      now(),
    ),
  ])
  const app = toApp(appResult)
  note(c, { client_id: app?.clientId })
  if (requestUri === undefined) {
    const named = toConnection(namedResult)
    return { checked: checkAuthorization(parameters, app, { pushed: false, named }), pushedHash }
  }
  const sealed = toPushedRequest(pushedResult)
  const pushed = { hash: pushedHash ?? "", sealed }
  return { checked: await openPushed(c, parameters, app, pushed), pushedHash }
}

/** A provider that is switched off is said to the app at once, not to the person at the end. */
function requireProviderUp(c: KoppelContext, checked: CheckedRequest): void {
  const provider = findProvider(checked.provider)
  if (provider === undefined) {
    throw new KoppelError(500, "server_error", "Something went wrong on our side.")
  }
  if (c.var.deps.upstream(provider, checked.environment, false) === undefined) {
    const description = `${provider.title} can't be connected right now`
    throw new RedirectError(checked, "temporarily_unavailable", description)
  }
}
