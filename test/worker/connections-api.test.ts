/** `/v1/connections`: lists by keyset and index, ends connections, and shows nobody another app's. */
import { env } from "cloudflare:workers"
import { beforeAll, describe, expect, it } from "vitest"
import { listConnections } from "../../src/connections/store.ts"
import { connect, nimbusFields, registerApp, startHarness } from "../support/worker/harness.ts"
import { api, bearer, connected } from "../support/worker/jobs.ts"
import { captureSql } from "../support/worker/observe.ts"

const harness = startHarness()
let app: Awaited<ReturnType<typeof registerApp>>
let other: typeof app
beforeAll(async () => {
  app = await registerApp(harness)
  other = await registerApp(harness)
})

const idsOf = (body: Record<string, unknown>) =>
  (body.connections as { id: string }[]).map(({ id }) => id)

/** Copies a connection's row under new ids. */
async function multiply(id: string, count: number): Promise<void> {
  const columns = `client_id, provider, method, environment, credentials_sealed, account, scope,
    permissions, credentials_access, verification_outcome, verification_at, created_at, claimed_at`
  await env.DB.prepare(
    `INSERT INTO connections (id, status, end_user, ${columns})
     WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?2)
     SELECT 'con_00' || printf('%024d', i), iif(i % 10 = 0, 'broken', 'active'),
       json_object('id', 'user-' || (i % 7)), ${columns} FROM n JOIN connections ON id = ?1`,
  )
    .bind(id, count)
    .run()
}

describe("the list", () => {
  it("gives every claimed connection once, page by page, and nobody else's", async () => {
    const own = await registerApp(harness)
    const id = await connected(harness, own)
    await connect(harness, own)
    await connected(harness, other)
    await multiply(id, 250)
    const seen: string[] = []
    let cursor = ""
    for (let pages = 0; pages < 10; pages++) {
      const { status, body } = await api(
        harness,
        own,
        "GET",
        `/v1/connections?limit=100${cursor === "" ? "" : `&cursor=${cursor}`}`,
      )
      expect(status).toBe(200)
      seen.push(...idsOf(body))
      if (body.next_cursor === null) break
      cursor = String(body.next_cursor)
    }
    expect(seen).toHaveLength(251)
    expect(new Set(seen).size).toBe(251)
    expect(seen).toEqual([...seen].sort())

    const count = async (query: string) =>
      idsOf((await api(harness, own, "GET", `/v1/connections?limit=100&${query}`)).body).length
    expect(await count("status=broken")).toBe(25)
    expect(await count("end_user.id=user-3")).toBe(36)
    expect(await count("end_user.id=user-3&status=broken")).toBe(4)
    expect(await count("provider=nimbus")).toBe(0)
    expect(await count("provider=nmbrs")).toBe(100)
    const first = await api(harness, own, "GET", "/v1/connections")
    expect(idsOf(first.body)).toHaveLength(50)
  })

  it("takes one round trip, by Basic and by a token of the app", async () => {
    const token = await bearer(harness, app)
    const id = await connected(harness, app, {
      parameters: { scope: "nimbus:api" },
      fields: nimbusFields(),
    })
    for (const authorization of [app.basic, token]) {
      harness.roundTrips.count = 0
      const { status, body } = await api(harness, app, "GET", "/v1/connections", authorization)
      expect([status, harness.roundTrips.count]).toEqual([200, 1])
      expect(idsOf(body)).toContain(id)
    }
  })

  it("is not for a token of one connection, nor for nobody", async () => {
    const id = await connected(harness, app)
    const token = await bearer(harness, app, id)
    expect((await api(harness, app, "GET", "/v1/connections", token)).status).toBe(403)
    expect((await api(harness, app, "GET", "/v1/connections", "Bearer x")).status).toBe(401)
    expect((await harness.request("/v1/connections")).status).toBe(401)
  })

  it.each([
    "limit=0",
    "limit=101",
    "limit=x",
    "status=pending",
    "provider=other",
    "cursor=x",
    "status=active&status=broken",
  ])("refuses %s", async (query) => {
    const { status, body, headers } = await api(harness, app, "GET", `/v1/connections?${query}`)
    expect(status).toBe(400)
    expect(body.code).toBe("invalid_request")
    expect(String(body.title)).toContain(query.split("=")[0])
    expect(headers.get("content-type")).toBe("application/problem+json")
  })

  it.each([
    [{}, "connections_of_app"],
    [{ status: "broken" as const }, "connections_by_status"],
    [{ endUserId: "u" }, "connections_of_end_user"],
    [{ provider: "nmbrs" }, "connections_of_app"],
  ])("goes by index: %o", async (filter, index) => {
    const all = { provider: undefined, status: undefined, endUserId: undefined, ...filter }
    for (const owner of [{ clientId: "a" }, { tokenHash: "t" }]) {
      const { db, statements } = captureSql(env.DB)
      listConnections(db, owner, all, { after: "", limit: 2, now: 1 })
      const [sql = ""] = statements
      const { results } = await env.DB.prepare(`EXPLAIN QUERY PLAN ${sql}`)
        .bind(...Array.from({ length: 5 + Object.keys(filter).length }, () => "x"))
        .all<{ detail: string }>()
      const plan = results.map(({ detail }) => detail)
      expect(plan[0]).toContain(`SEARCH connections USING INDEX ${index}`)
      expect(plan.join("\n")).not.toMatch(/SCAN (?!CONSTANT ROW)|TEMP B-TREE/)
    }
  })
})

