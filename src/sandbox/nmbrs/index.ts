/**
 * Nmbrs, simulated: real SOAP in and out, so that everything but the network is as in production. It
 * keeps nothing; what it answers depends on the login alone.
 */
import type { Sandbox, Sleep } from "../sandbox.ts"
import { type Account, accountNames, findAccount } from "./accounts.ts"
import { answerOf } from "./answers.ts"
import { faultResponse, invalidAuthentication, resultResponse, SimulatedFault } from "./envelope.ts"
import { readRequest, type SimulatedRequest } from "./read-request.ts"

const origin = "https://nmbrs.sandbox.koppel.test"

export const nmbrsSandbox: Sandbox = {
  settings: { NMBRS_API_URL: origin },
  magic: accountNames.map((name) => ({
    name,
    credentials: {
      domain: "sandbox",
      username: `${name}@koppel.test`,
      token: "0123456789abcdef0123456789abcdef",
    },
  })),
  fetch: ({ sleep, stored }) => {
    return async (input, init) => {
      const request = new Request(input, init)
      const url = new URL(request.url)
      // What a fetch to a host that isn't there does.
      if (url.origin !== origin) throw new TypeError("fetch failed")
      return respond(request, url.pathname, {
        sleep,
        stored,
        signal: init?.signal ?? request.signal,
      })
    }
  },
}

const firstAsked = new Set(["DebtorService:Environment_Get", "DebtorService:List_GetAll"])

interface Moment {
  readonly sleep: Sleep
  readonly stored: boolean
  readonly signal: AbortSignal
}

async function respond(request: Request, path: string, moment: Moment): Promise<Response> {
  const service = /^\/soap\/v3\/(\w+)\.asmx$/.exec(path)?.[1]
  if (request.method !== "POST" || service === undefined) return html(404, "Not Found")
  const read = readRequest(service, await request.text(), request.headers.get("SOAPAction"))
  const account = findAccount(read.login, moment.stored)
  const disturbed = await disturb(account, read, moment)
  if (disturbed !== undefined) return disturbed
  try {
    return resultResponse(read, answer(read, account))
  } catch (error) {
    if (error instanceof SimulatedFault) return faultResponse(read, error)
    throw error
  }
}

// The order of Nmbrs' own checks after the login is an assumption.
function answer(request: SimulatedRequest, account: Account | undefined) {
  if (request.fault !== undefined) throw request.fault
  if (account === undefined) throw invalidAuthentication()
  const { domain } = request.login
  const namesDomain =
    domain !== undefined && domain !== "" && request.operation !== "Environment_Get"
  if (namesDomain && domain.toLowerCase() !== account.domain) throw invalidAuthentication()
  if (account.disabled) throw new SimulatedFault(1004, "Disabled, no valid subscription")
  if (account.switchedOff.has(`${request.service}:${request.operation}`)) {
    throw new SimulatedFault(1002, "Unauthorized Access")
  }
  return answerOf(request, account)
}

/** What an account does besides answering; undefined where it does nothing. */
async function disturb(
  account: Account | undefined,
  request: SimulatedRequest,
  { sleep, signal }: Moment,
): Promise<Response | undefined> {
  switch (account?.disturbance) {
    case undefined:
      return undefined
    case "slow":
      // Only what is asked side by side at first, so that a whole check takes three seconds.
      if (firstAsked.has(`${request.service}:${request.operation}`)) await sleep(3, signal)
      return undefined
    case "timeout":
      await sleep(60, signal)
      return html(504, "Gateway Timeout")
    case "down":
      return html(503, "Service Unavailable")
    case "garbled":
      return html(200, "Nmbrs is being updated")
  }
}

function html(status: number, title: string): Response {
  return new Response(
    `<!DOCTYPE html><html><head><title>${title}</title></head><body><h1>${title}</h1></body></html>`,
    { status, headers: { "Content-Type": "text/html; charset=utf-8" } },
  )
}
