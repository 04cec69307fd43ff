/** The last page before the app: who gets access to what, in words; one button connects, one cancels. */
import type { ProviderTexts, Sight } from "../providers/provider.ts"
import { Frame, type FrameProps } from "../ui/frame.tsx"
import { joinWords, Note, Rich } from "../ui/parts.tsx"
import { fill } from "../ui/text.ts"
import type { Texts } from "../ui/texts/en.ts"
import type { Grant } from "./grant.ts"
import type { PassedVerdict } from "./ready.ts"
import { type ScopesInWords, scopesInWords } from "./scopes-in-words.ts"

export interface SummaryPageProps extends FrameProps {
  readonly appName: string
  readonly providerTitle: string
  readonly providerTexts: ProviderTexts
  readonly action: string
  /** The form again, to change what was typed. */
  readonly changeAction: string
  readonly formToken: string
  readonly verdict: PassedVerdict
  readonly grant: Grant
  readonly credentialsAccess: boolean
  /** Host that the browser returns to. */
  readonly returnsTo: string
}

/** The summary, whose form carries no secret. */
export function SummaryPage(props: SummaryPageProps) {
  const { texts, verdict, grant, providerTexts } = props
  const values = { app: props.appName, provider: props.providerTitle }
  const words = scopesInWords(grant.granted, providerTexts)
  const dropped = scopesInWords(grant.dropped, providerTexts)
  return (
    <Frame {...props}>
      <header>
        <Warnings {...props} />
        <h1>{texts.ready}</h1>
      </header>
      <section class="guide card">
        <dl>
          {verdict.outcome === "works" ? (
            <>
              <dt>{fill(texts.account, values)}</dt>
              <dd>
                <strong>{verdict.account.name}</strong>
                {typeof verdict.account.domain === "string" &&
                verdict.account.domain !== verdict.account.name
                  ? ` (${verdict.account.domain})`
                  : null}
              </dd>
              <Sees texts={texts} sights={verdict.sights} providerTexts={providerTexts} />
            </>
          ) : null}
          <dt>{fill(texts.appMayRead, values)}</dt>
          <dd>
            <Actions texts={texts} words={words} of="read" />
          </dd>
          <dt>{texts.appMayChange}</dt>
          <dd>
            <Actions texts={texts} words={words} of="write" />
          </dd>
          {dropped.read.length + dropped.write.length === 0 ? null : (
            <>
              <dt>{texts.leftOut}</dt>
              <dd>
                <Items items={[...dropped.read, ...dropped.write]} />
              </dd>
            </>
          )}
          <NotChecked {...props} />
          {props.credentialsAccess ? (
            <>
              <dt>{fill(texts.appReads, values)}</dt>
              <dd>{texts.appReadsYes}</dd>
            </>
          ) : null}
          <dt>{texts.returnTo}</dt>
          <dd>{props.returnsTo}</dd>
        </dl>
        <form method="post" action={props.action} class="row">
          <input type="hidden" name="form_token" value={props.formToken} />
          <button type="submit" class="go">
            {connectLabel(props)}
          </button>
          <button type="submit" name="cancel" value="1">
            {texts.cancel}
          </button>
        </form>
        <p>
          <a href={props.changeAction}>{texts.change}</a>
        </p>
      </section>
      <aside class="paste note">
        <p>
          <strong>{texts.charge}</strong> {fill(texts.chargeText, values)}
        </p>
      </aside>
    </Frame>
  )
}

function connectLabel({ texts, verdict }: SummaryPageProps): string {
  if (verdict.outcome === "could_not_check") return texts.connectUnchecked
  return verdict.notices.length > 0 ? texts.connectAnyway : texts.connect
}

function Warnings({ texts, verdict, providerTexts, appName, providerTitle }: SummaryPageProps) {
  const values = { app: appName, provider: providerTitle }
  if (verdict.outcome === "could_not_check") {
    return (
      <Note tone="wait" title={fill(texts.uncheckedTitle, values)}>
        <p>{fill(texts.uncheckedText, values)}</p>
      </Note>
    )
  }
  return (
    <>
      {verdict.notices.map((code) => {
        const text = providerTexts.notices[code]
        if (text === undefined) return null
        return (
          <Note tone="wait" title={fill(text.title, values)}>
            <p>
              <Rich text={text.text} values={values} />
            </p>
          </Note>
        )
      })}
    </>
  )
}

function Sees({
  texts,
  sights,
  providerTexts,
}: {
  texts: Texts
  sights: readonly Sight[]
  providerTexts: ProviderTexts
}) {
  if (sights.length === 0) return null
  return (
    <>
      <dt>{texts.sees}</dt>
      <dd>
        {sights.map(({ code, count, more, names }) => {
          const words = providerTexts.sights[code]
          const shown = more ? fill(texts.moreThan, { count }) : String(count)
          const label = fill((count === 1 && !more ? words?.one : words?.many) ?? "{count}", {
            count: shown,
          })
          const isCut = more || count > names.length
          return (
            <div>
              {label}
              {names.length === 0
                ? null
                : `: ${isCut ? `${names.join(", ")}, …` : joinWords(names, texts.and)}`}
            </div>
          )
        })}
      </dd>
    </>
  )
}

function Actions({
  texts,
  words,
  of,
}: {
  texts: Texts
  words: ScopesInWords
  of: "read" | "write"
}) {
  return words[of].length === 0 ? <span>{texts.nothing}</span> : <Items items={words[of]} />
}

function Items({ items }: { items: readonly string[] }) {
  return (
    <>
      {items.map((item) => (
        <div>
          <Rich text={item} />
        </div>
      ))}
    </>
  )
}

/** What could not be checked counts as granted, and is shown so. */
function NotChecked({ texts, verdict }: SummaryPageProps) {
  if (verdict.outcome !== "works") return null
  const unknown = Object.entries(verdict.permissions).filter(([, state]) => state === "unknown")
  if (unknown.length === 0) return null
  return (
    <>
      <dt>{texts.notChecked}</dt>
      <dd>
        {unknown.map(([permission]) => (
          <div>
            <code>{permission}</code>
          </div>
        ))}
      </dd>
    </>
  )
}
