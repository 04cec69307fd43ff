/** Every outcome of Nmbrs on the page: which field is blamed, what is kept, and where it leads. */
import { env } from "cloudflare:workers"
import { describe, expect, it } from "vitest"
import { en } from "../../src/ui/texts/en.ts"
import { importKeyRing } from "../../src/vault/key-ring.ts"
import { open as openSealed } from "../../src/vault/seal.ts"
import {
  type Arrival,
  authorizePath,
  Browser,
  claim,
  type Harness,
  nmbrsFields,
  registerApp,
  returned,
  startHarness,
} from "../support/worker/harness.ts"
import { startLive } from "../support/worker/live.ts"
import { withoutOwnScript } from "../support/worker/page.ts"

const token = nmbrsFields().token ?? ""

async function open(harness: Harness, members = {}, scope = "nmbrs:employees.read") {
  const app = await registerApp(harness, members)
  const browser = new Browser(harness)
  return { app, browser, form: await browser.open(authorizePath(app, { scope })) }
}

/** The message that `aria-describedby` ties to a field, without its hint. */
function messageOf(page: Arrival, field: string): string | undefined {
  const input = new RegExp(`<input[^>]*\\bname="${field}"[^>]*>`).exec(page.html)?.[0] ?? ""
  const ids = /aria-describedby="([^"]*)"/.exec(input)?.[1]?.split(" ") ?? []
  return ids
    .map((id) => new RegExp(`<p class="say bad" id="${id}">([^<]*)</p>`).exec(page.html)?.[1])
    .find((text) => text !== undefined)
}

/** Nothing secret in the page, everything else back in its field. */
function expectWrittenBack(page: Arrival, fields: Record<string, string>) {
  expect(page.status).toBe(200)
  expect(page.html).not.toContain(token)
  expect(page.forms[0]?.values).toMatchObject({ ...fields, token: "" })
}

describe("refused by Nmbrs", () => {
  it.each([
    ["wrong-token", "token", "does not know this token"],
    ["wrong-domain", "domain", "the address is a different one"],
    ["disabled", "domain", "switched off"],
  ])("%s blames %s", async (who, field, words) => {
    const harness = startHarness()
    const { browser, form } = await open(harness)
    const page = await browser.submit(form, nmbrsFields(who))
    expect(page.blamed).toEqual([field])
    expect(messageOf(page, field)).toContain(words)
    expectWrittenBack(page, { domain: "sandbox", username: `${who}@koppel.test` })
    const right = await browser.submit(page, nmbrsFields())
    expect(right.url).toMatch(/\/summary$/)
  })

  it("revoked-later works in the page", async () => {
    const { browser, form } = await open(startHarness())
    expect((await browser.submit(form, nmbrsFields("revoked-later"))).url).toMatch(/\/summary$/)
  })

  it("an account that Nmbrs doesn't have blames the token", async () => {
    const { browser, form } = await open(startHarness())
    expect((await browser.submit(form, nmbrsFields("nobody"))).blamed).toEqual(["token"])
  })
})

describe("what can't be right", () => {
  it.each([
    ["nothing at all", { domain: "", username: "", token: "" }, ["domain", "username", "token"]],
    [
      "blanks",
      { domain: " ", username: "\u00a0", token: "\u200b" },
      ["domain", "username", "token"],
    ],
    ["a user name", { username: "anna" }, ["username"]],
    ["a token with a space", { token: "0123456789abcdef 0123456789abcdef" }, ["token"]],
    ["a short token", { token: "0123" }, ["token"]],
    ["another site's address", { domain: "https://evil.example/" }, ["domain"]],
    ["an address with an @", { domain: "sandbox.nmbrs.nl@evil.example" }, ["domain"]],
    ["Nmbrs' own host", { domain: "api.nmbrs.nl" }, ["domain"]],
    [
      "markup",
      { domain: '"><script>alert(1)</script>', username: "<b>@x.y" },
      ["domain", "username"],
    ],
  ])(
    "is told at its field without asking: %s",
    async (_, change: Record<string, string>, blamed) => {
      const { browser, form } = await open(startHarness())
      const page = await browser.submit(form, { ...nmbrsFields("down"), ...change })
      // `down` would answer "could not reach" if it were asked.
      expect(page.blamed).toEqual(blamed)
      for (const field of blamed) expect(messageOf(page, field)).toBeTruthy()
      expect(withoutOwnScript(page)).not.toContain("<script")
    },
  )

  it.each([
    ["an address for the domain", { domain: " https://Sandbox.nmbrs.nl/login?x=1 " }],
    ["the host", { domain: "sandbox.nmbrs.nl" }],
    ["Bearer before the token", { token: `Bearer ${token}` }],
    ["quotes around the token", { token: `\u201c${token}\u201d` }],
    [
      "invisible characters",
      { token: `\u200b${token}\ufeff`, username: "\u00a0works@koppel.test " },
    ],
    ["e-mail and token in each other's box", { username: token, token: "works@koppel.test" }],
  ])("is put right where it can be: %s", async (_, change) => {
    const harness = startHarness()
    const { app, browser, form } = await open(harness)
    const summary = await browser.submit(form, { ...nmbrsFields(), ...change })
    expect(summary.url).toMatch(/\/summary$/)
    const query = returned(await browser.submit(summary))
    const claimed = await claim(harness, app, query.get("connection_id") ?? "")
    expect(await claimed.json()).toMatchObject({ account: { domain: "sandbox" } })
  })

  it("says what was put right when something else was wrong", async () => {
    const { browser, form } = await open(startHarness())
    const swapped = { domain: "sandbox", username: token, token: "wrong-token@koppel.test" }
    const page = await browser.submit(form, swapped)
    expect(page.html).toContain("We put your e-mail and token in the right boxes.")
    expect(page.blamed).toEqual(["token"])
    expectWrittenBack(page, { domain: "sandbox", username: "wrong-token@koppel.test" })
  })
})