describe("ending a connection", () => {
  it("removes the sealed text, tokens and codes at once; twice is 404", async () => {
    const id = await connected(harness, app)
    const token = await bearer(harness, app, id)
    const path = `/v1/connections/${id}`
    harness.roundTrips.count = 0
    expect((await api(harness, app, "DELETE", path)).status).toBe(204)
    expect(harness.roundTrips.count).toBe(2)
    for (const table of ["connections", "access_tokens", "codes", "refresh_tokens"]) {
      const column = table === "connections" ? "id" : "connection_id"
      const row = await env.DB.prepare(`SELECT count(*) AS n FROM ${table} WHERE ${column} = ?1`)
        .bind(id)
        .first()
      expect(row).toEqual({ n: 0 })
    }
    expect((await api(harness, app, "GET", path, token)).status).toBe(401)
    expect((await api(harness, app, "DELETE", path)).status).toBe(404)
    expect((await api(harness, app, "GET", path)).status).toBe(404)
  })

  it("answers the same for deleted, foreign, pending and invented ones", async () => {
    const deleted = await connected(harness, app)
    await api(harness, app, "DELETE", `/v1/connections/${deleted}`)
    const foreign = await connected(harness, other)
    const pending = (await connect(harness, app)).get("connection_id")
    const ids = [deleted, foreign, pending, "con_00000000000000000000000000"]
    for (const method of ["GET", "DELETE"]) {
      const answers = await Promise.all(
        ids.map((id) => api(harness, app, method, `/v1/connections/${id}`)),
      )
      const shown = answers.map(({ status, body }) => [status, { ...body, reference: "" }])
      expect(new Set(shown.map((one) => JSON.stringify(one))).size).toBe(1)
      expect(shown[0]?.[0]).toBe(404)
    }
    const own = await bearer(harness, app, await connected(harness, app))
    expect((await api(harness, app, "DELETE", `/v1/connections/${foreign}`, own)).status).toBe(404)
    expect((await api(harness, other, "GET", `/v1/connections/${foreign}`)).status).toBe(200)
  })

  it("has one winner of eight", async () => {
    const id = await connected(harness, app)
    const answers = await Promise.all(
      Array.from({ length: 8 }, () => api(harness, app, "DELETE", `/v1/connections/${id}`)),
    )
    expect(answers.filter(({ status }) => status === 204)).toHaveLength(1)
    expect(answers.filter(({ status }) => status === 404)).toHaveLength(7)
  })

  it("comes with the app's registration, and sends nothing", async () => {
    const own = await registerApp(harness, { webhook_uri: "https://hooks.example/koppel" })
    await connected(harness, own)
    const response = await harness.request(`/oauth/register/${own.client_id}`, {
      method: "DELETE",
      headers: { authorization: `Bearer ${own.registration_access_token}` },
    })
    expect(response.status).toBe(204)
    for (const table of ["connections", "webhooks", "session_log", "events"]) {
      const row = await env.DB.prepare(`SELECT count(*) AS n FROM ${table} WHERE client_id = ?1`)
        .bind(own.client_id)
        .first()
      expect([table, row]).toEqual([table, { n: 0 }])
    }
  })
})
