/** The handover: somebody else is the administrator, and goes on by a link. */
import { env } from "cloudflare:workers"
import { describe, expect, it } from "vitest"
import {
  type Arrival,
  authorizePath,
  Browser,
  claim,
  type Harness,
  nmbrsFields,
  type RegisteredApp,
  registerApp,
  returned,
  startHarness,
} from "../support/worker/harness.ts"
import { DAY, HOUR, MINUTE, registerPublic, suspend } from "../support/worker/oauth.ts"
import { dumpTables } from "../support/worker/observe.ts"
import { ASKER, pressAt, pushed, textOf } from "../support/worker/page.ts"

const { email } = ASKER.end_user
const TOKEN = nmbrsFields().token ?? ""
const OFFER = "Make a link for my colleague"

interface Started {
  readonly harness: Harness
  readonly app: RegisteredApp
  readonly requester: Browser
  readonly form: Arrival
}

/** A request by PAR that says who asks, opened by the requester. */
async function start(members: Record<string, unknown> = {}): Promise<Started> {
  const harness = startHarness()
  const app = await registerApp(harness, members)
  const requester = new Browser(harness)
  return { harness, app, requester, form: await requester.open(await pushed(harness, app)) }
}

/** Makes the link; gives its path. */
async function makeLink({ requester, form }: Started): Promise<{ page: Arrival; link: string }> {
  const page = await pressAt(requester, form, "/handover", { handover: "create" })
  const link = /http[^\s<]*(\/handover\/[\w-]+)/.exec(page.html)?.[1]
  if (link === undefined) throw new Error(`no link at ${page.status} ${page.html}`)
  return { page, link }
}

/** A colleague who has ticked that this was expected. */
async function accept(harness: Harness, link: string) {
  const colleague = new Browser(harness)
  const lead = await colleague.open(link)
  return { colleague, lead, page: await colleague.submit(lead, { expected: "1" }) }
}

/** The colleague finishes; gives the last page. */
async function help(harness: Harness, link: string) {
  const { colleague, page } = await accept(harness, link)
  const summary = await colleague.submit(page, nmbrsFields())
  return { colleague, page, summary, last: await colleague.submit(summary) }
}

/** The requester's page, looked at again by itself: how often, and what it says. */
function refreshOf({ html }: Arrival): string | undefined {
  return /<meta http-equiv="refresh" content="([^"]*)"/.exec(html)?.[1]
}

async function revoke(requester: Browser, url: string): Promise<Arrival> {
  const waiting = await requester.open(url)
  return await requester.submit(waiting, {}, { handover: "revoke" })
}

describe("a handover is offered", () => {
  it("by PAR from a confidential app that says e-mail and organisation", async () => {
    const { form } = await start()
    expect(textOf(form)).toContain(OFFER)
    expect(textOf(form)).toContain("It works for 7 days")
    expect(form.html).not.toContain("<textarea")
  })

  it.each([
    ["no e-mail", { ...ASKER, end_user: { id: "user-7", name: "Anna" } }],
    ["no organisation", { end_user: ASKER.end_user }],
    ["nobody", {}],
  ])("not where PAR names %s: there is a text to copy, and no way round", async (_, asker) => {
    const harness = startHarness()
    const app = await registerApp(harness)
    const browser = new Browser(harness)
    const form = await browser.open(await pushed(harness, app, {}, asker))
    expect(textOf(form)).not.toContain(OFFER)
    expect(form.html).toMatch(/<textarea readonly=""[^>]*>[^<]*Open Urenweek, press Connect Nmbrs/)
    const forced = await pressAt(browser, form, "/handover", { handover: "create" })
    expect([forced.status, forced.html.includes("/handover/hnd_")]).toEqual([410, false])
  })

  it("not by an address, whatever it says, nor for a public app", async () => {
    const harness = startHarness()
    const asker = { end_user: JSON.stringify(ASKER.end_user), organization: '{"name":"X"}' }
    const open = async (app: RegisteredApp, more: Record<string, string> = {}) => {
      const browser = new Browser(harness)
      const form = await browser.open(authorizePath(app, more))
      expect(textOf(form)).not.toContain(OFFER)
      const forced = await pressAt(browser, form, "/handover", { handover: "create" })
      expect(forced.html).not.toContain("/handover/hnd_")
    }
    await open(await registerApp(harness))
    const challenge = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
    const pkce = { code_challenge: challenge, code_challenge_method: "S256" }
    await open(await registerPublic(harness), { response_type: "code", ...pkce })
    const app = await registerApp(harness)
    const said = await new Browser(harness).open(authorizePath(app, asker))
    expect(said.html).not.toContain(OFFER)
    expect(said.html).not.toContain(email)
  })
})

