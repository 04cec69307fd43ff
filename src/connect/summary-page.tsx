/** The last page before the app: who gets access to what, in words; one button connects, one cancels. */
import type { ProviderTexts, TitledText } from "../providers/provider.ts"
import { type Branding, Frame, type FrameProps } from "../ui/frame.tsx"
import { Items, joinWords, Note, Rich } from "../ui/parts.tsx"
import { fill } from "../ui/text.ts"
import type { Grant } from "./grant.ts"
import type { PassedVerdict } from "./ready.ts"
import { Matrix } from "./rights.tsx"
import { scopesInWords } from "./scopes-in-words.ts"

export interface SummaryPageProps extends FrameProps {
  readonly app: Branding
  readonly providerTitle: string
  readonly providerTexts: ProviderTexts
  readonly action: string
  /** The form again, to change what was typed or to check again. */
  readonly changeAction: string
  readonly formToken: string
  readonly verdict: PassedVerdict
  /** Codes of notices beside those of the verdict; a provider without words for one shows none. */
  readonly warnings: readonly string[]
  /** Digest of the verdict: the answer is to what this page shows. */
  readonly shown: string
  readonly grant: Grant
  readonly credentialsAccess: boolean
  /** Who asks, as the app said by PAR. */
  readonly askedBy: string | undefined
  /** Host that the browser returns to; none for a colleague, who stays here. */
  readonly returnsTo: string | undefined
  readonly again: Again | undefined
}

/** What there is to know where this is to replace the login of what is connected already. */
export interface Again {
  /** It is another account at the provider, which can only be connected by itself. */
  readonly isAnother: boolean
  /** Name of the account until now, for who may know it. */
  readonly before: string | undefined
}

/** The summary, whose form carries no secret. */
export function SummaryPage(props: SummaryPageProps) {
  const { texts, providerTexts } = props
  const values = { app: props.app.name, provider: props.providerTitle }
  return (
    <Frame {...props}>
      <header>
        <Warnings {...props} />
        <AgainWarning {...props} />
        <h1>{texts.ready}</h1>
      </header>
      <section class="guide card">
        <dl>
          <AccountRows {...props} />
          {props.again?.before === undefined ? null : (
            <>
              <dt>{texts.accountBefore}</dt>
              <dd>{props.again.before}</dd>
            </>
          )}
          <ScopeRows {...props} />
          {props.credentialsAccess ? (
            <>
              <dt>{fill(texts.appReads, values)}</dt>
              <dd>{texts.appReadsYes}</dd>
            </>
          ) : null}
          {props.askedBy === undefined ? null : (
            <>
              <dt>{texts.asker}</dt>
              <dd>{props.askedBy}</dd>
            </>
          )}
          {props.returnsTo === undefined ? null : (
            <>
              <dt>{texts.returnTo}</dt>
              <dd>{props.returnsTo}</dd>
            </>
          )}
        </dl>
        <Rights {...props} />
        <form method="post" action={props.action} class="row">
          <input type="hidden" name="form_token" value={props.formToken} />
          <input type="hidden" name="shown" value={props.shown} />
          {props.again?.isAnother === true ? (
            <button type="submit" class="go" name="as_new" value="1">
              {texts.connectAsNew}
            </button>
          ) : (
            <button type="submit" class="go">
              {connectLabel(props)}
            </button>
          )}
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
        {providerTexts.withdraw.map((text) => (
          <p>
            <Rich text={text} values={values} />
          </p>
        ))}
        <p>
          <a href="/connect/mine">{texts.mineLink}</a>
        </p>
      </aside>
    </Frame>
  )
}

/** The same account: what this replaces. Another one: that it can't, and what can be done. */
function AgainWarning({ texts, again, app, providerTitle }: SummaryPageProps) {
  if (again === undefined) return null
  const values = { app: app.name, provider: providerTitle }
  return again.isAnother ? (
    <Note tone="wait" title={fill(texts.anotherTitle, values)}>
      <p>{fill(texts.anotherText, values)}</p>
    </Note>
  ) : (
    <p class="note">{fill(texts.replaces, values)}</p>
  )
}

function connectLabel(props: SummaryPageProps): string {
  const { texts, verdict, grant } = props
  if (verdict.outcome === "could_not_check") return texts.connectUnchecked
  if (grant.dropped.length > 0) return texts.connectWithout
  return noticesOf(props).length > 0 ? texts.connectAnyway : texts.connect
}

