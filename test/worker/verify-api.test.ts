/** `POST /v1/connections/{id}/verify`: a fresh answer, and what it means for the status. */
import { env } from "cloudflare:workers"
import { afterEach, describe, expect, it, vi } from "vitest"
import { selectConnection, toConnection } from "../../src/connections/store.ts"
import { suspectConnection } from "../../src/connections/suspect.ts"
import {
  type Harness,
  nimbusFields,
  nmbrsFields,
  registerApp,
  startHarness,
} from "../support/worker/harness.ts"
import { api, bearer, connected, jobDeps, resealAs } from "../support/worker/jobs.ts"
import { type LiveHarness, startLive } from "../support/worker/live.ts"
import { captureConsole } from "../support/worker/observe.ts"

afterEach(() => vi.restoreAllMocks())

async function start() {
  const harness = startHarness()
  return { harness, app: await registerApp(harness), deps: await jobDeps(harness) }
}

const verify = (harness: Harness, app: { basic: string }, id: string, authorization?: string) =>
  api(harness, app, "POST", `/v1/connections/${id}/verify`, authorization)

describe("a verification that works", () => {
  it("gives the connection and its permission matrix, by Basic and Bearer, in two round trips", async () => {
    const { harness, app } = await start()
    const id = await connected(harness, app)
    const own = await bearer(harness, app, id)
    for (const authorization of [app.basic, own, await bearer(harness, app)]) {
      harness.clock.at += 60_000
      const before = harness.clock.at
      harness.roundTrips.count = 0
      const { status, body } = await verify(harness, app, id, authorization)
      expect([status, harness.roundTrips.count]).toEqual([200, 2])
      expect(body).toMatchObject({ id, status: "active", verification: { outcome: "works" } })
      expect(Date.parse((body.verification as { at: string }).at)).toBeGreaterThan(before)
      expect(body.permissions).toMatchObject({
        "DebtorService:List_GetAll": "granted",
        "EmployeeService:List_GetByCompany": "granted",
      })
      expect([body.code, body.problems]).toEqual([null, []])
    }
    const foreign = await bearer(harness, app, await connected(harness, app))
    expect((await verify(harness, app, id, foreign)).status).toBe(404)
  })

  it("notes a permission that went missing, and does not break the connection", async () => {
    const { harness, app, deps } = await start()
    const id = await connected(harness, app)
    await resealAs(deps, id, { username: "missing-permission@koppel.test" })
    const { body } = await verify(harness, app, id)
    expect(body).toMatchObject({ status: "active", verification: { outcome: "works" } })
    expect(body.permissions).toMatchObject({
      "EmployeeService:Department_GetAll_AllEmployeesByCompany": "missing",
    })
  })
})

describe("a refusal", () => {
  it("breaks Nmbrs at the second in a row, tells which field, and works again later", async () => {
    const { harness, app, deps } = await start()
    const id = await connected(harness, app, { fields: nmbrsFields("revoked-later") })
    const first = await verify(harness, app, id)
    expect(first.body).toMatchObject({
      status: "active",
      verification: { outcome: "refused" },
      problems: [{ field: "token", code: "token_refused" }],
    })
    expect((await verify(harness, app, id)).body.status).toBe("broken")
    await resealAs(deps, id, { username: "works@koppel.test" })
    expect((await verify(harness, app, id)).body.status).toBe("active")
    // The row of refusals began anew.
    await resealAs(deps, id, { username: "revoked-later@koppel.test" })
    expect((await verify(harness, app, id)).body.status).toBe("active")
  })

  it.each(["timeout", "down", "garbled"])("is not what %s is", async (who) => {
    const { harness, app, deps } = await start()
    const id = await connected(harness, app)
    await resealAs(deps, id, { username: `${who}@koppel.test` })
    for (let i = 0; i < 4; i++) {
      const { body } = await verify(harness, app, id)
      expect(body).toMatchObject({
        status: "active",
        code: who,
        verification: { outcome: "could_not_check" },
      })
    }
    await resealAs(deps, id, { username: "revoked-later@koppel.test" })
    await verify(harness, app, id)
    await resealAs(deps, id, { username: "down@koppel.test" })
    await verify(harness, app, id)
    // "Could not check" in between neither counts nor ends the row.
    await resealAs(deps, id, { username: "revoked-later@koppel.test" })
    expect((await verify(harness, app, id)).body.status).toBe("broken")
  })

  it("breaks Nimbus at once, and never logs in more often than is safe", async () => {
    let isRefusing = false
    const harness: LiveHarness = startLive((call) =>
      isRefusing && call.url.endsWith("/login")
        ? Response.json({ error: "invalid_login" }, { status: 401 })
        : undefined,
    )
    const app = await registerApp(harness, { environment: "live" })
    const id = await connected(harness, app, {
      parameters: { scope: "nimbus:api" },
      fields: nimbusFields(),
    })
    isRefusing = true
    const before = harness.logins()
    expect((await verify(harness, app, id)).body).toMatchObject({
      status: "broken",
      verification: { outcome: "refused" },
      problems: [{ field: "password", code: "wrong_password" }],
    })
    for (let i = 0; i < 5; i++) await verify(harness, app, id)
    expect(harness.logins() - before).toBe(2)
    const { body } = await verify(harness, app, id)
    expect(body).toMatchObject({ status: "broken", code: "nearly_locked" })
    isRefusing = false
    harness.clock.at += 25 * 60 * 60 * 1000
    expect((await verify(harness, app, id)).body).toMatchObject({ status: "active", code: null })
  })
})

describe("a suspicion", () => {
  it("starts one verification, however many calls fail at once, and a refusal then breaks it", async () => {
    const { harness, app, deps } = await start()
    const id = await connected(harness, app, { fields: nmbrsFields("revoked-later") })
    const connection = toConnection(await selectConnection(env.DB, app.client_id, id).run())
    if (connection === undefined) throw new Error("gone")
    const results = await Promise.all(
      Array.from({ length: 5 }, () => suspectConnection(deps, connection)),
    )
    const checked = results.filter((one) => one !== undefined)
    expect(checked).toHaveLength(1)
    expect(checked[0]?.connection?.status).toBe("broken")
  })

  it("that is wrong leaves it active", async () => {
    const { harness, app, deps } = await start()
    const id = await connected(harness, app)
    const connection = toConnection(await selectConnection(env.DB, app.client_id, id).run())
    if (connection === undefined) throw new Error("gone")
    const checked = await suspectConnection(deps, connection)
    expect(checked?.connection?.status).toBe("active")
    expect(await suspectConnection(deps, connection)).toBeUndefined()
  })
})

it("answers 503 that names no value where the sealing key is gone, and logs its kid", async () => {
  const { harness, app } = await start()
  const id = await connected(harness, app)
  await env.DB.prepare("UPDATE connections SET credentials_sealed = ?2 WHERE id = ?1")
    .bind(id, "eyJhbGciOiJBMjU2R0NNS1ciLCJlbmMiOiJBMjU2R0NNIiwia2lkIjoiZ29uZSJ9.a.b.c.d")
    .run()
  const output = captureConsole()
  const { status, body } = await verify(harness, app, id)
  expect([status, body.code]).toEqual([503, "sealing_key_missing"])
  expect(output.text()).toContain("no sealing key gone")
})

it("never says a credential: not in answers, not in the log", async () => {
  const { harness, app } = await start()
  const output = captureConsole()
  const id = await connected(harness, app, { fields: nmbrsFields("revoked-later") })
  const { body } = await verify(harness, app, id)
  expect(JSON.stringify(body) + output.text()).not.toMatch(/0123456789abcdef|revoked-later@/)
})
