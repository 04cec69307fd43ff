/** The page that takes what is pasted: who asks, for what, the fields, and where to find each. */
import type { Credentials, Field, Problem, ProviderTexts } from "../providers/provider.ts"
import { type Branding, Frame, type FrameProps } from "../ui/frame.tsx"
import { Note, Rich } from "../ui/parts.tsx"
import { fill } from "../ui/text.ts"
import { AgainNote, type AgainNoteProps } from "./again-note.tsx"
import type { Grant } from "./grant.ts"
import { Guide } from "./guide.tsx"
import { Other } from "./other.tsx"
import { RightsTable } from "./rights.tsx"
import type { ScopesInWords } from "./scopes-in-words.ts"
import type { Verdict } from "./session.ts"

export interface FormPageProps extends FrameProps {
  readonly app: Branding
  readonly providerTitle: string
  readonly providerTexts: ProviderTexts
  readonly fields: readonly Field[]
  /** Address of this page; its forms go there and below. */
  readonly action: string
  readonly formToken: string
  readonly words: ScopesInWords
  /** Who asks, as the app said by PAR. */
  readonly askedBy: string | undefined
  /** Permissions behind what is asked for. */
  readonly permissions: readonly string[]
  readonly checkable: boolean
  readonly isProviderDown: boolean
  readonly credentialsAccess: boolean
  /** Values that may be written back. */
  readonly draft: Credentials
  readonly ticks: readonly string[]
  readonly verdict: Verdict | undefined
  readonly grant: Grant | undefined
  /** It worked, but what was pasted is no longer kept. */
  readonly isPastedGone: boolean
  /** Secret fields that are kept at this moment. */
  readonly kept: readonly string[]
  /** Names of the sandbox's credentials, for test apps. */
  readonly magic: readonly string[]
  /** A colleague may be asked by a link. */
  readonly offersHandover: boolean
  readonly isLinkEnded: boolean
  /** The person is that colleague. */
  readonly isColleague: boolean
  /** It is connected already: this is to replace the login. */
  readonly again: AgainNoteProps["again"]
}

/** The page: with a missing right the rights and one button, else the form; always the guide. */
export function FormPage(props: FormPageProps) {
  const { texts, providerTitle, app, verdict, grant } = props
  const isMissing = verdict?.outcome === "works" && (grant?.missing.length ?? 0) > 0
  return (
    <Frame {...props}>
      <header>
        <VerdictNote {...props} />
        {verdict === undefined ? <AgainNote {...props} /> : null}
        <h1>{fill(texts.heading, { provider: providerTitle, app: app.name })}</h1>
        {verdict === undefined ? <Asked {...props} /> : null}
      </header>
      {isMissing && !props.isPastedGone ? <CheckAgain {...props} /> : <PasteForm {...props} />}
      <div class="guide stack">
        <Magic {...props} />
        {isMissing && verdict.outcome === "works" ? (
          <RightsTable
            texts={texts}
            providerTexts={props.providerTexts}
            title={fill(texts.rightsTitle, { app: app.name })}
            permissions={verdict.permissions}
          />
        ) : null}
        <Guide {...props} />
        <Other {...props} />
      </div>
    </Frame>
  )
}

function Asked(props: FormPageProps) {
  const { texts, app, providerTitle, words, askedBy } = props
  const values = { app: app.name, provider: providerTitle }
  return (
    <>
      {askedBy === undefined ? null : <p>{askedBy}</p>}
      <Listed title={fill(texts.mayRead, values)} items={words.read} />
      <Listed title={fill(texts.mayChange, values)} items={words.write} />
      <p>
        {words.read.length + words.write.length === 0 ? `${fill(texts.mayNothing, values)} ` : null}
        {words.write.length === 0 ? `${texts.readOnly} ` : null}
        {texts.duration}
      </p>
      {props.checkable ? null : <p class="note wait">{fill(texts.notCheckable, values)}</p>}
      {props.isProviderDown ? <p class="note wait">{fill(texts.providerDown, values)}</p> : null}
    </>
  )
}

