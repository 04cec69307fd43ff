/** Every outcome of Nimbus on the page: the field to blame, the pin, and what is kept. */
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
  nimbusFields,
  registerApp,
  returned,
  startHarness,
} from "../support/worker/harness.ts"

const password = nimbusFields().password ?? ""

async function open(harness: Harness, members = {}) {
  const app = await registerApp(harness, members)
  const browser = new Browser(harness)
  return { app, browser, form: await browser.open(authorizePath(app, { scope: "nimbus:api" })) }
}

function messageOf(page: Arrival, field: string): string | undefined {
  const input = new RegExp(`<input[^>]*\\bname="${field}"[^>]*>`).exec(page.html)?.[0] ?? ""
  const ids = /aria-describedby="([^"]*)"/.exec(input)?.[1]?.split(" ") ?? []
  return ids
    .map((id) => new RegExp(`<p class="say bad" id="${id}">([^<]*)</p>`).exec(page.html)?.[1])
    .find((text) => text !== undefined)
}

function expectWrittenBack(page: Arrival, loginCode: string) {
  expect(page.status).toBe(200)
  expect(page.html).not.toContain(password)
  expect(page.forms[0]?.values).toMatchObject({
    account_url: "https://sandbox.nimbus.test/",
    login_code: loginCode,
    password: "",
  })
}

describe("refused by Nimbus", () => {
  it.each([
    ["wrong-password", "password", "did not accept this login code and password"],
    ["locked", "login_code", "locked in Nimbus"],
    ["sso", "login_code", "through another system"],
    ["passkey", "password", "a passkey code"],
  ])("%s blames %s", async (who, field, words) => {
    const { browser, form } = await open(startHarness())
    const page = await browser.submit(form, nimbusFields(who))
    expect(page.blamed).toEqual([field])
    expect(messageOf(page, field)).toContain(words)
    expectWrittenBack(page, who)
    expect(page.html.includes('name="reset_done"')).toBe(who === "locked")
    expect((await browser.submit(page, nimbusFields())).url).toMatch(/\/summary$/)
  })

  it("does not keep a password that was blamed", async () => {
    const { browser, form } = await open(startHarness())
    const page = await browser.submit(form, nimbusFields("wrong-password"))
    const again = await browser.submit(page, {})
    expect([again.blamed, messageOf(again, "password")]).toEqual([
      ["password"],
      "This box is still empty.",
    ])
  })
})

describe("what can't be right", () => {
  it.each([
    [
      "nothing",
      { account_url: "", login_code: "", password: "" },
      ["account_url", "login_code", "password"],
    ],
    ["a passkey of 6 digits", { password: "123456" }, ["password"]],
    ["a passkey of 8 digits", { password: "12345678" }, ["password"]],
    ["a short password", { password: "short" }, ["password"]],
    ["no address", { account_url: "Nimbus" }, ["account_url"]],
    ["an address over http", { account_url: "http://sandbox.nimbus.test/" }, ["account_url"]],
    ["a number for an address", { account_url: "https://2130706433/" }, ["account_url"]],
    [
      "an address with a name in it",
      { account_url: "https://a:b@sandbox.nimbus.test/" },
      ["account_url"],
    ],
    ["a host that is not allowed", { account_url: "https://evil.example/" }, ["account_url"]],
    [
      "a host that looks like it",
      { account_url: "https://sandbox.nimbus.test.evil.example/" },
      ["account_url"],
    ],
    ["another port", { account_url: "https://sandbox.nimbus.test:8443/" }, ["account_url"]],
    ["a host of ours", { account_url: "https://localhost/" }, ["account_url"]],
  ])("is told at its field: %s", async (_, change: Record<string, string>, blamed) => {
    const { browser, form } = await open(startHarness())
    const page = await browser.submit(form, { ...nimbusFields("down"), ...change })
    // `down` would answer "could not reach" if it were asked.
    expect(page.blamed).toEqual(blamed)
    for (const field of blamed) expect(messageOf(page, field)).toBeTruthy()
  })

  it("offers https for http, which is taken with one button", async () => {
    const { browser, form } = await open(startHarness())
    const http = { ...nimbusFields(), account_url: "http://sandbox.nimbus.test/" }
    const page = await browser.submit(form, http)
    expect(page.html).toContain('name="use" value="https://sandbox.nimbus.test/"')
    // The password was typed with another address: kept with that alone.
    const again = await browser.submit(page, nimbusFields(), {
      use: "https://sandbox.nimbus.test/",
    })
    expect(again.url).toMatch(/\/summary$/)
  })
})

describe("works, with something to confirm", () => {
  it.each([
    ["not-api-user", "it is an ordinary employee"],
    ["no-status", "no workflow status is open to it"],
  ])("%s", async (who, words) => {
    const harness = startHarness()
    const { app, browser, form } = await open(harness)
    const summary = await browser.submit(form, nimbusFields(who))
    expect(summary.url).toMatch(/\/summary$/)
    expect(summary.html).toContain(words)
    expect(summary.html).toContain(en.connectAnyway)
    const query = returned(await browser.submit(summary))
    const claimed = await claim(harness, app, query.get("connection_id") ?? "")
    expect(await claimed.json()).toMatchObject({ scope: "nimbus:api" })
  })

  it.each(["slow", "revoked-later"])(
    "%s works in the page, with nothing to confirm",
    async (who) => {
      const { browser, form } = await open(startHarness())
      const summary = await browser.submit(form, nimbusFields(who))
      expect(summary.url).toMatch(/\/summary$/)
      expect(summary.html).not.toContain(en.connectAnyway)
    },
  )
})

