/**
 * Any order of connect, claim, verify, break, mend, reconnect, sweep, rotate, revoke, expire and delete:
 * the API says what a model of a few lines says, and the outbox has told each change once.
 */
import { env } from "cloudflare:workers"
import fc from "fast-check"
import { decodeJwt } from "jose"
import { expect, it } from "vitest"
import { sweepHealth } from "../../src/connections/health/sweep.ts"
import { sweepReseal } from "../../src/connections/reseal/sweep.ts"
import { purge } from "../../src/cron.ts"
import {
  authorizePath,
  Browser,
  basic,
  claim,
  connect,
  type RegisteredApp,
  registerApp,
  returned,
  startHarness,
} from "../support/worker/harness.ts"
import { api, bearer, HEALTH, jobDeps, resealAs } from "../support/worker/jobs.ts"
import {
  about,
  answer,
  answerToClaim,
  applyClaim,
  type Brought,
  Command,
  type Login,
  type Model,
  type ModelConnection,
  outlast,
  type World,
} from "../support/worker/model.ts"
import { DAY, EMPLOYEES, HOUR } from "../support/worker/oauth.ts"
import { connectAgain, openAgain, rowOf } from "../support/worker/reconnect.ts"

/** Another one walks other ways; a failure names its seed. */
const SEED = 7

const everywhere = ["pending", "claimed", "gone"] as const
const SANDBOX = "sandbox"
/** Of another provider account, whose login is `wrong-domain` at the sandbox's own. */
const ELSEWHERE = "voorbeeld-bv"
const WIDER = `${EMPLOYEES} nmbrs:hours.write`

const nameOf = (login: Login, domain: string) =>
  `${login === "works" && domain === ELSEWHERE ? "wrong-domain" : login}@koppel.test`

/** What a person pastes at this account, and what the form takes of it. */
function paste(world: World, domain: string, login: Login = "works", scope: string = EMPLOYEES) {
  const secret = (++world.made).toString(16).padStart(32, "0")
  const username = nameOf(login, domain)
  const brought: Brought = { login, username, secret, scope }
  return { brought, fields: { domain, username, token: secret } }
}

/** What is pending once the browser is back at the app. */
function pending(
  { harness }: World,
  app: number,
  connectionId: string | null,
  domain: string,
  held: Brought,
): ModelConnection {
  return {
    id: decodeJwt(connectionId ?? "").sub ?? "",
    app,
    domain,
    madeAt: harness.clock.at,
    state: "pending",
    status: "active",
    refusals: 0,
    held,
    again: [],
    nextCheckAt: Number.POSITIVE_INFINITY,
    claimedAt: null,
    token: undefined,
    told: [],
  }
}

/** Walks the flow at one of the apps. */
async function connectAt(world: World, i: number): Promise<ModelConnection> {
  const { brought, fields } = paste(world, SANDBOX)
  const query = await connect(world.harness, world.apps[i] as RegisteredApp, { fields })
  return pending(world, i, query.get("connection_id"), SANDBOX, brought)
}

async function noteDue(one: ModelConnection): Promise<void> {
  const { next_check_at } = await rowOf(one.id)
  one.nextCheckAt = typeof next_check_at === "number" ? next_check_at : Number.POSITIVE_INFINITY
}

/** Claims with a state, `times` at once: one wins at most, and what it was for is applied. */
async function claimWith(one: ModelConnection, world: World, state: string, times = 1) {
  const { harness, apps } = world
  const app = apps[one.app] as RegisteredApp
  const expected = answerToClaim(one, state, harness.clock.at)
  const all = Array.from({ length: times }, () => claim(harness, app, one.id, state))
  const answers = await Promise.all(all)
  const losers = Array.from({ length: times - 1 }, () => (expected === 200 ? 409 : expected))
  expect(answers.map(({ status }) => status).sort()).toEqual([expected, ...losers])
  const won = answers.find(({ status }) => status === 200)
  if (won === undefined) return
  const isFirst = one.state === "pending"
  applyClaim(one, state)
  await noteDue(one)
  if (isFirst) one.claimedAt = Number((await rowOf(one.id)).claimed_at)
  const body = (await won.json()) as { connection_id: string }
  expect(decodeJwt(body.connection_id).sub).toBe(one.id)
  expect(body).toMatchObject({ id: one.id, status: "active", scope: one.held.scope })
  expect(one.nextCheckAt).toBeGreaterThan(harness.clock.at)
}

