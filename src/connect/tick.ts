/** Ticks a step of the guide, and keeps what was typed so far: nothing is lost by a reload. */
import type { Deps } from "../context.ts"
import { secondsAfter } from "../lib/clock.ts"
import type { AuthorizationRequest } from "../oauth/request.ts"
import type { Credentials, Provider } from "../providers/provider.ts"
import { begin } from "./begin.ts"
import { fillFromKept, openDraft, openPasted, sealFor } from "./kept.ts"
import { logStep } from "./log-step.ts"
import { PASTED_SECONDS, type SessionKey } from "./session.ts"
import { saveProgress } from "./store.ts"
import { typingOf } from "./turn.ts"

/** Sets or clears the tick of one step; `change` is `+id` or `-id`. Unknown steps change nothing. */
export async function tick(
  deps: Deps,
  visit: { key: SessionKey; request: AuthorizationRequest; reference: string },
  provider: Provider,
  fields: Credentials,
  change: string,
): Promise<void> {
  const { session } = await begin(deps, { ...visit, checks: 0 })
  const step = change.slice(1)
  const known = provider.texts.en.steps.some(({ id }) => id === step)
  const others = session.ticks.filter((id) => id !== step)
  const kept = await openPasted(deps, session, deps.now())
  const before = { ...(await openDraft(deps, session)), ...kept }
  const typed = provider.method.normalise(fillFromKept(provider.method, fields, kept)).credentials
  const draft: Record<string, string> = {}
  const pasted: Record<string, string> = {}
  for (const { name, secret, oneTime } of provider.method.fields) {
    const value = typed[name]
    if (value === undefined || value === "" || oneTime === true) continue
    if (!secret) draft[name] = value
    pasted[name] = value
  }
  const isChanged = Object.entries(pasted).some(([name, value]) => before[name] !== value)
  const isKept = provider.method.fields.some(({ name, secret }) => secret && name in pasted)
  const code = known ? step : undefined
  await deps.db.batch([
    logStep(deps.db, session, {
      step: "guide",
      code,
      reference: visit.reference,
      at: deps.now(),
    }),
    saveProgress(deps.db, session, typingOf(visit.request, deps.now()), {
      isChanged,
      ticks: known && change.startsWith("+") ? [...others, step] : others,
      draftSealed: await sealFor(deps, session, "draft", draft),
      pastedSealed: isKept ? await sealFor(deps, session, "session", pasted) : undefined,
      pastedUntil: isKept ? secondsAfter(deps.now(), PASTED_SECONDS) : undefined,
    }),
  ])
}
