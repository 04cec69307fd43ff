/** The hosted page: parse, call, respond. */
import { Hono } from "hono"
import type { Child } from "hono/jsx"
import { describeRedirectUri } from "../apps/redirect-uri.ts"
import { type KoppelContext, type KoppelEnv, note } from "../context.ts"
import { KoppelError } from "../lib/errors.ts"
import { type Parameters, readForm } from "../lib/http.ts"
import { type FormTarget, pageHeaders } from "../lib/page-headers.ts"
import { formToken, isOwnForm } from "../oauth/browser.ts"
import { sendToApp } from "../oauth/send-to-app.tsx"
import { MessagePage } from "../ui/message-page.tsx"
import { fill } from "../ui/text.ts"
import { en } from "../ui/texts/en.ts"
import { FormPage } from "./form-page.tsx"
import { cancel, handOff } from "./hand-off.ts"
import { openDraft } from "./kept.ts"
import { weigh } from "./ready.ts"
import { scopesInWords } from "./scopes-in-words.ts"
import { isPastedKept } from "./session.ts"
import { submit } from "./submit.ts"
import { SummaryPage } from "./summary-page.tsx"
import {
  matchBrowser,
  readAnyVisit,
  readRequest,
  readVisit,
  requireProvider,
  type Visit,
} from "./visit.ts"

export const connectRoutes = new Hono<KoppelEnv>()
  .get("/connect/:request", async (c) => {
    const visit = await readVisit(c)
    const progress = weigh(visit.session, visit.request, visit.app, c.var.deps.now())
    const isChanging = c.req.query("change") !== undefined
    if (progress.stage === "summary" && !isChanging) return seeOther(c, visit.sealed, "/summary")
    return page(c, await formPage(c, visit))
  })
  .post("/connect/:request", async (c) => {
    const request = await readRequest(c)
    const form = await readForm(c.req.raw)
    const match = await matchBrowser(c, request)
    // Reads the app for the page that says so.
    if (match === undefined) return await readVisit(c).then(() => c.notFound())
    await requireOwnForm(c, match.browser, form)
    const provider = requireProvider(request.provider)
    const { values } = form
    const result = await submit(c.var.deps, {
      key: match.key,
      request,
      provider,
      fields: Object.fromEntries(
        provider.method.fields.map(({ name }) => [name, values.get(name) ?? ""]),
      ),
      use: values.get("use"),
      resetDone: values.get("reset_done") === "1",
    })
    const sealed = c.req.param("request")
    if (result === "asking") return seeOther(c, sealed, "/asking")
    if (result === "tired") return page(c, await tiredPage(c), 429)
    note(c, { outcome: result.outcome, code: codeOf(result) })
    // Where the person ends up depends on the verdict; one address decides it.
    return seeOther(c, sealed, result.outcome === "refused" ? "" : "/summary")
  })
  .get("/connect/:request/asking", async (c) => {
    const visit = await readVisit(c)
    const values = { provider: visit.provider.title }
    const onward = `/connect/${visit.sealed}`
    return page(
      c,
      <MessagePage
        {...frame(c, fill(en.asking, values), visit.app.clientName)}
        refresh={`2;url=${onward}`}
        heading={fill(en.asking, values)}
        text={en.askingText}
        link={{ href: onward, text: en.askingGo }}
      />,
    )
  })
  .get("/connect/:request/summary", async (c) => {
    const visit = await readVisit(c)
    const progress = weigh(visit.session, visit.request, visit.app, c.var.deps.now())
    if (progress.stage !== "summary") return seeOther(c, visit.sealed, "")
    if (!visit.isFresh && visit.session?.confirmedAt !== undefined)
      return page(c, laterPage(c, visit))
    const { app, provider, request } = visit
    return page(
      c,
      <SummaryPage
        {...frame(c, en.ready, app.clientName)}
        appName={app.clientName}
        providerTitle={provider.title}
        providerTexts={provider.texts.en}
        action={`/connect/${visit.sealed}/summary`}
        changeAction={`/connect/${visit.sealed}?change=1`}
        formToken={await formToken(visit.browser, visit.sealed)}
        verdict={progress.verdict}
        grant={progress.grant}
        credentialsAccess={app.credentialsAccess}
        returnsTo={describeRedirectUri(request.redirectUri)}
      />,
      200,
      request,
    )
  })
  .post("/connect/:request/summary", async (c) => {
    const form = await readForm(c.req.raw)
    const visit = await readAnyVisit(c)
    await requireOwnForm(c, visit.browser, form)
    if (form.values.has("cancel")) return await respondCancelled(c, visit)
    const result = await handOff(c.var.deps, visit)
    note(c, { outcome: result.kind })
    switch (result.kind) {
      case "response":
        return sendToApp(c, visit.request, result.response)
      case "later":
        return seeOther(c, visit.sealed, "/summary")
      case "form":
        return seeOther(c, visit.sealed, "")
    }
  })
  .get("/connect/:request/cancel", async (c) => {
    const visit = await readVisit(c)
    const values = { app: visit.app.clientName }
    return page(
      c,
      <MessagePage
        {...frame(c, en.cancelTitle, visit.app.clientName)}
        heading={en.cancelTitle}
        text={fill(en.cancelText, values)}
      >
        <form method="post" class="row">
          <input
            type="hidden"
            name="form_token"
            value={await formToken(visit.browser, visit.sealed)}
          />
          <button type="submit" name="cancel" value="1">
            {fill(en.cancelYes, values)}
          </button>
          <a class="button" href={`/connect/${visit.sealed}`}>
            {en.cancelNo}
          </a>
        </form>
      </MessagePage>,
      200,
      visit.request,
    )
  })
  .post("/connect/:request/cancel", async (c) => {
    const form = await readForm(c.req.raw)
    const visit = await readAnyVisit(c)
    await requireOwnForm(c, visit.browser, form)
    return await respondCancelled(c, visit)
  })

