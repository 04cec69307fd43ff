/** A Nimbus on 127.0.0.1 in the dialect of either example of docs/nimbus-profile.md. */
import { readFileSync } from "node:fs"
import { createServer, type IncomingMessage, type ServerResponse } from "node:http"
import type { AddressInfo } from "node:net"

const page = readFileSync(new URL("../../docs/nimbus-profile.md", import.meta.url), "utf8")
const examples = [...page.matchAll(/```json\n(.*?)```/gs)].map(([, text]) => text ?? "")

/** The profiles that the page documents, read from it so that it can't go stale. */
export const exampleProfiles: Readonly<Record<"json" | "form", string>> = {
  json: examples[0] ?? "",
  form: examples[1] ?? "",
}

export interface Employee {
  readonly loginCode: string
  readonly password: string
  readonly apiUser?: boolean
  /** Nimbus asks for this pin. */
  readonly pin?: string
  readonly statuses?: readonly string[]
}

export interface NimbusServerOptions {
  readonly kind: "json" | "form"
  readonly employees?: readonly Employee[]
  /** Answers a request in place of the simulator; false leaves it to the simulator. */
  readonly answer?: (call: Call, response: ServerResponse) => boolean
}

export interface Call {
  readonly login: boolean
  readonly method: string
  readonly path: string
  readonly headers: IncomingMessage["headers"]
  readonly body: string
}

export interface NimbusServer {
  /** The account address to paste. */
  readonly url: string
  readonly host: string
  readonly calls: readonly Call[]
  close(): Promise<void>
}

/** What the simulator concludes of a login, apart from how each dialect says it. */
type Verdict = "ok" | "bad" | "locked" | "pin_required" | "pin_wrong"

/** Starts the simulator; five consecutive failures lock a user, and nothing opens it again. */
export async function startNimbusServer(options: NimbusServerOptions): Promise<NimbusServer> {
  const calls: Call[] = []
  const failures = new Map<string, number>()
  const employees = options.employees ?? [
    { loginCode: "koppel", password: "correct horse", apiUser: true, statuses: ["Draft"] },
  ]

  const judge = (loginCode: string, password: string, pin: string): [Verdict, Employee?] => {
    const count = failures.get(loginCode) ?? 0
    if (count >= 5) return ["locked"]
    const employee = employees.find((one) => one.loginCode === loginCode)
    if (employee?.password !== password) {
      failures.set(loginCode, count + 1)
      return [count + 1 >= 5 ? "locked" : "bad"]
    }
    if (employee.pin !== undefined && pin === "") return ["pin_required"]
    if (employee.pin !== undefined && pin !== employee.pin) return ["pin_wrong"]
    failures.delete(loginCode)
    return ["ok", employee]
  }
  const byAccess = (access: string) => employees.find((one) => access.endsWith(keyOf(one)))
  const speak = options.kind === "json" ? speakJson : speakForm
  const loginPath = options.kind === "json" ? "/integration/v2/auth/login" : "/firm/Login.aspx"

  const server = createServer(async (request, response) => {
    const url = new URL(request.url ?? "/", "http://nimbus.test")
    const call: Call = {
      login: request.method === "POST" && url.pathname === loginPath,
      method: request.method ?? "",
      path: url.pathname + url.search,
      headers: request.headers,
      body: await bodyOf(request),
    }
    calls.push(call)
    if (!options.answer?.(call, response)) speak(call, url, response, judge, byAccess)
  })
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`
  return {
    url: `http://${host}${options.kind === "json" ? "/?firm=42" : "/firm/Login.aspx?acct=42"}`,
    host,
    calls,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

type Judge = (loginCode: string, password: string, pin: string) => [Verdict, Employee?]
type ByAccess = (access: string) => Employee | undefined

function keyOf(employee: Employee): string {
  return `opens-${employee.loginCode}`
}

function speakJson(
  call: Call,
  url: URL,
  response: ServerResponse,
  judge: Judge,
  byAccess: ByAccess,
): ServerResponse {
  const json = (status: number, value: unknown) =>
    response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(value))
  if (call.login) {
    const { loginCode, password, pin } = JSON.parse(call.body) as Record<string, string>
    const [verdict, employee] = judge(loginCode ?? "", password ?? "", pin ?? "")
    if (employee) return json(200, { data: { token: keyOf(employee), expiresIn: 900 } })
    const code = { bad: "BAD_LOGIN", locked: "LOCKED", ok: "", ...pinCodes }[verdict]
    return json(401, { error: { code } })
  }
  const employee = byAccess(call.headers.authorization ?? "")
  if (employee === undefined) return json(401, {})
  switch (url.pathname) {
    case "/integration/v2/me": {
      const { loginCode, apiUser = true } = employee
      return json(200, {
        account: { name: "Firm 42" },
        employee: { id: `id-${loginCode}`, apiUser },
      })
    }
    case "/integration/v2/me/statuses":
      return json(200, { items: employee.statuses ?? [] })
    default:
      return json(url.pathname === "/integration/v2/auth/logout" ? 200 : 404, {})
  }
}

const pinCodes = { pin_required: "PIN_REQUIRED", pin_wrong: "PIN_WRONG" }

function speakForm(
  call: Call,
  url: URL,
  response: ServerResponse,
  judge: Judge,
  byAccess: ByAccess,
): ServerResponse {
  const html = (text: string) =>
    response
      .writeHead(200, { "content-type": "text/html" })
      .end(`<html><body>${text}</body></html>`)
  if (call.login) {
    const form = new URLSearchParams(call.body)
    const value = (name: string) => form.get(name) ?? ""
    const [verdict, employee] = judge(value("txtLogin"), value("txtPassword"), value("txtPin"))
    if (employee === undefined) return html(formWords[verdict])
    const cookie = `NimbusAuth=${keyOf(employee)}; Path=/; HttpOnly`
    return response
      .writeHead(302, { location: "/Home.aspx", "set-cookie": ["Theme=dark", cookie] })
      .end()
  }
  const employee = byAccess(call.headers.cookie ?? "")
  if (employee !== undefined && url.pathname === "/Services/Statuses") {
    const body = JSON.stringify(employee.statuses ?? [])
    return response.writeHead(200, { "content-type": "application/json" }).end(body)
  }
  return html("<form>Login code Password</form>")
}

const formWords: Readonly<Record<Verdict, string>> = {
  ok: "",
  bad: "You entered an incorrect login code or password.",
  locked: "Your account has been locked.",
  pin_required: "Two-Factor Authentication",
  pin_wrong: "The pin is incorrect or has expired.",
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks).toString("utf8")
}