/** Words of everything that the person should know before they connect. */
function noticesOf({ verdict, warnings, providerTexts }: SummaryPageProps): TitledText[] {
  const codes = verdict.outcome === "works" ? [...verdict.notices, ...warnings] : []
  return codes.flatMap((code) => providerTexts.notices[code] ?? [])
}

function Warnings(props: SummaryPageProps) {
  const { texts, verdict, app, providerTitle } = props
  const values = { app: app.name, provider: providerTitle }
  if (verdict.outcome === "could_not_check") {
    return (
      <Note tone="wait" title={fill(texts.uncheckedTitle, values)}>
        <p>{fill(texts.uncheckedText, values)}</p>
      </Note>
    )
  }
  return (
    <>
      {noticesOf(props).map(({ title, text }) => (
        <Note tone="wait" title={fill(title, values)}>
          <p>
            <Rich text={text} values={values} />
          </p>
        </Note>
      ))}
    </>
  )
}

/** The provider account and what the login sees, for the person to confirm. */
function AccountRows({ texts, verdict, providerTexts, app, providerTitle }: SummaryPageProps) {
  if (verdict.outcome !== "works") return null
  const { account, sights } = verdict
  const values = { app: app.name, provider: providerTitle }
  const isNamedApart = typeof account.domain === "string" && account.domain !== account.name
  return (
    <>
      <dt>{fill(texts.account, values)}</dt>
      <dd>
        <strong>{account.name}</strong>
        {isNamedApart ? ` (${account.domain})` : null}
      </dd>
      {sights.length === 0 ? null : (
        <>
          <dt>{texts.sees}</dt>
          <dd>
            {sights.map(({ code, count, more, names }) => {
              const words = providerTexts.sights[code]
              const text = (count === 1 && !more ? words?.one : words?.many) ?? "{count}"
              const shown = more ? fill(texts.moreThan, { count }) : String(count)
              const isCut = more || count > names.length
              const list = isCut ? `${names.join(", ")}, …` : joinWords(names, texts.and)
              return (
                <div>
                  {fill(text, { count: shown })}
                  {names.length === 0 ? null : `: ${list}`}
                </div>
              )
            })}
            <p class="soft">{fill(texts.noFilter, values)}</p>
            {providerTexts.narrower.map(({ title, text }) => (
              <details class="plain">
                <summary>{fill(title, values)}</summary>
                <div>
                  <Rich text={text} values={values} />
                </div>
              </details>
            ))}
          </dd>
        </>
      )}
    </>
  )
}

/** What the app may read and, apart from it, change; what is left out, what was not checked. */
function ScopeRows({ texts, verdict, grant, providerTexts, app }: SummaryPageProps) {
  const words = scopesInWords(grant.granted, providerTexts)
  const dropped = scopesInWords(grant.dropped, providerTexts)
  const left = [...dropped.read, ...dropped.write]
  const permissions = verdict.outcome === "works" ? verdict.permissions : {}
  const isUnknown = Object.values(permissions).includes("unknown")
  return (
    <>
      <dt>{fill(texts.appMayRead, { app: app.name })}</dt>
      <dd>
        <Items items={words.read} none={texts.nothing} />
      </dd>
      <dt>{texts.appMayChange}</dt>
      <dd>
        <Items items={words.write} none={texts.nothing} />
      </dd>
      {left.length === 0 ? null : (
        <>
          <dt>{texts.leftOut}</dt>
          <dd>
            <Items items={left} none="" />
          </dd>
        </>
      )}
      {isUnknown ? (
        <>
          <dt>{texts.notChecked}</dt>
          <dd>
            {Object.entries(permissions)
              .filter(([, state]) => state === "unknown")
              .map(([permission]) => (
                <div>
                  <code>{permission.slice(permission.indexOf(":") + 1)}</code>
                </div>
              ))}
          </dd>
        </>
      ) : null}
    </>
  )
}

/** Every right behind what is asked for. */
function Rights({ texts, verdict, grant, providerTexts }: SummaryPageProps) {
  const permissions = verdict.outcome === "works" ? verdict.permissions : {}
  if (Object.keys(permissions).length === 0) return null
  return (
    <details class="plain" open={grant.dropped.length > 0}>
      <summary>{texts.rightsAll}</summary>
      <Matrix texts={texts} providerTexts={providerTexts} permissions={permissions} />
    </details>
  )
}
