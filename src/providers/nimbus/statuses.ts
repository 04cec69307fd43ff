/** The workflow statuses that this login may give to a document. */
import type { VerifyContext } from "../provider.ts"
import type { Access } from "./access.ts"
import { ask } from "./ask.ts"
import { readPointer } from "./pointer.ts"
import type { Profile } from "./profile.ts"

/** Counts the statuses, where the profile knows how; undefined where it can't be told. Never throws. */
export async function countStatuses(
  account: URL,
  access: Access,
  profile: Profile,
  context: VerifyContext,
): Promise<number | undefined> {
  if (profile.statuses === undefined) return undefined
  const answer = await ask(account, profile.statuses, access, profile, context)
  const items = readPointer(answer, profile.statuses.items)
  return Array.isArray(items) ? items.length : undefined
}
