/** Puts our Header in the place of the caller's; all else stays as it was written. */
import type { Credentials } from "../../provider.ts"
import { escapeXml, namespaceOf } from "../soap.ts"
import type { Message } from "./read-message.ts"

/** Operations whose header is the older one, without the domain that they are asked for. */
const withoutDomain = new Set(["DebtorService:Environment_Get"])

/** Takes a message and the stored credentials, gives the bytes to send. */
export function writeMessage(
  { text, envelope, body, operation }: Message,
  service: string,
  credentials: Credentials,
): Uint8Array<ArrayBuffer> {
  const header = writeHeader(envelope.name, service, operation, credentials)
  const written = text.slice(0, envelope.inner) + header + text.slice(body.start)
  return new TextEncoder().encode(written) as Uint8Array<ArrayBuffer>
}

function writeHeader(
  envelopeName: string,
  service: string,
  operation: string,
  { username = "", token = "", domain = "" }: Credentials,
): string {
  // The Envelope's own prefix stands for the SOAP namespace wherever a child of it begins.
  const name = envelopeName.replace(/Envelope$/, "Header")
  const older = withoutDomain.has(`${service}:${operation}`)
  const auth = older ? "AuthHeader" : "AuthHeaderWithDomain"
  const login =
    `<Username>${escapeXml(username)}</Username><Token>${escapeXml(token)}</Token>` +
    (older ? "" : `<Domain>${escapeXml(domain)}</Domain>`)
  return `<${name}><${auth} xmlns="${namespaceOf(service)}">${login}</${auth}></${name}>`
}
