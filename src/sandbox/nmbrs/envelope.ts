/** Writes answers as ASMX does. Written apart from the adapter, so that one can't excuse the other. */

/** A value in an answer: an array repeats its element, null is `xsi:nil`, undefined is left out. */
export type Value =
  | string
  | number
  | boolean
  | null
  | undefined
  | readonly Value[]
  | { readonly [name: string]: Value }

/** What an answer has to know of its request. */
export interface Asking {
  readonly service: string
  readonly operation: string
  /** SOAP version, which the answer mirrors. */
  readonly version: "1.1" | "1.2"
}

/** A fault of the simulated Nmbrs: one of its numbers, or `client` for a request that is none. */
export class SimulatedFault extends Error {
  readonly number: number | "client"

  constructor(number: number | "client", text: string) {
    super(text)
    this.name = "SimulatedFault"
    this.number = number
  }
}

export const invalidAuthentication = () => new SimulatedFault(1001, "Invalid Authentication")

const envelopes = {
  "1.1": {
    uri: "http://schemas.xmlsoap.org/soap/envelope/",
    type: "text/xml; charset=utf-8",
  },
  "1.2": {
    uri: "http://www.w3.org/2003/05/soap-envelope",
    type: "application/soap+xml; charset=utf-8",
  },
} as const

/** Takes the request and the content of its result, gives the answer. */
export function resultResponse(request: Asking, result: Value): Response {
  const { service, operation } = request
  const content = write(`${operation}Result`, result)
  return respond(
    200,
    request,
    `<${operation}Response xmlns="https://api.nmbrs.nl/soap/v3/${service}">${content}</${operation}Response>`,
  )
}

/** Takes the request and a fault, gives the answer: status 500, the number behind ASMX's marker. */
export function faultResponse(request: Asking, fault: SimulatedFault): Response {
  const text = escaped(
    fault.number === "client"
      ? fault.message
      : `Server was unable to process request. ---> ${fault.number}: ${fault.message}`,
  )
  const client = fault.number === "client"
  return respond(
    500,
    request,
    request.version === "1.1"
      ? `<soap:Fault><faultcode>soap:${client ? "Client" : "Server"}</faultcode><faultstring>${text}</faultstring><detail /></soap:Fault>`
      : `<soap:Fault><soap:Code><soap:Value>soap:${client ? "Sender" : "Receiver"}</soap:Value></soap:Code><soap:Reason><soap:Text xml:lang="en">${text}</soap:Text></soap:Reason><soap:Detail /></soap:Fault>`,
  )
}

function respond(status: number, request: Asking, body: string): Response {
  const { uri, type } = envelopes[request.version]
  const text =
    '<?xml version="1.0" encoding="utf-8"?>' +
    `<soap:Envelope xmlns:soap="${uri}" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xmlns:xsd="http://www.w3.org/2001/XMLSchema">` +
    `<soap:Body>${body}</soap:Body></soap:Envelope>`
  return new Response(text, { status, headers: { "Content-Type": type } })
}

function write(name: string, value: Value): string {
  if (value === undefined) return ""
  if (value === null) return `<${name} xsi:nil="true" />`
  if (isList(value)) return value.map((item) => write(name, item)).join("")
  if (typeof value !== "object") return `<${name}>${escaped(String(value))}</${name}>`
  const content = Object.entries(value)
    .map(([child, item]) => write(child, item))
    .join("")
  return content === "" ? `<${name} />` : `<${name}>${content}</${name}>`
}

function isList(value: Value): value is readonly Value[] {
  return Array.isArray(value)
}

function escaped(text: string): string {
  return text.replace(/[&<>"]/g, (character) => `&#${character.charCodeAt(0)};`)
}