describe("a suggested domain", () => {
  it("is taken with one button, the token being kept", async () => {
    const harness = startHarness()
    const { app, browser, form } = await open(harness)
    const page = await browser.submit(form, nmbrsFields("wrong-domain"))
    expect(page.html).toContain('<button type="submit" name="use" value="voorbeeld-bv">')
    expect(page.html).toContain("You don&#39;t have to paste this again")
    const summary = await browser.submit(page, {}, { use: "voorbeeld-bv" })
    expect(summary.url).toMatch(/\/summary$/)
    const query = returned(await browser.submit(summary))
    const claimed = await claim(harness, app, query.get("connection_id") ?? "")
    expect(await claimed.json()).toMatchObject({ account: { domain: "voorbeeld-bv" } })
  })

  it("is nothing that a form can make up", async () => {
    const { browser, form } = await open(startHarness())
    const page = await browser.submit(form, nmbrsFields("wrong-domain"))
    const other = await browser.submit(page, {}, { use: "made-up" })
    expect(other.blamed).toEqual(["domain"])
    expect(other.forms[0]?.values.domain).toBe("sandbox")
  })

  it("does not use a kept token with another login", async () => {
    const { browser, form } = await open(startHarness())
    const page = await browser.submit(form, nmbrsFields("wrong-domain"))
    const other = await browser.submit(page, { username: "works@koppel.test" })
    expect(other.blamed).toEqual(["token"])
    expect(messageOf(other, "token")).toContain("still empty")
  })
})

describe("a permission that is missing", () => {
  const missing = "Department_GetAll_AllEmployeesByCompany"

  it("and required blocks, and is named", async () => {
    const { browser, form } = await open(startHarness())
    const page = await browser.submit(form, nmbrsFields("missing-permission"))
    expect(page.status).toBe(200)
    expect(page.url).not.toMatch(/\/summary$/)
    expect(page.blamed).toEqual([])
    expect(page.html).toContain(missing)
    // Nothing to paste: there is no box for the token.
    expect([page.status, page.html.includes(token)]).toEqual([200, false])
    expect(page.forms[0]?.values).not.toHaveProperty("token")
    expect(page.forms[0]?.values).toMatchObject({ username: "missing-permission@koppel.test" })
    // No way round through the summary.
    expect((await browser.open(`${form.url}/summary`)).url).toBe(form.url)
    const summary = `${new URL(form.url).pathname}/summary`
    const pressed = await browser.submit({
      ...page,
      forms: [{ action: summary, values: page.forms[0]?.values ?? {} }],
    })
    expect([pressed.status, pressed.url]).toEqual([200, form.url])
    // Switched on meanwhile: the kept token is checked again, for another account here.
    const again = await browser.submit(page, {})
    expect([again.blamed, again.html.includes(missing)]).toEqual([[], true])
  })

  it("and optional shrinks the granted scope, which the summary says", async () => {
    const harness = startHarness()
    const scope = "nmbrs:companies.read nmbrs:employees.read"
    const { app, browser, form } = await open(
      harness,
      { optional_scope: "nmbrs:employees.read" },
      scope,
    )
    const summary = await browser.submit(form, nmbrsFields("missing-permission"))
    expect(summary.url).toMatch(/\/summary$/)
    expect(summary.html).toContain(en.leftOut)
    const query = returned(await browser.submit(summary))
    const claimed = await claim(harness, app, query.get("connection_id") ?? "")
    expect(await claimed.json()).toMatchObject({ scope: "nmbrs:companies.read" })
  })

  it("leaves the bare provider where all was optional", async () => {
    const harness = startHarness()
    const { app, browser, form } = await open(harness, { optional_scope: "nmbrs:employees.read" })
    const summary = await browser.submit(form, nmbrsFields("missing-permission"))
    const query = returned(await browser.submit(summary))
    const claimed = await claim(harness, app, query.get("connection_id") ?? "")
    expect(await claimed.json()).toMatchObject({ scope: "nmbrs" })
  })

  it("that could not be checked counts as granted and is shown so", async () => {
    const harness = startHarness()
    const { app, browser, form } = await open(harness, {}, "nmbrs:hours.write")
    const summary = await browser.submit(form, nmbrsFields())
    expect(summary.html).toContain(en.notChecked)
    expect(summary.html).toContain("HourComponentVar_Insert")
    const query = returned(await browser.submit(summary))
    const claimed = await claim(harness, app, query.get("connection_id") ?? "")
    expect(await claimed.json()).toMatchObject({ scope: "nmbrs:hours.write" })
  })

  it("counts for nothing when the app asks for other scopes", async () => {
    const harness = startHarness()
    const { app, browser, form } = await open(harness, {}, "nmbrs:companies.read")
    expect((await browser.submit(form, nmbrsFields("missing-permission"))).url).toMatch(
      /\/summary$/,
    )
    const wider = await browser.open(authorizePath(app, { state: "wider" }))
    expect(wider.url).not.toMatch(/\/summary$/)
    const page = await browser.submit(wider, {})
    expect([page.blamed, page.html.includes(missing)]).toEqual([[], true])
  })
})

