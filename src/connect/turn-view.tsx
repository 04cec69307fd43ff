/** What is shown while it is somebody else's turn. */
import type { KoppelContext } from "../context.ts"
import { formToken } from "../oauth/browser.ts"
import { askerOf } from "./handover.ts"
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
    case "handed":
      return await page(
        c,
        <HandedPage
          {...frameOf(c, words, texts.handedTitle, app)}
          {...frame}
          auto={visit.isFresh && c.req.query("look") !== undefined}
        />,
        200,
        request,
      )
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

/** Gives how the page looks again, so many seconds after the link was made. */
function refreshAfter(seconds: number): string | undefined {
  if (seconds > PATIENT_SECONDS) return undefined
  return `${seconds > EAGER_SECONDS ? 60 : 10};url=?look=1`
}
