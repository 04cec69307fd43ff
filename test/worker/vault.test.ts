/** Sealing: a text opens in its own place with its own key, and nowhere else. */
import { env } from "cloudflare:workers"
import fc from "fast-check"
import { afterEach, beforeAll, describe, expect, it, vi } from "vitest"
import { importKeyRing, type KeyRing } from "../../src/vault/key-ring.ts"
import { open, type Place, type Purpose, readKid, seal } from "../../src/vault/seal.ts"
import {
  authorizePath,
  Browser,
  claim,
  connect,
  type Harness,
  nmbrsFields,
  type RegisteredApp,
  registerApp,
  startHarness,
} from "../support/worker/harness.ts"
import { captureConsole, settings } from "../support/worker/observe.ts"

const place: Place = { purpose: "connection", id: "con_1", clientId: "app_1", provider: "nmbrs" }
const [oldKey] = (JSON.parse(env.SEALING_KEYS) as { keys: Record<string, string>[] }).keys
const newKey = { kty: "oct", kid: "test-seal-2", k: `${"q".repeat(42)}A` }
const ringOf = (...keys: unknown[]) => importKeyRing(JSON.stringify({ keys }))

let ring: KeyRing
beforeAll(async () => {
  ring = await importKeyRing(env.SEALING_KEYS)
})
afterEach(() => {
  vi.restoreAllMocks()
})

describe("a sealed text", () => {
  it("opens to what was sealed, whatever it was", async () => {
    await fc.assert(
      fc.asyncProperty(fc.jsonValue(), async (value) => {
        const opened = await open(ring, await seal(ring, value, place), place)
        expect(JSON.stringify(opened)).toBe(JSON.stringify(value))
      }),
      { numRuns: 100 },
    )
  })

  it("shows nothing of what is in it", async () => {
    const sealed = await seal(ring, { token: "canary-in-a-seal" }, place)
    const parts = sealed
      .split(".")
      .map((part) => atob(part.replaceAll("-", "+").replaceAll("_", "/")))
    expect(parts.join("")).not.toContain("canary")
    expect(JSON.parse(parts[0] ?? "")).toMatchObject({
      alg: "A256GCMKW",
      enc: "A256GCM",
      kid: "test-seal-1",
    })
  })

  it.each([
    ["another connection", { id: "con_2" }],
    ["another app", { clientId: "app_2" }],
    ["another provider", { provider: "nimbus" }],
    ["no provider", { provider: "" }],
    ...["request", "session", "draft", "reconnect", "webhook_secret"].map(
      (purpose): [string, Partial<Place>] => [
        `purpose ${purpose}`,
        { purpose: purpose as Purpose },
      ],
    ),
  ])("does not open for %s", async (_, other: Partial<Place>) => {
    const sealed = await seal(ring, "x", place)
    await expect(open(ring, sealed, { ...place, ...other })).rejects.toMatchObject({
      code: "sealed_text_refused",
    })
  })

  it("does not open when any part was changed", async () => {
    const sealed = await seal(ring, { token: "x".repeat(40) }, place)
    const parts = sealed.split(".")
    expect(parts).toHaveLength(5)
    for (let part = 0; part < 5; part++) {
      for (const at of [0, 5, Math.floor((parts[part]?.length ?? 0) / 2)]) {
        const changed = [...parts]
        const text = parts[part] ?? ""
        const other = text[at] === "A" ? "B" : "A"
        changed[part] = text.slice(0, at) + other + text.slice(at + 1)
        await expect(open(ring, changed.join("."), place)).rejects.toMatchObject({
          name: "KoppelError",
        })
      }
      const cut = [...parts]
      cut[part] = (parts[part] ?? "").slice(0, -4)
      await expect(open(ring, cut.join("."), place)).rejects.toMatchObject({ name: "KoppelError" })
    }
  })

  it("does not open when parts of two are mixed", async () => {
    const [a, b] = [await seal(ring, "a", place), await seal(ring, "b", place)].map((one) =>
      one.split("."),
    )
    for (let part = 1; part < 5; part++) {
      const mixed = a?.map((text, i) => (i === part ? b?.[i] : text)).join(".") ?? ""
      await expect(open(ring, mixed, place)).rejects.toMatchObject({ code: "sealed_text_refused" })
    }
  })

  it.each(["", ".", "....", "a.b.c.d.e", "{}", "e30.e30.e30.e30.e30", "\u0000"])(
    "is never this: %j",
    async (text) => {
      await expect(open(ring, text, place)).rejects.toMatchObject({ code: "sealed_text_refused" })
    },
  )

  it("has a content key and initialisation vectors of its own, a thousand times", async () => {
    const seen = new Set<string>()
    for (let i = 0; i < 1000; i++) {
      const [header = "", key = "", iv = ""] = (await seal(ring, "same", place)).split(".")
      const { iv: wrapIv } = JSON.parse(atob(header.replaceAll("-", "+").replaceAll("_", "/"))) as {
        iv: string
      }
      seen.add(`content ${iv}`).add(`wrap ${wrapIv}`).add(`key ${key}`)
    }
    expect(seen.size).toBe(3000)
  })
})

