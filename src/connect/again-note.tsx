/** What stands above the form where something is connected already, and its login is to be replaced. */
import type { Branding } from "../ui/frame.tsx"
import { fill } from "../ui/text.ts"
import type { Texts } from "../ui/texts/en.ts"

export interface AgainNoteProps {
  readonly texts: Texts
  readonly app: Branding
  readonly providerTitle: string
  readonly again:
    | {
        /** How it is, for who may know. */
        readonly known?: {
          readonly status: "active" | "broken"
          readonly outcome: "works" | "refused" | "could_not_check"
          readonly at: number
        }
      }
    | undefined
}

/** The note: why, where the visitor may know it, and that nothing changes before the end. */
export function AgainNote(props: AgainNoteProps) {
  const { texts, again } = props
  if (again === undefined) return null
  const values = { app: props.app.name, provider: props.providerTitle }
  const date = again.known === undefined ? "" : new Date(again.known.at).toISOString().slice(0, 10)
  return (
    <div class={again.known?.status === "broken" ? "note wait" : "note"} role="status">
      {again.known === undefined ? null : (
        <p>
          <strong>{fill(reasonOf(texts, again.known), { ...values, date })}</strong>
        </p>
      )}
      <p>{fill(texts.againText, values)}</p>
    </div>
  )
}

function reasonOf(
  texts: Texts,
  { status, outcome }: { status: "active" | "broken"; outcome: string },
): string {
  if (outcome === "refused") return texts.againRefused
  if (status === "broken") return texts.againBroken
  return outcome === "works" ? texts.againWorks : texts.againUnchecked
}
