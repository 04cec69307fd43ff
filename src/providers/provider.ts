/**
 * The contract of a provider. A provider is one folder and one line in the registry; everything that
 * the rest of Koppel knows about it stands here. Adapters get their settings once and `{ fetch, now,
 * signal }` at each call: never the environment, the database or a request.
 */

import type { Language } from "../lib/languages.ts"

/** What the person pasted, by field name. Plain only in memory. */
export type Credentials = Readonly<Record<string, string>>

/** One input of the form. Its words come from the provider's texts. */
export interface Field {
  readonly name: string
  readonly type: "text" | "email" | "password" | "url"
  /** Never written back into the page. */
  readonly secret: boolean
  /** Longest value taken, in characters. */
  readonly maxLength: number
  /** Shown only after the provider asked for it, sent once, never sealed (a 2FA pin). */
  readonly oneTime?: boolean
  /** Filled with the request's `login_hint` while nothing was typed. */
  readonly loginHint?: boolean
  /** Text behind the input, such as ".nmbrs.nl". */
  readonly suffix?: string
  /** A kept secret is used again only while these fields are unchanged. */
  readonly keptWith?: readonly string[]
}

/** Something wrong with one field: a code of the provider's `problems` texts. */
export interface Problem {
  readonly field: string
  readonly code: string
  /** A value that would be right; offered by a button and put into the text as `{suggestion}`. */
  readonly suggestion?: string
}

/** Something that was put right in a field: a code of the provider's `repairs` texts. */
export interface Repair {
  readonly field: string
  readonly code: string
}

/** What `normalise` made of a submitted form. With problems, the provider is not asked. */
export interface Normalised {
  readonly credentials: Credentials
  readonly repairs: readonly Repair[]
  readonly problems: readonly Problem[]
}

/** `unknown` was not checked (a write, or no answer in time); it counts as granted and is shown so. */
export type PermissionState = "granted" | "missing" | "unknown"

/** The provider account as the API shows it: `name`, and counts or names of the provider's own. */
export interface Account {
  readonly name: string
  readonly [detail: string]: string | number | boolean
}

/** What the login sees, for the person to confirm: a code of the provider's `sights` texts. */
export interface Sight {
  readonly code: string
  readonly count: number
  /** There are more than `count`: reading stopped at its bound. */
  readonly more: boolean
  /** The first few names. */
  readonly names: readonly string[]
}

/** The credentials work. */
export interface Works {
  readonly outcome: "works"
  /** What to seal: normalised, with one-time fields left out. */
  readonly credentials: Credentials
  /** Who the provider says this is; only its HMAC is stored. */
  readonly identity: string
  readonly account: Account
  readonly sights: readonly Sight[]
  /** One entry for each permission asked for. */
  readonly permissions: Readonly<Record<string, PermissionState>>
  /** Codes of the provider's `notices` texts: it works, and the person should know this. */
  readonly notices: readonly string[]
}

/** The provider said no, and this is the field to blame. */
export interface Refused {
  readonly outcome: "refused"
  readonly problems: readonly Problem[]
  /** Fields that the provider accepted all the same. */
  readonly accepted: readonly string[]
  /** The first factor was right, so this is no failed login (a pin is asked for). */
  readonly firstFactorAccepted?: boolean
  /** Nothing was sent to the provider, so this is no failed login either. */
  readonly notAsked?: boolean
}

/** Nothing is known about the credentials: a code of the provider's `troubles` texts. */
export interface CouldNotCheck {
  readonly outcome: "could_not_check"
  readonly code: string
  /** True only where the provider can never be asked: then, and only then, the person may go on. */
  readonly uncheckable: boolean
  /** For the log: what was seen, with nothing of what was typed. */
  readonly detail?: string
}

export type Verification = Works | Refused | CouldNotCheck

/** What an adapter gets at each call. `signal` carries the time budget. */
export interface VerifyContext {
  readonly fetch: typeof fetch
  readonly now: () => number
  readonly signal: AbortSignal
  /** Permissions behind the requested scopes. */
  readonly permissions: readonly string[]
}

/** A caller's request for the provider's own API. */
export interface ProxyCall {
  readonly method: string
  /** Behind `/proxy/<provider>`, as it was written; empty, or with a slash in front. */
  readonly path: string
  /** With its question mark; empty where there is none. */
  readonly query: string
  /** Only those that `requestHeaders` names. */
  readonly headers: Headers
  readonly body: Uint8Array<ArrayBuffer>
}

