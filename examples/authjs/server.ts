/** An Auth.js app whose signed-in users connect their payroll: it links, it signs nobody in. */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http"
import { text } from "node:stream/consumers"
import { Auth, type AuthConfig } from "@auth/core"
import Credentials from "@auth/core/providers/credentials"

const { ISSUER = "", CLIENT_ID = "", CLIENT_SECRET = "", APP_PORT = "8788" } = process.env
const HOME = `http://localhost:${APP_PORT}`

const anna = { id: "u-1", name: "Anna", email: "anna@app.example", emailVerified: null }
/** Connections by user; the refresh token is what a background job needs. */
const payroll = new Map<string, { id: string; refreshToken: string | undefined }>()

const config: AuthConfig = {
  basePath: "/auth",
  trustHost: true,
  secret: process.env.AUTH_SECRET ?? crypto.randomUUID(),
  session: { strategy: "jwt" },
  adapter: {
    getUser: async (id) => (id === anna.id ? anna : null),
    getUserByEmail: async () => null,
    // Nobody is found by a connection, and nobody becomes a user by one.
    getUserByAccount: async () => null,
    createUser: () => Promise.reject(new Error("Sign in first.")),
    linkAccount: async ({ userId, providerAccountId: id, refresh_token: refreshToken }) => {
      payroll.set(userId, { id, refreshToken })
    },
  },
  providers: [
    Credentials({ credentials: {}, authorize: () => anna }),
    {
      id: "nmbrs",
      name: "Nmbrs",
      type: "oauth",
      issuer: ISSUER,
      clientId: CLIENT_ID,
      clientSecret: CLIENT_SECRET,
      authorization: `${ISSUER}/oauth/authorize?scope=nmbrs:employees.read`,
      token: `${ISSUER}/oauth/token`,
      userinfo: `${ISSUER}/oauth/userinfo`,
    },
  ],
  callbacks: {
    session: ({ session, token: { sub = "" } }) => ({ ...session, payroll: payroll.get(sub)?.id }),
  },
}

async function answerTo(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { method = "GET", url = "/" } = request
  const headers = new Headers(Object.entries(request.headers).map(([k, v]) => [k, String(v)]))
  const body = method === "GET" ? null : await text(request)
  const answer = await Auth(new Request(new URL(url, HOME), { method, headers, body }), config)
  response.setHeader("set-cookie", answer.headers.getSetCookie())
  for (const [k, v] of answer.headers) if (k !== "set-cookie") response.setHeader(k, v)
  response.writeHead(answer.status).end(await answer.text())
}
createServer((request, response) => {
  answerTo(request, response).catch(() => response.writeHead(502).end())
}).listen(Number(APP_PORT), "127.0.0.1")
