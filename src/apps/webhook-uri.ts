/** Where webhooks may be sent: hosts on the public internet, by name, that are not our own. */

/** Where we are ourselves. */
export interface OwnPlace {
  readonly issuer: string
  /** Http on loopback is allowed, for development. */
  readonly loopback: boolean
}

/** Names that never lead outside: special use (RFC 6761, 6762, 8375, 9476) or inside by custom. */
const INTERNAL = new Set(
  "local localhost internal intranet private corp home lan localdomain test invalid onion alt arpa".split(
    " ",
  ),
)
const LOOPBACK = new Set(["localhost", "127.0.0.1", "[::1]"])

/** Tells why webhooks can't be sent to a URI, as a sentence, or gives undefined where they can. */
export function findWebhookUriProblem(
  uri: string,
  { issuer, loopback }: OwnPlace,
): string | undefined {
  const url = URL.parse(uri)
  if (url === null) return "is not a URI"
  if (url.username !== "" || url.password !== "") return "has user information"
  // A trailing dot names the same host.
  const host = url.hostname.replace(/\.$/, "")
  if (LOOPBACK.has(host)) {
    if (!loopback) return "is on loopback"
    return url.host === new URL(issuer).host ? "is Koppel itself" : undefined
  }
  if (url.protocol !== "https:") return "is not https"
  if (url.port !== "") return "has a port other than 443"
  // Every spelling of an IPv4 address has become four numbers in the parser.
  if (host.startsWith("[") || /^[\d.]+$/.test(host)) return "has an address for a host"
  const labels = host.split(".")
  if (labels.length < 2) return "has a host of one label"
  if (INTERNAL.has(labels.at(-1) ?? "")) return "has an internal name for a host"
  return host === new URL(issuer).hostname ? "is Koppel itself" : undefined
}