describe("the requester's link", () => {
  it("is shown once, to copy and to mail, with its end; Koppel sends nothing", async () => {
    const started = await start()
    const { page, link } = await makeLink(started)
    const text = textOf(page)
    expect(text).toContain("We send no e-mail ourselves. The link works until 2026-11-29")
    const mail = /href="(mailto:[^"]*)"/.exec(page.html)?.[1] ?? ""
    expect(decodeURIComponent(mail)).toContain(link)
    expect((await started.requester.open(started.form.url)).html).not.toContain(link)
    const rows = (await dumpTables(env.DB)).sessions?.join("\n") ?? ""
    expect([rows.length > 0, rows.includes(link.slice("/handover/".length))]).toEqual([true, false])
  })
})

describe("opening the link", () => {
  it("changes nothing, however often and wherever it is done", async () => {
    const { harness, ...rest } = await start()
    const { link } = await makeLink({ harness, ...rest })
    const before = await dumpTables(env.DB)
    const first = new Browser(harness)
    for (const browser of [first, first, new Browser(harness)]) {
      const lead = await browser.open(link)
      expect(lead.status).toBe(200)
    }
    const head = await harness.request(link, { method: "HEAD" })
    expect([head.status, await head.text()]).toEqual([200, ""])
    expect(await dumpTables(env.DB)).toEqual(before)
  })

  it("leads with who will get access, and goes on only by a tick that names the e-mail", async () => {
    const started = await start()
    const { link } = await makeLink(started)
    const colleague = new Browser(started.harness)
    const lead = await colleague.open(link)
    const text = textOf(lead)
    expect(text).toContain(
      "According to Urenweek, anna@bakkerij.example of Bakkerij Jansen will get access",
    )
    const label = /<label[^>]*for="expected">[\s\S]*?<\/label>/.exec(lead.html)?.[0] ?? ""
    expect(label).toContain(email)
    expect(lead.html).not.toContain('name="token"')
    const unticked = await colleague.submit(lead)
    expect(unticked.status).toBe(400)
    expect(unticked.html).toContain('aria-invalid="true"')
    expect(unticked.html).not.toContain('name="token"')
    const form = await colleague.submit(unticked, { expected: "1" })
    expect([form.status, form.html.includes('name="token"')]).toEqual([200, true])
  })

  it("leads nowhere for a link that never was", async () => {
    const { harness } = await start()
    const page = await new Browser(harness).open("/handover/hnd_00nothing")
    expect([page.status, textOf(page).includes("Ask the person who sent it")]).toEqual([410, true])
  })
})