describe("works, with something to confirm", () => {
  it.each([
    ["no-companies", "it sees no companies"],
    ["accountant", "sees more than one client"],
  ])("%s", async (who, words) => {
    const harness = startHarness()
    const { app, browser, form } = await open(harness)
    const summary = await browser.submit(form, nmbrsFields(who))
    expect(summary.url).toMatch(/\/summary$/)
    expect(summary.html).toContain(words)
    expect(summary.html).toContain(en.connectAnyway)
    const query = returned(await browser.submit(summary))
    expect((await claim(harness, app, query.get("connection_id") ?? "")).status).toBe(200)
  })

  it("slow works too, and says nothing of it", async () => {
    const { browser, form } = await open(startHarness())
    const summary = await browser.submit(form, nmbrsFields("slow"))
    expect(summary.url).toMatch(/\/summary$/)
    expect(summary.html).not.toContain(en.connectAnyway)
  })
})

describe("could not check", () => {
  it.each([
    ["timeout", "did not answer in time"],
    ["down", "could not reach Nmbrs"],
    ["garbled", "do not understand"],
  ])(
    "%s is never a wrong password, hands nothing off and keeps what was pasted",
    async (who, words) => {
      const { browser, form } = await open(startHarness())
      const page = await browser.submit(form, nmbrsFields(who))
      expect([page.status, page.blamed]).toEqual([200, []])
      expect(page.html).toContain(words)
      expect(page.html).not.toContain('class="say bad"')
      expectWrittenBack(page, { domain: "sandbox", username: `${who}@koppel.test` })
      expect((await browser.open(`${form.url}/summary`)).url).toBe(form.url)
      // Nothing pasted again: the same answer, not "empty".
      const again = await browser.submit(page, {})
      expect([again.blamed, again.html.includes(words)]).toEqual([[], true])
    },
  )

  it("works on the next check with nothing pasted again, once Nmbrs is back", async () => {
    let isDown = true
    const harness = startLive(() => (isDown ? new Response("<h1>503", { status: 503 }) : undefined))
    const { browser, form } = await open(harness, { environment: "live" })
    const page = await browser.submit(form, nmbrsFields())
    expect(page.html).toContain("could not reach Nmbrs")
    isDown = false
    expect((await browser.submit(page, {})).url).toMatch(/\/summary$/)
  })

  it("forgets what was pasted after 15 minutes", async () => {
    const harness = startHarness()
    const { browser, form } = await open(harness)
    const page = await browser.submit(form, nmbrsFields("down"))
    harness.clock.at += 15 * 60 * 1000
    expect((await browser.submit(page, {})).blamed).toEqual(["token"])
  })
})

it("hands nothing off without credentials, whenever within a press they expire", async () => {
  const harness = startHarness()
  const { browser, form, app } = await open(harness)
  const summary = await browser.submit(form, nmbrsFields())
  const ring = await importKeyRing(env.SEALING_KEYS)
  // A millisecond passes at each look at the clock: their end falls on every look in turn.
  for (let looks = 0; looks < 12; looks++) {
    await env.DB.prepare("UPDATE sessions SET pasted_until = ?2 WHERE client_id = ?1")
      .bind(app.client_id, harness.clock.at + looks)
      .run()
    const end = await browser.submit(summary)
    if (end.response.headers.get("location") === null) continue
    const row = await env.DB.prepare(
      "SELECT id, credentials_sealed AS sealed FROM connections WHERE client_id = ?1",
    )
      .bind(app.client_id)
      .first<{ id: string; sealed: string }>()
    const id = row?.id ?? ""
    const place = { purpose: "connection", id, clientId: app.client_id, provider: "nmbrs" } as const
    expect(await openSealed(ring, row?.sealed ?? "", place)).toMatchObject({ token })
    return
  }
  throw new Error("never handed off")
})
