/** Ports on this machine. */
import { connect, createServer, type Server, type Socket } from "node:net"

function listen(server: Server, port: number, host: string): Promise<string | undefined> {
  return new Promise((resolve) => {
    server.once("error", (error: NodeJS.ErrnoException) => resolve(error.code ?? "error"))
    server.listen({ port, host }, () => resolve(undefined))
  })
}

/** Tells whether something listens on the port already. */
export async function isTaken(port: number, host = "127.0.0.1"): Promise<boolean> {
  const server = createServer()
  const problem = await listen(server, port, host)
  await new Promise((resolve) => server.close(resolve))
  return problem === "EADDRINUSE"
}

/** Finds a free port. */
export async function freePort(): Promise<number> {
  const server = createServer()
  await listen(server, 0, "127.0.0.1")
  const address = server.address()
  await new Promise((resolve) => server.close(resolve))
  if (address === null || typeof address === "string") throw new Error("no free port")
  return address.port
}

/**
 * Answers on ::1 too, by passing bytes on to 127.0.0.1: `localhost` is ::1 for some clients, and
 * wrangler listens on one address only. Where there is no IPv6, nothing happens.
 */
export async function mirrorOnIpv6(port: number): Promise<void> {
  const server = createServer((from: Socket) => {
    const to = connect(port, "127.0.0.1")
    from.pipe(to).pipe(from)
    from.on("error", () => to.destroy())
    to.on("error", () => from.destroy())
  })
  await listen(server, port, "::1")
  server.unref()
}