/** What a login gave, for the next calls. Kept sealed, for one connection and its credentials only. */
export interface ProviderToken {
  readonly headers: Readonly<Record<string, string>>
  readonly expiresAt: number
}

/** Why a call was not passed on, or brought no answer. The proxy knows its status and its sentence. */
export type ProxyRefusal =
  | "not_found"
  | "method_not_allowed"
  | "invalid_request"
  | "unsupported_media_type"
  | "insufficient_scope"
  | "login_refused"
  | "login_busy"
  | "throttled"
  | "provider_down"
  | "provider_timeout"

/** What came of a call: an answer to stream, the provider's or one in its words, or a refusal. */
export type Proxied =
  | {
      readonly outcome: "answered"
      readonly response: Response
      /** The provider turned the stored credentials down: they may be dead. */
      readonly suspect?: boolean
      /** For the log: why an answer of ours stands in for the provider's. */
      readonly code?: string
    }
  | {
      readonly outcome: "refused"
      readonly code: ProxyRefusal
      readonly suspect?: boolean
      /** False for a refused login that doesn't count where the provider locks a user after too many. */
      readonly isFailedLogin?: boolean
      /** For the log: what was seen, with nothing of the request's or the provider's words. */
      readonly detail?: string
    }

/** What came of a login that is made for a call. */
export type ProxyLogin =
  | { readonly outcome: "token"; readonly token: ProviderToken }
  | Extract<Proxied, { readonly outcome: "refused" }>

/** Keeps what a login gave, for providers that have one. */
export interface TokenKeeper {
  /** The provider refused a login with these very credentials; none may be tried now. */
  readonly refused: boolean
  /**
   * Gives the kept token, or the one that `login` gets: one login at a time, whoever calls. A refused
   * one is remembered. `stale` is a token that the provider has just turned down.
   */
  take(login: () => Promise<ProxyLogin>, stale?: ProviderToken): Promise<ProxyLogin>
  /** Remembers that the provider refused the credentials, where they go with each call. */
  refuse(): Promise<void>
}

/** What a proxied call gets. `fetch` follows no redirect and throws the proxy's own errors. */
export interface ProxyContext {
  readonly fetch: typeof fetch
  readonly now: () => number
  readonly signal: AbortSignal
  /** What the person granted to whoever calls. */
  readonly permissions: readonly string[]
  readonly token: TokenKeeper
}

/** What the reading of something public gets. */
export interface PublishContext {
  readonly fetch: typeof fetch
  readonly signal: AbortSignal
  /** Where callers find this provider: the address of `/proxy/<provider>`. */
  readonly address: string
  /** Gives what is cached by this name, or what `make` gets, kept where it is an answer of 200. */
  cached(name: string, make: () => Promise<Proxied>): Promise<Proxied>
}

/** The provider's own API, with credentials put in. */
export interface ApiProxy {
  /** Headers that go through, in lower case; no other does, in either direction. */
  readonly requestHeaders: readonly string[]
  readonly responseHeaders: readonly string[]
  /** Passes one call on, or refuses it before anything leaves. */
  forward(call: ProxyCall, credentials: Credentials, context: ProxyContext): Promise<Proxied>
  /** Gives what anybody may read, asked without credentials; undefined where the call is for none. */
  publish?(
    call: Pick<ProxyCall, "method" | "path" | "query">,
    context: PublishContext,
  ): Promise<Proxied> | undefined
}

/** A provider with its settings put in. */
export interface Adapter {
  /** False where the provider can't be asked at all; the page says so before the first step. */
  readonly checkable: boolean
  /**
   * Names the login that too many refusals would lock, as the provider tells logins apart; only its
   * HMAC is stored. There wherever the method has `attempts` and the provider is asked.
   */
  loginKey?(credentials: Credentials): string
  /** Absent where the provider's API can't be reached through Koppel. */
  readonly proxy?: ApiProxy
  /** Asks the provider. Never throws for what a provider may answer; one of three outcomes. */
  verify(credentials: Credentials, context: VerifyContext): Promise<Verification>
}

/** A bundle of permissions that an app asks for as one scope, `<provider>:<name>`. */
export interface Bundle {
  readonly permissions: readonly string[]
  readonly access: "read" | "write"
}

/** How many refused logins are safe, where the provider locks a user after too many. */
export interface AttemptLimit {
  readonly inADay: number
  readonly untilSuccess: number
  /** What is shown instead of trying once more. */
  readonly problem: Problem
}