function Listed({ title, items }: { title: string; items: readonly string[] }) {
  if (items.length === 0) return null
  return (
    <>
      <p>{title}</p>
      <ul>
        {items.map((item) => (
          <li>
            <Rich text={item} />
          </li>
        ))}
      </ul>
    </>
  )
}

/** First what happened, then the one thing to do. */
function VerdictNote(props: FormPageProps) {
  const { texts, verdict, grant, providerTexts } = props
  const values = { app: props.app.name, provider: props.providerTitle }
  if (verdict === undefined) return null
  if (props.isPastedGone) {
    return (
      <Note tone="wait" title={texts.pastedGoneTitle}>
        <p>{texts.pastedGoneText}</p>
      </Note>
    )
  }
  if (verdict.outcome === "works") {
    const count = grant?.missing.length ?? 0
    if (count === 0) return null
    const title = count === 1 ? texts.missingOneTitle : fill(texts.missingManyTitle, { count })
    return (
      <Note tone="wait" title={title}>
        <p>{fill(texts.missingText, values)}</p>
      </Note>
    )
  }
  const [problem] = verdict.outcome === "refused" ? verdict.problems : []
  const words =
    verdict.outcome === "could_not_check"
      ? providerTexts.troubles[verdict.code]
      : providerTexts.problems[problem?.code ?? ""]
  const filled = { ...values, suggestion: problem?.suggestion ?? "" }
  return (
    <Note
      tone={verdict.outcome === "refused" ? "bad" : "wait"}
      title={fill(words?.title ?? texts.errorTitle, filled)}
    >
      {words === undefined ? null : (
        <p>
          <Rich text={words.text} values={filled} />
        </p>
      )}
    </Note>
  )
}

function PasteForm(props: FormPageProps) {
  const { texts, verdict, checkable, providerTexts } = props
  const values = { app: props.app.name, provider: props.providerTitle }
  const problems = verdict?.outcome === "refused" ? verdict.problems : []
  const go = checkable ? (verdict === undefined ? texts.go : texts.again) : texts.goUnchecked
  const promise = props.credentialsAccess ? texts.promiseAccess : texts.promise
  const asksReset = problems.some(({ code }) => code === "nearly_locked" || code === "locked")
  return (
    <form class="paste card" id="paste" method="post" action={props.action} novalidate>
      {/* Enter presses the first button of a form; that is not to be a suggestion's. */}
      {problems.some(({ suggestion }) => suggestion !== undefined) ? (
        <button type="submit" class="first" tabindex={-1} aria-label={go} />
      ) : null}
      <h2>{texts.pasteHere}</h2>
      {(verdict?.repairs ?? []).map(({ code }) => (
        <p class="say good">{fill(providerTexts.repairs[code] ?? "", values)}</p>
      ))}
      <input type="hidden" name="form_token" value={props.formToken} />
      {props.fields
        .filter(
          ({ name, oneTime }) => oneTime !== true || problems.some((one) => one.field === name),
        )
        .map((field) => (
          <Input
            {...props}
            field={field}
            problem={problems.find((problem) => problem.field === field.name)}
          />
        ))}
      {asksReset ? (
        <label class="tick">
          <input type="checkbox" name="reset_done" value="1" /> {texts.resetDone}
        </label>
      ) : null}
      <button type="submit" class="go">
        {go}
      </button>
      <Waiting {...props} />
      {checkable ? <p class="soft">{fill(promise, values)}</p> : null}
      <CancelLink {...props} />
    </form>
  )
}

