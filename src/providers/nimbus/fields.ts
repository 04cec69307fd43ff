/** The inputs of the Nimbus form. */
import type { Field } from "../provider.ts"

/** The three values that an integration with Nimbus needs, and the pin that Nimbus may ask for. */
export const fields: readonly Field[] = [
  { name: "account_url", type: "url", secret: false, maxLength: 2048 },
  { name: "login_code", loginHint: true, type: "text", secret: false, maxLength: 256 },
  {
    name: "password",
    type: "password",
    secret: true,
    maxLength: 256,
    keptWith: ["account_url", "login_code"],
  },
  { name: "pin", type: "text", secret: true, maxLength: 32, oneTime: true },
]
