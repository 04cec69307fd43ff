/** The frame of every page: head, styles, bar, reference. */
import type { PropsWithChildren } from "hono/jsx"
import { css } from "./styles.ts"
import type { Texts } from "./texts/en.ts"

export interface FrameProps {
  readonly texts: Texts
  readonly title: string
  readonly nonce: string
  readonly reference: string
  /** The app's name, where one is known. */
  readonly appName?: string | undefined
  /** `<seconds>;url=<path>`: goes on by itself; for a page that waits. */
  readonly refresh?: string | undefined
}

/** A whole document. */
export function Frame(props: PropsWithChildren<FrameProps>) {
  const { texts, title, nonce, reference, appName, refresh, children } = props
  return (
    <html lang={texts.code}>
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width,initial-scale=1" />
        <meta name="robots" content="noindex" />
        {refresh === undefined ? null : <meta http-equiv="refresh" content={refresh} />}
        <title>{title}</title>
        <style nonce={nonce}>{css}</style>
      </head>
      <body>
        {appName === undefined ? null : (
          <div class="bar">
            <span class="logo" aria-hidden="true">
              {[...appName][0]?.toUpperCase()}
            </span>
            <strong>{appName}</strong>
          </div>
        )}
        <main>{children}</main>
        <footer class="soft">
          {texts.reference} <code>{reference}</code>
        </footer>
      </body>
    </html>
  )
}