/** Check again with what is kept: there is nothing to paste. */
function CheckAgain(props: FormPageProps) {
  const { texts } = props
  const values = { app: props.app.name, provider: props.providerTitle }
  const shown = props.fields.filter(({ secret }) => !secret)
  return (
    <form class="paste card" id="paste" method="post" action={props.action}>
      <h2>{texts.rightsWhere}</h2>
      <input type="hidden" name="form_token" value={props.formToken} />
      {shown.map(({ name }) => (
        <input type="hidden" name={name} value={props.draft[name] ?? ""} />
      ))}
      <p>{fill(texts.missingText, values)}</p>
      <p class="soft">{fill(texts.rightsEverybody, values)}</p>
      <button type="submit" class="go">
        {texts.again}
      </button>
      <Waiting {...props} />
      <p>
        <a href="#other">{texts.otherTitle}</a>
      </p>
      <CancelLink {...props} />
    </form>
  )
}

/** Says that the provider is being asked, as soon as that takes longer than a second. */
function Waiting({ texts, providerTitle }: FormPageProps) {
  const values = { provider: providerTitle }
  return (
    <p
      class="say wait"
      role="status"
      data-wait={fill(texts.waiting, values)}
      data-slow={fill(texts.slow, values)}
    />
  )
}

function CancelLink({ texts, action, isColleague }: FormPageProps) {
  if (isColleague) return null
  return (
    <p>
      <a href={`${action}/cancel`}>{texts.cancel}</a>
    </p>
  )
}

/** One field: label, help, value, and, where it is to blame, why. Secrets are never written back. */
function Input(props: FormPageProps & { field: Field; problem: Problem | undefined }) {
  const { texts, field, problem, providerTexts, verdict } = props
  const { name, type, secret, maxLength, suffix } = field
  const words = providerTexts.fields[name]
  const text = problem === undefined ? undefined : providerTexts.problems[problem.code]
  const values = {
    app: props.app.name,
    provider: props.providerTitle,
    suggestion: problem?.suggestion ?? "",
  }
  const isKept = secret && problem === undefined && props.kept.includes(name)
  const isAccepted = verdict?.outcome === "refused" && verdict.accepted.includes(name)
  const step = providerTexts.stepOf[name]
  return (
    <>
      <label for={name}>{words?.label}</label>
      <span class="hint">
        <span id={`${name}-h`}>{fill(words?.hint ?? "", values)}</span>{" "}
        {step === undefined ? null : (
          <a href={`#step-${step}`} aria-label={`${texts.whereIsIt} ${words?.label}`}>
            {texts.whereIsIt}
          </a>
        )}
      </span>
      <span class="with">
        <input
          id={name}
          name={name}
          type={type}
          value={secret ? "" : (props.draft[name] ?? "")}
          maxlength={maxLength}
          autocomplete="off"
          autocapitalize="none"
          spellcheck={false}
          aria-required={isKept ? undefined : "true"}
          aria-describedby={`${name}-h${text === undefined ? "" : ` ${name}-s`}`}
          aria-invalid={problem === undefined ? undefined : "true"}
        />
        {suffix === undefined ? null : <span class="soft">{suffix}</span>}
      </span>
      {text === undefined ? null : (
        <p class="say bad" id={`${name}-s`}>
          {fill(text.title, values)}
        </p>
      )}
      {problem?.suggestion === undefined ? null : (
        <button type="submit" name="use" value={problem.suggestion}>
          {fill(texts.use, values)}
        </button>
      )}
      {isAccepted ? <p class="say good">{fill(texts.accepted, values)}</p> : null}
      {isKept ? <p class="say good">{texts.keptField}</p> : null}
    </>
  )
}

/** For test apps: every outcome, one click away. */
function Magic({ texts, magic }: FormPageProps) {
  if (magic.length === 0) return null
  return (
    <div class="note wait">
      <details class="plain">
        <summary>{texts.test}</summary>
        <div>
          <p>{texts.testText}</p>
          {magic.map((name) => (
            <>
              <button type="submit" form="paste" name="magic" value={name} class="small">
                {name}
              </button>{" "}
            </>
          ))}
        </div>
      </details>
    </div>
  )
}