async function connectAndClaim(world: World, i: number): Promise<ModelConnection> {
  const one = await connectAt(world, i)
  await claimWith(one, world, "state-of-this-flow")
  return one
}

/** Goes on with these sealing keys, at the same time of day. */
async function sealWith(world: World, keys: readonly object[]): Promise<void> {
  const { clock } = world.harness
  const settings = { SEALING_KEYS: JSON.stringify({ keys }) }
  world.keys = keys
  world.harness = startHarness({ now: () => ++clock.at }, settings)
  world.harness.clock = clock
  world.deps = await jobDeps(world.harness, undefined, settings)
}

async function isKeyNeeded({ harness }: World, key: object | undefined): Promise<boolean> {
  const { kid } = key as { kid: string }
  const health = await (await harness.request("/healthz")).json()
  const { sealing_keys } = health as { sealing_keys: { kid: string; needed: boolean }[] }
  return sealing_keys.find((one) => one.kid === kid)?.needed ?? false
}

async function verify(one: ModelConnection, world: World, app: RegisteredApp): Promise<void> {
  const path = `/v1/connections/${one.id}/verify`
  const { status, body } = await api(world.harness, app, "POST", path)
  expect(status).toBe(one.state === "claimed" ? 200 : 404)
  if (one.state !== "claimed") return
  answer(one)
  await noteDue(one)
  expect(body.status).toBe(one.status)
}

/** What is stored is another login from now on. */
async function become(login: Login, one: ModelConnection, { deps }: World): Promise<void> {
  const username = nameOf(login, one.domain)
  await resealAs(deps, one.id, { username })
  one.held = { ...one.held, login, username }
}

const verifyOne = about("verify", everywhere, ({ one, world, app }) => verify(one, world, app))

/** Walks a reconnect of a claimed connection; it waits then. */
async function reconnect(one: ModelConnection, world: World, luck: number): Promise<void> {
  const { harness, apps } = world
  const login = luck % 3 === 0 && one.domain === SANDBOX ? "revoked-later" : "works"
  const scope = luck % 2 === 0 ? WIDER : EMPLOYEES
  const { brought, fields } = paste(world, one.domain, login, scope)
  const parameters = { state: `again-${world.made}`, scope }
  const app = apps[one.app] as RegisteredApp
  const query = await connectAgain(harness, app, one.id, { parameters, fields })
  expect(decodeJwt(query.get("connection_id") ?? "").sub).toBe(one.id)
  const { state } = parameters
  one.again.push({ ...brought, state, madeAt: harness.clock.at, isApplied: false })
}

const beginAgain = about("reconnect", everywhere, async ({ one, world, app, luck }) => {
  if (one.state === "claimed") return await reconnect(one, world, luck)
  const path = authorizePath(app, { connection_id: one.id })
  const { headers } = await world.harness.request(path, { redirect: "manual" })
  expect(headers.get("location")).toContain("error=invalid_request")
})

/** Of any that was handed off: it waits, was applied before, or is too old. */
const claimAgain = about("claim a reconnect", everywhere, async ({ one, world, luck }) => {
  const waiting = one.again.filter(({ isApplied }) => !isApplied)
  const all = waiting.length > 0 && luck % 4 !== 0 ? waiting : one.again
  const again = all[luck % Math.max(1, all.length)]
  if (again !== undefined) await claimWith(one, world, again.state, 1 + (luck % 2))
})