describe("two keys", () => {
  it("the older still opens, new seals use the first", async () => {
    const before = await seal(ring, "old", place)
    const both = await ringOf(newKey, oldKey)
    expect(await open(both, before, place)).toBe("old")
    const after = await seal(both, "new", place)
    expect([readKid(before), readKid(after)]).toEqual(["test-seal-1", "test-seal-2"])
    const appended = await ringOf(oldKey, newKey)
    expect(await open(appended, after, place)).toBe("new")
    expect(readKid(await seal(appended, "x", place))).toBe("test-seal-1")
  })

  it("a missing one is an error that names its kid, to the log and not to the caller", async () => {
    const alone = await ringOf(newKey)
    const sealed = await seal(ring, "x", place)
    await expect(open(alone, sealed, place)).rejects.toMatchObject({
      code: "sealing_key_missing",
      status: 503,
      detail: "no sealing key test-seal-1",
    })
    await expect(open(alone, sealed, place)).rejects.not.toThrow(/test-seal-1/)
  })

  it("a key of the same name does not open", async () => {
    const impostor = await ringOf({ ...newKey, kid: "test-seal-1" })
    const sealed = await seal(ring, "x", place)
    await expect(open(impostor, sealed, place)).rejects.toMatchObject({
      code: "sealed_text_refused",
    })
  })
})

function reveal(harness: Harness, app: RegisteredApp, id: string) {
  return harness.request(`/v1/connections/${id}/credentials`, {
    method: "POST",
    headers: { authorization: app.basic },
  })
}

/** Connects and claims; gives the `con_…`. */
async function connected(harness: Harness, app: RegisteredApp, who = "works"): Promise<string> {
  const id = (await connect(harness, app, { fields: nmbrsFields(who) })).get("connection_id") ?? ""
  return ((await (await claim(harness, app, id)).json()) as { id: string }).id
}

