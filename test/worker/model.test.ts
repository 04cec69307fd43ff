/**
 * Any order of connect, claim, verify, break, mend, sweep, rotate, revoke, expire and delete: the API
 * says what a model of a few lines says, and the outbox has told each change once.
 */
import { env } from "cloudflare:workers"
import fc from "fast-check"
import { decodeJwt } from "jose"
import { expect, it } from "vitest"
import { sweepHealth } from "../../src/connections/health/sweep.ts"
import type { Deps } from "../../src/context.ts"
import { purge } from "../../src/cron.ts"
import {
  basic,
  claim,
  connect,
  type Harness,
  type RegisteredApp,
  registerApp,
  startHarness,
} from "../support/worker/harness.ts"
import { api, bearer, HEALTH, jobDeps, resealAs } from "../support/worker/jobs.ts"

const HOUR = 60 * 60 * 1000

interface ModelConnection {
  readonly id: string
  readonly app: number
  readonly madeAt: number
  state: "pending" | "claimed" | "gone"
  status: "active" | "broken"
  refusals: number
  login: "works" | "revoked-later" | "down"
  nextCheckAt: number
  token: string | undefined
  /** Types of the events that the app must have been told, in order. */
  told: string[]
}

interface Model {
  readonly connections: ModelConnection[]
}

interface World {
  readonly harness: Harness
  readonly deps: Deps
  readonly apps: RegisteredApp[]
}

/** What an answer of the provider does to a connection. */
function answer(one: ModelConnection): void {
  if (one.login === "down") return
  const before = one.status
  if (one.login === "works") {
    one.refusals = 0
    one.status = "active"
    if (before === "broken") one.told.push("connection.recovered")
    return
  }
  one.refusals++
  if (one.refusals < 2) return
  one.status = "broken"
  if (before === "active") one.told.push("connection.broken")
}

async function dueOf(id: string): Promise<number> {
  const row = await env.DB.prepare("SELECT next_check_at AS at FROM connections WHERE id = ?1")
    .bind(id)
    .first<{ at: number | null }>()
  return row?.at ?? Number.POSITIVE_INFINITY
}

/** The API, the database and the outbox say what the model says. */
async function agree({ connections }: Model, { harness, apps }: World): Promise<void> {
  for (const [i, app] of apps.entries()) {
    const claimed = connections.filter((one) => one.app === i && one.state === "claimed")
    const { body } = await api(harness, app, "GET", "/v1/connections?limit=100")
    const listed = body.connections as { id: string; status: string }[]
    expect(listed.map(({ id, status }) => `${id} ${status}`)).toEqual(
      claimed.map(({ id, status }) => `${id} ${status}`).sort(),
    )
    const { results } = await env.DB.prepare(
      `SELECT json_extract(payload, '$.data.id') AS id, type FROM webhooks WHERE client_id = ?1
       AND type LIKE 'connection.%' ORDER BY created_at`,
    )
      .bind(app.client_id)
      .all<{ id: string; type: string }>()
    for (const one of connections.filter((own) => own.app === i)) {
      expect(results.filter(({ id }) => id === one.id).map(({ type }) => type)).toEqual(one.told)
    }
  }
  for (const one of connections) {
    const other = apps[1 - one.app] as RegisteredApp
    expect((await api(harness, other, "GET", `/v1/connections/${one.id}`)).status).toBe(404)
    if (one.token !== undefined) {
      const { status } = await api(harness, other, "GET", `/v1/connections/${one.id}`, one.token)
      expect(status).toBe(200)
    }
    const row = await env.DB.prepare("SELECT status FROM connections WHERE id = ?1")
      .bind(one.id)
      .first()
    if (one.state === "gone") expect(row).toBeNull()
    if (one.status === "broken" && row !== null) {
      expect(await dueOf(one.id)).toBe(Number.POSITIVE_INFINITY)
    }
  }
}

type Step = (model: Model, world: World) => Promise<void>

class Command implements fc.AsyncCommand<Model, World> {
  readonly name: string
  readonly step: Step

  constructor(name: string, step: Step) {
    this.name = name
    this.step = step
  }

  check = () => true
  toString = () => this.name

  async run(model: Model, world: World): Promise<void> {
    await this.step(model, world)
    await agree(model, world)
  }
}

/** A command about one connection that is in one of these states; nothing where there is none. */
function about(
  name: string,
  states: readonly ModelConnection["state"][],
  step: (one: ModelConnection, world: World, app: RegisteredApp) => Promise<void>,
) {
  return fc.nat(20).map(
    (pick) =>
      new Command(`${name} ${pick}`, async (model, world) => {
        const all = model.connections.filter(({ state }) => states.includes(state))
        const one = all[pick % Math.max(1, all.length)]
        if (one !== undefined) await step(one, world, world.apps[one.app] as RegisteredApp)
      }),
  )
}

