/** Asks Nimbus whether a login works: one login request, and nothing at all to a host not allowed. */
import type { Credentials, Refused, Verification, VerifyContext, Works } from "../provider.ts"
import { accountPart, isLoopback, readAddress } from "./account-url.ts"
import { type AllowedHost, isAllowed } from "./allowed-hosts.ts"
import { logIn } from "./login.ts"
import { logOut } from "./logout.ts"
import { refused } from "./outcome.ts"
import { permission } from "./permissions.ts"
import type { Profile } from "./profile.ts"
import { countStatuses } from "./statuses.ts"
import { type Whoami, whoami } from "./whoami.ts"

/** What the operator's settings say. */
export interface Setup {
  readonly profile: Profile
  readonly allowedHosts: readonly AllowedHost[]
  readonly loopback: boolean
}

/** Verifies what was pasted. Never throws for what Nimbus may answer. */
export async function verify(
  credentials: Credentials,
  context: VerifyContext,
  setup: Setup,
): Promise<Verification> {
  const { profile } = setup
  const account = admit(credentials.account_url ?? "", setup)
  if (account === undefined) return notAllowed
  const login = await logIn(account, credentials, profile, context)
  if (login.outcome !== "logged_in") return login
  const { access } = login
  const [who, statuses] = await Promise.all([
    whoami(account, access, profile, context),
    countStatuses(account, access, profile, context),
  ])
  await logOut(account, access, profile, context)
  return works(account, credentials, who, statuses, context.permissions)
}

const notAllowed: Refused = {
  ...refused("account_url", "host_not_allowed", []),
  notAsked: true,
}

/** Gives the account's address where the settings let credentials be sent there. */
export function admit(accountUrl: string, setup: Setup): URL | undefined {
  const { url } = readAddress(accountUrl)
  if (url === undefined || (isLoopback(url) && !setup.loopback)) return undefined
  return isAllowed(url, setup.allowedHosts) ? url : undefined
}

function works(
  account: URL,
  credentials: Credentials,
  who: Whoami,
  statuses: number | undefined,
  asked: readonly string[],
): Works {
  const { login_code = "", password = "", pin } = credentials
  const notices: string[] = []
  if (who.apiUser === false) notices.push("not_api_user")
  if (statuses === 0) notices.push("no_status")
  if (pin) notices.push("pin_enforced")
  return {
    outcome: "works",
    credentials: { account_url: account.href, login_code, password },
    identity: identityOf(account, login_code, who),
    account: { name: who.accountName ?? account.host },
    sights: [],
    permissions: Object.fromEntries(
      asked.map((name) => [name, name === permission ? "granted" : "missing"]),
    ),
    notices,
  }
}

function identityOf(account: URL, loginCode: string, who: Whoami): string {
  const user = who.id === undefined ? `code:${loginCode.toLowerCase()}` : `id:${who.id}`
  return JSON.stringify([account.host, accountPart(account), user])
}
