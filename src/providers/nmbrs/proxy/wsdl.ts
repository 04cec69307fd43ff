/** Nmbrs' WSDLs, public as they are there, with our address in the place of theirs. */
import { SaxesParser } from "saxes"
import type { ApiProxy, Proxied, PublishContext } from "../../provider.ts"
import { escapeXml } from "../soap.ts"
import { serviceIn } from "./services.ts"

const longestWsdl = 8 * 1024 * 1024

/** Answers `GET <service>.asmx?wsdl`; undefined for every other call. Nothing of a login is sent. */
export function publishWsdl(
  apiUrl: string,
  call: Parameters<NonNullable<ApiProxy["publish"]>>[0],
  context: PublishContext,
): Promise<Proxied> | undefined {
  const service = serviceIn(call.path)
  const isRead = call.method === "GET" || call.method === "HEAD"
  if (service === undefined || !isRead || !/^\?wsdl=?$/i.test(call.query)) return undefined
  const url = `${apiUrl}/soap/v3/${service}.asmx?WSDL`
  const address = `${context.address}${call.path}`
  return context.cached(`${url} ${address}`, () => fetchWsdl(url, address, context))
}

async function fetchWsdl(
  url: string,
  address: string,
  { fetch, signal }: PublishContext,
): Promise<Proxied> {
  const response = await fetch(url, { headers: { Accept: "text/xml" } })
  if (response.status === 429) return { outcome: "answered", response }
  const text = response.status === 200 ? await readText(response, signal) : undefined
  if (text === undefined) {
    response.body?.cancel().catch(() => undefined)
    if (signal.aborted) return { outcome: "refused", code: "provider_timeout" }
    return { outcome: "refused", code: "provider_down", detail: `WSDL: ${response.status}` }
  }
  const rewritten = rewriteAddresses(text, address)
  if (rewritten === undefined) {
    return { outcome: "refused", code: "provider_down", detail: "WSDL: not well-formed" }
  }
  const headers = { "Content-Type": "text/xml; charset=utf-8" }
  return { outcome: "answered", response: new Response(rewritten, { headers }) }
}

/** Reads a whole WSDL; undefined where it is too long, not UTF-8, or doesn't come. */
async function readText(response: Response, signal: AbortSignal): Promise<string | undefined> {
  const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true })
  const reader = response.body?.getReader()
  const cancel = () => void reader?.cancel().catch(() => undefined)
  signal.addEventListener("abort", cancel, { once: true })
  try {
    let text = ""
    for (let length = 0; ; ) {
      const { done = true, value } = (await reader?.read()) ?? {}
      signal.throwIfAborted()
      if (done) return text + decoder.decode()
      length += value?.byteLength ?? 0
      if (length > longestWsdl) return undefined
      text += decoder.decode(value, { stream: true })
    }
  } catch {
    return undefined
  } finally {
    signal.removeEventListener("abort", cancel)
    cancel()
  }
}

/**
 * Takes a WSDL, gives it with every `address` element leading to `address`: whatever scheme and host
 * stood there, a caller's token must go nowhere else. Undefined where it is not well-formed.
 */
export function rewriteAddresses(wsdl: string, address: string): string | undefined {
  const parser = new SaxesParser({ xmlns: true, position: true })
  const location = `location="${escapeXml(address)}"`
  let written = ""
  let from = 0
  let root: string | undefined
  parser.on("error", (error) => {
    throw error
  })
  parser.on("opentag", (tag) => {
    root ??= tag.local
    if (tag.local !== "address" || tag.attributes.location === undefined) return
    const start = wsdl.lastIndexOf("<", parser.position - 1)
    const before = wsdl.slice(start, parser.position)
    written += wsdl.slice(from, start)
    written += before.replace(
      /(\s)location\s*=\s*("[^"]*"|'[^']*')/,
      (_, space) => space + location,
    )
    from = parser.position
  })
  try {
    parser.write(wsdl).close()
  } catch {
    return undefined
  }
  return root === "definitions" ? written + wsdl.slice(from) : undefined
}