const reconnects = [
  ...[beginAgain, beginAgain, claimAgain, claimAgain, claimAgain],
  about("claim with another state", everywhere, async ({ one, world, luck }) => {
    await claimWith(one, world, luck % 2 === 0 ? "state-of-nobody" : "")
  }),
  about("claim by another app", everywhere, async ({ one, world }) => {
    const other = world.apps[1 - one.app] as RegisteredApp
    const state = one.again.at(-1)?.state ?? "state-of-this-flow"
    expect((await claim(world.harness, other, one.id, state)).status).toBe(404)
  }),
  about("leave a reconnect", ["claimed"], async ({ one, world, app, luck }) => {
    const browser = new Browser(world.harness)
    const form = await openAgain(browser, app, one.id)
    const { fields } = paste(world, one.domain)
    if (luck % 3 === 0) {
      const username = "wrong-token@koppel.test"
      const refused = await browser.submit(form, { ...fields, domain: SANDBOX, username })
      expect(refused.blamed).toEqual(["token"])
      return
    }
    const summary = await browser.submit(form, fields)
    if (luck % 3 === 1) return
    const cancelled = returned(await browser.submit(summary, {}, { cancel: "1" }))
    expect(cancelled.get("error")).toBe("access_denied")
  }),
  about("reconnect elsewhere", ["claimed"], async ({ one, world, app, model, luck }) => {
    const browser = new Browser(world.harness)
    const form = await openAgain(browser, app, one.id)
    const domain = one.domain === SANDBOX ? ELSEWHERE : SANDBOX
    const { brought, fields } = paste(world, domain)
    const summary = await browser.submit(form, fields)
    expect((await browser.submit(summary)).url).toBe(summary.url)
    if (luck % 2 === 0) return
    const made = returned(await browser.submit(summary, {}, { as_new: "1" }))
    const fresh = pending(world, one.app, made.get("connection_id"), domain, brought)
    expect(fresh.id).not.toBe(one.id)
    model.connections.push(fresh)
  }),
]

const sealingKeys = [
  new Command("a new sealing key goes first", async (_, world) => {
    const [old] = world.keys
    if (old === undefined || world.keys.length > 1) return
    const k = btoa(String(++world.made).padStart(32, "0")).slice(0, 43)
    const key = { kty: "oct", kid: crypto.randomUUID(), alg: "A256GCMKW", k }
    await sealWith(world, [old, key])
    await sealWith(world, [key, old])
    const { deps, harness } = world
    const report = await sweepReseal(env.DB, deps.config.keyRing, 100, harness.clock.at)
    expect(report.failed).toBe(0)
    expect(await isKeyNeeded(world, old)).toBe(true)
  }),
  new Command("the old sealing key goes", async (model, world) => {
    const [key, old] = world.keys
    if (key === undefined || old === undefined) return
    const { deps, harness } = world
    harness.clock.at += 18 * DAY
    await purge(env.DB, harness.clock.at)
    for (const one of model.connections) outlast(one)
    const report = await sweepReseal(env.DB, deps.config.keyRing, 100, harness.clock.at)
    expect(report.failed).toBe(0)
    expect(await isKeyNeeded(world, old)).toBe(false)
    await sealWith(world, [key])
  }),
].map((command) => fc.constant(command))