describe("could not check", () => {
  it.each([
    ["timeout", "did not answer in time"],
    ["down", "could not reach Nimbus"],
    ["garbled", "cannot read"],
  ])("%s is never a wrong password and keeps what was pasted", async (who, words) => {
    const { browser, form } = await open(startHarness())
    let page = await browser.submit(form, nimbusFields(who))
    // More often than a refused login may be tried.
    for (let i = 0; i < 4; i++) {
      expect([page.status, page.blamed]).toEqual([200, []])
      expect(page.html).toContain(words)
      expect(page.html).not.toContain('class="say bad"')
      expectWrittenBack(page, who)
      page = await browser.submit(page, {})
    }
    expect((await browser.open(`${form.url}/summary`)).url).toBe(form.url)
  })
})

describe("a pin", () => {
  it("is asked for only when Nimbus does, used once, and never sealed", async () => {
    const harness = startHarness()
    const { app, browser, form } = await open(harness, { credentials_access: true })
    expect(form.html).not.toContain('name="pin"')
    const asked = await browser.submit(form, nimbusFields("pin"))
    expect(asked.blamed).toEqual(["pin"])
    expect(messageOf(asked, "pin")).toContain("6-digit pin")
    expectWrittenBack(asked, "pin")

    const wrong = await browser.submit(asked, { pin: "654321" })
    expect([wrong.blamed, messageOf(wrong, "pin")]).toEqual([
      ["pin"],
      "Nimbus did not accept this pin.",
    ])
    expect(wrong.html).not.toContain("654321")
    expect(wrong.forms[0]?.values.pin).toBe("")

    const odd = await browser.submit(wrong, { pin: "12345" })
    expect([odd.blamed, odd.html.includes("12345")]).toEqual([["pin"], false])

    const summary = await browser.submit(odd, { pin: " 123 456 " })
    expect(summary.url).toMatch(/\/summary$/)
    expect(summary.html).toContain("Nimbus wanted a pin")
    const rows = await env.DB.prepare(
      "SELECT pasted_sealed AS pasted, draft_sealed AS draft, connection_id AS id FROM sessions WHERE client_id = ?1",
    )
      .bind(app.client_id)
      .first<{ pasted: string; draft: string; id: string }>()
    const ring = await importKeyRing(env.SEALING_KEYS)
    const place = { id: rows?.id ?? "", clientId: app.client_id, provider: "nimbus" }
    const pasted = await openSealed(ring, rows?.pasted ?? "", { ...place, purpose: "session" })
    const draft = await openSealed(ring, rows?.draft ?? "", { ...place, purpose: "draft" })
    expect(pasted).toEqual({ ...nimbusFields("pin") })
    expect(draft).toEqual({ account_url: "https://sandbox.nimbus.test/", login_code: "pin" })

    const id = returned(await browser.submit(summary)).get("connection_id") ?? ""
    await claim(harness, app, id)
    const revealed = await harness.request(`/v1/connections/${id}/credentials`, {
      method: "POST",
      headers: { authorization: app.basic },
    })
    expect(await revealed.json()).toEqual({ provider: "nimbus", credentials: nimbusFields("pin") })
  })

  it("left empty asks Nimbus for a new one, without the password pasted again", async () => {
    const { browser, form } = await open(startHarness())
    const asked = await browser.submit(form, nimbusFields("pin"))
    const again = await browser.submit(asked, {})
    expect([again.blamed, messageOf(again, "pin")]).toEqual([
      ["pin"],
      "Nimbus has sent a 6-digit pin.",
    ])
  })

  it.each(["down", "wrong-password", "locked"])(
    "is not kept when the answer is %s",
    async (who) => {
      const harness = startHarness()
      const { app, browser, form } = await open(harness)
      await browser.submit(form, { ...nimbusFields(who), pin: "123456" })
      const row = await env.DB.prepare(
        "SELECT pasted_sealed AS pasted, connection_id AS id FROM sessions WHERE client_id = ?1",
      )
        .bind(app.client_id)
        .first<{ pasted: string | null; id: string }>()
      if (row?.pasted == null) return expect(who).toBe("wrong-password")
      const ring = await importKeyRing(env.SEALING_KEYS)
      const place = { id: row.id, clientId: app.client_id, provider: "nimbus" }
      const pasted = await openSealed(ring, row.pasted, { ...place, purpose: "session" })
      expect(pasted).toEqual(nimbusFields(who))
    },
  )

  it("typed where none was asked for does no harm", async () => {
    const { browser, form } = await open(startHarness())
    const summary = await browser.submit(form, { ...nimbusFields(), pin: "" })
    expect(summary.url).toMatch(/\/summary$/)
  })
})
