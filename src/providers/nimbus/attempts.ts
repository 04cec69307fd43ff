/** How many refused logins are safe: Nimbus locks a user after five, wherever they were made. */
import type { AttemptLimit, Credentials } from "../provider.ts"
import { accountPart, readAddress } from "./account-url.ts"

/** Two in a day and three until a success leave two of Nimbus' five to the person. */
export const attempts: AttemptLimit = {
  key,
  inADay: 2,
  untilSuccess: 3,
  problem: { field: "login_code", code: "nearly_locked" },
}

// Whether Nimbus reads a login code case-sensitively is unknown: two spellings count as one user,
// which at worst stops a try early.
function key(credentials: Credentials): string {
  const { url } = readAddress(credentials.account_url ?? "")
  const account = url === undefined ? "|" : `${url.host}|${accountPart(url)}`
  return `${account}|${(credentials.login_code ?? "").toLowerCase()}`
}