const commands = [
  fc.nat(1).map(
    (i) =>
      new Command(`connect at ${i}`, async (model, world) => {
        model.connections.push(await connectAt(world, i))
      }),
  ),
  // More often than the rest: a break takes two refusals in a row.
  ...[verifyOne, verifyOne],
  about("breaks", ["claimed"], async ({ one, world, app }) => {
    await become("revoked-later", one, world)
    for (const _ of [1, 2]) await verify(one, world, app)
    expect(one.status).toBe("broken")
  }),
  ...reconnects,
  ...sealingKeys,
  about("claim", everywhere, ({ one, world }) => claimWith(one, world, "state-of-this-flow")),
  ...(["works", "revoked-later", "down"] as const).map((login) =>
    about(`becomes ${login}`, ["claimed"], ({ one, world }) => become(login, one, world)),
  ),
  fc.constant(
    new Command("sweep", async (model, { harness, deps }) => {
      const now = harness.clock.at
      await sweepHealth(deps, HEALTH)
      for (const one of model.connections) {
        if (one.state !== "claimed" || one.status !== "active" || one.nextCheckAt > now) continue
        answer(one)
        await noteDue(one)
      }
    }),
  ),
  fc.nat(1).map(
    (i) =>
      new Command(`rotate at ${i}`, async (_, { harness, apps }) => {
        const app = apps[i] as RegisteredApp
        const response = await harness.request(`/oauth/register/${app.client_id}/rotate-secret`, {
          method: "POST",
          headers: { authorization: `Bearer ${app.registration_access_token}` },
        })
        const { client_secret } = (await response.json()) as { client_secret: string }
        apps[i] = { ...app, client_secret, basic: basic(app.client_id, client_secret) }
      }),
  ),
  about("get a token", ["claimed"], async ({ one, world, app }) => {
    one.token = { bearer: await bearer(world.harness, app, one.id), scope: one.held.scope }
  }),
  about("revoke", ["claimed"], async ({ one, world: { harness }, app }) => {
    if (one.token === undefined) return
    const headers = {
      authorization: app.basic,
      "content-type": "application/x-www-form-urlencoded",
    }
    const body = `token=${one.token.bearer.slice("Bearer ".length)}`
    await harness.request("/oauth/revoke", { method: "POST", headers, body })
    const path = `/v1/connections/${one.id}`
    expect((await api(harness, app, "GET", path, one.token.bearer)).status).toBe(401)
    one.token = undefined
  }),
  fc.constant(
    new Command("two hours pass", async (model, { harness }) => {
      harness.clock.at += 2 * HOUR
      for (const one of model.connections) one.token = undefined
    }),
  ),
  fc.constant(
    new Command("a day and the purge", async (model, { harness }) => {
      harness.clock.at += 25 * HOUR
      await purge(env.DB, harness.clock.at)
      for (const one of model.connections) outlast(one)
    }),
  ),
  fc.constant(
    new Command("a day, and no purge yet", async (model, { harness }) => {
      harness.clock.at += 25 * HOUR
      for (const one of model.connections) one.token = undefined
    }),
  ),
  about("delete", everywhere, async ({ one, world: { harness }, app }) => {
    const path = `/v1/connections/${one.id}`
    const { token } = one
    const { status } = await api(harness, app, "DELETE", path)
    expect(status).toBe(one.state === "claimed" ? 204 : 404)
    if (one.state !== "claimed") return
    if (token !== undefined) {
      expect((await api(harness, app, "GET", path, token.bearer)).status).toBe(401)
    }
    one.state = "gone"
    one.token = undefined
    one.again = []
    one.told.push("connection.deleted")
  }),
]

it("keeps its promises in any order", { timeout: 120_000 }, async () => {
  const harness = startHarness()
  const { keys } = JSON.parse(env.SEALING_KEYS) as { keys: object[] }
  await fc.assert(
    fc.asyncProperty(fc.commands(commands, { maxCommands: 40, size: "max" }), async (run) => {
      await env.DB.prepare("DELETE FROM apps").run()
      const webhook = { webhook_uri: "https://hooks.example/" }
      const apps = [await registerApp(harness, webhook), await registerApp(harness, webhook)]
      const model: Model = { connections: [] }
      const real: World = { harness, deps: await jobDeps(harness), apps, keys, made: 0 }
      // Most of what can go wrong needs a connection to begin with.
      for (const i of [0, 1]) {
        const one = await connectAndClaim(real, i)
        model.connections.push(one)
        await reconnect(one, real, 4)
      }
      await fc.asyncModelRun(() => ({ model, real }), run)
    }),
    { seed: SEED, numRuns: 16, endOnFailure: true },
  )
})
