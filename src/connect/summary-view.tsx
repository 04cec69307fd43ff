/** Gathers what the last page before the app shows. */
import { describeRedirectUri } from "../apps/redirect-uri.ts"
import type { KoppelContext } from "../context.ts"
import { formToken } from "../oauth/browser.ts"
import { askedBy } from "./asked-by.ts"
import { openDraft } from "./kept.ts"
import type { Progress } from "./ready.ts"
import { brandingOf, frameOf, page, providerWords, wordsFor } from "./respond.tsx"
import { digestOf } from "./shown.ts"
import { type Again, SummaryPage } from "./summary-page.tsx"
import { isSameAccount, mayKnowFields } from "./target.ts"
import type { Visit } from "./visit.ts"

type Ready = Extract<Progress, { readonly stage: "summary" }>

/** Sends the summary of a visit that is ready to be handed off. */
export async function showSummary(
  c: KoppelContext,
  visit: Visit,
  progress: Ready,
): Promise<Response> {
  const { app, provider, request } = visit
  const words = wordsFor(c, request.uiLocales)
  const isColleague = request.handoverHash !== undefined
  const path = `/connect/${visit.sealed}`
  return await page(
    c,
    <SummaryPage
      {...frameOf(c, words, words.texts.ready, app)}
      app={brandingOf(app)}
      providerTitle={provider.title}
      providerTexts={providerWords(provider, words)}
      action={`${path}/summary`}
      changeAction={`${path}?change=1`}
      formToken={await formToken(visit.browser, visit.sealed)}
      verdict={progress.verdict}
      warnings={visit.isLoginInUse ? ["login_in_use"] : []}
      shown={await digestOf(visit, progress)}
      grant={progress.grant}
      credentialsAccess={app.credentialsAccess}
      askedBy={askedBy(request)}
      returnsTo={isColleague ? undefined : describeRedirectUri(request.redirectUri)}
      again={await describeAgain(c, visit, progress)}
    />,
    200,
    isColleague ? "self" : request,
  )
}

/** Tells whether a visit is about another provider account than the one to reconnect. */
export async function isAnotherAccount(
  c: KoppelContext,
  visit: Visit,
  { verdict }: Ready,
): Promise<boolean> {
  if (visit.target === undefined) return false
  const typed = await openDraft(c.var.deps, visit.session)
  return !(await isSameAccount(c.var.deps, visit, verdict, typed))
}

async function describeAgain(
  c: KoppelContext,
  visit: Visit,
  progress: Ready,
): Promise<Again | undefined> {
  const { target, request } = visit
  if (target === undefined) return undefined
  return {
    isAnother: await isAnotherAccount(c, visit, progress),
    before: mayKnowFields(target, request) ? target.account.name : undefined,
  }
}
