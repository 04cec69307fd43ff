/** The content type of a SOAP request: its version, its charset, and the action of SOAP 1.2. */

export type SoapVersion = "1.1" | "1.2"

export interface MediaType {
  readonly version: SoapVersion
  /** The `action` parameter (RFC 3902); undefined where there is none. */
  readonly action: string | undefined
}

const versions: Readonly<Record<string, SoapVersion>> = {
  "text/xml": "1.1",
  "application/soap+xml": "1.2",
}

const parameter = /;[ \t]*([!#$%&'*+.^_`|~\w-]+)=(?:"([^"\\]*)"|([!#$%&'*+.^_`|~\w-]+))[ \t]*/y

/** Reads a Content-Type; undefined for any but the two of SOAP, another charset than UTF-8, and repeats. */
export function readMediaType(text: string): MediaType | undefined {
  const [essence = ""] = text.split(";")
  const name = essence.trim().toLowerCase()
  const version = Object.hasOwn(versions, name) ? versions[name] : undefined
  const parameters = readParameters(text, essence.length)
  if (version === undefined || parameters === undefined) return undefined
  if ((parameters.get("charset") ?? "utf-8").toLowerCase() !== "utf-8") return undefined
  return { version, action: parameters.get("action") }
}

/** Gives the content type of a request or an answer in one version. */
export function contentType(version: SoapVersion, action?: string): string {
  if (version === "1.1") return "text/xml; charset=utf-8"
  const suffix = action === undefined ? "" : `; action="${action}"`
  return `application/soap+xml; charset=utf-8${suffix}`
}

function readParameters(text: string, from: number): ReadonlyMap<string, string> | undefined {
  const found = new Map<string, string>()
  parameter.lastIndex = from
  while (parameter.lastIndex < text.length) {
    const match = parameter.exec(text)
    const name = match?.[1]?.toLowerCase()
    if (name === undefined || found.has(name)) return undefined
    found.set(name, match?.[2] ?? match?.[3] ?? "")
  }
  return found
}
