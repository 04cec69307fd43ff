/** One call to Nmbrs, and everything that can come of it. Nothing here ever retries. */
import { faultMeaning, faultNumber, type Meaning } from "./faults.ts"
import { type Reading, readAnswer } from "./read-answer.ts"
import { XmlRefused } from "./read-xml.ts"
import { buildEnvelope, type Login, type SoapRequest, soapAction } from "./soap.ts"

/** Where to ask, and for how long. */
export interface Line {
  readonly apiUrl: string
  readonly fetch: typeof fetch
  readonly signal: AbortSignal
}

/** Why nothing is known: a code of the provider's `troubles` texts. */
export type TroubleCode = "timeout" | "down" | "garbled" | "throttled"

export type Outcome<T> =
  | { readonly kind: "result"; readonly value: T }
  | { readonly kind: "fault"; readonly meaning: Exclude<Meaning, "unknown"> }
  | { readonly kind: "trouble"; readonly code: TroubleCode; readonly detail: string }

const faultBytes = 64 * 1024

/**
 * Asks Nmbrs one thing. Gives its result, a fault that means something, or the trouble there was;
 * throws `RangeError` only where the login holds characters that XML forbids.
 */
export async function call<T>(
  line: Line,
  login: Login,
  request: SoapRequest,
  reading: Reading<T>,
): Promise<Outcome<T>> {
  const envelope = buildEnvelope(request, login)
  const trouble = (code: TroubleCode, what: string): Outcome<T> => ({
    kind: "trouble",
    code,
    detail: `${request.service}:${request.operation}: ${what}`,
  })
  let status = 0
  try {
    const response = await post(line, request, envelope)
    status = response.status
    if (status === 429) return trouble("throttled", "429")
    // An opaque redirect has status 0. Following one would carry the token to another address.
    if (status === 0 || (status >= 300 && status < 400)) return trouble("down", "redirect")
    const bytes = response.ok ? reading.bytes : faultBytes
    const { operation } = request
    const { signal } = line
    const answer = await readAnswer(response.body, { operation, bytes, reading, signal })
    if (answer.kind === "result") {
      if (response.ok) return answer
      return trouble(status >= 500 ? "down" : "garbled", `${status} with a result`)
    }
    const number = faultNumber(answer.text)
    const meaning = faultMeaning(number)
    if (meaning === "unknown") return trouble("garbled", `fault ${number ?? "without number"}`)
    return { kind: "fault", meaning }
  } catch (error) {
    if (line.signal.aborted) return trouble("timeout", "no time left")
    if (!(error instanceof XmlRefused)) return trouble("down", "network")
    if (status >= 500) return trouble("down", `${status} without a fault`)
    return trouble("garbled", `${status} ${error.reason}`)
  }
}

async function post(line: Line, request: SoapRequest, envelope: string): Promise<Response> {
  // Taken out first: workerd's fetch refuses to be called as a method of another object.
  const { fetch, signal } = line
  signal.throwIfAborted()
  const asked = fetch(`${line.apiUrl}/soap/v3/${request.service}.asmx`, {
    method: "POST",
    headers: {
      "Content-Type": "text/xml; charset=utf-8",
      Accept: "text/xml",
      SOAPAction: soapAction(request),
    },
    body: envelope,
    // workerd has no "error"; a redirect is refused by its status.
    redirect: "manual",
    signal,
  })
  const response = await Promise.race([asked, aborted(signal)])
  if (response.status === 429 || (response.status >= 300 && response.status < 400)) {
    response.body?.cancel().catch(() => undefined)
  }
  return response
}

/** Rejects when the time is over, for a `fetch` that doesn't heed its signal. */
function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    signal.addEventListener("abort", () => reject(signal.reason), { once: true })
  })
}
