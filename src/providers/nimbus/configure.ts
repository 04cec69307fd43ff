/** From the operator's settings to an adapter. */
import { SettingError } from "../../lib/errors.ts"
import type { Adapter, Settings } from "../provider.ts"
import { parseAllowedHosts } from "./allowed-hosts.ts"
import { loginKey } from "./attempts.ts"
import { parseProfile } from "./profile.ts"
import { nimbusProxy } from "./proxy/proxy.ts"
import { type Setup, verify } from "./verify.ts"

/** Names of the settings read here. */
export const settings = ["NIMBUS_PROFILE", "NIMBUS_ALLOWED_HOSTS"] as const

/** Builds the adapter; without a profile it asks nobody, for a password is not sent on a guess. */
export function configure(given: Settings, { loopback }: { readonly loopback: boolean }): Adapter {
  const hosts = given.NIMBUS_ALLOWED_HOSTS?.trim()
  const allowedHosts = hosts ? parseAllowedHosts(hosts, { loopback }) : undefined
  const text = given.NIMBUS_PROFILE?.trim()
  if (!text) return unasked
  const profile = parseProfile(text)
  if (allowedHosts === undefined) {
    throw new SettingError("NIMBUS_ALLOWED_HOSTS", "is needed where there is a profile")
  }
  const setup: Setup = { profile, allowedHosts, loopback }
  return {
    checkable: true,
    loginKey: (credentials) => loginKey(credentials, profile),
    verify: (credentials, context) => verify(credentials, context, setup),
    proxy: nimbusProxy(setup),
  }
}

const unasked: Adapter = {
  checkable: false,
  verify: async () => ({ outcome: "could_not_check", code: "no_profile", uncheckable: true }),
}
