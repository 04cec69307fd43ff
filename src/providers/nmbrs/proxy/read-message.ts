/** Reads a caller's SOAP message strictly: one reading, whoever reads it. */
import { XmlRefused } from "../read-xml.ts"
import { namespaceOf } from "../soap.ts"
import { findParts, type Part } from "./find-parts.ts"
import type { SoapVersion } from "./media-type.ts"

export interface Message {
  readonly text: string
  readonly version: SoapVersion
  readonly operation: string
  readonly envelope: Part
  readonly body: Part
}

const versions: Readonly<Record<string, SoapVersion>> = {
  "http://schemas.xmlsoap.org/soap/envelope/": "1.1",
  "http://www.w3.org/2003/05/soap-envelope": "1.2",
}

const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true })

/**
 * Takes a body and the service that it is for, gives the message: an Envelope with at most one Header
 * before exactly one Body with exactly one operation of that service, and nothing but white space
 * around them. Throws `XmlRefused`.
 */
export function readMessage(body: Uint8Array, service: string): Message {
  const text = decode(body)
  const envelope = findParts(text)
  const version = versionOf(envelope)
  const soapBody = bodyOf(envelope)
  const operation = operationOf(soapBody, service)
  requireSpaceAround(text, envelope, soapBody, operation)
  for (const part of [envelope, soapBody, operation]) requireLiteralTag(text, part)
  return { text, version, operation: operation.local, envelope, body: soapBody }
}

function decode(body: Uint8Array): string {
  try {
    return decoder.decode(body)
  } catch {
    throw new XmlRefused("not_utf8")
  }
}

function versionOf({ local, uri }: Part): SoapVersion {
  const version = Object.hasOwn(versions, uri) ? versions[uri] : undefined
  if (local !== "Envelope" || version === undefined) throw new XmlRefused("not_soap")
  return version
}

function bodyOf({ uri, children }: Part): Part {
  if (children.some((child) => child.uri !== uri)) throw new XmlRefused("not_soap")
  const names = children.map(({ local }) => local).join(" ")
  const body = children.at(-1)
  if ((names !== "Body" && names !== "Header Body") || body === undefined) {
    throw new XmlRefused("not_one_body")
  }
  return body
}

function operationOf({ children }: Part, service: string): Part {
  const [operation, ...more] = children
  if (operation === undefined || more.length > 0) throw new XmlRefused("not_one_operation")
  if (operation.uri !== namespaceOf(service)) throw new XmlRefused("other_service")
  if (!/^\w{1,200}$/.test(operation.local)) throw new XmlRefused("not_an_operation")
  return operation
}

// Comments, CDATA and references could hide or split what another parser takes for an element.
function requireSpaceAround(text: string, envelope: Part, body: Part, operation: Part): void {
  const header = envelope.children.length > 1 ? envelope.children[0] : undefined
  const before = text.slice(0, envelope.start).replace(/^\uFEFF?(<\?xml[^<>]*\?>)?/, "")
  const gaps = [
    before,
    text.slice(envelope.inner, header?.start ?? body.start),
    text.slice(header?.end ?? body.start, body.start),
    text.slice(body.inner, operation.start),
    text.slice(operation.end, body.innerEnd),
    text.slice(body.end, envelope.innerEnd),
    text.slice(envelope.end),
  ]
  if (!gaps.every((gap) => /^[ \t\r\n]*$/.test(gap))) throw new XmlRefused("not_only_elements")
}

function requireLiteralTag(text: string, { start, inner }: Part): void {
  if (text.slice(start, inner).includes("&")) throw new XmlRefused("reference_in_tag")
}
