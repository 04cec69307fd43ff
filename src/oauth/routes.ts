/** OAuth endpoints: parse, call, respond. */
import { Hono } from "hono"
import { findApp } from "../apps/store.ts"
import { type KoppelEnv, note } from "../context.ts"
import { KoppelError } from "../lib/errors.ts"
import { readParameters } from "../lib/http.ts"
import { findProvider } from "../providers/registry.ts"
import { checkAuthorization } from "./authorize.ts"
import { ensureBrowser, hashBrowser } from "./browser.ts"
import { RedirectError } from "./redirect.ts"
import { sealRequest } from "./request.ts"

export const oauthRoutes = new Hono<KoppelEnv>()
  .get("/oauth/authorize", async (c) => {
    const { db, config, now, upstream } = c.var.deps
    const parameters = readParameters(new URL(c.req.url).searchParams)
    const clientId = parameters.values.get("client_id")
    const app = clientId === undefined ? undefined : await findApp(db, clientId)
    note(c, { client_id: app?.clientId })
    const checked = checkAuthorization(parameters, app)
    note(c, { provider: checked.provider })
    const provider = findProvider(checked.provider)
    if (provider === undefined || app === undefined) {
      throw new KoppelError(500, "server_error", "Something went wrong on our side.")
    }
    if (upstream(provider, app.environment, false) === undefined) {
      const description = `${provider.title} can't be connected right now`
      throw new RedirectError(checked, "temporarily_unavailable", description)
    }
    const browserHash = await hashBrowser(ensureBrowser(c))
    const request = { ...checked, browserHash, issuedAt: now() }
    const sealed = await sealRequest(config.keyRing, request)
    c.header("Cache-Control", "no-store")
    return c.redirect(`${config.issuer}/connect/${sealed}`, 303)
  })
  .get("/.well-known/jwks.json", (c) => {
    c.header("Cache-Control", "public, max-age=300")
    c.header("Content-Type", "application/jwk-set+json")
    return c.body(JSON.stringify(c.var.deps.config.signingKeys.jwks))
  })
