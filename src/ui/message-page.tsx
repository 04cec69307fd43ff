/** A page that says one thing, with at most one way on. */
import type { Child, PropsWithChildren } from "hono/jsx"
import { Frame, type FrameProps } from "./frame.tsx"

export interface MessagePageProps extends FrameProps {
  readonly heading: string
  readonly text: Child
  /** A link onward: only ever an address from the app's registration. */
  readonly link?: { readonly href: string; readonly text: string } | undefined
}

/** The page; children stand below the text. */
export function MessagePage(props: PropsWithChildren<MessagePageProps>) {
  const { heading, text, link, children } = props
  return (
    <Frame {...props}>
      <section class="card wide">
        <h1>{heading}</h1>
        <p>{text}</p>
        {children}
        {link === undefined ? null : (
          <p>
            <a class="button" href={link.href}>
              {link.text}
            </a>
          </p>
        )}
      </section>
    </Frame>
  )
}
