/** How many refused logins are safe: Nimbus locks a user after five, wherever they were made. */
import type { AttemptLimit, Credentials } from "../provider.ts"
import { accountPart, readAddress } from "./account-url.ts"
import type { Profile } from "./profile.ts"

/** Two in a day and three until a success leave two of Nimbus' five to the person. */
export const attempts: AttemptLimit = {
  inADay: 2,
  untilSuccess: 3,
  problem: { field: "login_code", code: "nearly_locked" },
}

/**
 * Names a login by the account, as the profile tells accounts apart, and its login code: an address
 * that is pasted another way, but asked in the same place, is the same account. Whether Nimbus reads a
 * login code case-sensitively is unknown: two spellings count as one user, which at worst stops a try
 * early.
 */
export function loginKey(
  credentials: Credentials,
  { base_url }: Pick<Profile, "base_url">,
): string {
  const { url } = readAddress(credentials.account_url ?? "")
  const code = (credentials.login_code ?? "").trim().toLowerCase()
  if (url === undefined) return `||${code}`
  const account = new URL(url)
  if (base_url.rule !== "as-pasted") {
    account.pathname = "/"
    if (base_url.keep_query !== true) account.search = ""
  }
  return `${account.host}|${accountPart(account)}|${code}`
}