describe("while the colleague is at it", () => {
  it("keeps the steps that were ticked, and nothing that the requester typed", async () => {
    const started = await start()
    const { requester, form } = started
    await pressAt(requester, form, "/tick", { ...nmbrsFields(), tick: "+administrator" })
    const { link } = await makeLink(started)
    const { page } = await accept(started.harness, link)
    expect(page.html.match(/<li class="done">/g)).toHaveLength(1)
    expect(page.forms[0]?.values).toMatchObject({ domain: "", username: "", token: "" })
    expect(textOf(page)).not.toContain(OFFER)
  })

  it.each(["works", "wrong-token", "missing-permission", "down"])(
    "shows the requester nothing of what was typed or found: %s",
    async (who) => {
      const started = await start()
      const { harness, requester, form } = started
      const { link } = await makeLink(started)
      const { colleague, page } = await accept(harness, link)
      const verdict = await colleague.submit(page, nmbrsFields(who))
      expect(verdict.status).toBe(200)
      for (const rest of ["", "?change=1", "/summary", "/asking"]) {
        const seen = await requester.open(form.url + rest)
        for (const typed of [TOKEN, `${who}@koppel.test`, "sandbox", 'name="token"', "say bad"]) {
          expect([rest, typed, seen.html.includes(typed)]).toEqual([rest, typed, false])
        }
      }
      expect(textOf(await requester.open(form.url))).toContain("Your colleague has the link")
    },
  )

  it("does not take the requester's form, ticks or yes", async () => {
    const started = await start()
    const { harness, requester, form } = started
    const { link } = await makeLink(started)
    const { colleague, page } = await accept(harness, link)
    const summary = await colleague.submit(page, nmbrsFields())
    for (const rest of ["", "/tick", "/handover"]) {
      const refused = await pressAt(requester, form, rest, { ...nmbrsFields("down"), tick: "+x" })
      expect([rest, refused.status]).toEqual([rest, 410])
    }
    const yes = await pressAt(requester, form, "/summary")
    expect([yes.status, textOf(yes).includes("Your colleague has the link")]).toEqual([200, true])
    // The colleague's own page is as it was.
    expect((await colleague.submit(summary)).html).toContain("Done. Thank you.")
  })

  it("ends with the colleague's yes: the link is used up, by whoever opens it", async () => {
    const { harness, ...rest } = await start()
    const { link } = await makeLink({ harness, ...rest })
    const other = await accept(harness, link)
    const { colleague, page, summary, last } = await help(harness, link)
    expect(summary.html).not.toContain("app.example")
    expect(textOf(last)).toContain("anna@bakkerij.example of Bakkerij Jansen now gets access")
    expect(textOf(last)).toContain("Reset the token there")
    expect(last.forms).toEqual([])
    expect(textOf(await colleague.open(page.url))).toContain("Done. Thank you.")
    for (const used of [
      await new Browser(harness).open(link),
      await new Browser(harness).open(link, { method: "POST", body: "expected=1" }),
    ]) {
      expect(used.status).not.toBe(200)
      expect(used.html).not.toContain('name="token"')
    }
    const late = await other.colleague.submit(other.page, nmbrsFields("down"))
    expect(late.status).toBe(410)
  })

  it("leaves the link as it is when the colleague says no", async () => {
    const { harness, ...rest } = await start()
    const { link } = await makeLink({ harness, ...rest })
    const { colleague, page } = await accept(harness, link)
    const summary = await colleague.submit(page, nmbrsFields())
    const back = await colleague.submit(summary, {}, { cancel: "1" })
    expect([back.status, back.html.includes('name="token"')]).toEqual([200, true])
    expect(textOf(await rest.requester.open(rest.form.url))).toContain("has the link")
    expect((await new Browser(harness).open(link)).status).toBe(200)
  })
})

describe("the requester's page", () => {
  it("looks every 10 seconds, then every minute, and no more after half an hour", async () => {
    const started = await start()
    const { harness, requester, form } = started
    await makeLink(started)
    const made = harness.clock.at
    const seen: (string | undefined)[] = []
    for (const minutes of [0, 4, 6, 29, 31, 5 * 60]) {
      harness.clock.at = made + minutes * MINUTE
      seen.push(refreshOf(await requester.open(form.url)))
    }
    const [often, seldom] = ["10;url=?look=1", "60;url=?look=1"]
    expect(seen).toEqual([often, often, seldom, seldom, undefined, undefined])
  })

  it("goes on by itself when it looks, and hands off", async () => {
    const started = await start()
    const { harness, app, requester, form } = started
    const { link } = await makeLink(started)
    await help(harness, link)
    const opened = await requester.open(form.url)
    expect(opened.html).not.toContain("data-auto=")
    const looked = await requester.open(`${form.url}?look=1`)
    expect(looked.html).toMatch(/<form [^>]*data-auto=/)
    expect(looked.html).not.toContain("works@koppel.test")
    const query = returned(await requester.submit(looked))
    const claimed = await claim(harness, app, query.get("connection_id") ?? "")
    expect(await claimed.json()).toMatchObject({ handed_over: true, status: "active" })
  })

  it("is resumed by a new request two days later: connected, and said to be handed over", async () => {
    const started = await start()
    const { harness, app, form } = started
    const { link } = await makeLink(started)
    harness.clock.at += HOUR
    await help(harness, link)
    harness.clock.at += 2 * DAY
    const stale = await started.requester.open(`${form.url}?look=1`)
    expect(stale.html).not.toContain("data-auto=")
    const resumed = await started.requester.open(await pushed(harness, app, { state: "new" }))
    expect(textOf(resumed)).toContain("Your colleague is done.")
    const query = returned(await started.requester.submit(resumed))
    expect(query.get("state")).toBe("new")
    const claimed = await claim(harness, app, query.get("connection_id") ?? "", "new")
    expect(await claimed.json()).toMatchObject({
      handed_over: true,
      status: "active",
      account: { domain: "sandbox" },
      end_user: ASKER.end_user,
      verification: { outcome: "works" },
    })
  })

  it("says to press Connect once more when the app has forgotten its request", async () => {
    const started = await start()
    const { harness, requester, form } = started
    const { link } = await makeLink(started)
    await help(harness, link)
    harness.clock.at += 11 * MINUTE
    const late = await requester.open(form.url)
    expect(late.forms).toEqual([])
    expect(textOf(late)).toContain("press Connect once more")
    expect(late.html).toContain('href="https://app.example/"')
  })
})

