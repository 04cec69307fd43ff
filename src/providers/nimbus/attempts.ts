/** How many refused logins are safe: Nimbus locks a user after five, wherever they were made. */
import type { AttemptLimit, Credentials } from "../provider.ts"
import { readAddress } from "./account-url.ts"
import { urlOf } from "./base-url.ts"
import type { Profile } from "./profile.ts"

/** Two in a day and three until a success leave two of Nimbus' five to the person. */
export const attempts: AttemptLimit = {
  inADay: 2,
  untilSuccess: 3,
  problem: { field: "login_code", code: "nearly_locked" },
}

/**
 * Names a login by where it is sent and its login code: however the account's address was pasted, the
 * profile's rule makes one place of it. Whether Nimbus reads a login code case-sensitively is unknown:
 * two spellings count as one user, which at worst stops a try early.
 */
export function loginKey(credentials: Credentials, profile: Profile): string {
  const { url } = readAddress(credentials.account_url ?? "")
  const place = url === undefined ? "" : urlOf(url, profile.login, profile.base_url).href
  return `${place.toLowerCase()}|${(credentials.login_code ?? "").trim().toLowerCase()}`
}
