/** English and Dutch over every verdict, in a browser without JavaScript. */
import { describe, expect, it } from "vitest"
import { LANGUAGES, type Language } from "../../src/lib/languages.ts"
import { findProvider } from "../../src/providers/registry.ts"
import { languages } from "../../src/ui/texts/languages.ts"
import {
  type Arrival,
  authorizePath,
  Browser,
  type Harness,
  nimbusFields,
  nmbrsFields,
  registerApp,
  startHarness,
} from "../support/worker/harness.ts"
import { decode, pressAt, pushed, textOf } from "../support/worker/page.ts"

const SCOPES = { nmbrs: "nmbrs:employees.read", nimbus: "nimbus:api" } as const
type Id = keyof typeof SCOPES

/** Every magic login, with what its page must say: the key of its words. */
const verdicts: [Id, string, "problems" | "troubles" | "notices" | "none", string][] = [
  ["nmbrs", "works", "none", "ready"],
  ["nmbrs", "slow", "none", "ready"],
  ["nmbrs", "revoked-later", "none", "ready"],
  ["nmbrs", "wrong-token", "problems", "token_refused"],
  ["nmbrs", "wrong-domain", "problems", "domain_wrong"],
  ["nmbrs", "disabled", "problems", "no_subscription"],
  ["nmbrs", "missing-permission", "none", "missingOneTitle"],
  ["nmbrs", "no-companies", "notices", "no_companies"],
  ["nmbrs", "accountant", "notices", "accountant"],
  ["nmbrs", "timeout", "troubles", "timeout"],
  ["nmbrs", "down", "troubles", "down"],
  ["nmbrs", "garbled", "troubles", "garbled"],
  ["nimbus", "works", "none", "ready"],
  ["nimbus", "slow", "none", "ready"],
  ["nimbus", "revoked-later", "none", "ready"],
  ["nimbus", "wrong-password", "problems", "wrong_password"],
  ["nimbus", "locked", "problems", "locked"],
  ["nimbus", "sso", "problems", "sso"],
  ["nimbus", "pin", "problems", "pin_required"],
  ["nimbus", "passkey", "problems", "passkey"],
  ["nimbus", "not-api-user", "notices", "not_api_user"],
  ["nimbus", "no-status", "notices", "no_status"],
  ["nimbus", "timeout", "troubles", "timeout"],
  ["nimbus", "down", "troubles", "down"],
  ["nimbus", "garbled", "troubles", "garbled"],
]
const cases = LANGUAGES.flatMap((code) => verdicts.map((verdict) => [code, ...verdict] as const))

const fieldsOf = (id: Id, who: string) => (id === "nmbrs" ? nmbrsFields(who) : nimbusFields(who))
const secretOf = (id: Id) => (id === "nmbrs" ? nmbrsFields().token : nimbusFields().password) ?? ""

async function open(harness: Harness, id: Id, code: Language) {
  const app = await registerApp(harness)
  const browser = new Browser(harness)
  const path = authorizePath(app, { scope: SCOPES[id], ui_locales: code })
  return { app, browser, form: await browser.open(path) }
}

function languageOf({ html }: Arrival): string | undefined {
  return /^<!doctype html><html lang="([^"]*)">/.exec(html)?.[1]
}

/** What a title says, its places left open. */
function says(title: string): RegExp {
  const escaped = title.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")
  return new RegExp(escaped.replace(/\\\{[a-z_]+\\\}/g, "[^<]+"))
}

/** The link to the other language. */
function switchOf({ html, url }: Arrival): string {
  const href = /<a href="(\?ui_locales=[a-z]+)"/.exec(html)?.[1]
  return new URL(href ?? "about:blank", url).href
}

/** Everything that a field points at by `aria-describedby` stands in the page, once. */
function expectDescribed({ html }: Arrival) {
  const tags = html.match(/<(input|textarea)\b[^>]*>/g) ?? []
  for (const [, ids = ""] of tags.flatMap((tag) => [
    ...tag.matchAll(/aria-describedby="(.*?)"/g),
  ])) {
    for (const id of ids.split(" ")) {
      expect([id, html.split(` id="${id}"`).length - 1]).toEqual([id, 1])
    }
  }
}

describe("every verdict", () => {
  it.each(cases)("speaks %s: %s %s", async (code, id, who, kind, key) => {
    const { browser, form } = await open(startHarness(), id, code)
    expect(languageOf(form)).toBe(code)
    const page = await browser.submit(form, fieldsOf(id, who))
    expect([page.status, languageOf(page)]).toEqual([200, code])
    const titleIn = (one: Language) =>
      kind === "none"
        ? languages[one][key as "ready"]
        : (findProvider(id)?.texts[one][kind][key]?.title ?? "no words")
    expect(textOf(page)).toMatch(says(titleIn(code)))
    for (const other of LANGUAGES) {
      if (other !== code) expect(textOf(page)).not.toMatch(says(titleIn(other)))
    }
    // What is wrong is told at its field, and secrets are in no page.
    expectDescribed(page)
    expect(page.html).not.toContain(secretOf(id))
    expect(page.blamed.length > 0).toBe(kind === "problems")
    for (const field of page.blamed) {
      const input = new RegExp(`<input[^>]*name="${field}"[^>]*>`).exec(page.html)?.[0] ?? ""
      expect(input).toContain(`aria-describedby="${field}-h ${field}-s"`)
    }
  })
})

