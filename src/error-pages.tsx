/** The one answer to every error: a page, OAuth's JSON, or problem+json, and the log's private reason. */
import type { ContentfulStatusCode } from "hono/utils/http-status"
import type { App } from "./apps/app.ts"
import { ConfigError } from "./config.ts"
import { frameOf, wordsFor } from "./connect/respond.tsx"
import { DeadEndError } from "./connect/visit.ts"
import { type KoppelContext, note } from "./context.ts"
import { KoppelError } from "./lib/errors.ts"
import { pageHeaders } from "./lib/page-headers.ts"
import { StayError } from "./oauth/authorize.ts"
import { RedirectError } from "./oauth/redirect.ts"
import { sendToApp } from "./oauth/send-to-app.tsx"
import { MessagePage } from "./ui/message-page.tsx"
import { fill } from "./ui/text.ts"
import type { Texts } from "./ui/texts/en.ts"

/** Picks the face that the caller of this path reads, and notes the code and the private reason. */
export function respondToError(c: KoppelContext, error: unknown): Response | Promise<Response> {
  const known = toKoppelError(error)
  note(c, {
    code: known.code,
    detail: known.detail ?? (known === error ? undefined : nameOf(error)),
  })
  const { path } = c.req
  for (const [name, value] of Object.entries(known.headers)) c.header(name, value)
  c.header("Cache-Control", "no-store")
  if (known instanceof RedirectError) return redirectError(c, known)
  if (
    path === "/oauth/authorize" ||
    path.startsWith("/connect/") ||
    path.startsWith("/handover/")
  ) {
    return errorPage(c, known)
  }
  if (path.startsWith("/oauth/")) return oauthError(c, known)
  const wantsPage = (c.req.header("accept") ?? "").includes("text/html")
  return wantsPage && known.status === 404 ? errorPage(c, known) : problem(c, known)
}

function redirectError(c: KoppelContext, error: RedirectError): Response | Promise<Response> {
  const description = withReference(c, error.message)
  return sendToApp(c, error.address, { error: error.code, error_description: description })
}

/** RFC 6749 §5.2, RFC 7591 §3.2.2. */
function oauthError(c: KoppelContext, error: KoppelError): Response {
  const code = OAUTH_CODES[error.code] ?? error.code
  const body = { error: code, error_description: withReference(c, error.message) }
  return c.json(body, error.status as ContentfulStatusCode)
}

/** What OAuth has no word for, by the word that it has (RFC 6749 §4.1.2.1, §5.2). */
const OAUTH_CODES: Readonly<Record<string, string>> = {
  slow_down: "temporarily_unavailable",
  sealing_key_missing: "temporarily_unavailable",
  sealed_text_refused: "server_error",
  method_not_allowed: "invalid_request",
  not_found: "invalid_request",
}

/** RFC 9457. */
function problem(c: KoppelContext, error: KoppelError): Response {
  const body = {
    type: "about:blank",
    title: error.message,
    status: error.status,
    code: error.code,
    reference: c.var.reference,
  }
  c.header("Content-Type", "application/problem+json")
  return c.body(JSON.stringify(body), error.status as ContentfulStatusCode)
}

function errorPage(c: KoppelContext, error: KoppelError): Response | Promise<Response> {
  const words = wordsFor(c, undefined)
  const { heading, text, app, values: more } = describe(error, words.texts)
  const href = app?.initiateLoginUri ?? app?.clientUri
  const values = { app: app?.clientName ?? words.texts.theApp, ...more }
  const shown = error instanceof StayError ? Object.entries(error.shown) : []
  const markup = (
    <MessagePage
      {...frameOf(c, words, heading, app)}
      otherLanguages={[]}
      scripts={false}
      heading={heading}
      text={fill(text, values)}
      link={href === undefined ? undefined : { href, text: fill(words.texts.backTo, values) }}
    >
      {error instanceof StayError && app === undefined ? <p>{error.message}</p> : null}
      {shown.map(([name, values]) => (
        <p>
          {name}: <code>{values.length === 0 ? "–" : values.join("  ")}</code>
        </p>
      ))}
    </MessagePage>
  )
  const headers = pageHeaders(c.var.nonce, "self")
  return c.html(`<!doctype html>${String(markup)}`, error.status as ContentfulStatusCode, headers)
}

interface Described {
  readonly heading: string
  readonly text: string
  readonly app?: App | undefined
  readonly values?: Readonly<Record<string, string>>
}

function describe(error: KoppelError, texts: Texts): Described {
  if (error instanceof DeadEndError) return describeDeadEnd(error, texts)
  if (error instanceof StayError) {
    const { app } = error
    if (app !== undefined) return { heading: texts.expiredTitle, text: texts.expiredText, app }
    return { heading: texts.stayTitle, text: texts.stayText }
  }
  if (error.code === "form_refused") return { heading: texts.formTitle, text: texts.formText }
  if (error.code === "unauthorized_client") {
    return { heading: texts.errorTitle, text: texts.refusedText }
  }
  if (error.status === 404) return { heading: texts.notFoundTitle, text: texts.notFoundText }
  if (error.status === 429 || error.status === 503) {
    return { heading: texts.busyTitle, text: texts.busyText }
  }
  return { heading: texts.errorTitle, text: error.message }
}

function describeDeadEnd({ deadEnd, app, ask }: DeadEndError, texts: Texts): Described {
  switch (deadEnd) {
    case "other_browser":
      return { heading: texts.otherBrowserTitle, text: texts.otherBrowserText, app }
    case "over":
    case "helped":
      return { heading: texts.overTitle, text: texts.overText, app }
    case "gone":
      return { heading: texts.goneTitle, text: texts.goneText, app }
    case "expired":
      return { heading: texts.expiredTitle, text: texts.expiredText, app }
    case "waiting":
    case "handed":
      return { heading: texts.waitTitle, text: texts.waitText, app }
    case "link_ended":
      return ask === undefined
        ? { heading: texts.leadEndedTitle, text: texts.leadEndedText }
        : { heading: texts.leadEndedTitle, text: texts.leadEndedAskText, values: { email: ask } }
  }
}

/** Errors of ours as they are; D1 that is down or overloaded as 503; everything else says nothing. */
function toKoppelError(error: unknown): KoppelError {
  if (error instanceof KoppelError) return error
  if (error instanceof ConfigError) {
    return new KoppelError(503, "temporarily_unavailable", "This service is not set up.", {
      detail: error.reasons.join("; "),
    })
  }
  if (isDatabaseDown(error)) {
    return new KoppelError(503, "temporarily_unavailable", "Try again in a moment.", {
      detail: "the database did not answer",
      headers: { "Retry-After": "5" },
    })
  }
  return new KoppelError(500, "server_error", "Something went wrong on our side.")
}

/** Tells D1's own troubles, which pass, from a statement that it refuses, which is a defect of ours. */
function isDatabaseDown(error: unknown): boolean {
  if (!(error instanceof Error)) return false
  if (/D1_TYPE_ERROR|SQLITE_(ERROR|CONSTRAINT|MISMATCH|RANGE|AUTH)/.test(error.message))
    return false
  return /D1|overloaded|Network connection lost|storage|request stream/.test(error.message)
}

/** The class alone: a message may quote what it failed on. */
function nameOf(error: unknown): string {
  return error instanceof Error ? error.name : typeof error
}

function withReference(c: KoppelContext, message: string): string {
  return `${message} (reference ${c.var.reference})`
}
