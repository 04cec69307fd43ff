/** Nimbus (Nimbus Portal Solutions), connected by the login of an API User. */
import type { Provider } from "../provider.ts"
import { attempts } from "./attempts.ts"
import { configure, settings } from "./configure.ts"
import { fields } from "./fields.ts"
import { normalise } from "./normalise.ts"
import { accessOf, bundles } from "./permissions.ts"
import { en } from "./texts/en.ts"
import { nl } from "./texts/nl.ts"

/** Nimbus as a provider. */
export const nimbus: Provider = {
  id: "nimbus",
  title: "Nimbus",
  // Each refused login brings the lock nearer, so the first one counts.
  method: { id: "login", fields, normalise, attempts, refusalsUntilBroken: 1 },
  bundles,
  implied: [],
  accessOf,
  texts: { en, nl },
  settings,
  configure,
}
