/** What stands in the hosted page: what the app asks for, what is known, and nothing else. */
import { env } from "cloudflare:workers"
import { describe, expect, it } from "vitest"
import { LANGUAGES } from "../../src/lib/languages.ts"
import { importKeyRing } from "../../src/vault/key-ring.ts"
import { open as openSealed } from "../../src/vault/seal.ts"
import {
  type Arrival,
  authorizePath,
  Browser,
  claim,
  nimbusFields,
  nmbrsFields,
  registerApp,
  returned,
  startHarness,
} from "../support/worker/harness.ts"
import { type Answer, startLive } from "../support/worker/live.ts"
import {
  ASKER,
  decode,
  openForm,
  pressAt,
  pushed,
  textOf,
  withoutOwnScript,
} from "../support/worker/page.ts"

const TOKEN = nmbrsFields().token ?? ""
const NASTY = `<script>alert(1)</script>"'><img src=x onerror=alert(2)>&amp;`

/** An answer of Nmbrs to `List_GetAll`; other calls are left to the simulator. */
function listing(service: "Debtor" | "Company", items: string): Answer {
  return ({ url, body }) => {
    if (!url.includes(`${service}Service.asmx`) || !body.includes("<List_GetAll ")) return undefined
    const uri = `https://api.nmbrs.nl/soap/v3/${service}Service`
    const text = `<?xml version="1.0"?><soap:Envelope xmlns:soap="http://schemas.xmlsoap.org/soap/envelope/"><soap:Body><List_GetAllResponse xmlns="${uri}"><List_GetAllResult>${items}</List_GetAllResult></List_GetAllResponse></soap:Body></soap:Envelope>`
    return new Response(text, { headers: { "content-type": "text/xml; charset=utf-8" } })
  }
}

const xml = (text: string) =>
  text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;")

/** No markup of ours but the one script, the one style, and no handler anywhere. */
function expectNoInjection(page: Arrival) {
  const html = withoutOwnScript(page)
  expect(html).not.toMatch(/<script|<img|\sonerror=(?!alert\(2\)&gt;)|javascript:/i)
  expect(html.match(/<style\b/g)).toHaveLength(1)
}