describe("the language of a page", () => {
  it.each([
    [undefined, undefined, "en"],
    [undefined, "nl", "nl"],
    [undefined, "nl-BE, en;q=0.5", "nl"],
    [undefined, "de, fr;q=0.9, nl;q=0.2", "nl"],
    [undefined, "nl;q=0, en", "en"],
    [undefined, "nonsense;;;q=x,,", "en"],
    ["nl", "en", "nl"],
    ["de nl en", undefined, "nl"],
    ["NL-be", "en", "nl"],
    ["de fr", "nl", "nl"],
    ['"><script>', "en", "en"],
  ])("is picked from ui_locales %s, then Accept-Language %s: %s", async (asked, header, code) => {
    const harness = startHarness()
    const app = await registerApp(harness)
    const headers: Record<string, string> =
      header === undefined ? {} : { "accept-language": header }
    // A browser sends the header with every request.
    const start = await harness.request(authorizePath(app, { ui_locales: asked }), {
      headers,
      redirect: "manual",
    })
    const cookie = start.headers.getSetCookie()[0]?.split(";")[0] ?? ""
    const path = new URL(start.headers.get("location") ?? "", harness.issuer).pathname
    const page = await harness.request(path, { headers: { ...headers, cookie } })
    expect(await page.text()).toMatch(new RegExp(`^<!doctype html><html lang="${code}">`))
  })

  it("of an error page is the browser's", async () => {
    const page = await startHarness().request("/connect/x", {
      headers: { "accept-language": "nl" },
    })
    const html = await page.text()
    expect(html).toContain('<html lang="nl">')
    expect(html).toContain(languages.nl.notFoundTitle)
  })
})

describe("the switch", () => {
  it("keeps the flow: what was typed, ticked and found, in the other language", async () => {
    const harness = startHarness()
    const { browser, form } = await open(harness, "nmbrs", "en")
    await pressAt(browser, form, "/tick", { ...nmbrsFields(), tick: "+administrator" })
    const refused = await browser.submit(form, nmbrsFields("wrong-domain"))
    const dutch = await browser.open(switchOf(refused))
    expect(languageOf(dutch)).toBe("nl")
    expect(dutch.url).not.toContain("ui_locales")
    expect(dutch.blamed).toEqual(["domain"])
    expect(dutch.html).toContain('<li class="done">')
    expect(textOf(dutch)).toContain("Gebruik voorbeeld-bv")
    expect(dutch.html).not.toContain(secretOf("nmbrs"))
    expect(dutch.forms[0]?.values).toMatchObject({ username: "wrong-domain@koppel.test" })
    // It stays Dutch from here to the app, and the token need not be pasted again.
    const summary = await browser.submit(dutch, {}, { use: "voorbeeld-bv" })
    expect([languageOf(summary), summary.url.endsWith("/summary")]).toEqual(["nl", true])
    const back = await browser.open(switchOf(summary))
    expect([languageOf(back), back.url.endsWith("/summary")]).toEqual(["en", true])
    const end = await browser.submit(back)
    expect(end.response.headers.get("location")).toContain("state=state-of-this-flow")
  })

  it("is there on the cancel page and on a colleague's first page, and changes nothing", async () => {
    const harness = startHarness()
    const app = await registerApp(harness)
    const browser = new Browser(harness)
    const form = await browser.open(await pushed(harness, app))
    const cancel = await browser.open(`${form.url}/cancel`)
    expect(textOf(await browser.open(switchOf(cancel)))).toContain(languages.nl.cancelTitle)
    const made = await pressAt(browser, form, "/handover", { handover: "create" })
    const link = /http[^\s<]*(\/handover\/[\w-]+)/.exec(made.html)?.[1] ?? ""
    const colleague = new Browser(harness)
    const lead = await colleague.open(switchOf(await colleague.open(link)))
    expect([languageOf(lead), textOf(lead).includes(languages.nl.leadTitle)]).toEqual(["nl", true])
    const page = await colleague.submit(lead, { expected: "1" })
    expect([page.status, languageOf(page)]).toEqual([200, "nl"])
  })

  it("knows no other language than ours", async () => {
    const { browser, form } = await open(startHarness(), "nmbrs", "nl")
    for (const odd of ["xx", "__proto__", "", "nl%22%3E"]) {
      const page = await browser.open(`${form.url}?ui_locales=${odd}`)
      expect([odd, page.status, LANGUAGES.includes(languageOf(page) as Language)]).toEqual([
        odd,
        200,
        true,
      ])
    }
    expect(decode(form.html)).toContain("English")
  })
})
