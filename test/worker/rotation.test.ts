/** Keys rotate with no downtime: append, move to front, remove when no row needs the old one. */
import { env } from "cloudflare:workers"
import { describe, expect, it } from "vitest"
import { sweepReseal } from "../../src/connections/reseal/sweep.ts"
import { importKeyRing, type KeyRing } from "../../src/vault/key-ring.ts"
import { readKid } from "../../src/vault/seal.ts"
import { claim, connect, registerApp, startHarness } from "../support/worker/harness.ts"

const OLD = JSON.parse(env.SEALING_KEYS).keys[0] as { kid: string }
const NEW = { kty: "oct", kid: "new", alg: "A256GCMKW", k: "A".repeat(43) }
const set = (...keys: object[]) => JSON.stringify({ keys })

async function rows(clientId: string) {
  const { results } = await env.DB.prepare(
    "SELECT credentials_sealed, credentials_kid FROM connections WHERE client_id = ?1",
  )
    .bind(clientId)
    .all<{ credentials_sealed: string; credentials_kid: string }>()
  return results
}

async function sweepAll(ring: KeyRing) {
  for (let run = 0; run < 20; run++) {
    if ((await sweepReseal(env.DB, ring, 50, Date.now())).resealed === 0) return
  }
}

async function connectOne(settings: Record<string, string>) {
  const harness = startHarness({}, settings)
  const app = await registerApp(harness, { credentials_access: true })
  const query = await connect(harness, app)
  const body = (await (await claim(harness, app, query.get("connection_id") ?? "")).json()) as {
    id: string
  }
  return { app, id: body.id }
}

async function readCredentials(
  settings: Record<string, string>,
  app: { basic: string },
  id: string,
) {
  return await startHarness({}, settings).request(`/v1/connections/${id}/credentials`, {
    method: "POST",
    headers: { authorization: app.basic },
  })
}

describe("rotating the sealing keys", () => {
  it("opens old rows after each of the three steps", async () => {
    const { app, id } = await connectOne({ SEALING_KEYS: set(OLD) })
    const appended = { SEALING_KEYS: set(OLD, NEW) }
    const moved = { SEALING_KEYS: set(NEW, OLD) }
    const removed = { SEALING_KEYS: set(NEW) }
    expect((await readCredentials(appended, app, id)).status).toBe(200)
    expect((await readCredentials(moved, app, id)).status).toBe(200)
    await sweepAll(await importKeyRing(moved.SEALING_KEYS))
    const [row] = await rows(app.client_id)
    expect(readKid(row?.credentials_sealed ?? "")).toBe("new")
    expect((await readCredentials(removed, app, id)).status).toBe(200)
  })

  it("says at /healthz whether a key is still needed", async () => {
    const { app } = await connectOne({ SEALING_KEYS: set(OLD) })
    const moved = { SEALING_KEYS: set(NEW, OLD) }
    const keys = async (days = 0) => {
      const harness = startHarness({}, moved)
      harness.clock.at = Date.now() + days * 24 * 60 * 60 * 1000
      const health = await harness.request("/healthz")
      return ((await health.json()) as { sealing_keys: object[] }).sealing_keys
    }
    expect(await keys()).toContainEqual({ kid: OLD.kid, active: false, needed: true })
    await sweepAll(await importKeyRing(moved.SEALING_KEYS))
    // What is not sealed anew, such as a kept yes of a session, has to end by itself.
    expect(await keys()).toContainEqual({ kid: OLD.kid, active: false, needed: true })
    expect(await keys(18)).toContainEqual({ kid: OLD.kid, active: false, needed: false })
    expect(app.client_id).toBeTruthy()
  })

  it("is bounded, and goes on with the next run", async () => {
    const ring = await importKeyRing(set(OLD))
    await sweepAll(ring)
    const harness = startHarness({}, { SEALING_KEYS: set(OLD) })
    const app = await registerApp(harness)
    for (let count = 0; count < 5; count++) await connect(harness, app)
    await sweepAll(ring)
    const moved = await importKeyRing(set(NEW, OLD))
    expect((await sweepReseal(env.DB, moved, 2, Date.now())).resealed).toBeLessThanOrEqual(4)
    await sweepAll(moved)
    for (const row of await rows(app.client_id)) expect(readKid(row.credentials_sealed)).toBe("new")
  })

  it("puts what it can't open aside, names the key, and takes it up again when that is back", async () => {
    await sweepAll(await importKeyRing(set(NEW, OLD)))
    const { app } = await connectOne({ SEALING_KEYS: set(OLD) })
    const lost = await importKeyRing(set(NEW))
    const report = await sweepReseal(env.DB, lost, 50, Date.now())
    expect(report.failed).toBeGreaterThan(0)
    expect(report.reason).toContain(OLD.kid)
    expect((await sweepReseal(env.DB, lost, 50, Date.now())).failed).toBe(0)
    await sweepAll(await importKeyRing(set(NEW, OLD)))
    const [row] = await rows(app.client_id)
    expect(readKid(row?.credentials_sealed ?? "")).toBe("new")
  })

  it("looks again at a row whose credentials were replaced", async () => {
    const { app } = await connectOne({ SEALING_KEYS: set(OLD) })
    await sweepAll(await importKeyRing(set(OLD)))
    expect((await rows(app.client_id))[0]?.credentials_kid).toBe(OLD.kid)
    await env.DB.prepare(
      "UPDATE connections SET credentials_sealed = credentials_sealed || 'x' WHERE client_id = ?1",
    )
      .bind(app.client_id)
      .run()
    expect((await rows(app.client_id))[0]?.credentials_kid).toBe("")
  })
})
