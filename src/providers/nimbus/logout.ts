/** Ends what the login began, so that no token outlives the check. */
import type { VerifyContext } from "../provider.ts"
import type { Access } from "./access.ts"
import { ask } from "./ask.ts"
import type { Profile } from "./profile.ts"

/** Logs out where the profile knows how; whether that worked changes nothing. Never throws. */
export async function logOut(
  account: URL,
  access: Access,
  profile: Profile,
  context: VerifyContext,
): Promise<void> {
  if (profile.logout !== undefined) await ask(account, profile.logout, access, profile, context)
}