const everywhere = ["pending", "claimed", "gone"] as const

/** Walks the flow at one of the apps; gives what is pending then. */
async function connectAt({ harness, apps }: World, i: number): Promise<ModelConnection> {
  const jws = (await connect(harness, apps[i] as RegisteredApp)).get("connection_id") ?? ""
  return {
    id: decodeJwt(jws).sub ?? "",
    app: i,
    madeAt: harness.clock.at,
    state: "pending",
    status: "active",
    refusals: 0,
    login: "works",
    nextCheckAt: Number.POSITIVE_INFINITY,
    token: undefined,
    told: [],
  }
}

async function claimOne(one: ModelConnection, { harness, apps }: World): Promise<void> {
  const late = harness.clock.at - one.madeAt >= 24 * HOUR
  const { status } = await claim(harness, apps[one.app] as RegisteredApp, one.id)
  if (one.state === "pending" && !late) {
    expect(status).toBe(200)
    one.state = "claimed"
    one.told.push("connection.created")
    one.nextCheckAt = await dueOf(one.id)
  } else expect(status).toBe(one.state === "claimed" ? 409 : 404)
}

async function connectAndClaim(world: World, i: number): Promise<ModelConnection> {
  const one = await connectAt(world, i)
  await claimOne(one, world)
  return one
}

const verifyOne = about("verify", everywhere, async (one, { harness }, app) => {
  const { status, body } = await api(harness, app, "POST", `/v1/connections/${one.id}/verify`)
  expect(status).toBe(one.state === "claimed" ? 200 : 404)
  if (one.state !== "claimed") return
  answer(one)
  one.nextCheckAt = await dueOf(one.id)
  expect(body.status).toBe(one.status)
})

const commands = [
  fc.nat(1).map(
    (i) =>
      new Command(`connect at ${i}`, async (model, world) => {
        model.connections.push(await connectAt(world, i))
      }),
  ),
  // More often than the rest: a break takes two refusals in a row.
  ...[verifyOne, verifyOne, verifyOne],
  about("claim", everywhere, (one, world) => claimOne(one, world)),
  ...(["works", "revoked-later", "down"] as const).map((login) =>
    about(`becomes ${login}`, ["claimed"], async (one, { deps }) => {
      await resealAs(deps, one.id, { username: `${login}@koppel.test` })
      one.login = login
    }),
  ),
  fc.constant(
    new Command("sweep", async (model, { harness, deps }) => {
      const now = harness.clock.at
      await sweepHealth(deps, HEALTH)
      for (const one of model.connections) {
        if (one.state !== "claimed" || one.status !== "active" || one.nextCheckAt > now) continue
        answer(one)
        one.nextCheckAt = await dueOf(one.id)
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
  about("get a token", ["claimed"], async (one, { harness }, app) => {
    one.token = await bearer(harness, app, one.id)
  }),
  about("revoke", ["claimed"], async (one, { harness }, app) => {
    if (one.token === undefined) return
    const headers = {
      authorization: app.basic,
      "content-type": "application/x-www-form-urlencoded",
    }
    const body = `token=${one.token.slice("Bearer ".length)}`
    await harness.request("/oauth/revoke", { method: "POST", headers, body })
    const path = `/v1/connections/${one.id}`
    expect((await api(harness, app, "GET", path, one.token)).status).toBe(401)
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
      for (const one of model.connections) {
        one.token = undefined
        if (one.state === "pending") one.state = "gone"
      }
    }),
  ),
  about("delete", everywhere, async (one, { harness }, app) => {
    const path = `/v1/connections/${one.id}`
    const { token } = one
    const { status } = await api(harness, app, "DELETE", path)
    expect(status).toBe(one.state === "claimed" ? 204 : 404)
    if (one.state !== "claimed") return
    if (token !== undefined) expect((await api(harness, app, "GET", path, token)).status).toBe(401)
    one.state = "gone"
    one.token = undefined
    one.told.push("connection.deleted")
  }),
]

it("keeps its promises in any order", { timeout: 60_000 }, async () => {
  const harness = startHarness()
  const deps = await jobDeps(harness)
  await fc.assert(
    fc.asyncProperty(fc.commands(commands, { maxCommands: 40, size: "max" }), async (run) => {
      await env.DB.prepare("DELETE FROM apps").run()
      const webhook = { webhook_uri: "https://hooks.example/" }
      const apps = [await registerApp(harness, webhook), await registerApp(harness, webhook)]
      const model: Model = { connections: [] }
      const real: World = { harness, deps, apps }
      // Most of what can go wrong needs a connection to begin with.
      for (const i of [0, 1]) model.connections.push(await connectAndClaim(real, i))
      await fc.asyncModelRun(() => ({ model, real }), run)
    }),
    { numRuns: 12, interruptAfterTimeLimit: 12_000, endOnFailure: true },
  )
})
