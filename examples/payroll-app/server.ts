/**
 * Urenweek: a small app that connects its users' payroll. It is an ordinary OAuth client: discovery,
 * authorization code with PKCE and refresh are openid-client's, and nothing here is made for this
 * broker but the names of its scopes and its API. Connecting links an account to the user who is
 * signed in; it signs nobody in.
 */
import { randomUUID } from "node:crypto"
import { createServer, type IncomingMessage, type ServerResponse } from "node:http"
import { text } from "node:stream/consumers"
import * as oauth from "openid-client"
import { type Html, page } from "./page.ts"
import { employeeNames } from "./payroll.ts"
import * as views from "./views.ts"
import { readWebhook } from "./webhook.ts"

const ISSUER = setting("ISSUER", "http://localhost:8787")
const PORT = Number(setting("APP_PORT", "8788"))
const WEBHOOK_SECRET = process.env.WEBHOOK_SECRET
const HOME = `http://localhost:${PORT}`
const REDIRECT_URI = `${HOME}/callback`

const SCOPES = new Map([
  ["nmbrs", "nmbrs:companies.read nmbrs:employees.read"],
  ["nimbus", "nimbus:api"],
])

function setting(name: string, otherwise?: string): string {
  const value = process.env[name] ?? otherwise
  if (value === undefined) throw new Error(`Set ${name}.`)
  return value
}

// On https nothing but issuer, id and secret is needed; this broker runs on loopback.
const http = ISSUER.startsWith("http:") ? { execute: [oauth.allowInsecureRequests] } : undefined
const broker = await oauth.discovery(
  new URL(ISSUER),
  setting("CLIENT_ID"),
  setting("CLIENT_SECRET"),
  undefined,
  http,
)

/** Who is signed in, and what they connected. A real app keeps this in its database. */
interface Session {
  readonly user: string
  checks?: { expectedState: string; pkceCodeVerifier: string }
  payroll?: { id: string; accessToken: string; refreshToken: string | undefined }
}
const sessions = new Map<string, Session>()
/** What the broker told by itself, newest first. */
const news: string[] = []

function sessionOf(request: IncomingMessage, response: ServerResponse): Session {
  const id = /(?:^|;\s*)urenweek=([\w-]+)/.exec(request.headers.cookie ?? "")?.[1] ?? ""
  const known = sessions.get(id)
  if (known !== undefined) return known
  // However your app signs people in. Lax, because the browser comes back from another site.
  const fresh = randomUUID()
  const session = { user: "Anna" }
  sessions.set(fresh, session)
  response.setHeader("set-cookie", `urenweek=${fresh}; Path=/; HttpOnly; SameSite=Lax`)
  return session
}

/** To the broker; with the id of a connection, that one is connected anew and keeps its id. */
async function connect(session: Session, response: ServerResponse, scope: string, again?: string) {
  const pkceCodeVerifier = oauth.randomPKCECodeVerifier()
  session.checks = { pkceCodeVerifier, expectedState: oauth.randomState() }
  const address = oauth.buildAuthorizationUrl(broker, {
    redirect_uri: REDIRECT_URI,
    scope,
    state: session.checks.expectedState,
    code_challenge: await oauth.calculatePKCECodeChallenge(pkceCodeVerifier),
    code_challenge_method: "S256",
    ...(again === undefined ? {} : { connection_id: again }),
  })
  response.writeHead(303, { location: address.href }).end()
}

/** Back from the broker: the library checks state, iss and PKCE, and redeems the code. */
async function callback(session: Session, response: ServerResponse, here: URL) {
  const { checks } = session
  delete session.checks // Each is good for one answer.
  if (checks === undefined) return send(response, 400, views.sorry("state"), "error")
  let tokens: Awaited<ReturnType<typeof oauth.authorizationCodeGrant>>
  try {
    tokens = await oauth.authorizationCodeGrant(broker, here, checks)
  } catch (error) {
    const refused = error instanceof oauth.AuthorizationResponseError ? error.error : undefined
    const outcome = refused === "access_denied" ? "cancelled" : "error"
    if (refused === undefined) return send(response, 400, views.sorry("answer"), outcome)
    return send(response, 200, views.refused(refused), outcome)
  }
  const { sub } = await oauth.fetchUserInfo(broker, tokens.access_token, oauth.skipSubjectCheck)
  const { access_token: accessToken, refresh_token: refreshToken } = tokens
  session.payroll = { id: sub, accessToken, refreshToken }
  const connection = await callApi(session.payroll, "")
  send(response, 200, views.connected(session.user, connection), "connected")
}

/** Calls the broker's API for a connection. */
async function callApi(payroll: NonNullable<Session["payroll"]>, what: "" | "/verify") {
  const url = new URL(`/v1/connections/${payroll.id}${what}`, ISSUER)
  const method = what === "" ? "GET" : "POST"
  const answer = await oauth.fetchProtectedResource(broker, payroll.accessToken, url, method)
  return (await answer.json()) as views.Connection
}

/** The payroll's own API, with a bearer token in place of the credentials. */
async function employees(session: Session, response: ServerResponse) {
  if (session.payroll === undefined) return send(response, 404, views.sorry("nothing connected"))
  const { accessToken } = session.payroll
  const names = await employeeNames((service, headers, body) => {
    const url = new URL(`/proxy/nmbrs/soap/v3/${service}.asmx`, ISSUER)
    return oauth.fetchProtectedResource(broker, accessToken, url, "POST", body, headers)
  })
  send(response, 200, views.employees(names))
}

async function route(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const url = new URL(request.url ?? "/", HOME)
  const step = `${request.method} ${url.pathname}`
  if (step === "POST /webhooks") {
    const told = readWebhook(request.headers, await text(request), WEBHOOK_SECRET)
    if (told !== undefined) news.unshift(told)
    response.writeHead(told === undefined ? 400 : 204).end()
    return
  }
  const session = sessionOf(request, response)
  const { payroll } = session
  const scope = SCOPES.get(url.pathname.replace("/connect/", ""))
  const mode = url.searchParams.has("popup") ? "popup" : "redirect"
  if (step === "GET /") {
    const connection = payroll === undefined ? undefined : await callApi(payroll, "")
    return send(
      response,
      200,
      views.start(ISSUER, mode, session.user, connection, news.slice(0, 8)),
    )
  }
  if (step === "GET /callback") return callback(session, response, url)
  if (step === "GET /employees") return employees(session, response)
  if (step === "POST /check" && payroll !== undefined) {
    await callApi(payroll, "/verify")
    response.writeHead(303, { location: "/" }).end()
    return
  }
  if (request.method === "GET" && scope !== undefined) {
    const again = url.searchParams.has("again") ? payroll?.id : undefined
    return connect(session, response, scope, again)
  }
  send(response, 404, views.sorry("404"))
}

function send(
  response: ServerResponse,
  status: number,
  content: Html,
  outcome?: views.Outcome,
): void {
  const nonce = randomUUID()
  response.writeHead(status, {
    "content-type": "text/html; charset=utf-8",
    "cache-control": "no-store",
    "referrer-policy": "no-referrer", // The callback's address holds the code and the state.
    "content-security-policy":
      `default-src 'none'; script-src 'nonce-${nonce}' ${ISSUER}/button.js; ` +
      "style-src 'unsafe-inline'; img-src data:",
  })
  response.end(page(content, nonce, views.script(outcome)))
}

createServer((request, response) => {
  route(request, response).catch((error) => {
    console.error(error instanceof Error ? error.message : "failed")
    if (!response.headersSent) send(response, 502, views.sorry("no answer"))
  })
}).listen(PORT, "127.0.0.1")
