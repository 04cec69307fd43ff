/** Sends the browser back to the app with a response, in the mode that the app asked for. */
import type { KoppelContext } from "../context.ts"
import { pageHeaders } from "../lib/page-headers.ts"
import { MessagePage } from "../ui/message-page.tsx"
import { languages, pickLanguage } from "../ui/texts/languages.ts"
import { buildRedirect, type ReturnAddress, responseParameters } from "./redirect.ts"

/** Submits the one form of the page; without JavaScript the button does. */
const SUBMIT = "document.forms[0].submit()"

/** Gives a 303 (query), or a page whose form posts itself to the app (form_post). */
export function sendToApp(
  c: KoppelContext,
  address: ReturnAddress,
  response: Readonly<Record<string, string>>,
): Response | Promise<Response> {
  const { issuer } = c.var.deps.config
  if (address.responseMode === "query") {
    c.header("Cache-Control", "no-store")
    c.header("Referrer-Policy", "no-referrer")
    return c.redirect(buildRedirect(address, issuer, response), 303)
  }
  const { nonce, reference } = c.var
  const texts = languages[pickLanguage(undefined, c.req.header("accept-language"))]
  const markup = (
    <MessagePage
      texts={texts}
      title={texts.backTitle}
      nonce={nonce}
      reference={reference}
      heading={texts.backTitle}
      text={texts.backText}
    >
      <form method="post" action={address.redirectUri}>
        {responseParameters(address, issuer, response).map(([name, value]) => (
          <input type="hidden" name={name} value={value} />
        ))}
        <button type="submit" class="go">
          {texts.backGo}
        </button>
      </form>
      <script nonce={nonce}>{SUBMIT}</script>
    </MessagePage>
  )
  const headers = pageHeaders(nonce, { redirectUri: address.redirectUri }, { scripts: true })
  return c.html(`<!doctype html>${String(markup)}`, 200, headers)
}
