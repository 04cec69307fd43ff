/** The hosted page: parse, call, respond. */
import { Hono } from "hono"
import { type KoppelContext, type KoppelEnv, note } from "../context.ts"
import { readForm } from "../lib/http.ts"
import { formToken } from "../oauth/browser.ts"
import { sendToApp } from "../oauth/send-to-app.tsx"
import type { Credentials, Provider } from "../providers/provider.ts"
import { MessagePage } from "../ui/message-page.tsx"
import { fill } from "../ui/text.ts"
import { deliverSoon } from "../webhooks/deliver-soon.ts"
import { cancel } from "./cancel.ts"
import { showForm } from "./form-view.tsx"
import { handOff } from "./hand-off.ts"
import { completeHandover } from "./handover.ts"
import { handoverRoutes } from "./handover-routes.tsx"
import { codeOf } from "./log-step.ts"
import { mineRoutes } from "./mine-routes.tsx"
import { weigh } from "./ready.ts"
import { frameOf, page, requireOwnForm, seeOther, switchLanguage, wordsFor } from "./respond.tsx"
import { digestOf } from "./shown.ts"
import { submit } from "./submit.ts"
import { isAnotherAccount, showSummary } from "./summary-view.tsx"
import { tick } from "./tick.ts"
import { showTurn } from "./turn-view.tsx"
import {
  DeadEndError,
  matchBrowser,
  readAnyVisit,
  readRequest,
  readVisit,
  requireProvider,
  type Visit,
} from "./visit.ts"

