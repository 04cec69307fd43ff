/** The hosts that a Nimbus password may be sent to. */
import { SettingError } from "../../lib/errors.ts"
import { isIpAddress, isLoopback } from "./account-url.ts"

/** One entry of NIMBUS_ALLOWED_HOSTS. Without a port it stands for the scheme's own. */
export interface AllowedHost {
  readonly host: string
  /** Stands for the hosts below `host`, and not for `host` itself. */
  readonly below: boolean
  readonly port: string | undefined
}

/** Reads the setting NIMBUS_ALLOWED_HOSTS; the error counts entries, it does not quote them. */
export function parseAllowedHosts(
  setting: string,
  options: { readonly loopback: boolean },
): readonly AllowedHost[] {
  return setting.split(",").map((entry, index) => {
    const allowed = parseEntry(entry.trim(), options.loopback)
    if (typeof allowed !== "string") return allowed
    throw new SettingError("NIMBUS_ALLOWED_HOSTS", `entry ${index + 1} ${allowed}`)
  })
}

/** Tells whether a parsed URL is at one of the hosts. */
export function isAllowed(url: URL, allowed: readonly AllowedHost[]): boolean {
  const port = url.port || (url.protocol === "http:" ? "80" : "443")
  return allowed.some((entry) => {
    if (entry.port === undefined ? url.port !== "" : entry.port !== port) return false
    return entry.below ? url.hostname.endsWith(`.${entry.host}`) : url.hostname === entry.host
  })
}

function parseEntry(entry: string, loopback: boolean): AllowedHost | string {
  const below = entry.startsWith("*.")
  const [, typed, port] = /^(.*?)(?::(\d+))?$/.exec(below ? entry.slice(2) : entry) ?? []
  const host = typed?.toLowerCase() ?? ""
  if (!isHost(host)) return "is not host, host:port or *.suffix"
  if (port !== undefined && !/^[1-9]\d{0,4}$/.test(port)) return "has a port that is none"
  if (Number(port ?? 1) > 65535) return "has a port that is none"
  const url = new URL(`https://${host}`)
  if (isLoopback(url) && !loopback) return "is loopback, and the issuer is not"
  if (isIpAddress(host) && (below || !isLoopback(url))) return "is an IP address"
  if (below && !host.includes(".")) return "stands for a whole top-level domain"
  return { host, below, port }
}

// What the URL parser would spell differently could never equal a parsed host name.
function isHost(host: string): boolean {
  if (host === "" || host.endsWith(".") || !/^(\[[0-9a-f:]+\]|[a-z0-9._-]+)$/.test(host))
    return false
  const text = `https://${host}/`
  return URL.canParse(text) && new URL(text).href === text
}
