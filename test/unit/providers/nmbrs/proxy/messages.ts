/** SOAP messages as callers write them, and what the proxy is asked with. */
import { nmbrsProxy } from "../../../../../src/providers/nmbrs/proxy/proxy.ts"
import type {
  Credentials,
  Proxied,
  ProxyCall,
  ProxyContext,
} from "../../../../../src/providers/provider.ts"

export const NS = "https://api.nmbrs.nl/soap/v3/EmployeeService"
export const ENV11 = "http://schemas.xmlsoap.org/soap/envelope/"
export const ENV12 = "http://www.w3.org/2003/05/soap-envelope"
export const OPERATION = `<List_GetByCompany xmlns="${NS}"><CompanyId>7</CompanyId></List_GetByCompany>`

export const credentials: Credentials = {
  username: 'a&b<c>"@koppel.test',
  token: "0123456789abcdef0123456789abcdef",
  domain: "sandbox",
}

export const OUR_HEADER =
  `<AuthHeaderWithDomain xmlns="${NS}"><Username>a&amp;b&lt;c&gt;&quot;@koppel.test</Username>` +
  "<Token>0123456789abcdef0123456789abcdef</Token><Domain>sandbox</Domain></AuthHeaderWithDomain>"

/** Takes what is inside the Envelope, gives the message. */
export function message(inside: string, uri = ENV11): string {
  return `<?xml version="1.0" encoding="utf-8"?>\n<soap:Envelope xmlns:soap="${uri}">${inside}</soap:Envelope>`
}

export const bodyOf = (operation: string) => `<soap:Body>${operation}</soap:Body>`

/** A request that left, as the provider would see it. */
export interface Sent {
  readonly url: string
  readonly headers: Headers
  readonly body: string
  readonly bytes: Uint8Array
}

export interface Asked {
  readonly proxied: Proxied
  readonly sent: readonly Sent[]
  /** Body of the answer, where there is one. */
  readonly text: string
}

/** Sends one call through the proxy; `answer` stands for Nmbrs. */
export async function ask(
  body: string | Uint8Array<ArrayBuffer>,
  more: {
    readonly headers?: Record<string, string>
    readonly path?: string
    readonly query?: string
    readonly method?: string
    readonly permissions?: readonly string[]
    readonly answer?: () => Response | Promise<Response>
    readonly credentials?: Credentials
  } = {},
): Promise<Asked> {
  const sent: Sent[] = []
  const proxy = nmbrsProxy("https://nmbrs.test")
  const call: ProxyCall = {
    method: more.method ?? "POST",
    path: more.path ?? "/soap/v3/EmployeeService.asmx",
    query: more.query ?? "",
    headers: new Headers({ "content-type": "text/xml; charset=utf-8", ...more.headers }),
    body:
      typeof body === "string" ? (new TextEncoder().encode(body) as Uint8Array<ArrayBuffer>) : body,
  }
  const context: ProxyContext = {
    fetch: async (input, init) => {
      const bytes = init?.body as Uint8Array
      const text = new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes)
      sent.push({ url: String(input), headers: new Headers(init?.headers), body: text, bytes })
      return (await more.answer?.()) ?? new Response("<ok/>")
    },
    now: () => 0,
    signal: AbortSignal.timeout(5000),
    permissions: more.permissions ?? ["EmployeeService:List_GetByCompany"],
    token: {
      refused: false,
      take: () => Promise.reject(new Error("Nmbrs has no token")),
      refuse: () => Promise.reject(new Error("Nmbrs has no token")),
    },
  }
  const proxied = await proxy.forward(call, more.credentials ?? credentials, context)
  const text = proxied.outcome === "answered" ? await proxied.response.text() : ""
  return { proxied, sent, text }
}