describe("the first response", () => {
  it.each(["nmbrs:employees.read", "nimbus:api"])(
    "holds guide and form, and nothing of a third party: %s",
    async (scope) => {
      for (const code of LANGUAGES) {
        const { form } = await openForm(startHarness(), {}, { scope, ui_locales: code })
        const links = [...form.html.matchAll(/(?:src|href|action|poster|data)="([^"]*)"/g)].map(
          ([, link = ""]) => new URL(decode(link), form.url),
        )
        const elsewhere = links.filter(({ origin }) => origin !== new URL(form.url).origin)
        expect(elsewhere.map(String)).toEqual([])
        expect(form.html).toContain('<meta name="robots" content="noindex"/>')
        expect(form.html.match(/<li class="(done)?"><details/g)?.length).toBeGreaterThan(4)
        expect(form.html.match(/<svg /g)?.length).toBeGreaterThan(4)
        expect(form.html.match(/<svg [^>]*role="img" aria-label="[^"]{20,}"/g)?.length).toBe(
          form.html.match(/<svg /g)?.length,
        )
        expect(form.forms[0]?.values).toHaveProperty(
          scope.startsWith("nmbrs") ? "token" : "password",
        )
      }
    },
  )

  it("links to the person's own Nmbrs, in a new tab, once the address is known", async () => {
    const { browser, form } = await openForm(startHarness())
    expect(form.html).not.toContain("nmbrs.nl/")
    const page = await browser.submit(form, nmbrsFields("wrong-token"))
    expect(page.html).toContain(
      '<a href="https://sandbox.nmbrs.nl/" target="_blank" rel="noopener noreferrer">',
    )
    const odd = { ...nmbrsFields("wrong-token"), domain: "a/b?c#d@evil.example" }
    const wrong = await browser.submit(form, odd)
    expect(wrong.html).not.toMatch(/href="https:\/\/[^"]*evil/)
  })

  it("names who asks, as the app said by PAR", async () => {
    const harness = startHarness()
    const app = await registerApp(harness)
    const form = await new Browser(harness).open(await pushed(harness, app))
    expect(textOf(form)).toContain("Asked by anna@bakkerij.example, Bakkerij Jansen.")
    expect(textOf(await new Browser(harness).open(authorizePath(app)))).not.toContain("Asked by")
  })

  it("says that the app never sees the token, and the opposite where it may read it", async () => {
    const { form } = await openForm(startHarness())
    expect(textOf(form)).toContain("Urenweek never sees it.")
    const { browser, form: other } = await openForm(startHarness(), { credentials_access: true })
    expect(textOf(other)).not.toContain("never sees it")
    expect(textOf(other)).toContain("Urenweek can read it: it asked for that")
    const summary = await browser.submit(other, nmbrsFields())
    expect(textOf(summary)).toContain("Urenweek can read the token or password itself")
  })

  it("lists the rights that this app needs, to tick and to copy", async () => {
    const { form } = await openForm(startHarness(), {}, { scope: "nmbrs:hours.write" })
    const needed = form.html.slice(form.html.indexOf("What Urenweek needs"))
    expect(needed).toMatch(/<input type="checkbox"\/> <code>HourComponentVar_Insert<\/code>/)
    expect(needed).not.toContain("PersonalInfoWithoutBSN_Get_GetAllEmployeesByCompany")
    expect(/data-copy="([^"]*)"/.exec(needed)?.[1]).toContain("HourComponentVar_Insert")
  })
})

describe("the ribbon of a test app", () => {
  it("tries every outcome in one click", async () => {
    const harness = startHarness()
    const { app, form } = await openForm(harness)
    const names = [...form.html.matchAll(/name="magic" value="([^"]*)"/g)].map(([, name]) => name)
    expect(names).toEqual(expect.arrayContaining(["works", "wrong-token", "slow", "down"]))
    for (const name of names) {
      const browser = new Browser(harness)
      const page = await browser.submit(
        await browser.open(authorizePath(app)),
        {},
        { magic: name ?? "" },
      )
      expect([name, page.status, page.blamed.includes("username")]).toEqual([name, 200, false])
      expect(page.url.endsWith("/summary") || page.html.includes("note ")).toBe(true)
    }
  })

  it("is not there for a live app, where its names mean nothing", async () => {
    const harness = startLive()
    const { browser, form } = await openForm(harness, { environment: "live" })
    expect(form.html).not.toContain('name="magic"')
    const page = await browser.submit(form, {}, { magic: "works" })
    expect(page.blamed).toEqual(["domain", "username", "token"])
    expect(harness.calls).toEqual([])
  })
})

