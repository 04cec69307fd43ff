/**
 * Stock clients of Node against a broker that runs: each a full flow with its own defaults. Those
 * that speak fetch are in test/worker/stock-clients.test.ts.
 */
import { Auth } from "@auth/core"
import OAuth2Strategy from "passport-oauth2"
import { AuthorizationCode, ClientCredentials } from "simple-oauth2"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { startBroker, type TestBroker } from "../support/browser.ts"
import { type ClientApp, registerClient } from "../support/clients.ts"
import { Visitor } from "../support/visitor.ts"

const HOME = "https://app.example"
const CALLBACK = `${HOME}/callback`
const SCOPE = "nmbrs:employees.read"

let broker: TestBroker
let app: ClientApp

beforeAll(async () => {
  broker = await startBroker()
  app = await registerClient(broker, CALLBACK)
})

afterAll(async () => {
  await broker?.stop()
})

/** The person's part; gives the query of the callback. */
async function goThrough(url: string): Promise<URLSearchParams> {
  const isCallback = (next: string) => next.startsWith(HOME)
  const end = await new Visitor().connect(url, isCallback)
  if (!isCallback(end.url)) throw new Error(`not sent back: ${end.status} ${end.text}`)
  return new URL(end.url).searchParams
}

async function userOf(accessToken: unknown): Promise<Record<string, unknown>> {
  const headers = { authorization: `Bearer ${accessToken}` }
  const response = await fetch(`${broker.issuer}/oauth/userinfo`, { headers })
  return (await response.json()) as Record<string, unknown>
}

describe("simple-oauth2", () => {
  it("connects, refreshes, and revokes", async () => {
    const { id, secret } = app
    const client = new AuthorizationCode({
      client: { id, secret },
      auth: { tokenHost: broker.issuer },
    })
    const state = crypto.randomUUID()
    const url = client.authorizeURL({ redirect_uri: CALLBACK, scope: SCOPE, state })
    const query = await goThrough(url)
    expect(query.get("state")).toBe(state)
    const code = query.get("code") ?? ""
    const tokens = await client.getToken({ code, redirect_uri: CALLBACK })
    expect(tokens.token).toMatchObject({ token_type: "Bearer", scope: SCOPE })
    expect(tokens.expired()).toBe(false)
    expect(await userOf(tokens.token.access_token)).toMatchObject({ provider: "nmbrs" })
    const renewed = await tokens.refresh()
    expect(renewed.token.access_token).not.toBe(tokens.token.access_token)
    await renewed.revokeAll()
    expect(await userOf(tokens.token.access_token)).toMatchObject({ error: "invalid_token" })
  })

  it("gets a token of the app itself", async () => {
    const { id, secret } = app
    const client = new ClientCredentials({
      client: { id, secret },
      auth: { tokenHost: broker.issuer },
    })
    expect((await client.getToken({})).token.access_token).toMatch(/^acc_00/)
  })
})

interface Outcome {
  readonly redirect?: string
  readonly user?: unknown
}

/** Does what passport does: puts its functions on the strategy, and waits for one to be called. */
function authenticate(strategy: OAuth2Strategy, request: object): Promise<Outcome> {
  return new Promise((resolve, reject) => {
    const acting = Object.assign(Object.create(strategy) as OAuth2Strategy, {
      redirect: (redirect: string) => resolve({ redirect }),
      success: (user: unknown) => resolve({ user }),
      fail: (challenge: unknown) => reject(new Error(`fail: ${JSON.stringify(challenge)}`)),
      error: reject,
    })
    acting.authenticate(request, {})
  })
}

function strategyWith(more: { state?: boolean; pkce?: boolean }): OAuth2Strategy {
  return new OAuth2Strategy(
    {
      authorizationURL: `${broker.issuer}/oauth/authorize`,
      tokenURL: `${broker.issuer}/oauth/token`,
      clientID: app.id,
      clientSecret: app.secret,
      callbackURL: CALLBACK,
      scope: SCOPE,
      ...more,
    },
    (accessToken, refreshToken, parameters, _profile, done) =>
      done(null, { accessToken, refreshToken, parameters }),
  )
}

describe("passport-oauth2", () => {
  it.each([
    ["with state", { state: true }],
    ["with state and pkce", { state: true, pkce: true }],
  ])("connects %s", async (_, more) => {
    const strategy = strategyWith(more)
    const session = {}
    const { redirect = "" } = await authenticate(strategy, { session, query: {}, headers: {} })
    const query = Object.fromEntries(await goThrough(redirect))
    const { user } = await authenticate(strategy, { session, query, headers: {} })
    expect(user).toMatchObject({
      accessToken: expect.stringMatching(/^acc_00/),
      refreshToken: expect.stringMatching(/^ref_00/),
      parameters: { scope: SCOPE, connection_id: expect.any(String) },
    })
  })

  it("is told what is missing where it sends neither, which is its default", async () => {
    const request = { session: {}, query: {}, headers: {} }
    const { redirect = "" } = await authenticate(strategyWith({}), request)
    const response = await fetch(redirect, { redirect: "manual" })
    const query = new URL(response.headers.get("location") ?? "").searchParams
    expect(query.get("error")).toBe("invalid_request")
    expect(query.get("error_description")).toContain("code_challenge or state is required")
  })
})

describe("@auth/core", () => {
  /** Its endpoints as its documentation has them; and discovery, which `userinfo` must ask for. */
  const endpoints = {
    "with its endpoints": (issuer: string) => ({
      authorization: `${issuer}/oauth/authorize?scope=${SCOPE}`,
      token: `${issuer}/oauth/token`,
      userinfo: `${issuer}/oauth/userinfo`,
    }),
    "by discovery": () => ({ authorization: { params: { scope: SCOPE } }, userinfo: {} }),
  }

  it.each(Object.entries(endpoints))("connects %s", async (_, at) => {
    const own = await registerClient(broker, `${HOME}/auth/callback/koppel`)
    const seen: unknown[] = []
    const cookies = new Map<string, string>()
    const request = async (path: string, init: RequestInit = {}) => {
      const headers = new Headers(init.headers)
      headers.set("cookie", [...cookies].map(([name, value]) => `${name}=${value}`).join("; "))
      const response = await Auth(new Request(`${HOME}${path}`, { ...init, headers }), {
        basePath: "/auth",
        trustHost: true,
        secret: "a-secret-of-the-app-in-this-test-only",
        providers: [
          {
            id: "koppel",
            name: "Nmbrs",
            type: "oauth",
            issuer: broker.issuer,
            clientId: own.id,
            clientSecret: own.secret,
            ...at(broker.issuer),
          },
        ],
        callbacks: {
          signIn: ({ account, profile }) => {
            seen.push(account, profile)
            return true
          },
        },
      })
      for (const cookie of response.headers.getSetCookie()) {
        const [, name = "", value = ""] = /^([^=]+)=([^;]*)/.exec(cookie) ?? []
        cookies.set(name, value)
      }
      return response
    }
    const { csrfToken } = (await (await request("/auth/csrf")).json()) as { csrfToken: string }
    const body = new URLSearchParams({ csrfToken })
    const began = await request("/auth/signin/koppel", { method: "POST", body })
    const query = await goThrough(began.headers.get("location") ?? "")
    const ended = await request(`/auth/callback/koppel?${query}`)
    expect(ended.headers.get("location")).toBe(HOME)
    expect(seen).toMatchObject([
      { provider: "koppel", type: "oauth", scope: SCOPE, refresh_token: expect.any(String) },
      { provider: "nmbrs", sub: expect.stringMatching(/^con_00/) },
    ])
  })
})
