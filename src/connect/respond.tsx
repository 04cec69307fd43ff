/** What every page of the hosted flow is sent with: words, frame, headers, the form's token. */
import type { Child } from "hono/jsx"
import type { App } from "../apps/app.ts"
import { type KoppelContext, note } from "../context.ts"
import { KoppelError } from "../lib/errors.ts"
import type { Parameters } from "../lib/http.ts"
import { LANGUAGES, type Language } from "../lib/languages.ts"
import { type FormTarget, pageHeaders } from "../lib/page-headers.ts"
import { isOwnForm } from "../oauth/browser.ts"
import { type AuthorizationRequest, sealRequest } from "../oauth/request.ts"
import type { Provider, ProviderTexts } from "../providers/provider.ts"
import { accentCss } from "../ui/accent.ts"
import type { Branding, FrameProps } from "../ui/frame.tsx"
import type { Texts } from "../ui/texts/en.ts"
import { languages, pickLanguage } from "../ui/texts/languages.ts"
import { readRequest } from "./visit.ts"

export interface Words {
  readonly language: Language
  readonly texts: Texts
}

/** Picks the language: what the app or a link asked for, then what the browser prefers. */
export function wordsFor(c: KoppelContext, uiLocales: string | undefined): Words {
  const asked = c.req.query("ui_locales") ?? uiLocales
  const language = pickLanguage(asked, c.req.header("accept-language"))
  return { language, texts: languages[language] }
}

/** Gives a provider's words in the same language. */
export function providerWords(provider: Provider, { language }: Words): ProviderTexts {
  return provider.texts[language]
}

/** How an app shows itself: name, logo, colour; all of it from its registration. */
export function brandingOf(app: App): Branding {
  return {
    name: app.clientName,
    logo: app.hasLogo ? `/logos/${app.clientId}` : undefined,
    accentCss: app.accentColor === undefined ? undefined : accentCss(app.accentColor),
  }
}

/** Gives the frame's props for a page with a title. */
export function frameOf(
  c: KoppelContext,
  { language, texts }: Words,
  title: string,
  app?: App,
): FrameProps {
  return {
    texts,
    title,
    nonce: c.var.nonce,
    reference: c.var.reference,
    app: app === undefined ? undefined : brandingOf(app),
    scripts: true,
    otherLanguages: LANGUAGES.filter((code) => code !== language).map((code) => ({
      href: `?ui_locales=${code}`,
      code,
      name: languages[code].name,
    })),
  }
}

/** Sends a page. */
export function page(
  c: KoppelContext,
  markup: Child,
  status: 200 | 400 | 429 = 200,
  target: FormTarget = "self",
): Response | Promise<Response> {
  const headers = pageHeaders(c.var.nonce, target, { scripts: true })
  return c.html(`<!doctype html>${String(markup)}`, status, headers)
}

/** A page of ours after a POST; 303, so that nothing is posted again. */
export function seeOther(c: KoppelContext, path: string): Response {
  c.header("Cache-Control", "no-store")
  return c.redirect(path, 303)
}

/**
 * Refuses a form that is not of this page in this browser: the token is against CSRF, in addition to
 * the cookie, and Fetch Metadata is a second look. `page` names the page that the form stands on.
 */
export async function requireOwnForm(
  c: KoppelContext,
  browser: string,
  { values, repeated }: Parameters,
  page = c.req.param("request") ?? "",
): Promise<void> {
  const site = c.req.header("sec-fetch-site")
  const isOtherSite = site !== undefined && site !== "same-origin"
  const isOwn = browser !== "" && (await isOwnForm(browser, page, values.get("form_token")))
  if (!isOtherSite && isOwn && repeated.length === 0) return
  throw new KoppelError(403, "form_refused", "The form is not of this page.", {
    detail: isOtherSite ? "another site's form" : "form token or repeated field",
  })
}

/** Switches the language: the request is sealed anew with it, and the same page opened. */
export async function switchLanguage(
  c: KoppelContext,
  next: () => Promise<void>,
): Promise<Response | undefined> {
  const asked = LANGUAGES.find((code) => code === c.req.query("ui_locales"))
  if (c.req.method !== "GET" || asked === undefined) {
    await next()
    return undefined
  }
  const request: AuthorizationRequest = await readRequest(c)
  const { keyRing } = c.var.deps.config
  const sealed = await sealRequest(keyRing, { ...request, uiLocales: asked })
  note(c, { outcome: "language" })
  return seeOther(c, c.req.path.replace(c.req.param("request") ?? "", sealed))
}
