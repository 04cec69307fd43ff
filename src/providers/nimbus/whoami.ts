/** Who Nimbus says has logged in. */
import type { VerifyContext } from "../provider.ts"
import type { Access } from "./access.ts"
import { ask } from "./ask.ts"
import { readPointer } from "./pointer.ts"
import type { Profile } from "./profile.ts"

/** What the who-am-I call told; undefined where it told nothing. */
export interface Whoami {
  readonly accountName: string | undefined
  readonly id: string | undefined
  readonly apiUser: boolean | undefined
}

/** Asks who has logged in, where the profile knows how. Never throws. */
export async function whoami(
  account: URL,
  access: Access,
  profile: Profile,
  context: VerifyContext,
): Promise<Whoami> {
  const call = profile.whoami
  const answer = call && (await ask(account, call, access, profile, context))
  const read = (pointer: string | undefined) =>
    pointer === undefined ? undefined : readPointer(answer, pointer)
  const flag = read(call?.api_user?.pointer)
  return {
    accountName: shortText(read(call?.account_name)),
    id: shortText(read(call?.id)),
    apiUser: flag === undefined || flag === null ? undefined : flag === call?.api_user?.equals,
  }
}

function shortText(value: unknown): string | undefined {
  if (typeof value !== "string" && typeof value !== "number") return undefined
  const text = String(value)
    .replace(/[\p{Cc}\p{Cf}]/gu, " ")
    .trim()
    .slice(0, 200)
  return text === "" ? undefined : text
}