describe("a tick", () => {
  it("is kept over a reload, and so is what was typed; secrets sealed, not in the page", async () => {
    const harness = startHarness()
    const { app, browser, form } = await openForm(harness)
    const typed = { ...nmbrsFields("works"), username: "half@koppel.test" }
    const ticked = await pressAt(browser, form, "/tick", { ...typed, tick: "+address" })
    for (const page of [ticked, await browser.open(form.url)]) {
      expect(page.html.match(/<li class="done">/g)).toHaveLength(1)
      expect(page.html).not.toContain(TOKEN)
      expect(page.forms[0]?.values).toMatchObject({ username: "half@koppel.test", token: "" })
    }
    const row = await env.DB.prepare(
      "SELECT connection_id AS id, pasted_sealed AS pasted, draft_sealed AS draft, checks FROM sessions WHERE client_id = ?1",
    )
      .bind(app.client_id)
      .first<{ id: string; pasted: string; draft: string; checks: number }>()
    expect(row?.checks).toBe(0)
    expect(JSON.stringify(row)).not.toContain("half")
    const place = { id: row?.id ?? "", clientId: app.client_id, provider: "nmbrs" }
    const ring = await importKeyRing(env.SEALING_KEYS)
    const open = (text = "", purpose: "session" | "draft") =>
      openSealed(ring, text, { ...place, purpose })
    expect(await open(row?.pasted, "session")).toMatchObject({ token: TOKEN })
    expect(await open(row?.draft, "draft")).not.toHaveProperty("token")
    // The token need not be pasted again.
    const again = await pressAt(browser, ticked, "", { username: "works@koppel.test" })
    expect(again.blamed).toEqual(["token"])
    const kept = await pressAt(browser, ticked, "/tick", { ...nmbrsFields(), tick: "-address" })
    expect(kept.html).not.toContain('<li class="done">')
    expect((await browser.submit(kept)).url).toMatch(/\/summary$/)
  })

  it("for no step of the guide changes nothing, and stands in no page", async () => {
    const { browser, form } = await openForm(startHarness())
    for (const tick of ["+nothing", "+<b>", "", "address", "-address"]) {
      const page = await pressAt(browser, form, "/tick", { tick })
      expect([tick, page.status, page.html.includes('class="done"')]).toEqual([tick, 200, false])
      expect(page.html).not.toContain("<b>")
    }
  })
})

describe("the permission matrix", () => {
  it("shows what is on, off and not checked, with the tick box of what is off", async () => {
    const { browser, form } = await openForm(
      startHarness(),
      {},
      { scope: "nmbrs:employees.read nmbrs:hours.write" },
    )
    const page = await browser.submit(form, nmbrsFields("missing-permission"))
    const rows = new Map(
      [
        ...page.html.matchAll(
          /<tr><td><code>(\w+)<\/code>(.*?)<\/td><td class="(\w+)">(.*?)<\/td>/g,
        ),
      ].map(([, name, picture = "", tone, words]) => [
        name,
        [tone, words, picture.includes("<svg")],
      ]),
    )
    expect(rows.get("List_GetByCompany")).toEqual(["ok", "✓ on", false])
    expect(rows.get("Department_GetAll_AllEmployeesByCompany")).toEqual(["no", "off", true])
    expect(rows.get("HourComponentVar_Insert")).toEqual(["na", "not checked", false])
    expect(page.html).toMatch(
      /aria-label="The list Employee Services: the empty tick box behind Dep/,
    )
    expect(page.html).toContain('<details open="">')
    expect(textOf(page)).toContain("Nothing to paste")
    const again = await browser.submit(page)
    expect([again.blamed, textOf(again).includes("One right is missing")]).toEqual([[], true])
  })

  it("offers to go on without what is optional", async () => {
    const { browser, form } = await openForm(
      startHarness(),
      { optional_scope: "nmbrs:employees.read" },
      { scope: "nmbrs:companies.read nmbrs:employees.read" },
    )
    const summary = await browser.submit(form, nmbrsFields("missing-permission"))
    expect(summary.url).toMatch(/\/summary$/)
    expect(textOf(summary)).toContain("Go on without it")
    expect(textOf(summary)).toContain("Left out, because a right is missing")
    expect(summary.html).toContain('<td class="no">off</td>')
  })
})