/** How a provider is connected, apart from which: another method may follow under the same connection. */
export interface Method {
  readonly id: string
  readonly fields: readonly Field[]
  /** Trims and repairs what was pasted, and finds what can't be right without asking. Pure. */
  normalise(submitted: Credentials): Normalised
  /** Refusals in a row after which a stored connection is broken; two where it is left out. */
  readonly refusalsUntilBroken?: number
  readonly attempts?: AttemptLimit
}

/** Names and values of the settings that the operator gave. */
export type Settings = Readonly<Record<string, string | undefined>>

export interface Provider {
  readonly id: string
  readonly title: string
  readonly method: Method
  /** By the scope's name behind `<provider>:`. */
  readonly bundles: Readonly<Record<string, Bundle>>
  /** Permissions that every scope but the bare provider brings with it. */
  readonly implied: readonly string[]
  /** Kind of a permission that may be asked for by itself, or undefined where there is none. */
  accessOf(permission: string): "read" | "write" | undefined
  readonly texts: Readonly<Record<Language, ProviderTexts>>
  /** Names of the settings that `configure` reads. */
  readonly settings: readonly string[]
  /**
   * Takes settings, gives the adapter. Http and loopback upstreams only where `loopback` is true.
   * Throws `SettingError` naming the malformed setting.
   */
  configure(settings: Settings, options: { readonly loopback: boolean }): Adapter
}

/** A text with a heading. `{app}`, `{suggestion}` and `{provider}` are filled in. */
export interface TitledText {
  readonly title: string
  readonly text: string
}

/**
 * A picture of a provider's screen: what stands there, and the one thing to click. Drawn by `ui`;
 * `hot` names the text of the part that gets the ring.
 */
export interface Picture {
  /** What stands in the browser's address bar. */
  readonly address?: string
  /** Item at the top right. */
  readonly menu?: string
  /** Items of the bar at the left, top to bottom. An empty text, here and in `tabs` and `rows`, is drawn as a bar. */
  readonly sidebar?: readonly string[]
  readonly title?: string
  readonly tabs?: readonly string[]
  /** Lines of a list, a form or a table; `control` is what stands at their end: "✓", "", "⚙", a value. */
  readonly rows?: readonly { readonly label: string; readonly control?: string }[]
  readonly button?: string
  readonly hot: string
  /** The same in a sentence, for screen readers. */
  readonly alt: string
}

/**
 * A step of the guide. In its texts `[[…]]` quotes a label of the provider's screen and
 * `` `…` `` is code; `{app}` and field names such as `{domain}` are filled in.
 */
export interface Step {
  readonly id: string
  readonly title: string
  readonly paragraphs: readonly string[]
  readonly picture?: Picture
  /** A link to the provider's own page, in a new tab; shown once all its `{fields}` are known. */
  readonly link?: { readonly href: string; readonly text: string }
  /** Values to copy, suggested from `{app}` and `{app_code}`; each gets a copy button. */
  readonly copies?: readonly { readonly label: string; readonly value: string }[]
  /** Folded away unless a verdict says that a permission is missing; the page lists this app's below. */
  readonly onlyIfMissing?: boolean
  /** Shows a box that appends `suffix` to a pasted link, in the browser only. */
  readonly linkSuffix?: { readonly label: string; readonly suffix: string; readonly result: string }
}

/** All words of one provider in one language. */
export interface ProviderTexts {
  readonly fields: Readonly<Record<string, { readonly label: string; readonly hint: string }>>
  /** Step of the guide that shows where a field's value is. */
  readonly stepOf: Readonly<Record<string, string>>
  readonly steps: readonly Step[]
  readonly repairs: Readonly<Record<string, string>>
  readonly problems: Readonly<Record<string, TitledText>>
  readonly troubles: Readonly<Record<string, TitledText>>
  readonly notices: Readonly<Record<string, TitledText>>
  /** What follows "may read" or "may change", by bundle name. */
  readonly bundles: Readonly<Record<string, string>>
  /** Where the provider's screen shows a permission's group, by the group's name in the permission. */
  readonly permissionGroups: Readonly<Record<string, string>>
  /** Picture of the tick box of one permission, `{group}` and `{permission}` filled in. */
  readonly permissionPicture?: Picture
  /** How to make a login that sees less: questions such as "Only one company?" and their answers. */
  readonly narrower: readonly TitledText[]
  /** How the person ends it at the provider. */
  readonly withdraw: readonly string[]
  /** "1 company", "3 companies": one and many, with `{count}`. */
  readonly sights: Readonly<Record<string, { readonly one: string; readonly many: string }>>
}
