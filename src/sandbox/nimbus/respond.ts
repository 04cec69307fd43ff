/** Answers of the simulated Nimbus, by login code. Assumed throughout, in the words of `assumed-v0`. */
import type { Sleep } from "../sandbox.ts"

/** How this simulated Nimbus was asked. */
export interface Circumstances {
  readonly sleep: Sleep
  readonly stored: boolean
}

type Login = Readonly<Record<"loginCode" | "password" | "pin", string>>
type Scene = (login: Login, circumstances: Circumstances) => Response | Promise<Response>

const rightPin = "123456"

const scenes = new Map<string, Scene>([
  ["works", welcome],
  ["not-api-user", welcome],
  ["no-status", welcome],
  ["wrong-password", () => refuse(401, "invalid_login")],
  ["locked", () => refuse(403, "locked")],
  ["passkey", () => refuse(401, "passkey")],
  ["sso", () => redirect("https://sso.example.test/login")],
  ["pin", askForPin],
  ["slow", answerSlowly],
  ["timeout", neverInTime],
  ["down", () => page(503, "<h1>Service Unavailable</h1>")],
  ["garbled", () => page(200, "<h1>Welcome to Nimbus</h1>")],
  [
    "revoked-later",
    (login, { stored }) => (stored ? refuse(401, "invalid_login") : welcome(login)),
  ],
])

/** Login codes that force an outcome each. */
export const sceneNames: readonly string[] = [...scenes.keys()]

/** Answers one request as the simulated Nimbus would. */
export async function respond(request: Request, circumstances: Circumstances): Promise<Response> {
  switch (`${request.method} ${new URL(request.url).pathname}`) {
    case "POST /api/v0/login":
      return logIn(readLogin(await request.text()), circumstances)
    case "GET /api/v0/me":
      return withToken(request, whoAmI)
    case "GET /api/v0/statuses":
      return withToken(request, statuses)
    case "POST /api/v0/logout":
      return withToken(request, () => new Response(null, { status: 204 }))
    default:
      return page(404, "<h1>Not Found</h1>")
  }
}

function logIn(login: Login, circumstances: Circumstances): Response | Promise<Response> {
  const scene = scenes.get(login.loginCode)
  if (scene === undefined || login.password.length < 8) return refuse(401, "invalid_login")
  return scene(login, circumstances)
}

function welcome({ loginCode }: Login): Response {
  return Response.json({ token: `sandbox-${loginCode}`, expiresInSeconds: 1800 })
}

function askForPin(login: Login): Response {
  if (login.pin === "") return refuse(401, "pin_required")
  return login.pin === rightPin ? welcome(login) : refuse(401, "pin_wrong")
}

async function answerSlowly(login: Login, { sleep }: Circumstances): Promise<Response> {
  await sleep(3)
  return welcome(login)
}

async function neverInTime(_: Login, { sleep }: Circumstances): Promise<Response> {
  await sleep(60)
  return page(504, "<h1>Gateway Timeout</h1>")
}

function whoAmI(loginCode: string): Response {
  return Response.json({
    account: { name: "Koppel & Partners (sandbox)" },
    employee: { id: `employee-${loginCode}`, apiUser: loginCode !== "not-api-user" },
  })
}

function statuses(loginCode: string): Response {
  const names = loginCode === "no-status" ? [] : ["Draft", "For Review", "Final"]
  return Response.json({ statuses: names })
}

function withToken(request: Request, answer: (loginCode: string) => Response): Response {
  const [scheme, token] = (request.headers.get("authorization") ?? "").split(" ")
  const loginCode = token?.startsWith("sandbox-") ? token.slice("sandbox-".length) : ""
  return scheme === "Bearer" && scenes.has(loginCode)
    ? answer(loginCode)
    : refuse(401, "token_unknown")
}

function readLogin(body: string): Login {
  let parsed: unknown
  try {
    parsed = JSON.parse(body)
  } catch {
    parsed = undefined
  }
  const text = (name: string): string => {
    const value: unknown = Object(parsed)[name]
    return typeof value === "string" ? value : ""
  }
  return { loginCode: text("loginCode"), password: text("password"), pin: text("pin") }
}

function refuse(status: number, error: string): Response {
  return Response.json({ error }, { status })
}

function redirect(location: string): Response {
  return new Response(null, { status: 302, headers: { location } })
}

function page(status: number, html: string): Response {
  const headers = { "content-type": "text/html; charset=utf-8" }
  return new Response(`<!doctype html><title>Nimbus</title>${html}`, { status, headers })
}
