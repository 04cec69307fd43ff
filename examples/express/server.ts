/** An Express app whose signed-in users connect their payroll: openid-client links, it signs nobody in. */
import { randomUUID } from "node:crypto"
import express, { type Request } from "express"
import * as client from "openid-client"

const { ISSUER = "", CLIENT_ID = "", CLIENT_SECRET = "", APP_PORT = "8788" } = process.env
const HOME = `http://localhost:${APP_PORT}`
const http = ISSUER.startsWith("http:") ? { execute: [client.allowInsecureRequests] } : {}
const config = await client.discovery(new URL(ISSUER), CLIENT_ID, CLIENT_SECRET, undefined, http)

interface Session {
  readonly user: string
  checks?: { expectedState: string; pkceCodeVerifier: string }
  payroll?: { id: string; name: string | undefined; refreshToken: string | undefined }
}
const sessions = new Map<string, Session>()

function sessionOf(request: Request): Session | undefined {
  return sessions.get(/(?:^|;\s*)sid=([\w-]+)/.exec(request.headers.cookie ?? "")?.[1] ?? "")
}

const app = express()
app.post("/sign-in", (_, response) => {
  const sid = randomUUID()
  sessions.set(sid, { user: "Anna" }) // However your app does it; connecting leaves it alone.
  response.cookie("sid", sid, { httpOnly: true, sameSite: "lax" }).redirect(303, "/")
})

app.get("/", (request, response) => {
  const { user, payroll } = sessionOf(request) ?? {}
  response.json({ user, connection: payroll?.id, account: payroll?.name })
})

app.get("/connect", async (request, response) => {
  const session = sessionOf(request)
  if (session === undefined) return response.redirect(303, "/")
  const pkceCodeVerifier = client.randomPKCECodeVerifier()
  session.checks = { pkceCodeVerifier, expectedState: client.randomState() }
  const query = {
    redirect_uri: `${HOME}/callback`,
    scope: "nmbrs:employees.read",
    state: session.checks.expectedState,
    code_challenge: await client.calculatePKCECodeChallenge(pkceCodeVerifier),
    code_challenge_method: "S256",
  }
  response.redirect(303, client.buildAuthorizationUrl(config, query).href)
})

app.get("/callback", async (request, response) => {
  const session = sessionOf(request)
  if (session?.checks === undefined) return response.redirect(303, "/")
  const here = new URL(request.url, HOME)
  const tokens = await client.authorizationCodeGrant(config, here, session.checks)
  const info = await client.fetchUserInfo(config, tokens.access_token, client.skipSubjectCheck)
  session.payroll = { id: info.sub, name: info.name, refreshToken: tokens.refresh_token }
  response.redirect(303, "/")
})

app.listen(Number(APP_PORT), "127.0.0.1")
