/** The examples: connecting links an account to the user who is signed in, and changes nobody. */
import { afterAll, afterEach, beforeAll, expect, it } from "vitest"
import { freePort } from "../../scripts/lib/ports.ts"
import { startBroker, type TestBroker } from "../support/browser.ts"
import { registerClient, startExample } from "../support/clients.ts"
import { Visitor } from "../support/visitor.ts"

let broker: TestBroker
const running: (() => Promise<void>)[] = []

beforeAll(async () => {
  broker = await startBroker()
})

afterEach(async () => {
  await Promise.all(running.splice(0).map((stop) => stop()))
})

afterAll(async () => {
  await broker?.stop()
})

/** Starts an example with an app of its own; gives its address. */
async function run(name: string, callbackPath: string): Promise<string> {
  const port = await freePort()
  const home = `http://localhost:${port}`
  const app = await registerClient(broker, `${home}${callbackPath}`)
  running.push(await startExample(name, broker, app, port))
  return home
}

it("Express with openid-client connects, and Anna stays Anna", async () => {
  const home = await run("express", "/callback")
  const visitor = new Visitor()
  const read = async () => JSON.parse((await visitor.open(`${home}/`)).text) as unknown
  // Nobody is signed in: there is nothing to link to.
  expect((await visitor.open(`${home}/connect`)).url).toBe(`${home}/`)

  await visitor.post(`${home}/sign-in`, {})
  expect(await read()).toEqual({ user: "Anna" })
  const end = await visitor.connect(`${home}/connect`)
  expect([end.url, end.status]).toEqual([`${home}/`, 200])
  expect(await read()).toEqual({
    user: "Anna",
    connection: expect.stringMatching(/^con_00/),
    account: expect.any(String),
  })
})

it("Auth.js connects, and Anna stays Anna", async () => {
  const home = await run("authjs", "/auth/callback/nmbrs")
  const visitor = new Visitor()
  const read = async (path: string) =>
    JSON.parse((await visitor.open(`${home}/auth/${path}`)).text) as Record<string, unknown> | null
  const press = async (path: string, fields: Record<string, string>) => {
    const csrfToken = String((await read("csrf"))?.csrfToken)
    const callbackUrl = `${home}/auth/session`
    const isPage = (url: string) => url.startsWith(`${broker.issuer}/oauth/`)
    return await visitor.post(`${home}/auth/${path}`, { csrfToken, callbackUrl, ...fields }, isPage)
  }
  expect(await read("session")).toBeNull()
  // Nobody becomes a user by connecting.
  const stranger = await visitor.connect((await press("signin/nmbrs", {})).url)
  expect(stranger.url).toContain("/auth/error")
  expect(await read("session")).toBeNull()

  await press("callback/credentials", { name: "Anna" })
  const user = { name: "Anna", email: "anna@app.example" }
  expect(await read("session")).toMatchObject({ user })
  const end = await visitor.connect((await press("signin/nmbrs", {})).url)
  expect(end.url).toBe(`${home}/auth/session`)
  expect(await read("session")).toMatchObject({
    user,
    payroll: expect.stringMatching(/^con_00/),
  })
})
