/** Reads a SOAP request as ASMX does: by its action, else by the element in its body. */
import { SaxesParser } from "saxes"
import type { SimulatedLogin } from "./accounts.ts"
import { type Asking, SimulatedFault } from "./envelope.ts"

export interface SimulatedRequest extends Asking {
  readonly parameters: ReadonlyMap<string, string>
  readonly login: SimulatedLogin
  /** Set where the request is none that Nmbrs can take. */
  readonly fault: SimulatedFault | undefined
}

const versions: Readonly<Record<string, "1.1" | "1.2">> = {
  "http://schemas.xmlsoap.org/soap/envelope/": "1.1",
  "http://www.w3.org/2003/05/soap-envelope": "1.2",
}

/** Gives the XML namespace of a service. */
export function namespaceOf(service: string): string {
  return `https://api.nmbrs.nl/soap/v3/${service}`
}

/** Takes the service of the path, the body and the `SOAPAction` header, gives what is asked. */
export function readRequest(
  service: string,
  text: string,
  action: string | null,
): SimulatedRequest {
  const namespace = namespaceOf(service)
  const parts = parse(text, namespace)
  const unquoted = action?.trim().replace(/^"|"$/g, "") ?? ""
  const operation = unquoted.startsWith(`${namespace}/`)
    ? unquoted.slice(namespace.length + 1)
    : (parts?.operation ?? "")
  return {
    service,
    operation,
    parameters: parts?.parameters ?? new Map(),
    login: {
      username: parts?.header.get("Username") ?? "",
      token: parts?.header.get("Token") ?? "",
      domain: parts?.header.get("Domain"),
    },
    version: parts?.version ?? "1.1",
    fault: faultOf(parts, operation),
  }
}

function faultOf(parts: Parts | undefined, operation: string): SimulatedFault | undefined {
  if (parts === undefined) {
    return new SimulatedFault("client", "Server was unable to read request. ---> XML expected.")
  }
  if (operation !== "" && parts.operation === operation) return undefined
  return new SimulatedFault(
    "client",
    "Unable to handle request without a valid action parameter. Please supply a valid soap action.",
  )
}

interface Parts {
  version: "1.1" | "1.2"
  operation: string | undefined
  header: Map<string, string>
  parameters: Map<string, string>
}

/** Any prefix, any order of children; undefined where it is not a SOAP envelope. */
function parse(text: string, namespace: string): Parts | undefined {
  const parser = new SaxesParser({ xmlns: true, position: false })
  const path: { local: string; uri: string }[] = []
  const parts: Parts = {
    version: "1.1",
    operation: undefined,
    header: new Map(),
    parameters: new Map(),
  }
  let content = ""
  parser.on("doctype", () => {
    throw new SyntaxError("doctype")
  })
  parser.on("opentag", (tag) => {
    path.push({ local: tag.local, uri: tag.uri })
    content = ""
    if (path.length === 1) parts.version = versionOf(tag)
    if (path.length === 3 && path[1]?.local === "Body" && tag.uri === namespace) {
      parts.operation ??= tag.local
    }
  })
  parser.on("text", (piece) => {
    content += piece
  })
  parser.on("cdata", (piece) => {
    content += piece
  })
  parser.on("closetag", (tag) => {
    const parent = path[2]
    if (path.length === 4 && parent?.uri === namespace && tag.uri === namespace) {
      if (path[1]?.local === "Body") parts.parameters.set(tag.local, content)
      else if (/^AuthHeader(WithDomain)?$/.test(parent.local)) parts.header.set(tag.local, content)
    }
    path.pop()
  })
  try {
    parser.write(text).close()
    return parts
  } catch {
    return undefined
  }
}

function versionOf(tag: { local: string; uri: string }): "1.1" | "1.2" {
  const version = Object.hasOwn(versions, tag.uri) ? versions[tag.uri] : undefined
  if (tag.local !== "Envelope" || version === undefined) throw new SyntaxError("no envelope")
  return version
}
