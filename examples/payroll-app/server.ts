/**
 * Urenweek: a small app that connects its users' payroll through OAuth. It is an ordinary client,
 * with nothing in it that is made for this broker but the response type. Three things matter:
 *
 *   1. /connect/…  sends the browser to the broker, with a `state` that this browser also keeps;
 *   2. /callback   takes the browser back: checks `state` and `iss`, and the signature of the id;
 *   3. the claim, a call from server to server with the same `state`, makes the connection ours.
 */
import { randomBytes, timingSafeEqual } from "node:crypto"
import { createServer, type IncomingMessage, type ServerResponse } from "node:http"
import { createRemoteJWKSet, jwtVerify } from "jose"
import { type Html, html, page } from "./page.ts"

const ISSUER = setting("ISSUER", "http://localhost:8787")
const CLIENT_ID = setting("CLIENT_ID")
const CLIENT_SECRET = setting("CLIENT_SECRET")
const PORT = Number(setting("APP_PORT", "8788"))
const REDIRECT_URI = `http://localhost:${PORT}/callback`

const SCOPES = new Map([
  ["nmbrs", "nmbrs:companies.read nmbrs:employees.read"],
  ["nimbus", "nimbus:api"],
])

/** The broker's public keys; fetched when first needed, and again when an unknown key turns up. */
const brokerKeys = createRemoteJWKSet(new URL("/.well-known/jwks.json", ISSUER))

function setting(name: string, otherwise?: string): string {
  const value = process.env[name] ?? otherwise
  if (value === undefined) throw new Error(`Set ${name}.`)
  return value
}

// --- 1. To the broker -----------------------------------------------------------------------

function connect(response: ServerResponse, scope: string): void {
  const state = randomBytes(32).toString("base64url")
  const authorize = new URL("/oauth/authorize", ISSUER)
  authorize.search = new URLSearchParams({
    response_type: "connection_id",
    client_id: CLIENT_ID,
    redirect_uri: REDIRECT_URI,
    scope,
    state,
  }).toString()
  response.writeHead(303, { location: authorize.href, "set-cookie": stateCookie(state, 3600) })
  response.end()
}

// Lax, because the browser comes back from another site. On https, add Secure.
function stateCookie(state: string, seconds: number): string {
  return `urenweek_state=${state}; Max-Age=${seconds}; Path=/callback; HttpOnly; SameSite=Lax`
}

function readStateCookie(request: IncomingMessage): string {
  return /(?:^|;\s*)urenweek_state=([\w-]+)/.exec(request.headers.cookie ?? "")?.[1] ?? ""
}

// --- 2. Back from the broker ----------------------------------------------------------------

async function callback(
  request: IncomingMessage,
  response: ServerResponse,
  query: URLSearchParams,
) {
  const state = readStateCookie(request)
  response.setHeader("set-cookie", stateCookie("", 0)) // Each state is good for one answer.
  if (state === "" || !isSame(state, query.get("state") ?? "")) {
    return send(response, 400, sorry("This answer belongs to no question of ours.", "state"))
  }
  if (query.get("iss") !== ISSUER) {
    return send(response, 400, sorry("This answer came from somewhere else.", "iss"))
  }
  const error = query.get("error")
  if (error !== null) return send(response, 200, refused(error, query.get("error_description")))

  const id = await verifyConnectionId(query.get("connection_id") ?? "")
  if (id === undefined) {
    return send(response, 400, sorry("The connection could not be verified.", "connection_id"))
  }
  const claimed = await claim(id, state)
  if (!claimed.ok) {
    return send(response, 502, sorry("The connection could not be claimed.", `${claimed.status}`))
  }
  const connection = (await claimed.json()) as Connection
  // A real app stores connection.id ("con_…") with its user here; nothing else is needed later.
  send(response, 200, connected(connection))
}

function isSame(a: string, b: string): boolean {
  return a.length === b.length && timingSafeEqual(Buffer.from(a), Buffer.from(b))
}

