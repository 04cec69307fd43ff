/** The guide: every step in one document, each with its picture, a tick and where it leads. */

import type { Credentials, Step } from "../providers/provider.ts"
import { Rich } from "../ui/parts.tsx"
import { Picture } from "../ui/picture.tsx"
import { fill } from "../ui/text.ts"
import type { FormPageProps } from "./form-page.tsx"

/** The guide's card; the first step that is not ticked stands open, or those that mend a verdict. */
export function Guide(props: FormPageProps) {
  const { texts, providerTexts } = props
  const always = providerTexts.steps.filter(({ onlyIfMissing }) => onlyIfMissing !== true)
  const mending = providerTexts.steps.filter(({ onlyIfMissing }) => onlyIfMissing === true)
  const isMissing = props.verdict?.outcome === "works"
  const next = always.find(({ id }) => !props.ticks.includes(id))?.id
  const openId = isMissing ? undefined : (blamedStep(props) ?? next)
  return (
    <section class="card" aria-labelledby="guide">
      <h2 id="guide">{texts.guide}</h2>
      <ol class="steps">
        {always.map((step) => (
          <GuideStep {...props} step={step} isOpen={step.id === openId} />
        ))}
        {mending.length === 0 ? null : (
          <li>
            <details open={isMissing}>
              <summary>{texts.onlyIfMissing}</summary>
              <ol>
                {mending.map((step) => (
                  <li>
                    <strong>{fill(step.title, valuesOf(props))}</strong>
                    <StepBody {...props} step={step} />
                  </li>
                ))}
              </ol>
              <Needed {...props} />
            </details>
          </li>
        )}
      </ol>
    </section>
  )
}

/** The step that shows where a blamed field is. */
function blamedStep({ verdict, providerTexts }: FormPageProps): string | undefined {
  const field = verdict?.outcome === "refused" ? verdict.problems[0]?.field : undefined
  return field === undefined ? undefined : providerTexts.stepOf[field]
}

function GuideStep(props: FormPageProps & { step: Step; isOpen: boolean }) {
  const { texts, step, isOpen } = props
  const isDone = props.ticks.includes(step.id)
  return (
    <li class={isDone ? "done" : ""}>
      <details open={isOpen}>
        <summary>{fill(step.title, valuesOf(props))}</summary>
        {/* The browser opens the details around the target of a link by itself. */}
        <div id={`step-${step.id}`}>
          <StepBody {...props} step={step} />
          <button
            type="submit"
            form="paste"
            formaction={`${props.action}/tick`}
            name="tick"
            value={`${isDone ? "-" : "+"}${step.id}`}
            class="small"
            data-tick={texts.tick}
            data-undo={texts.untick}
          >
            {isDone ? texts.untick : texts.tick}
          </button>
        </div>
      </details>
    </li>
  )
}

/** Paragraphs, link, values to copy, the link tool and the picture of a step. */
export function StepBody(props: FormPageProps & { step: Step }) {
  const { texts, step, draft } = props
  const values = valuesOf(props)
  const href = step.link === undefined ? undefined : fillLink(step.link.href, draft)
  return (
    <>
      {step.paragraphs.map((paragraph) => (
        <p>
          <Rich text={paragraph} values={values} />
        </p>
      ))}
      {step.link === undefined || href === undefined ? null : (
        <p>
          <a href={href} target="_blank" rel="noopener noreferrer">
            {fill(step.link.text, values)}
          </a>{" "}
          <span class="soft">({texts.newTab})</span>
        </p>
      )}
      {step.copies?.map(({ label, value }) => (
        <p>
          {fill(label, values)}: <code>{fill(value, suggestions(props.app.name))}</code>{" "}
          <button
            type="button"
            class="small"
            hidden
            data-js
            data-copy={fill(value, suggestions(props.app.name))}
            data-done={texts.copied}
          >
            {texts.copy}
          </button>
        </p>
      ))}
      {step.linkSuffix === undefined ? null : (
        <div hidden data-js>
          <label for={`${step.id}-link`}>{fill(step.linkSuffix.label, values)}</label>
          <input
            id={`${step.id}-link`}
            type="text"
            autocomplete="off"
            spellcheck={false}
            data-suffix={step.linkSuffix.suffix}
            data-to={`${step.id}-result`}
          />
          <p>{fill(step.linkSuffix.result, values)}</p>
          <output id={`${step.id}-result`} for={`${step.id}-link`} />
        </div>
      )}
      {step.picture === undefined ? null : (
        <Picture picture={step.picture} values={{ ...values, ...suggestions(props.app.name) }} />
      )}
    </>
  )
}

/** What this app needs, by the groups of the provider's screen: tickable, printable, copyable. */
function Needed({ texts, permissions, providerTexts, app }: FormPageProps) {
  if (permissions.length === 0) return null
  const groups = Map.groupBy(permissions, (permission) => permission.split(":")[0] ?? "")
  const named = [...groups].map(([group, all]) => ({
    title: providerTexts.permissionGroups[group] ?? group,
    names: all.map((permission) => permission.slice(permission.indexOf(":") + 1)).sort(),
  }))
  const text = named.map(({ title, names }) => [title, ...names].join("\n")).join("\n\n")
  return (
    <div>
      <h3>{fill(texts.needs, { app: app.name })}</h3>
      {named.map(({ title, names }) => (
        <>
          <p>
            <q>{title}</q>
          </p>
          {names.map((name) => (
            <label class="tick">
              <input type="checkbox" /> <code>{name}</code>
            </label>
          ))}
        </>
      ))}
      <button type="button" class="small" hidden data-js data-copy={text} data-done={texts.copied}>
        {texts.copy}
      </button>
    </div>
  )
}

function valuesOf({ app, providerTitle, draft }: FormPageProps): Record<string, string> {
  return { ...draft, app: app.name, provider: providerTitle }
}

/** An address whose every place is known and can only be what it should; else none. */
function fillLink(href: string, draft: Credentials): string | undefined {
  const isWhole = href.startsWith("{")
  const filled = fill(
    href,
    Object.fromEntries(
      Object.entries(draft).map(([name, value]) => [
        name,
        isWhole ? value : encodeURIComponent(value),
      ]),
    ),
  )
  const url = filled.includes("{") ? null : URL.parse(filled)
  return url?.protocol === "https:" ? url.href : undefined
}

/** A login code of the app's name: lower case, letters, digits and hyphens. */
function suggestions(app: string): Record<string, string> {
  const code = app
    .normalize("NFKD")
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/^-+|-+$/g, "")
  return { app, app_code: code === "" ? "api" : code }
}
