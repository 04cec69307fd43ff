/** Hand-written answers of Nmbrs and a fetch that gives them, for the unit tests. */
import type { VerifyContext } from "../../../../src/providers/provider.ts"

export const soap11 = "http://schemas.xmlsoap.org/soap/envelope/"
export const soap12 = "http://www.w3.org/2003/05/soap-envelope"

/** Takes the content of the body, gives the envelope. */
export function envelope(body: string, uri: string = soap11): string {
  return `<?xml version="1.0" encoding="utf-8"?><soap:Envelope xmlns:soap="${uri}"><soap:Body>${body}</soap:Body></soap:Envelope>`
}

/** Takes an operation and what is in its result, gives the answer. */
export function result(operation: string, content: string, service = "DebtorService"): string {
  return envelope(
    `<${operation}Response xmlns="https://api.nmbrs.nl/soap/v3/${service}"><${operation}Result>${content}</${operation}Result></${operation}Response>`,
  )
}

/** Takes a fault's text, gives the SOAP 1.1 answer. */
export function fault(text: string, detail = ""): string {
  return envelope(
    `<soap:Fault><faultcode>soap:Server</faultcode><faultstring>${text}</faultstring><detail>${detail}</detail></soap:Fault>`,
  )
}

export const fault12 = (text: string) =>
  envelope(
    `<soap:Fault><soap:Code><soap:Value>soap:Receiver</soap:Value></soap:Code><soap:Reason><soap:Text xml:lang="en">${text}</soap:Text></soap:Reason></soap:Fault>`,
    soap12,
  )

/** A fault as ASMX words it. */
export const numbered = (number: number, text = "Some text") =>
  `Server was unable to process request. ---&gt; ${number}: ${text}`

export function respond(status: number, body: BodyInit | null, type = "text/xml"): Response {
  return new Response(body, { status, headers: { "Content-Type": type } })
}

export const faulty = (number: number) => respond(500, fault(numbered(number)))

export const html = (status: number) =>
  respond(status, "<!DOCTYPE html><html><body><h1>Sorry</h1><br></body></html>", "text/html")

export type Reply = Response | Error | "never"

/** Takes a reply for each `Service:Operation`, gives a fetch and the calls that it saw. */
export function fetchOf(replies: (permission: string) => Reply | Promise<Reply>): {
  fetch: typeof fetch
  calls: { permission: string; url: string; init: RequestInit }[]
} {
  const calls: { permission: string; url: string; init: RequestInit }[] = []
  return {
    calls,
    fetch: async (input, init = {}) => {
      const action = new Headers(init.headers).get("SOAPAction") ?? ""
      const [service = "", operation = ""] = action.replaceAll('"', "").split("/").slice(-2)
      const permission = `${service}:${operation}`
      calls.push({ permission, url: String(input), init })
      const reply = await replies(permission)
      if (reply instanceof Error) throw reply
      if (reply !== "never") return reply
      return new Promise<Response>((_, reject) => {
        init.signal?.addEventListener("abort", () => reject(init.signal?.reason))
      })
    },
  }
}

/** A context without time limit that asks for nothing, unless told otherwise. */
export function contextOf(
  fetch: typeof globalThis.fetch,
  more: Partial<VerifyContext> = {},
): VerifyContext {
  return { fetch, now: () => 0, signal: new AbortController().signal, permissions: [], ...more }
}

export const oneDebtor = "<Debtor><Id>41</Id><Number>1</Number><Name>Voorbeeld B.V.</Name></Debtor>"
export const oneCompany = "<Company><ID>52</ID><Number>1</Number><Name>Horeca B.V.</Name></Company>"
export const environment = (subdomain: string) =>
  `<Domain>nmbrs.nl</Domain><SubDomain>${subdomain}</SubDomain>`

/** What a healthy Nmbrs of the environment `voorbeeld` answers. */
export function healthy(permission: string): Response {
  const [service, operation = ""] = permission.split(":")
  switch (permission) {
    case "DebtorService:Environment_Get":
      return respond(200, result(operation, environment("voorbeeld")))
    case "DebtorService:List_GetAll":
      return respond(200, result(operation, oneDebtor))
    case "CompanyService:List_GetAll":
      return respond(200, result(operation, oneCompany, service))
    default:
      return respond(200, result(operation, "", service))
  }
}
