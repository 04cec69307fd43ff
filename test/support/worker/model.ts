/** The model that any order of commands is held against: what a connection must be, and that it is. */
import { env } from "cloudflare:workers"
import fc from "fast-check"
import { expect } from "vitest"
import type { Deps } from "../../../src/context.ts"
import { open } from "../../../src/vault/seal.ts"
import type { Harness, RegisteredApp } from "./harness.ts"
import { api } from "./jobs.ts"
import { DAY, post } from "./oauth.ts"
import { reconnectsOf, rowOf } from "./reconnect.ts"

/** What the provider says to the login: it is refused, or can't be asked, only once it is stored. */
export type Login = "works" | "revoked-later" | "down"

/** What was brought by whoever pasted it. */
export interface Brought {
  readonly login: Login
  readonly username: string
  /** The provider's token, another one each time. */
  readonly secret: string
  readonly scope: string
}

/** A reconnect that was handed off. */
export interface ModelReconnect extends Brought {
  readonly state: string
  readonly madeAt: number
  isApplied: boolean
}

export interface ModelConnection {
  readonly id: string
  readonly app: number
  /** Its domain at the provider. */
  readonly domain: string
  readonly madeAt: number
  state: "pending" | "claimed" | "gone"
  status: "active" | "broken"
  refusals: number
  held: Brought
  again: ModelReconnect[]
  nextCheckAt: number
  claimedAt: number | null
  token: { readonly bearer: string; readonly scope: string } | undefined
  /** Types of the events that the app must have been told, in order. */
  told: string[]
}

export interface Model {
  readonly connections: ModelConnection[]
}

export interface World {
  harness: Harness
  deps: Deps
  readonly apps: RegisteredApp[]
  /** Sealing keys, the active one first. */
  keys: readonly object[]
  /** Counts what has to be another one each time. */
  made: number
}

/** What an answer of the provider does to a connection. */
export function answer(one: ModelConnection): void {
  if (one.held.login === "down") return
  const before = one.status
  if (one.held.login === "works") {
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

/** What a claim with this state is answered. */
export function answerToClaim(one: ModelConnection, state: string, now: number): number {
  const isLate = ({ madeAt }: { readonly madeAt: number }) => now - madeAt >= DAY
  if (one.state === "gone" || (one.state === "pending" && isLate(one))) return 404
  if (one.state === "pending") return state === "state-of-this-flow" ? 200 : 400
  const live = one.again.filter((again) => !isLate(again))
  const found = live.find((again) => again.state === state)
  if (found !== undefined) return found.isApplied ? 409 : 200
  return live.some(({ isApplied }) => !isApplied) ? 400 : 409
}

/** What a claim that was answered 200 does. */
export function applyClaim(one: ModelConnection, state: string): void {
  if (one.state === "pending") {
    one.state = "claimed"
    one.told.push("connection.created")
    return
  }
  const again = one.again.find((each) => each.state === state)
  if (again === undefined) throw new Error("the model has no such reconnect")
  again.isApplied = true
  one.held = again
  if (one.status === "broken") one.told.push("connection.recovered")
  one.told.push("connection.updated")
  one.status = "active"
  one.refusals = 0
}

/** What the purge does a day or more after everything else. */
export function outlast(one: ModelConnection): void {
  one.token = undefined
  one.again = []
  if (one.state === "pending") one.state = "gone"
}

/** The API, the database and the outbox say what the model says. */
async function agree({ connections }: Model, { harness, apps, deps }: World): Promise<void> {
  for (const [i, app] of apps.entries()) {
    const claimed = connections.filter((one) => one.app === i && one.state === "claimed")
    const { body } = await api(harness, app, "GET", "/v1/connections?limit=100")
    const listed = body.connections as { id: string; status: string; scope: string }[]
    expect(listed.map(({ id, status, scope }) => `${id} ${status} ${scope}`)).toEqual(
      claimed.map(({ id, status, held }) => `${id} ${status} ${held.scope}`).sort(),
    )
    // A reconnect that mends tells of two at one instant; they are told in this order.
    const { results } = await env.DB.prepare(
      `SELECT json_extract(payload, '$.data.id') AS id, type FROM webhooks WHERE client_id = ?1
       AND type LIKE 'connection.%' ORDER BY created_at, type`,
    )
      .bind(app.client_id)
      .all<{ id: string; type: string }>()
    for (const one of connections.filter((own) => own.app === i)) {
      expect(results.filter(({ id }) => id === one.id).map(({ type }) => type)).toEqual(one.told)
    }
  }
  for (const one of connections) {
    const app = apps[one.app] as RegisteredApp
    const other = apps[1 - one.app] as RegisteredApp
    expect((await api(harness, other, "GET", `/v1/connections/${one.id}`)).status).toBe(404)
    if (one.token !== undefined) {
      const { bearer, scope } = one.token
      const { status } = await api(harness, other, "GET", `/v1/connections/${one.id}`, bearer)
      expect(status).toBe(200)
      const form = { token: bearer.slice("Bearer ".length) }
      const { body } = await post(harness, "/oauth/introspect", form, app.basic)
      expect(body).toMatchObject({ active: true, scope })
    }
    await agreeOnRows(one, deps)
  }
}

/** What is stored is what was brought last, and each reconnect waits, is applied, or is no more. */
async function agreeOnRows(one: ModelConnection, { config }: Deps): Promise<void> {
  const row = await rowOf(one.id)
  const rows = await reconnectsOf(one.id)
  const shape = (isApplied: boolean) => (isApplied ? "applied, bare" : "waits, sealed")
  expect(
    rows
      .map(({ applied_at, credentials_sealed }) =>
        [
          applied_at === null ? "waits" : "applied",
          credentials_sealed === null ? "bare" : "sealed",
        ].join(", "),
      )
      .sort(),
  ).toEqual(one.again.map(({ isApplied }) => shape(isApplied)).sort())
  if (one.state === "gone") {
    expect(row).toEqual({})
    return
  }
  expect(row).toMatchObject({ status: one.status, claimed_at: one.claimedAt })
  if (one.status === "broken") expect(row.next_check_at).toBeNull()
  const clientId = String(row.client_id)
  const place = { purpose: "connection", id: one.id, clientId, provider: "nmbrs" } as const
  expect(await open(config.keyRing, String(row.credentials_sealed), place)).toMatchObject({
    domain: one.domain,
    username: one.held.username,
    token: one.held.secret,
  })
}

type Step = (model: Model, world: World) => Promise<void>

/** One step, after which the model and the world agree. */
export class Command implements fc.AsyncCommand<Model, World> {
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

/** What a step about one connection is given. */
export interface About {
  readonly one: ModelConnection
  readonly world: World
  readonly app: RegisteredApp
  readonly model: Model
  /** Decides between the variants of a step. */
  readonly luck: number
}

/** A command about one connection that is in one of these states, rather one with a reconnect. */
export function about(
  name: string,
  states: readonly ModelConnection["state"][],
  step: (about: About) => Promise<void>,
): fc.Arbitrary<Command> {
  return fc.tuple(fc.nat(20), fc.nat(11)).map(
    ([pick, luck]) =>
      new Command(`${name} ${pick}/${luck}`, async (model, world) => {
        const fit = model.connections.filter(({ state }) => states.includes(state))
        const again = fit.filter((each) => each.again.length > 0)
        const all = again.length > 0 && luck % 3 !== 0 ? again : fit
        const one = all[pick % Math.max(1, all.length)]
        if (one === undefined) return
        await step({ one, world, model, luck, app: world.apps[one.app] as RegisteredApp })
      }),
  )
}
