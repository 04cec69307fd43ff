/** What tests of the hosted page share: forms with several buttons, PAR with who asks, what is shown. */
import { script } from "../../../src/ui/script.ts"
import {
  type Arrival,
  authorizePath,
  Browser,
  CALLBACK,
  type Harness,
  type RegisteredApp,
  registerApp,
} from "./harness.ts"
import { post } from "./oauth.ts"
import { directive } from "./observe.ts"

/** The page's markup without the one script of ours, which must carry the response's nonce. */
export function withoutOwnScript({ response, html }: Arrival): string {
  const [source = ""] = directive(response, "script-src") ?? []
  const nonce = /^'nonce-(.+)'$/.exec(source)?.[1]
  return html.replace(`<script nonce="${nonce}">${script}</script>`, "")
}

/** What a person reads: no markup, no script, no styles; entities decoded. */
export function textOf({ html }: { readonly html: string }): string {
  return decode(
    html
      .replace(/<(style|script)\b[\s\S]*?<\/\1>/g, " ")
      .replace(/<[^>]*>/g, " ")
      .replace(/\s+/g, " "),
  )
}

/** Undoes what escaping did. */
export function decode(text: string): string {
  return text
    .replaceAll("&quot;", '"')
    .replaceAll("&#39;", "'")
    .replaceAll("&lt;", "<")
    .replaceAll("&gt;", ">")
    .replaceAll("&amp;", "&")
}

/** Presses a button that sends the page's first form elsewhere, as `formaction` does. */
export async function pressAt(
  browser: Browser,
  page: Arrival,
  rest: string,
  values: Record<string, string> = {},
): Promise<Arrival> {
  const [form] = page.forms
  if (form === undefined) throw new Error(`no form at ${page.status} ${page.html}`)
  const path = new URL(form.action || page.url, page.url).pathname.replace(/\/summary$/, "")
  return await browser.submit({ ...page, forms: [{ ...form, action: path + rest }] }, values)
}

/** The end user and the organisation of a request that may be handed over. */
export const ASKER = {
  end_user: { id: "user-7", email: "anna@bakkerij.example", name: "Anna" },
  organization: { id: "org-1", name: "Bakkerij Jansen" },
}

/** Pushes a request as the app; gives the address that it is opened at. */
export async function pushed(
  harness: Harness,
  app: RegisteredApp,
  parameters: Record<string, string | undefined> = {},
  asker: Record<string, unknown> = ASKER,
): Promise<string> {
  const texts = Object.entries(asker).map(([name, value]) => [name, JSON.stringify(value)])
  const answer = await post(
    harness,
    "/oauth/par",
    {
      response_type: "connection_id",
      redirect_uri: CALLBACK,
      scope: "nmbrs:employees.read",
      state: "state-of-this-flow",
      ...Object.fromEntries(texts),
      ...parameters,
    },
    app.basic,
  )
  const uri = String(answer.body.request_uri)
  if (answer.status !== 201) throw new Error(JSON.stringify(answer.body))
  return `/oauth/authorize?${new URLSearchParams({ client_id: app.client_id, request_uri: uri })}`
}

/** Opens the form of an ordinary request in a browser of its own. */
export async function openForm(
  harness: Harness,
  members: Record<string, unknown> = {},
  parameters: Record<string, string | undefined> = {},
): Promise<{ app: RegisteredApp; browser: Browser; form: Arrival }> {
  const app = await registerApp(harness, members)
  const browser = new Browser(harness)
  return { app, browser, form: await browser.open(authorizePath(app, parameters)) }
}
