/** Stands in front of a server and writes down, to the byte, what is asked and what is answered. */
import { createServer, type IncomingHttpHeaders, type ServerResponse } from "node:http"
import type { AddressInfo } from "node:net"

export interface Exchange {
  readonly method: string
  readonly path: string
  readonly headers: IncomingHttpHeaders
  readonly body: Buffer
  answer: Buffer
}

export interface Recorder {
  readonly url: string
  readonly exchanges: Exchange[]
  /** Answers in place of the server behind, while it is set. */
  instead: ((response: ServerResponse) => void) | undefined
  close(): Promise<void>
}

/** Starts on a free port of 127.0.0.1 in front of `target`. */
export async function startRecorder(target: () => string): Promise<Recorder> {
  const exchanges: Exchange[] = []
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk as Buffer)
    const { method = "", url: path = "", headers } = request
    const body = Buffer.concat(chunks)
    const exchange: Exchange = { method, path, headers, body, answer: Buffer.alloc(0) }
    exchanges.push(exchange)
    if (recorder.instead !== undefined) return recorder.instead(response)
    const { host: _, connection: __, "content-length": ___, ...passed } = headers
    const answer = await fetch(target() + path, {
      method,
      headers: passed as Record<string, string>,
      ...(method === "GET" ? {} : { body }),
    })
    exchange.answer = Buffer.from(await answer.arrayBuffer())
    const type = answer.headers.get("content-type") ?? "text/xml"
    return response.writeHead(answer.status, { "content-type": type }).end(exchange.answer)
  })
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
  const recorder: Recorder = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    exchanges,
    instead: undefined,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
  return recorder
}
