/** The page that takes what is pasted: who asks, for what, the fields, and where to find each. */
import type { Credentials, Field, Problem, ProviderTexts } from "../providers/provider.ts"
import { Frame, type FrameProps } from "../ui/frame.tsx"
import { Note, Rich } from "../ui/parts.tsx"
import { fill } from "../ui/text.ts"
import type { Grant } from "./grant.ts"
import type { ScopesInWords } from "./scopes-in-words.ts"
import type { Verdict } from "./session.ts"

export interface FormPageProps extends FrameProps {
  readonly appName: string
  readonly providerTitle: string
  readonly providerTexts: ProviderTexts
  readonly fields: readonly Field[]
  /** Where the form goes, and the page that cancels. */
  readonly action: string
  readonly cancelAction: string
  readonly formToken: string
  readonly words: ScopesInWords
  readonly checkable: boolean
  readonly credentialsAccess: boolean
  /** Values that may be written back. */
  readonly draft: Credentials
  readonly verdict: Verdict | undefined
  readonly grant: Grant | undefined
  /** It worked, but what was pasted is no longer kept. */
  readonly isPastedGone: boolean
  /** Secret fields that are kept at this moment. */
  readonly kept: readonly string[]
}

/** The page with the form and the guide. */
export function FormPage(props: FormPageProps) {
  const { texts, providerTitle, appName } = props
  return (
    <Frame {...props}>
      <header>
        <VerdictNote {...props} />
        <h1>{fill(texts.heading, { provider: providerTitle, app: appName })}</h1>
        <Asked {...props} />
      </header>
      <PasteForm {...props} />
      <Guide {...props} />
    </Frame>
  )
}

function Asked({ texts, appName, providerTitle, words, checkable }: FormPageProps) {
  const values = { app: appName, provider: providerTitle }
  return (
    <>
      <Listed title={fill(texts.mayRead, values)} items={words.read} />
      <Listed title={fill(texts.mayChange, values)} items={words.write} />
      <p>
        {words.read.length + words.write.length === 0 ? `${fill(texts.mayNothing, values)} ` : null}
        {words.write.length === 0 ? `${texts.readOnly} ` : null}
        {texts.duration}
      </p>
      {checkable ? null : <p class="note wait">{fill(texts.notCheckable, values)}</p>}
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
  const { texts, verdict, grant, isPastedGone, providerTexts } = props
  const values = { app: props.appName, provider: props.providerTitle }
  if (verdict === undefined) return null
  if (isPastedGone) {
    return (
      <Note tone="wait" title={texts.pastedGoneTitle}>
        <p>{texts.pastedGoneText}</p>
      </Note>
    )
  }
  if (verdict.outcome === "refused") {
    const [problem] = verdict.problems
    const text = problem === undefined ? undefined : providerTexts.problems[problem.code]
    if (problem === undefined || text === undefined) return null
    const filled = { ...values, suggestion: problem.suggestion ?? "" }
    return (
      <Note tone="bad" title={fill(text.title, filled)}>
        <p>
          <Rich text={text.text} values={filled} />
        </p>
      </Note>
    )
  }
  if (verdict.outcome === "could_not_check") {
    const text = providerTexts.troubles[verdict.code]
    return (
      <Note tone="wait" title={fill(text?.title ?? texts.errorTitle, values)}>
        {text === undefined ? null : (
          <p>
            <Rich text={text.text} values={values} />
          </p>
        )}
      </Note>
    )
  }
  if (grant === undefined || grant.missing.length === 0) return null
  return (
    <Note tone="wait" title={texts.missingTitle}>
      <p>{fill(texts.missingText, values)}</p>
      <p>{texts.missingList}</p>
      <ul>
        {grant.missing.map((permission) => (
          <li>
            <code>{permission}</code>
          </li>
        ))}
      </ul>
    </Note>
  )
}

function PasteForm(props: FormPageProps) {
  const { texts, verdict, checkable, providerTexts } = props
  const values = { app: props.appName, provider: props.providerTitle }
  const problems = verdict?.outcome === "refused" ? verdict.problems : []
  const go = checkable ? (verdict === undefined ? texts.go : texts.again) : texts.goUnchecked
  const promise = props.credentialsAccess ? texts.promiseAccess : texts.promise
  const asksReset = problems.some(({ code }) => code === "nearly_locked" || code === "locked")
  return (
    <form class="paste card" method="post" action={props.action} novalidate>
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
      {checkable ? <p class="soft">{fill(promise, values)}</p> : null}
      <p>
        <a href={props.cancelAction}>{texts.cancel}</a>
      </p>
    </form>
  )
}

/** One field: label, help, value, and, where it is to blame, why. Secrets are never written back. */
function Input(props: FormPageProps & { field: Field; problem: Problem | undefined }) {
  const { texts, field, problem, providerTexts, verdict } = props
  const { name, type, secret, maxLength, suffix } = field
  const words = providerTexts.fields[name]
  const text = problem === undefined ? undefined : providerTexts.problems[problem.code]
  const values = {
    app: props.appName,
    provider: props.providerTitle,
    suggestion: problem?.suggestion ?? "",
  }
  const isKept = secret && problem === undefined && props.kept.includes(name)
  const isAccepted = verdict?.outcome === "refused" && verdict.accepted.includes(name)
  const step = providerTexts.stepOf[name]
  return (
    <>
      <label for={name}>
        {words?.label}{" "}
        <span class="hint" id={`${name}-h`}>
          {words?.hint}{" "}
          {step === undefined ? null : <a href={`#step-${step}`}>{texts.whereIsIt}</a>}
        </span>
      </label>
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

function Guide({ texts, providerTexts, appName, providerTitle }: FormPageProps) {
  const values = { app: appName, provider: providerTitle }
  return (
    <section class="guide card" aria-labelledby="guide">
      <h2 id="guide">{texts.guide}</h2>
      <ol class="steps">
        {providerTexts.steps.map(({ id, title, paragraphs }) => (
          <li>
            <details id={`step-${id}`}>
              <summary>{fill(title, values)}</summary>
              <div>
                {paragraphs.map((paragraph) => (
                  <p>
                    <Rich text={paragraph} values={values} />
                  </p>
                ))}
              </div>
            </details>
          </li>
        ))}
      </ol>
    </section>
  )
}