/** Checks the signed id as any JWT: signature, type, issuer, audience. Gives its subject. */
async function verifyConnectionId(jws: string): Promise<string | undefined> {
  try {
    const { payload } = await jwtVerify(jws, brokerKeys, {
      typ: "connection-id+jwt",
      algorithms: ["ES256"],
      issuer: ISSUER,
      audience: CLIENT_ID,
    })
    return payload.sub
  } catch {
    return undefined
  }
}

// --- 3. The claim ---------------------------------------------------------------------------

/** Tells the broker that the browser which began is the one that came back. */
function claim(id: string, state: string): Promise<Response> {
  const secret = `${encodeURIComponent(CLIENT_ID)}:${encodeURIComponent(CLIENT_SECRET)}`
  return fetch(new URL(`/v1/connections/${encodeURIComponent(id)}/claim`, ISSUER), {
    method: "POST",
    headers: { authorization: `Basic ${Buffer.from(secret).toString("base64")}` },
    body: new URLSearchParams({ state }),
  })
}

interface Connection {
  readonly id: string
  readonly provider: string
  readonly status: string
  readonly account: { readonly name: string }
  readonly scope: string
}

// --- Pages ----------------------------------------------------------------------------------

const title = (provider: string) => (provider === "nimbus" ? "Nimbus" : "Nmbrs")
const back = html`<p><a href="/">Back to the start</a></p>`

const start = html`<h1>Your hours, in payroll on Friday</h1>
  <p>Connect your payroll, so that Urenweek knows your companies and employees.</p>
  <p class="buttons">
    <a class="button" href="/connect/nmbrs">Connect Nmbrs</a>
    <a class="button" href="/connect/nimbus">Connect Nimbus</a>
  </p>`

const connected = (connection: Connection) => html`<p class="mark">Connected</p>
  <h1>${title(connection.provider)} is connected: ${connection.account.name}</h1>
  <p>Urenweek may now do what you agreed to, and never saw what you pasted.</p>
  <dl>
    <dt>Connection</dt><dd>${connection.id}</dd>
    <dt>Status</dt><dd>${connection.status}</dd>
    <dt>Granted</dt><dd>${connection.scope}</dd>
  </dl>
  <details><summary>As JSON</summary><pre>${JSON.stringify(connection, null, 2)}</pre></details>
  ${back}`

const refused = (error: string, description: string | null) => html`
  <h1>${error === "access_denied" ? "Nothing was connected" : "That did not work"}</h1>
  <p>${
    error === "access_denied"
      ? "You stopped before the end. You can connect at any other time."
      : "Nothing was connected, and nothing was kept."
  }</p>
  <p class="small"><code>${error}</code> ${description ?? ""}</p>
  ${back}`

const sorry = (text: string, detail: string) => html`<h1>That did not work</h1>
  <p>${text} Please begin again.</p>
  <p class="small"><code>${detail}</code></p>
  ${back}`

function send(response: ServerResponse, status: number, content: Html): void {
  response.writeHead(status, {
    "content-type": "text/html; charset=utf-8",
    "cache-control": "no-store",
    "referrer-policy": "no-referrer", // This page's address holds the id and the state.
    "content-security-policy": "default-src 'none'; style-src 'unsafe-inline'; img-src data:",
  })
  response.end(page(content))
}

async function route(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const url = new URL(request.url ?? "/", REDIRECT_URI)
  const scope = SCOPES.get(url.pathname.replace("/connect/", ""))
  if (request.method !== "GET") return send(response, 405, sorry("Only GET.", "405"))
  if (url.pathname === "/") return send(response, 200, start)
  if (url.pathname === "/callback") return callback(request, response, url.searchParams)
  if (scope !== undefined) return connect(response, scope)
  send(response, 404, sorry("There is no such page.", "404"))
}

const server = createServer((request, response) => {
  route(request, response).catch(() => send(response, 502, sorry("No answer.", "502")))
})
server.listen(PORT, "127.0.0.1")