describe("the summary", () => {
  it("tells apart what the app may read and change, who asked, and how to end it", async () => {
    const harness = startHarness()
    const app = await registerApp(harness)
    const browser = new Browser(harness)
    const scope = "nmbrs:employees.read nmbrs:hours.write"
    const form = await browser.open(await pushed(harness, app, { scope }))
    const summary = textOf(await browser.submit(form, nmbrsFields()))
    expect(summary).toMatch(
      /Urenweek may read your employees: .* It may change your employees' hours/,
    )
    expect(summary).toContain(`Asked by ${ASKER.end_user.email}, Bakkerij Jansen`)
    expect(summary).toContain("End this at any time: in Urenweek, or by withdrawing it in Nmbrs")
    expect(summary).toContain("Only one company?")
    expect(summary).toContain("Only one client?")
    expect(summary).toContain("we do not leave anything out")
  })

  it("counts ten thousand debtors, and says more than where it stopped reading", async () => {
    const debtor = (name: string) => (_: unknown, i: number) =>
      `<Debtor><Id>${i + 1}</Id><Number>${i}</Number><Name>${name} ${i}</Name></Debtor>`
    for (const [name, words] of [
      ["Client", "10000 organisations: Client 0, Client 1, Client 2, …"],
      ["x".repeat(300), /more than \d{4} organisations/],
    ] as const) {
      const items = Array.from({ length: 10_000 }, debtor(name)).join("")
      const harness = startLive(listing("Debtor", items))
      const { app, browser, form } = await openForm(harness, { environment: "live" })
      const summary = await browser.submit(form, nmbrsFields())
      expect(summary.url).toMatch(/\/summary$/)
      expect(textOf(summary)).toMatch(words)
      expect(summary.html.length).toBeLessThan(40_000)
      const query = returned(await browser.submit(summary))
      expect((await claim(harness, app, query.get("connection_id") ?? "")).status).toBe(200)
    }
  })
})

describe("names that are markup", () => {
  it("of app, person, organisation and companies are words in every page", async () => {
    const items = `<Company><ID>1</ID><Number>1</Number><Name>${xml(NASTY)}</Name></Company>`
    const harness = startLive(listing("Company", items))
    const app = await registerApp(harness, { environment: "live", client_name: NASTY })
    const asker = {
      end_user: { ...ASKER.end_user, name: NASTY },
      organization: { name: NASTY },
    }
    const browser = new Browser(harness)
    const form = await browser.open(await pushed(harness, app, { login_hint: NASTY }, asker))
    const pages = [form, await browser.open(`${form.url}/cancel`)]
    pages.push(await browser.submit(form, { ...nmbrsFields(), username: NASTY, domain: NASTY }))
    pages.push(await browser.submit(form, nmbrsFields()))
    expect(pages.at(-1)?.url).toMatch(/\/summary$/)
    expect(pages.at(-1)?.html).toContain("&lt;script&gt;alert(1)&lt;/script&gt;")
    const made = await pressAt(browser, form, "/handover", { handover: "create" })
    const link = /http[^\s<]*(\/handover\/[\w-]+)/.exec(made.html)?.[1] ?? ""
    pages.push(made, await browser.open(form.url), await new Browser(harness).open(link))
    pages.push(await new Browser(harness).open(form.url))
    for (const page of pages) {
      expectNoInjection(page)
      expect(page.html).toContain("&lt;script&gt;")
    }
  })

  it.each([
    ["a page", "<!doctype html><title>200</title><script>alert(1)</script><h1>Hello"],
    ["a page that ends early", "<html><body><form action=https://evil.example/>"],
    ["nothing but a tag", "<script>"],
    ["a megabyte", `<p>${"<b>".repeat(400_000)}`],
  ])("HTML with status 200 breaks nothing: %s", async (_, html) => {
    const headers = { "content-type": "text/html" }
    const harness = startLive(() => new Response(html, { status: 200, headers }))
    for (const [scope, fields] of [
      ["nmbrs:employees.read", nmbrsFields()],
      ["nimbus:api", nimbusFields()],
    ] as const) {
      const { browser, form } = await openForm(harness, { environment: "live" }, { scope })
      const page = await browser.submit(form, fields)
      expect([page.status, page.url, page.blamed]).toEqual([200, form.url, []])
      expect(page.html).toContain('class="note wait"')
      expectNoInjection(page)
      expect(page.html).not.toContain("evil.example")
    }
  })
})
