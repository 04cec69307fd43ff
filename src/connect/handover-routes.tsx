/** Routes of a handover: the requester's link, and the colleague's way in. */
import { Hono } from "hono"
import { type KoppelContext, type KoppelEnv, note } from "../context.ts"
import { rfc3339 } from "../lib/clock.ts"
import { readForm } from "../lib/http.ts"
import { ensureBrowser, formToken, hashBrowser, readBrowser } from "../oauth/browser.ts"
import { acceptHandover, createHandover, type Lead, readLead, revokeHandover } from "./handover.ts"
import { LeadPage, LinkPage } from "./handover-pages.tsx"
import { frameOf, page, requireOwnForm, seeOther, wordsFor } from "./respond.tsx"
import { readVisit, requireProvider } from "./visit.ts"

export const handoverRoutes = new Hono<KoppelEnv>()
  .post("/connect/:request/handover", async (c) => {
    const form = await readForm(c.req.raw)
    const visit = await readVisit(c)
    await requireOwnForm(c, visit.browser, form)
    const action = `/connect/${visit.sealed}`
    if (form.values.get("handover") === "revoke") {
      await revokeHandover(c.var.deps, visit)
      note(c, { outcome: "handover_revoked" })
      return seeOther(c, action)
    }
    const { token, until } = await createHandover(c.var.deps, visit)
    note(c, { outcome: "handover_created" })
    const words = wordsFor(c, visit.request.uiLocales)
    return page(
      c,
      <LinkPage
        {...frameOf(c, words, words.texts.linkTitle, visit.app)}
        app={{ name: visit.app.clientName }}
        otherLanguages={[]}
        providerTitle={visit.provider.title}
        action={action}
        formToken={await formToken(visit.browser, visit.sealed)}
        link={`${c.var.deps.config.issuer}/handover/${token}`}
        until={rfc3339(until).slice(0, 10)}
      />,
    )
  })
  .get("/handover/:token", async (c) => {
    return await leadPage(c, await readLead(c.var.deps, c.req.param("token")), false)
  })
  .post("/handover/:token", async (c) => {
    const form = await readForm(c.req.raw)
    const lead = await readLead(c.var.deps, c.req.param("token"))
    note(c, { client_id: lead.app.clientId, provider: lead.request.provider })
    // Another site could tick the box that names who gets access.
    const browser = readBrowser(c) ?? ""
    await requireOwnForm(c, browser, form, formOf(c))
    if (form.values.get("expected") !== "1") return await leadPage(c, lead, true)
    const browserHash = await hashBrowser(browser)
    const { language } = wordsFor(c, lead.request.uiLocales)
    const sealed = await acceptHandover(c.var.deps, lead, browserHash, language)
    note(c, { outcome: "handover_accepted" })
    return seeOther(c, `/connect/${sealed}`)
  })

/** Names the form of this link's first page. */
function formOf(c: KoppelContext): string {
  return `handover:${c.req.param("token") ?? ""}`
}

async function leadPage(c: KoppelContext, { app, asker, request }: Lead, isTickMissing: boolean) {
  const words = wordsFor(c, request.uiLocales)
  const provider = requireProvider(request.provider)
  note(c, { client_id: app.clientId, provider: provider.id })
  return page(
    c,
    <LeadPage
      {...frameOf(c, words, words.texts.leadTitle, app)}
      app={{ name: app.clientName }}
      providerTitle={provider.title}
      action={`/handover/${c.req.param("token")}?ui_locales=${words.language}`}
      formToken={await formToken(ensureBrowser(c), formOf(c))}
      asker={asker}
      isTickMissing={isTickMissing}
    />,
    isTickMissing ? 400 : 200,
  )
}
