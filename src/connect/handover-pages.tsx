/** The pages of a handover: the requester's link and wait, the colleague's first and last page. */
import type { ProviderTexts } from "../providers/provider.ts"
import { type Branding, Frame, type FrameProps } from "../ui/frame.tsx"
import { MessagePage } from "../ui/message-page.tsx"
import { Note, Rich } from "../ui/parts.tsx"
import { fill } from "../ui/text.ts"
import type { Asker } from "./asker-of.ts"

interface HandoverProps extends FrameProps {
  readonly app: Branding
  readonly providerTitle: string
  readonly formToken: string
  /** Address that the requester's forms go to. */
  readonly action: string
}

function valuesOf({ app, providerTitle }: { app: Branding; providerTitle: string }) {
  return { app: app.name, provider: providerTitle }
}

/** The link, shown this once: to copy, or to send by the person's own e-mail program. */
export function LinkPage(props: HandoverProps & { link: string; until: string }) {
  const { texts, link } = props
  const values = { ...valuesOf(props), link, date: props.until }
  const message = fill(texts.linkMessage, values)
  const query = `subject=${encodeURIComponent(fill(texts.linkSubject, values))}&body=${encodeURIComponent(message)}`
  return (
    <Frame {...props}>
      <section class="card wide">
        <h1>{texts.linkTitle}</h1>
        <p>{fill(texts.linkText, values)}</p>
        <textarea readonly rows={4} aria-label={texts.linkTitle}>
          {message}
        </textarea>
        <p>
          <a class="button" href={`mailto:?${query}`}>
            {texts.linkMail}
          </a>{" "}
          <button type="button" hidden data-js data-copy={message} data-done={texts.copied}>
            {texts.copy}
          </button>
        </p>
        <p class="soft">{texts.linkShownOnce}</p>
        <p>
          <a href={props.action}>{texts.askingGo}</a>
        </p>
      </section>
    </Frame>
  )
}

/** The requester waits; nothing of what the colleague types is shown here. */
export function WaitingPage(props: HandoverProps) {
  const { texts } = props
  const values = valuesOf(props)
  return (
    <MessagePage {...props} heading={texts.waitTitle} text={fill(texts.waitText, values)}>
      <form method="post" action={`${props.action}/handover`} class="row">
        <input type="hidden" name="form_token" value={props.formToken} />
        <button type="submit" name="handover" value="revoke">
          {texts.linkRevoke}
        </button>
      </form>
    </MessagePage>
  )
}

/** The colleague is done; the page goes on by itself where it may. */
export function HandedPage(props: HandoverProps & { auto: boolean }) {
  const { texts, auto } = props
  const values = valuesOf(props)
  return (
    <MessagePage {...props} heading={texts.handedTitle} text={fill(texts.handedText, values)}>
      <form
        method="post"
        action={`${props.action}/summary`}
        class="row"
        data-auto={auto || undefined}
      >
        <input type="hidden" name="form_token" value={props.formToken} />
        <button type="submit" class="go">
          {texts.connect}
        </button>
        <button type="submit" name="cancel" value="1">
          {texts.cancel}
        </button>
      </form>
    </MessagePage>
  )
}

/** What the colleague sees first: who will get access, and a tick that names them. */
export function LeadPage(props: HandoverProps & { asker: Asker; isTickMissing: boolean }) {
  const { texts, asker, isTickMissing } = props
  const values = { ...valuesOf(props), ...asker }
  return (
    <Frame {...props}>
      <section class="card wide">
        {isTickMissing ? <Note tone="wait" title={texts.leadTickMissing} /> : null}
        <h1>{texts.leadTitle}</h1>
        <p>{fill(texts.leadText, values)}</p>
        <form method="post" action={props.action}>
          <input type="hidden" name="form_token" value={props.formToken} />
          <label class="tick" for="expected">
            <input
              type="checkbox"
              id="expected"
              name="expected"
              value="1"
              aria-invalid={isTickMissing ? "true" : undefined}
            />{" "}
            {fill(texts.leadTick, values)}
          </label>
          <button type="submit" class="go">
            {texts.leadGo}
          </button>
        </form>
        <p class="soft">{texts.leadNo}</p>
      </section>
    </Frame>
  )
}

/** The colleague's last page: who got access, and how to end it. */
export function HelpedPage(
  props: Omit<HandoverProps, "formToken" | "action"> & {
    asker: Asker
    providerTexts: ProviderTexts
  },
) {
  const { texts, asker } = props
  const values = { ...valuesOf(props), ...asker }
  return (
    <MessagePage {...props} heading={texts.helpedTitle} text={fill(texts.helpedText, values)}>
      <p>
        <a href="/connect/mine">{texts.mineLink}</a>
      </p>
      <p>{fill(texts.helpedEnd, values)}</p>
      {props.providerTexts.withdraw.map((text) => (
        <p>
          <Rich text={text} values={values} />
        </p>
      ))}
    </MessagePage>
  )
}