describe("over HTTP", () => {
  it("keys rotate with no downtime: append, move to front; a removed one is named in the log only", async () => {
    const harness = startHarness()
    const app = await registerApp(harness, { credentials_access: true })
    const id = await connected(harness, app)
    const withKeys = (...keys: unknown[]) => {
      const next = startHarness({}, settings({ SEALING_KEYS: JSON.stringify({ keys }) }))
      next.clock.at = harness.clock.at
      return next
    }
    for (const keys of [
      [oldKey, newKey],
      [newKey, oldKey],
    ]) {
      expect((await reveal(withKeys(...keys), app, id)).status).toBe(200)
    }
    const log = captureConsole()
    const response = await reveal(withKeys(newKey), app, id)
    const text = await response.text()
    expect(response.status).toBe(503)
    expect(text).not.toContain("test-seal-1")
    expect(log.lines().at(-1)).toMatchObject({
      code: "sealing_key_missing",
      detail: "no sealing key test-seal-1",
    })
  })

  it("a page that was opened before a rotation goes on after it", async () => {
    const before = startHarness()
    const app = await registerApp(before)
    const browser = new Browser(before)
    const form = await browser.open(authorizePath(app))
    const after = startHarness(
      {},
      settings({ SEALING_KEYS: JSON.stringify({ keys: [newKey, oldKey] }) }),
    )
    after.clock.at = before.clock.at
    const later = new Browser(after)
    for (const [name, value] of browser.cookies) later.cookies.set(name, value)
    const summary = await later.submit(form, nmbrsFields())
    expect(summary.url).toMatch(/\/summary$/)
  })

  it("what an address claims as its key never fills the log", async () => {
    const log = captureConsole()
    const header = btoa(
      JSON.stringify({ kid: `${"k".repeat(200)}\nforged`, con: "a", app: "b", prv: "c" }),
    )
    const sealed = `${header.replaceAll("=", "")}.e30.e30.e30.e30`
    expect((await startHarness().request(`/connect/${sealed}`)).status).toBe(404)
    expect(log.text()).not.toContain("kkkk")
  })

  it("swapped rows of two connections give no credentials", async () => {
    const harness = startHarness()
    const app = await registerApp(harness, { credentials_access: true })
    const ids = [await connected(harness, app), await connected(harness, app, "accountant")]
    const [one = "", two = ""] = ids
    await swap(one, two)
    for (const id of ids) {
      const response = await reveal(harness, app, id)
      expect(response.status).toBeGreaterThanOrEqual(400)
      expect(await response.text()).not.toContain("koppel.test")
    }
    await swap(one, two)
    expect((await reveal(harness, app, one)).status).toBe(200)
  })

  it("a row put into another app's name gives no credentials", async () => {
    const harness = startHarness()
    const [app, thief] = [
      await registerApp(harness, { credentials_access: true }),
      await registerApp(harness, { credentials_access: true }),
    ]
    const id = await connected(harness, app)
    await env.DB.prepare("UPDATE connections SET client_id = ?2 WHERE id = ?1")
      .bind(id, thief.client_id)
      .run()
    const response = await reveal(harness, thief, id)
    expect(response.status).toBeGreaterThanOrEqual(400)
    expect(await response.text()).not.toContain("koppel.test")
  })

  it("what a session or a draft holds does not open as a connection's", async () => {
    const harness = startHarness()
    const app = await registerApp(harness, { credentials_access: true })
    const browser = new Browser(harness)
    await browser.submit(await browser.open(authorizePath(app)), nmbrsFields())
    const id = await connected(harness, app)
    for (const column of ["pasted_sealed", "draft_sealed"]) {
      await env.DB.prepare(
        `UPDATE connections SET credentials_sealed = (SELECT ${column} FROM sessions
         WHERE client_id = ?2 AND ended_at IS NULL) WHERE id = ?1`,
      )
        .bind(id, app.client_id)
        .run()
      expect((await reveal(harness, app, id)).status).toBeGreaterThanOrEqual(400)
    }
  })

  it("swapped sessions hand nothing off", async () => {
    const harness = startHarness()
    const app = await registerApp(harness)
    const [mine, theirs] = [new Browser(harness), new Browser(harness)]
    const summary = await mine.submit(await mine.open(authorizePath(app)), nmbrsFields())
    await theirs.submit(await theirs.open(authorizePath(app)), nmbrsFields("accountant"))
    const { results } = await env.DB.prepare(
      "SELECT id, pasted_sealed AS sealed FROM sessions WHERE client_id = ?1",
    )
      .bind(app.client_id)
      .all<{ id: string; sealed: string }>()
    await env.DB.batch(
      results.map(({ id }, i) =>
        env.DB.prepare("UPDATE sessions SET pasted_sealed = ?2 WHERE id = ?1").bind(
          id,
          results[1 - i]?.sealed ?? "",
        ),
      ),
    )
    const end = await mine.submit(summary)
    expect(end.status).toBeGreaterThanOrEqual(400)
    expect(end.response.headers.get("location")).toBeNull()
    const made = await env.DB.prepare("SELECT count(*) AS n FROM connections WHERE client_id = ?1")
      .bind(app.client_id)
      .first("n")
    expect(made).toBe(0)
  })
})

async function swap(one: string, two: string): Promise<void> {
  const read = env.DB.prepare("SELECT credentials_sealed AS sealed FROM connections WHERE id = ?1")
  const write = env.DB.prepare("UPDATE connections SET credentials_sealed = ?2 WHERE id = ?1")
  const [a, b] = [
    await read.bind(one).first<string>("sealed"),
    await read.bind(two).first<string>("sealed"),
  ]
  await env.DB.batch([write.bind(one, b), write.bind(two, a)])
}
