/** A call after the login: what it answers is welcome, and never changes the outcome. */
import type { VerifyContext } from "../provider.ts"
import type { Access } from "./access.ts"
import { type Place, urlOf } from "./base-url.ts"
import { exchange, isAnswer } from "./exchange.ts"
import type { Profile } from "./profile.ts"

/** Makes one call with the login's access; gives its JSON, or undefined for anything else. */
export async function ask(
  account: URL,
  call: Place & { readonly method: string },
  access: Access,
  profile: Profile,
  context: VerifyContext,
): Promise<unknown> {
  const url = urlOf(account, call, profile.base_url)
  const answer = await exchange({ url, method: call.method, headers: access.headers }, context)
  return isAnswer(answer) && answer.status >= 200 && answer.status < 300 ? answer.json : undefined
}
