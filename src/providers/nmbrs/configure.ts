/** The one setting: where Nmbrs' API is. */
import { SettingError } from "../../lib/errors.ts"
import type { Adapter, Settings } from "../provider.ts"
import { nmbrsProxy } from "./proxy/proxy.ts"
import { verify } from "./verify.ts"

const setting = "NMBRS_API_URL"
const production = "https://api.nmbrs.nl"

/**
 * Takes the settings, gives the adapter. Http and loopback addresses only where `loopback` is true.
 * Throws `SettingError`, without the value.
 */
export function configure(settings: Settings, options: { readonly loopback: boolean }): Adapter {
  const apiUrl = readOrigin(settings[setting] ?? production, options.loopback)
  return {
    checkable: true,
    verify: (credentials, context) => verify(apiUrl, credentials, context),
    proxy: nmbrsProxy(apiUrl),
  }
}

function readOrigin(text: string, loopback: boolean): string {
  if (!URL.canParse(text)) throw new SettingError(setting, "is not a URL")
  const url = new URL(text)
  if (url.protocol !== "https:" && url.protocol !== "http:") {
    throw new SettingError(setting, "is not https")
  }
  if (url.username !== "" || url.password !== "") throw new SettingError(setting, "has a user name")
  // The serialised URL of a bare origin is the origin and a slash; this catches a bare "?" too.
  if (url.href !== `${url.origin}/`) throw new SettingError(setting, "has a path or query")
  if (!loopback && url.protocol === "http:") throw new SettingError(setting, "is not https")
  if (!loopback && isLoopback(url.hostname))
    throw new SettingError(setting, "is a loopback address")
  return url.origin
}

// URL() has already turned every spelling of an IPv4 address into four numbers.
function isLoopback(hostname: string): boolean {
  const host = hostname.replace(/\.$/, "")
  return (
    host === "localhost" ||
    host.endsWith(".localhost") ||
    /^(127|0)(\.\d{1,3}){3}$/.test(host) ||
    host === "[::1]" ||
    host === "[::]" ||
    /^\[::ffff:(7f[0-9a-f]{2}|0):/.test(host)
  )
}