async function formPage(c: KoppelContext, visit: Visit) {
  const { app, provider, request, session } = visit
  const { deps } = c.var
  const progress = weigh(session, request, app, deps.now())
  const texts = provider.texts.en
  const isKept = session !== undefined && isPastedKept(session, deps.now())
  const upstream = deps.upstream(provider, app.environment, false)
  return (
    <FormPage
      {...frame(
        c,
        fill(en.heading, { provider: provider.title, app: app.clientName }),
        app.clientName,
      )}
      appName={app.clientName}
      providerTitle={provider.title}
      providerTexts={texts}
      fields={provider.method.fields}
      action={`/connect/${visit.sealed}`}
      cancelAction={`/connect/${visit.sealed}/cancel`}
      formToken={await formToken(visit.browser, visit.sealed)}
      words={scopesInWords(request.scope, texts)}
      checkable={upstream?.adapter.checkable ?? true}
      credentialsAccess={app.credentialsAccess}
      draft={{ ...hinted(visit), ...(await openDraft(deps, session)) }}
      verdict={progress.stage === "summary" ? undefined : progress.verdict}
      grant={
        progress.stage === "form" && progress.verdict !== undefined ? progress.grant : undefined
      }
      isPastedGone={progress.stage === "pasted_gone"}
      kept={isKept ? (session.verdict?.kept ?? []) : []}
    />
  )
}

/** What the app thinks the person will type, where nothing was typed yet. */
function hinted({ provider, request }: Visit): Record<string, string> {
  const field = provider.method.fields.find(({ loginHint }) => loginHint === true)
  const hint = request.loginHint
  return field === undefined || hint === undefined ? {} : { [field.name]: hint }
}

function laterPage(c: KoppelContext, { app }: Visit) {
  const values = { app: app.clientName }
  const href = app.initiateLoginUri ?? app.clientUri
  return (
    <MessagePage
      {...frame(c, en.laterTitle, app.clientName)}
      heading={en.laterTitle}
      text={fill(en.laterText, values)}
      link={href === undefined ? undefined : { href, text: fill(en.backTo, values) }}
    />
  )
}

async function tiredPage(c: KoppelContext) {
  return (
    <MessagePage
      {...frame(c, en.tired)}
      heading={en.tired}
      text={fill(en.tiredText, { app: en.theApp })}
    />
  )
}

async function respondCancelled(c: KoppelContext, visit: Visit) {
  const response = await cancel(c.var.deps, visit)
  note(c, { outcome: "cancelled" })
  if (response !== undefined) return sendToApp(c, visit.request, response)
  const { app } = visit
  const href = app.initiateLoginUri ?? app.clientUri
  return page(
    c,
    <MessagePage
      {...frame(c, en.cancelledTitle, app.clientName)}
      heading={en.cancelledTitle}
      text={en.cancelledText}
      link={
        href === undefined ? undefined : { href, text: fill(en.backTo, { app: app.clientName }) }
      }
    />,
  )
}

/** The token is against CSRF, in addition to the cookie; Fetch Metadata is a second look. */
async function requireOwnForm(
  c: KoppelContext,
  browser: string,
  { values, repeated }: Parameters,
): Promise<void> {
  const site = c.req.header("sec-fetch-site")
  const isOtherSite = site !== undefined && site !== "same-origin"
  const token = values.get("form_token")
  const isOwn = await isOwnForm(browser, c.req.param("request") ?? "", token)
  if (!isOtherSite && isOwn && repeated.length === 0) return
  throw new KoppelError(403, "form_refused", en.formTitle, {
    detail: isOtherSite ? "another site's form" : "form token or repeated field",
  })
}

/** A page of ours after a POST; 303, so that nothing is posted again. */
function seeOther(c: KoppelContext, sealed: string, rest: string): Response {
  c.header("Cache-Control", "no-store")
  return c.redirect(`/connect/${sealed}${rest}`, 303)
}

function page(
  c: KoppelContext,
  markup: Child,
  status: 200 | 429 = 200,
  target: FormTarget = "self",
): Response | Promise<Response> {
  return c.html(`<!doctype html>${String(markup)}`, status, pageHeaders(c.var.nonce, target))
}

function frame(c: KoppelContext, title: string, appName?: string) {
  return { texts: en, title, nonce: c.var.nonce, reference: c.var.reference, appName }
}

function codeOf(verdict: {
  outcome: string
  code?: string
  problems?: readonly { code: string }[]
}) {
  return verdict.code ?? verdict.problems?.[0]?.code
}
