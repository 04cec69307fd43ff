/** "Someone else is the administrator": a link for a colleague, or a text to copy. */
import { fill } from "../ui/text.ts"
import type { FormPageProps } from "./form-page.tsx"

/** The card; the link is offered only where a confidential app said who asks. */
export function Other(props: FormPageProps) {
  const { texts, app, providerTitle } = props
  if (props.isColleague) return null
  const values = { app: app.name, provider: providerTitle }
  const message = fill(texts.otherMessage, values)
  return (
    <section class="card" id="other" aria-labelledby="other-h">
      <h2 id="other-h">{texts.otherTitle}</h2>
      {props.isLinkEnded ? (
        <p class="say wait">
          <strong>{texts.waitEndedTitle}</strong> {texts.waitEndedText}
        </p>
      ) : null}
      {props.offersHandover ? (
        <>
          <p>{texts.otherText}</p>
          <button
            type="submit"
            form="paste"
            formaction={`${props.action}/handover`}
            name="handover"
            value="create"
          >
            {props.isLinkEnded ? texts.linkNew : texts.otherGo}
          </button>
          <p class="soft">{texts.otherComputer}</p>
        </>
      ) : (
        <>
          <p>{fill(texts.otherCopyText, values)}</p>
          <textarea readonly rows={4} aria-label={texts.otherTitle}>
            {message}
          </textarea>
          <button
            type="button"
            class="small"
            hidden
            data-js
            data-copy={message}
            data-done={texts.copied}
          >
            {texts.copy}
          </button>
        </>
      )}
    </section>
  )
}
