/** What is shown while it is somebody else's turn. */
import type { KoppelContext } from "../context.ts"
import { formToken } from "../oauth/browser.ts"
import { MessagePage } from "../ui/message-page.tsx"
import { fill } from "../ui/text.ts"
import { askerOf } from "./asker-of.ts"
import { HandedPage, HelpedPage, WaitingPage } from "./handover-pages.tsx"
import { brandingOf, frameOf, page, providerWords, wordsFor } from "./respond.tsx"
import { HANDOVER_SECONDS } from "./session.ts"
import { DeadEndError, type Visit } from "./visit.ts"

/** The page looks again every 10 seconds at first, then every minute, for half an hour. */
const EAGER_SECONDS = 5 * 60
const PATIENT_SECONDS = 30 * 60

/** Sends the page of a visit whose turn it is not. */
export async function showTurn(c: KoppelContext, visit: Visit): Promise<Response> {
  const { app, provider, request, session, turn } = visit
  const words = wordsFor(c, request.uiLocales)
  const { texts } = words
  const asker = askerOf(request, app)
  const frame = {
    app: brandingOf(app),
    providerTitle: provider.title,
    action: `/connect/${visit.sealed}`,
    formToken: await formToken(visit.browser, visit.sealed),
  }
  switch (turn) {
    case "waiting": {
      const since = (session?.handoverUntil ?? 0) - HANDOVER_SECONDS * 1000
      const refresh = refreshAfter((c.var.deps.now() - since) / 1000)
      return await page(
        c,
        <WaitingPage {...frameOf(c, words, texts.waitTitle, app)} {...frame} refresh={refresh} />,
      )
    }
    case "handed": {
      // The app has forgotten its request: from here nothing would come of a press.
      if (!visit.isFresh) return await showBackToApp(c, visit)
      return await page(
        c,
        <HandedPage
          {...frameOf(c, words, texts.handedTitle, app)}
          {...frame}
          auto={c.req.query("look") !== undefined}
        />,
        200,
        request,
      )
    }
    case "helped":
      if (asker === undefined) throw new DeadEndError("helped", app)
      return await page(
        c,
        <HelpedPage
          {...frameOf(c, words, texts.helpedTitle, app)}
          {...frame}
          asker={asker}
          providerTexts={providerWords(provider, words)}
        />,
      )
    default:
      throw new DeadEndError("link_ended", app, asker?.email)
  }
}

/** The colleague is done, and the way on is the app, by an address from its registration. */
async function showBackToApp(c: KoppelContext, { app, request }: Visit): Promise<Response> {
  const words = wordsFor(c, request.uiLocales)
  const { texts } = words
  const values = { app: app.clientName }
  const href = app.initiateLoginUri ?? app.clientUri
  return await page(
    c,
    <MessagePage
      {...frameOf(c, words, texts.handedTitle, app)}
      heading={texts.handedTitle}
      text={fill(texts.laterText, values)}
      link={href === undefined ? undefined : { href, text: fill(texts.backTo, values) }}
    />,
  )
}

/** Gives how the page looks again, so many seconds after the link was made. */
function refreshAfter(seconds: number): string | undefined {
  if (seconds > PATIENT_SECONDS) return undefined
  return `${seconds > EAGER_SECONDS ? 60 : 10};url=?look=1`
}
