/**
 * An independent Nmbrs: a real HTTP server whose SOAP is read and written by the `soap` package, so
 * that our envelopes are judged by somebody else's code.
 */
import { createServer } from "node:http"
import type { AddressInfo } from "node:net"
import { listen } from "soap"
import { operations, wsdlOf } from "./nmbrs.wsdl.ts"

export interface ServerAccount {
  readonly username: string
  readonly token: string
  readonly domain: string
  readonly debtors: readonly {
    readonly Id: number
    readonly Number: string
    readonly Name: string
  }[]
  readonly companies: readonly {
    readonly ID: number
    readonly Number: number
    readonly Name: string
  }[]
  /** Operations that the user template has off, as `Service:Operation`. */
  readonly switchedOff?: readonly string[]
}

/** One call as the `soap` package understood it. */
export interface ServerCall {
  readonly operation: string
  readonly header: "AuthHeader" | "AuthHeaderWithDomain" | undefined
  readonly username: string
  readonly token: string
  readonly domain: string | undefined
  readonly parameters: Record<string, unknown>
}

export interface NmbrsServer {
  readonly url: string
  readonly calls: readonly ServerCall[]
  close(): Promise<void>
}

interface AuthElement {
  readonly Username?: string
  readonly Token?: string
  readonly Domain?: string
}

/** Starts the server on a free port of 127.0.0.1 with these accounts. */
export async function startNmbrsServer(options: {
  readonly accounts: readonly ServerAccount[]
}): Promise<NmbrsServer> {
  const calls: ServerCall[] = []
  const server = createServer((_, response) => {
    response.writeHead(404).end()
  })
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`

  const answer = (
    service: string,
    operation: string,
    parameters: Record<string, unknown>,
    headers: Record<string, AuthElement | undefined>,
  ): Record<string, unknown> => {
    const withDomain = headers.AuthHeaderWithDomain
    const login = withDomain ?? headers.AuthHeader
    const call: ServerCall = {
      operation: `${service}:${operation}`,
      header: withDomain ? "AuthHeaderWithDomain" : login ? "AuthHeader" : undefined,
      username: login?.Username ?? "",
      token: login?.Token ?? "",
      domain: withDomain?.Domain,
      parameters: { ...parameters },
    }
    calls.push(call)
    const account = options.accounts.find(
      ({ username, token }) => username === call.username && token === call.token,
    )
    if (account === undefined) throw fault("1001: Invalid Authentication")
    if (withDomain && call.domain !== account.domain) throw fault("1001: Invalid Authentication")
    if (account.switchedOff?.includes(call.operation)) throw fault("1002: Unauthorized access")
    for (const name of ["CompanyId", "CompanyID"]) {
      if (name in parameters && !account.companies.some(({ ID }) => ID === parameters[name])) {
        throw fault("1003: Unauthorized access")
      }
    }
    return { [`${operation}Result`]: resultOf(call.operation, account) }
  }

  for (const service of Object.keys(operations) as (keyof typeof operations)[]) {
    const path = `/soap/v3/${service}.asmx`
    const methods = Object.fromEntries(
      Object.keys(operations[service]).map((operation) => [
        operation,
        (
          parameters: Record<string, unknown> | null,
          _callback: unknown,
          headers: Record<string, AuthElement | undefined> | undefined,
        ) => answer(service, operation, parameters ?? {}, headers ?? {}),
      ]),
    )
    await new Promise<void>((resolve, reject) => {
      listen(server, {
        path,
        services: { [service]: { [`${service}Soap`]: methods } },
        xml: wsdlOf(service, `${url}${path}`),
        callback: (error: unknown) => (error ? reject(error) : resolve()),
      })
    })
  }

  return {
    url,
    calls,
    close: () =>
      new Promise<void>((resolve, reject) => {
        server.close((error) => (error ? reject(error) : resolve()))
        server.closeAllConnections()
      }),
  }
}

function resultOf(operation: string, account: ServerAccount): unknown {
  switch (operation) {
    case "DebtorService:Environment_Get":
      return { Domain: "nmbrs.nl", SubDomain: account.domain }
    case "DebtorService:List_GetAll":
      return { Debtor: account.debtors }
    case "CompanyService:List_GetAll":
    case "CompanyService:List_GetByDebtor":
      return { Company: account.companies }
    default:
      return { Item: [{ Id: 1 }, { Id: 2 }] }
  }
}

function fault(text: string): { Fault: Record<string, unknown> } {
  return {
    Fault: {
      faultcode: "soap:Server",
      faultstring: `Server was unable to process request. ---> ${text}`,
      statusCode: 500,
    },
  }
}
