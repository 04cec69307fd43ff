/** Nmbrs, connected with an API token that an administrator makes and pastes. */
import type { Provider } from "../provider.ts"
import { bundles, implied } from "./bundles.ts"
import { configure } from "./configure.ts"
import { fields } from "./fields.ts"
import { normalise } from "./normalise.ts"
import { permissions } from "./permissions.ts"
import { texts as en } from "./texts/en.ts"
import { texts as nl } from "./texts/nl.ts"

export const nmbrs: Provider = {
  id: "nmbrs",
  title: "Nmbrs",
  // Nmbrs ends SOAP on 1 March 2027; OAuth on its REST API will be a second method.
  method: { id: "token", fields, normalise },
  bundles,
  implied,
  accessOf: (permission) => permissions.get(permission),
  texts: { en, nl },
  settings: ["NMBRS_API_URL"],
  configure,
}
