/** Gathers what the page with the form shows. */
import type { KoppelContext } from "../context.ts"
import { formToken } from "../oauth/browser.ts"
import { permissionsOf, readScopes } from "../providers/scope.ts"
import { fill } from "../ui/text.ts"
import type { AgainNoteProps } from "./again-note.tsx"
import { askedBy } from "./asked-by.ts"
import { askerOf } from "./asker-of.ts"
import { FormPage } from "./form-page.tsx"
import { openDraft, refill } from "./kept.ts"
import { weigh } from "./ready.ts"
import { brandingOf, frameOf, page, providerWords, wordsFor } from "./respond.tsx"
import { scopesInWords } from "./scopes-in-words.ts"
import { isPastedKept } from "./session.ts"
import { mayKnowStatus, openKnown } from "./target.ts"
import type { Visit } from "./visit.ts"

/** Sends the page with the form for a visit whose turn it is. */
export async function showForm(c: KoppelContext, visit: Visit): Promise<Response> {
  const { app, provider, request, session } = visit
  const { deps } = c.var
  const words = wordsFor(c, request.uiLocales)
  const { texts } = words
  const providerTexts = providerWords(provider, words)
  const progress = weigh(session, request, app, deps.now())
  const isKept = session !== undefined && isPastedKept(session, deps.now())
  const upstream = deps.upstream(provider, app.environment, false)
  const scopes = readScopes(request.scope.join(" "))
  const who = askedBy(request)
  const draft = await openDraft(deps, session)
  const known = Object.keys(draft).length === 0 ? await openKnown(deps, visit) : {}
  const verdict =
    progress.stage === "summary" || progress.verdict === undefined
      ? undefined
      : refill(provider.method, progress.verdict, draft)
  const title = fill(texts.heading, { provider: provider.title, app: app.clientName })
  return await page(
    c,
    <FormPage
      {...frameOf(c, words, title, app)}
      app={brandingOf(app)}
      providerTitle={provider.title}
      providerTexts={providerTexts}
      fields={provider.method.fields}
      action={`/connect/${visit.sealed}`}
      formToken={await formToken(visit.browser, visit.sealed)}
      words={scopesInWords(request.scope, providerTexts)}
      askedBy={who === undefined ? undefined : fill(texts.askedBy, { person: who })}
      permissions={scopes.ok ? permissionsOf(scopes.scopes) : []}
      checkable={upstream?.adapter.checkable ?? true}
      isProviderDown={visit.isProviderDown}
      credentialsAccess={app.credentialsAccess}
      draft={{ ...hinted(visit), ...known, ...draft }}
      ticks={session?.ticks ?? []}
      verdict={verdict}
      grant={
        progress.stage === "form" && progress.verdict !== undefined ? progress.grant : undefined
      }
      isPastedGone={progress.stage === "pasted_gone"}
      kept={isKept ? (session.verdict?.kept ?? []) : []}
      magic={app.environment === "test" ? deps.magic(provider).map(({ name }) => name) : []}
      offersHandover={askerOf(request, app) !== undefined}
      isLinkEnded={session?.handoverHash !== undefined}
      isColleague={request.handoverHash !== undefined}
      again={describeAgain(visit)}
    />,
  )
}

/** How the connection is that this is to replace the login of, as far as this visitor may know. */
function describeAgain({ target, request }: Visit): AgainNoteProps["again"] {
  if (target === undefined) return undefined
  if (!mayKnowStatus(target, request)) return {}
  const { status, verificationOutcome: outcome, verificationAt: at } = target
  return { known: { status, outcome, at } }
}

/** What the app thinks the person will type, where nothing was typed yet. */
function hinted({ provider, request }: Visit): Record<string, string> {
  const field = provider.method.fields.find(({ loginHint }) => loginHint === true)
  const hint = request.loginHint
  return field === undefined || hint === undefined ? {} : { [field.name]: hint }
}
