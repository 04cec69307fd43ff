/** The person's own pages: the list, "End this?", and the receipt. */
import { Frame, type FrameProps } from "../ui/frame.tsx"
import { Items, Rich } from "../ui/parts.tsx"
import { fill } from "../ui/text.ts"
import type { Texts } from "../ui/texts/en.ts"
import type { ScopesInWords } from "./scopes-in-words.ts"

/** One connection as the person reads it. */
export interface Mine {
  readonly id: string
  readonly app: string
  readonly provider: string
  /** Name of the provider account. */
  readonly account: string
  readonly isBroken: boolean
  readonly since: string
  /** The day that the app last got access; undefined where it never did. */
  readonly used: string | undefined
  readonly checked: string
  readonly words: ScopesInWords
  /** The app may read the login itself. */
  readonly appReads: boolean
  /** How to withdraw the login at the provider. */
  readonly withdraw: readonly string[]
}

interface MineProps extends FrameProps {
  readonly mine: Mine
  /** Query that keeps the chosen language. */
  readonly query: string
}

/** What was connected from this browser, each with a way to end it. */
export function MinePage(props: FrameProps & { list: readonly Mine[]; query: string }) {
  const { texts, list, query } = props
  return (
    <Frame {...props}>
      <section class="card wide">
        <h1>{texts.mineTitle}</h1>
        <p>{list.length === 0 ? texts.mineNone : texts.mineText}</p>
        {list.map((mine) => (
          <section class="note" aria-labelledby={mine.id}>
            <h2 id={mine.id}>
              {mine.app}: {mine.provider}
            </h2>
            {mine.isBroken ? <p class="say bad">{texts.mineBroken}</p> : null}
            <Facts texts={texts} mine={mine} />
            <p>
              <a class="button" href={`/connect/mine/${mine.id}${query}`}>
                {texts.mineEnd}
              </a>
            </p>
          </section>
        ))}
      </section>
    </Frame>
  )
}

/** What ends, and what is kept until then; one button ends it. */
export function EndPage(props: MineProps & { formToken: string }) {
  const { texts, mine, query } = props
  return (
    <Frame {...props}>
      <section class="card wide">
        <h1>{fill(texts.endTitle, valuesOf(mine))}</h1>
        <p>{fill(texts.endText, valuesOf(mine))}</p>
        <Facts texts={texts} mine={mine} />
        <dl>
          <dt>{texts.endStored}</dt>
          <dd>{fill(texts.endStoredWhat, valuesOf(mine))}</dd>
        </dl>
        <form method="post" action={`/connect/mine/${mine.id}${query}`} class="row">
          <input type="hidden" name="form_token" value={props.formToken} />
          <button type="submit" class="go">
            {texts.endYes}
          </button>
          <a class="button" href={`/connect/mine${query}`}>
            {texts.endNo}
          </a>
        </form>
      </section>
    </Frame>
  )
}

/** The receipt: what is gone, what is not yet, and what the person can do. */
export function EndedPage(props: MineProps & { time: string }) {
  const { texts, mine, query, time } = props
  return (
    <Frame {...props}>
      <section class="card wide">
        <h1>{texts.endedTitle}</h1>
        <p>{fill(texts.endedText, { ...valuesOf(mine), time })}</p>
        <p>{fill(texts.endedHistory, valuesOf(mine))}</p>
        {mine.withdraw.map((text) => (
          <p>
            <Rich text={text} values={valuesOf(mine)} />
          </p>
        ))}
        <p>
          <a href={`/connect/mine${query}`}>{texts.mineBack}</a>
        </p>
      </section>
    </Frame>
  )
}

function Facts({ texts, mine }: { texts: Texts; mine: Mine }) {
  const values = valuesOf(mine)
  return (
    <dl>
      <dt>{fill(texts.account, values)}</dt>
      <dd>{mine.account}</dd>
      <dt>{fill(texts.appMayRead, values)}</dt>
      <dd>
        <Items items={mine.words.read} none={texts.nothing} />
      </dd>
      <dt>{texts.appMayChange}</dt>
      <dd>
        <Items items={mine.words.write} none={texts.nothing} />
      </dd>
      {mine.appReads ? (
        <>
          <dt>{fill(texts.appReads, values)}</dt>
          <dd>{texts.appReadsYes}</dd>
        </>
      ) : null}
      <dt>{texts.mineSince}</dt>
      <dd>{mine.since}</dd>
      <dt>{fill(texts.mineUsed, values)}</dt>
      <dd>{mine.used ?? texts.mineNever}</dd>
      <dt>{texts.mineChecked}</dt>
      <dd>{mine.checked}</dd>
    </dl>
  )
}

function valuesOf({ app, provider }: Mine) {
  return { app, provider }
}
