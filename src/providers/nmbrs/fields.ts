/** The three inputs of the form, in the order of the guide. */
import type { Field } from "../provider.ts"

export const fields: readonly Field[] = [
  // Whole addresses are pasted here.
  { name: "domain", type: "text", secret: false, maxLength: 2048, suffix: ".nmbrs.nl" },
  { name: "username", loginHint: true, type: "email", secret: false, maxLength: 254 },
  {
    name: "token",
    type: "password",
    secret: true,
    // More than a token has: cut off by the browser, it would be another token without a word.
    maxLength: 1024,
    // A kept token is worth nothing with another login, and must not be tried against one.
    keptWith: ["username"],
  },
]
