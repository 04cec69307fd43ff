/** Live apps against providers that are not theirs: the sandbox's answers, counted, or a fetch of one's own. */
import type { Outside } from "../../../src/app.ts"
import { assumedV0 } from "../../../src/sandbox/nimbus/assumed-v0.ts"
import { nimbusSandbox } from "../../../src/sandbox/nimbus/index.ts"
import { nmbrsSandbox } from "../../../src/sandbox/nmbrs/index.ts"
import { type Harness, startHarness } from "./harness.ts"
import { settings } from "./observe.ts"

export const NMBRS_API = "https://nmbrs.sandbox.koppel.test"
export const NIMBUS_HOST = "sandbox.nimbus.test"

/** A request that reached the provider. */
export interface ProviderCall {
  readonly method: string
  readonly url: string
  readonly headers: Headers
  readonly body: string
}

export interface LiveHarness extends Harness {
  readonly calls: ProviderCall[]
  /** Logins at Nimbus among the calls. */
  logins(): number
}

/** Answers one call, or gives undefined to leave it to the sandbox's simulator. */
export type Answer = (call: ProviderCall) => Response | undefined | Promise<Response | undefined>

/** Starts Koppel with both providers configured; the network is the simulator, or `answer`. */
export function startLive(
  answer: Answer = () => undefined,
  more: Record<string, unknown> = {},
  outside: Partial<Outside> = {},
): LiveHarness {
  const calls: ProviderCall[] = []
  const sleep = () => Promise.resolve()
  const simulators = [nmbrsSandbox, nimbusSandbox].map((one) => one.fetch({ sleep, stored: false }))
  const fetch: typeof globalThis.fetch = async (input, init) => {
    const request = new Request(input, init)
    const body = await request.clone().text()
    const { method, url, headers } = request
    const call = { method, url, headers, body }
    calls.push(call)
    const own = await answer(call)
    if (own !== undefined) return own
    const simulator = simulators[url.startsWith(NMBRS_API) ? 0 : 1]
    if (simulator === undefined) throw new TypeError("fetch failed")
    return simulator(input, init)
  }
  const harness = startHarness(
    { fetch, ...outside },
    settings({
      NMBRS_API_URL: NMBRS_API,
      NIMBUS_PROFILE: JSON.stringify(assumedV0),
      NIMBUS_ALLOWED_HOSTS: NIMBUS_HOST,
      ...more,
    }),
  )
  return {
    ...harness,
    calls,
    logins: () => calls.filter(({ url }) => url.endsWith("/login")).length,
  }
}

/** A SOAP fault as ASMX words it. */
export function nmbrsFault(number: number, words = "Some text"): Response {
  const body = `<?xml version="1.0"?><soap:Envelope xmlns:soap="http://schemas.xmlsoap.org/soap/envelope/"><soap:Body><soap:Fault><faultcode>soap:Server</faultcode><faultstring>Server was unable to process request. ---&gt; ${number}: ${words}</faultstring><detail /></soap:Fault></soap:Body></soap:Envelope>`
  return new Response(body, { status: 500, headers: { "content-type": "text/xml" } })
}
