/** The login that a proxied call may need. One request, never repeated here. */
import { secondsAfter } from "../../../lib/clock.ts"
import type { Credentials, ProxyContext, ProxyLogin } from "../../provider.ts"
import { logIn } from "../login.ts"
import type { Profile } from "../profile.ts"

/** Assumption: where the profile doesn't say how long a token lives, half an hour does no harm. */
const ASSUMED_SECONDS = 30 * 60
/** A token isn't used in its last seconds. */
const MARGIN_SECONDS = 10

/** Logs in; a refusal is not to be tried again, for a few of them lock the user. */
export async function logInForProxy(
  account: URL,
  credentials: Credentials,
  profile: Profile,
  { fetch, now, signal }: ProxyContext,
): Promise<ProxyLogin> {
  const context = { fetch, now, signal, permissions: [] }
  const login = await logIn(account, credentials, profile, context)
  switch (login.outcome) {
    case "logged_in": {
      const { headers, expiresAt } = login.access
      const end = expiresAt ?? secondsAfter(now(), ASSUMED_SECONDS)
      return { outcome: "token", token: { headers, expiresAt: secondsAfter(end, -MARGIN_SECONDS) } }
    }
    case "refused":
      return {
        outcome: "refused",
        code: "login_refused",
        suspect: true,
        isFailedLogin: login.firstFactorAccepted !== true && login.notAsked !== true,
      }
    case "could_not_check": {
      const code = login.code === "throttled" ? "throttled" : "provider_down"
      const late = signal.aborted || login.code === "timeout"
      return {
        outcome: "refused",
        code: late ? "provider_timeout" : code,
        detail: `login: ${login.code}`,
      }
    }
  }
}
