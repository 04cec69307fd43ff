/** One SOAP call through the proxy: checked, its Header replaced, passed on. */
import type { Credentials, Proxied, ProxyCall, ProxyContext } from "../../provider.ts"
import { XmlRefused } from "../read-xml.ts"
import { namespaceOf } from "../soap.ts"
import { faultResponse } from "./fault.ts"
import { contentType, type MediaType, readMediaType } from "./media-type.ts"
import { whyNot } from "./permit.ts"
import { type Message, readMessage } from "./read-message.ts"
import { lookForRefusal } from "./refused-login.ts"
import { serviceIn } from "./services.ts"
import { writeMessage } from "./write-message.ts"

/** Passes one call on to Nmbrs at `apiUrl`; what is refused is refused before anything leaves. */
export async function forward(
  apiUrl: string,
  call: ProxyCall,
  credentials: Credentials,
  context: ProxyContext,
): Promise<Proxied> {
  const service = serviceIn(call.path)
  if (service === undefined) return { outcome: "refused", code: "not_found" }
  if (call.method !== "POST") return { outcome: "refused", code: "method_not_allowed" }
  if (call.query !== "") return { outcome: "refused", code: "invalid_request", detail: "query" }
  const type = readMediaType(call.headers.get("content-type") ?? "")
  if (type === undefined) return { outcome: "refused", code: "unsupported_media_type" }
  const message = read(call.body, service)
  if (typeof message === "string") {
    return fault(type, `Koppel can't pass this on: ${message}.`, message)
  }
  const action = `${namespaceOf(service)}/${message.operation}`
  if (!actionsAgree(call, type, action)) {
    return fault(message, `Koppel: the action must be ${action}, or left out.`, "other_action")
  }
  const reason = whyNot(service, message.operation, context.permissions)
  if (reason !== undefined) return fault(message, reason, "insufficient_scope")
  return await send(apiUrl, { service, action, message, credentials }, context)
}

/** The message, or the fixed word for why it is none. */
function read(body: Uint8Array, service: string): Message | string {
  try {
    return readMessage(body, service)
  } catch (error) {
    if (error instanceof XmlRefused) return error.reason
    throw error
  }
}

/** SOAPAction and the content type's action both count, in either version; empty says nothing. */
function actionsAgree(call: ProxyCall, type: MediaType, action: string): boolean {
  const header = call.headers.get("soapaction")?.trim() ?? ""
  const given = [header.replace(/^"(.*)"$/, "$1"), type.action ?? ""]
  return given.every((text) => text === "" || text === action)
}

function fault({ version }: Pick<MediaType, "version">, text: string, code: string): Proxied {
  return { outcome: "answered", response: faultResponse(version, text), code }
}

async function send(
  apiUrl: string,
  call: { service: string; action: string; message: Message; credentials: Credentials },
  { fetch, signal }: ProxyContext,
): Promise<Proxied> {
  const { service, action, message, credentials } = call
  const { version, operation } = message
  const answer = await fetch(`${apiUrl}/soap/v3/${service}.asmx`, {
    method: "POST",
    headers: {
      "Content-Type": contentType(version, action),
      Accept: version === "1.1" ? "text/xml" : "application/soap+xml",
      // In SOAP 1.2 the action stands in the content type.
      ...(version === "1.1" ? { SOAPAction: `"${action}"` } : {}),
    },
    body: writeMessage(message, service, credentials),
  })
  try {
    const { response, isRefused } = await lookForRefusal(answer, operation, signal)
    return { outcome: "answered", response, suspect: isRefused }
  } catch {
    const code = signal.aborted ? "provider_timeout" : "provider_down"
    return { outcome: "refused", code, detail: "the answer broke off" }
  }
}
