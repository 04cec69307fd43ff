/** The frame of every page: head, styles, bar with the app and the languages, reference. */
import { raw } from "hono/html"
import type { PropsWithChildren } from "hono/jsx"
import { script } from "./script.ts"
import { css } from "./styles.ts"
import type { Texts } from "./texts/en.ts"

/** How an app shows itself. */
export interface Branding {
  readonly name: string
  /** Address of its logo, served by us. */
  readonly logo?: string | undefined
  /** Style rules that put its colour in. */
  readonly accentCss?: string | undefined
}

export interface FrameProps {
  readonly texts: Texts
  readonly title: string
  readonly nonce: string
  readonly reference: string
  /** The app, where one is known. */
  readonly app?: Branding | undefined
  /** Links to this page in the other languages. */
  readonly otherLanguages?: readonly { href: string; code: string; name: string }[] | undefined
  /** `<seconds>;url=<path>`: goes on by itself, for a page that waits; a script looks without a reload. */
  readonly refresh?: string | undefined
  /** Adds the page's script; the response's policy must allow it. */
  readonly scripts?: boolean | undefined
}

/** A whole document. */
export function Frame(props: PropsWithChildren<FrameProps>) {
  const { texts, title, nonce, reference, app, otherLanguages = [], refresh, children } = props
  return (
    <html lang={texts.code}>
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width,initial-scale=1" />
        <meta name="robots" content="noindex" />
        {refresh === undefined ? null : (
          <noscript>
            <meta http-equiv="refresh" content={refresh} />
          </noscript>
        )}
        <title>{title}</title>
        {/* Constants of ours, and a colour that was parsed: nothing from outside comes in here. */}
        <style nonce={nonce}>{raw(css + (app?.accentCss ?? ""))}</style>
      </head>
      <body data-look={refresh}>
        <header class="bar">
          {app === undefined ? null : (
            <>
              <span class="logo" aria-hidden="true">
                {app.logo === undefined ? (
                  [...app.name][0]?.toUpperCase()
                ) : (
                  <img src={app.logo} alt="" width="36" height="36" />
                )}
              </span>
              <strong>{app.name}</strong>
            </>
          )}
          {otherLanguages.length === 0 ? null : (
            <nav aria-label={texts.languages}>
              {otherLanguages.map(({ href, code, name }) => (
                <a href={href} lang={code} hreflang={code}>
                  {name}
                </a>
              ))}
            </nav>
          )}
        </header>
        <main>{children}</main>
        <footer class="soft">
          {texts.reference} <code>{reference}</code>
        </footer>
        {props.scripts === true ? <script nonce={nonce}>{raw(script)}</script> : null}
      </body>
    </html>
  )
}