export const connectRoutes = new Hono<KoppelEnv>()
  // Before the page of a request, whose address may be anything.
  .route("/", mineRoutes)
  .use("/connect/:request/*", switchLanguage)
  .get("/connect/:request", async (c) => {
    const visit = await readVisit(c)
    if (visit.turn !== "yours") return showTurn(c, visit)
    const progress = weigh(visit.session, visit.request, visit.app, c.var.deps.now())
    const isChanging = c.req.query("change") !== undefined
    if (progress.stage === "summary" && !isChanging) return seeOther(c, pathOf(visit, "/summary"))
    return showForm(c, visit)
  })
  .post("/connect/:request", async (c) => {
    const { key, request, provider, values } = await readPost(c)
    const magic = request.environment === "test" ? magicFields(c, provider, values) : undefined
    const result = await submit(c.var.deps, {
      key,
      request,
      provider,
      fields: magic ?? typedFields(provider, values),
      use: values.get("use"),
      resetDone: values.get("reset_done") === "1",
      reference: c.var.reference,
    })
    const path = `/connect/${c.req.param("request")}`
    if (result === "asking") return seeOther(c, `${path}/asking`)
    if (result === "tired") return showTired(c)
    note(c, { outcome: result.outcome, code: codeOf(result) })
    // Where the person ends up depends on the verdict; that address decides it.
    return seeOther(c, result.outcome === "refused" ? path : `${path}/summary`)
  })
  .post("/connect/:request/tick", async (c) => {
    const { key, request, provider, values } = await readPost(c)
    const change = values.get("tick") ?? ""
    const visit = { key, request, reference: c.var.reference }
    await tick(c.var.deps, visit, provider, typedFields(provider, values), change)
    return seeOther(
      c,
      `/connect/${c.req.param("request")}#step-${encodeURIComponent(change.slice(1))}`,
    )
  })
  .get("/connect/:request/asking", async (c) => {
    const visit = await readVisit(c)
    const words = wordsFor(c, visit.request.uiLocales)
    const { texts } = words
    const heading = fill(texts.asking, { provider: visit.provider.title })
    return page(
      c,
      <MessagePage
        {...frameOf(c, words, heading, visit.app)}
        refresh={`2;url=${pathOf(visit, "")}`}
        heading={heading}
        text={texts.askingText}
        link={{ href: pathOf(visit, ""), text: texts.askingGo }}
      />,
    )
  })
  .get("/connect/:request/summary", async (c) => {
    const visit = await readVisit(c)
    if (visit.turn !== "yours") return seeOther(c, pathOf(visit, ""))
    const progress = weigh(visit.session, visit.request, visit.app, c.var.deps.now())
    if (progress.stage !== "summary") return seeOther(c, pathOf(visit, ""))
    if (!visit.isFresh && visit.session?.confirmedAt !== undefined) return showLater(c, visit)
    return showSummary(c, visit, progress)
  })
  .post("/connect/:request/summary", async (c) => {
    const form = await readForm(c.req.raw)
    const visit = await readAnyVisit(c)
    await requireOwnForm(c, visit.browser, form)
    if (visit.request.handoverHash !== undefined) {
      return await answerColleague(c, visit, form.values)
    }
    if (form.values.has("cancel")) return await showCancelled(c, visit)
    if (visit.turn === "waiting") return seeOther(c, pathOf(visit, ""))
    if (!(await isWhatWasShown(c, visit, form.values.get("shown"))))
      return seeOther(c, pathOf(visit, ""))
    const result = await handOff(c.var.deps, visit, form.values.get("as_new") === "1")
    note(c, { outcome: result.kind })
    switch (result.kind) {
      case "response":
        deliverSoon(c, visit.app, result.messageIds)
        return sendToApp(c, visit.request, result.response)
      case "later":
        return seeOther(c, pathOf(visit, "/summary"))
      case "form":
        return seeOther(c, pathOf(visit, ""))
    }
  })
  .get("/connect/:request/cancel", async (c) => {
    const visit = await readVisit(c)
    const words = wordsFor(c, visit.request.uiLocales)
    const { texts } = words
    const values = { app: visit.app.clientName }
    return page(
      c,
      <MessagePage
        {...frameOf(c, words, texts.cancelTitle, visit.app)}
        heading={texts.cancelTitle}
        text={fill(texts.cancelText, values)}
      >
        <form method="post" class="row">
          <input
            type="hidden"
            name="form_token"
            value={await formToken(visit.browser, visit.sealed)}
          />
          <button type="submit" name="cancel" value="1">
            {fill(texts.cancelYes, values)}
          </button>
          <a class="button" href={pathOf(visit, "")}>
            {texts.cancelNo}
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
    return await showCancelled(c, visit)
  })
  .route("/", handoverRoutes)

function pathOf({ sealed }: Visit, rest: string): string {
  return `/connect/${sealed}${rest}`
}

/** Another tab may have checked another login since; the person agreed to what this one showed. */
async function isWhatWasShown(c: KoppelContext, visit: Visit, shown: string | undefined) {
  const { session, request, app, turn } = visit
  if (turn === "handed" || session?.endedAt !== undefined) return true
  const progress = weigh(session, request, app, c.var.deps.now())
  return progress.stage === "summary" && shown === (await digestOf(visit, progress))
}

/** A POST of the page with the form: the request, the browser, the form, and that they belong together. */
async function readPost(c: KoppelContext) {
  const request = await readRequest(c)
  const form = await readForm(c.req.raw)
  const match = await matchBrowser(c, request)
  if (match === undefined) {
    await readVisit(c)
    throw new DeadEndError("other_browser", undefined)
  }
  await requireOwnForm(c, match.browser, form)
  return {
    key: match.key,
    request,
    provider: requireProvider(request.provider),
    values: form.values,
  }
}

function typedFields({ method }: Provider, values: ReadonlyMap<string, string>): Credentials {
  return Object.fromEntries(method.fields.map(({ name }) => [name, values.get(name) ?? ""]))
}

/** The sandbox's credentials by their name; live apps have none. */
function magicFields(
  c: KoppelContext,
  provider: Provider,
  values: ReadonlyMap<string, string>,
): Credentials | undefined {
  const name = values.get("magic")
  if (name === undefined) return undefined
  return c.var.deps.magic(provider).find((one) => one.name === name)?.credentials
}

/** The colleague's answer: yes uses the link up, no leaves it as it is. */
async function answerColleague(
  c: KoppelContext,
  visit: Visit,
  values: ReadonlyMap<string, string>,
) {
  const { request, session, app } = visit
  const isCancelled = values.has("cancel")
  const progress = weigh(session, request, app, c.var.deps.now())
  const hash = request.handoverHash
  const isTurn = visit.turn === "yours" && session !== undefined && hash !== undefined
  if (isTurn && progress.stage === "summary" && !isCancelled) {
    if (!(await isWhatWasShown(c, visit, values.get("shown"))))
      return seeOther(c, pathOf(visit, ""))
    const asNew = await isAnotherAccount(c, visit, progress)
    if (asNew && values.get("as_new") !== "1") return seeOther(c, pathOf(visit, "/summary"))
    await completeHandover(c.var.deps, visit, session, { hash, asNew })
    note(c, { outcome: "handover_completed" })
  }
  return seeOther(c, pathOf(visit, isCancelled ? "?change=1" : ""))
}

async function showCancelled(c: KoppelContext, visit: Visit) {
  const { response, messageIds } = await cancel(c.var.deps, visit)
  deliverSoon(c, visit.app, messageIds)
  note(c, { outcome: "cancelled" })
  if (response !== undefined) return sendToApp(c, visit.request, response)
  const { texts } = wordsFor(c, visit.request.uiLocales)
  return showBack(c, visit, texts.cancelledTitle, texts.cancelledText)
}

function showLater(c: KoppelContext, visit: Visit) {
  const { texts } = wordsFor(c, visit.request.uiLocales)
  return showBack(c, visit, texts.laterTitle, texts.laterText)
}

/** A page whose one way on is the app, by an address from its registration. */
function showBack(c: KoppelContext, { app, request }: Visit, heading: string, text: string) {
  const words = wordsFor(c, request.uiLocales)
  const values = { app: app.clientName }
  const href = app.initiateLoginUri ?? app.clientUri
  return page(
    c,
    <MessagePage
      {...frameOf(c, words, heading, app)}
      heading={heading}
      text={fill(text, values)}
      link={href === undefined ? undefined : { href, text: fill(words.texts.backTo, values) }}
    />,
  )
}

function showTired(c: KoppelContext) {
  const words = wordsFor(c, undefined)
  const { texts } = words
  return page(
    c,
    <MessagePage
      {...frameOf(c, words, texts.tired)}
      heading={texts.tired}
      text={fill(texts.tiredText, { app: texts.theApp })}
    />,
    429,
  )
}