describe("a link that has ended", () => {
  /** Both pages say what to do, and one press makes a link that works. */
  async function expectEnded({ harness, requester, form }: Started, link: string) {
    const lead = await new Browser(harness).open(link)
    expect([lead.status, textOf(lead).includes(`Ask ${email} for a new one`)]).toEqual([410, true])
    const back = await requester.open(form.url)
    expect(textOf(back)).toContain("The link has ended.")
    const made = await pressAt(requester, back, "/handover", { handover: "create" })
    const next = /http[^\s<]*(\/handover\/[\w-]+)/.exec(made.html)?.[1] ?? ""
    expect([made.status, textOf(made)]).toEqual([200, expect.stringContaining("Send this link")])
    expect(next).not.toBe(link)
    expect((await help(harness, next)).last.html).toContain("Done. Thank you.")
  }

  it("by the requester's word", async () => {
    const started = await start()
    const { link } = await makeLink(started)
    const { colleague, page } = await accept(started.harness, link)
    await colleague.submit(page, nmbrsFields("wrong-token"))
    const back = await revoke(started.requester, started.form.url)
    for (const typed of ["sandbox", "wrong-token@koppel.test", "say bad"]) {
      expect([typed, back.html.includes(typed)]).toEqual([typed, false])
    }
    // Where the colleague was, whom to ask stands too.
    const cut = await colleague.open(page.url)
    expect([cut.status, textOf(cut).includes(`Ask ${email}`)]).toEqual([410, true])
    expect((await colleague.submit(page, nmbrsFields())).status).toBe(410)
    await expectEnded(started, link)
  })

  it("after 7 days, and not before", async () => {
    const started = await start()
    const { link } = await makeLink(started)
    const { colleague, page } = await accept(started.harness, link)
    started.harness.clock.at += 7 * DAY - MINUTE
    expect((await new Browser(started.harness).open(link)).status).toBe(200)
    const summary = await colleague.submit(page, nmbrsFields())
    expect(summary.url).toMatch(/\/summary$/)
    started.harness.clock.at += MINUTE
    // A yes that comes too late is none.
    expect((await colleague.submit(summary)).status).toBe(410)
    await expectEnded(started, link)
  })

  it("by a new one in its place", async () => {
    const started = await start()
    const { link } = await makeLink(started)
    const { colleague, page } = await accept(started.harness, link)
    await revoke(started.requester, started.form.url)
    const { link: next } = await makeLink(started)
    expect((await new Browser(started.harness).open(link)).status).toBe(410)
    const cut = await colleague.submit(page, nmbrsFields())
    expect([cut.status, textOf(cut).includes(`Ask ${email}`)]).toEqual([410, true])
    expect((await new Browser(started.harness).open(next)).status).toBe(200)
  })

  it("with its app: a suspended one's link opens nothing, at once", async () => {
    const started = await start()
    const { link } = await makeLink(started)
    const { colleague, page } = await accept(started.harness, link)
    await suspend(started.app)
    expect((await new Browser(started.harness).open(link)).status).toBe(410)
    expect((await colleague.submit(page, nmbrsFields())).status).toBe(403)
    expect((await started.requester.open(started.form.url)).status).toBe(403)
  })
})
