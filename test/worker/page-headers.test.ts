/** Headers of every page: nothing from elsewhere, no frame, no cache, and where forms may lead. */
import { beforeAll, describe, expect, it } from "vitest"
import {
  type Arrival,
  authorizePath,
  Browser,
  type Harness,
  ISSUER,
  nimbusFields,
  nmbrsFields,
  registerApp,
  startHarness,
} from "../support/worker/harness.ts"
import { directive } from "../support/worker/observe.ts"
import { withoutOwnScript } from "../support/worker/page.ts"

/** Opens one page of each kind. */
async function openPages(harness: Harness): Promise<Map<string, Arrival>> {
  const app = await registerApp(harness)
  const pages = new Map<string, Arrival>()
  const browser = new Browser(harness)
  const form = await browser.open(authorizePath(app))
  pages.set("form", form)
  pages.set("refused", await browser.submit(form, nmbrsFields("wrong-token")))
  pages.set("suggestion", await browser.submit(form, nmbrsFields("wrong-domain")))
  pages.set("trouble", await browser.submit(form, nmbrsFields("down")))
  pages.set("missing", await browser.submit(form, nmbrsFields("missing-permission")))
  pages.set("asking", await browser.open(`${form.url}/asking`))
  pages.set("cancel", await browser.open(`${form.url}/cancel`))
  pages.set("summary", await browser.submit(form, nmbrsFields("works")))
  pages.set("changing", await browser.open(`${form.url}?change=1`))
  pages.set("other browser", await new Browser(harness).open(form.url))
  const nimbus = await browser.open(authorizePath(app, { scope: "nimbus:api" }))
  pages.set("nimbus form", nimbus)
  pages.set("nimbus pin", await browser.submit(nimbus, nimbusFields("pin")))
  pages.set("stay", await browser.open("/oauth/authorize"))
  pages.set("not complete", await browser.open("/connect/x"))
  pages.set("not there", await browser.open("/nothing", { headers: { accept: "text/html" } }))
  pages.set("form refused", await browser.submit(form, { form_token: "x" }))
  harness.clock.at += 11 * 60 * 1000
  pages.set("later", await browser.submit(pages.get("summary") as Arrival))
  const cancel = pages.get("cancel") as Arrival
  pages.set("cancelled", await browser.submit(cancel, {}, { cancel: "1" }))
  pages.set("over", await browser.open(form.url))
  return pages
}

let pages = new Map<string, Arrival>()

beforeAll(async () => {
  pages = await openPages(startHarness())
})

describe("every page", () => {
  it("was reached as meant", () => {
    const statuses = Object.fromEntries([...pages].map(([name, { status }]) => [name, status]))
    expect(statuses).toMatchObject({ form: 200, summary: 200, later: 200, cancelled: 200 })
    expect(statuses).toMatchObject({ over: 410, stay: 400, "other browser": 403 })
    expect(pages.get("later")?.html).toContain("press Connect once more")
    expect(pages.get("changing")?.html).toContain('name="token"')
  })

  it("has the strict policy, and its own nonce on what is inline", () => {
    const nonces = new Set<string>()
    for (const [name, { response, html }] of pages) {
      expect([name, directive(response, "default-src")]).toEqual([name, ["'none'"]])
      expect(directive(response, "frame-ancestors")).toEqual(["'none'"])
      expect(directive(response, "base-uri")).toEqual(["'none'"])
      const [style = ""] = directive(response, "style-src") ?? []
      const nonce = /^'nonce-([A-Za-z0-9_-]{22})'$/.exec(style)?.[1] ?? ""
      expect(html).toContain(`<style nonce="${nonce}">`)
      const scripts = html.includes(`<script nonce="${nonce}">`) ? [`'nonce-${nonce}'`] : undefined
      expect([name, directive(response, "script-src")]).toEqual([name, scripts])
      expect(directive(response, "connect-src")).toEqual(scripts && ["'self'"])
      expect(directive(response, "img-src")).toEqual(["'self'", "data:"])
      nonces.add(nonce)
    }
    expect(nonces.size).toBe(pages.size)
  })

  it("is not stored, sniffed, framed, indexed or told to the next site", () => {
    for (const [name, { response }] of pages) {
      const header = (one: string) => response.headers.get(one)
      expect([name, header("cache-control")]).toEqual([name, "no-store"])
      expect(header("x-content-type-options")).toBe("nosniff")
      expect(header("x-frame-options")).toBe("DENY")
      expect(header("referrer-policy")).toBe("no-referrer")
      expect(header("cross-origin-opener-policy")).toBe("unsafe-none")
      expect(header("x-robots-tag")).toBe("noindex")
      expect(header("access-control-allow-origin")).toBeNull()
    }
  })

  it("loads nothing from anywhere and runs no script but the one of ours", () => {
    for (const [name, page] of pages) {
      const html = withoutOwnScript(page)
      expect([name, html.match(/<(script|iframe|object|embed|link|img|base)\b/gi)]).toEqual([
        name,
        null,
      ])
      expect(html).not.toMatch(/\son[a-z]+=|javascript:|@import|url\((?!["']?data:)/i)
      const absolute = [...html.matchAll(/(?:src|action|formaction)="(https?:[^"]*)"/g)]
      expect(absolute.map(([, url]) => url)).toEqual([])
    }
  })

  it("names its language", () => {
    for (const { html } of pages.values()) expect(html).toMatch(/^<!doctype html><html lang="en">/)
  })

  it("may send forms with secrets, and every page but the last ones, to Koppel alone", () => {
    for (const [name, { response, html }] of pages) {
      if (html.includes('type="password"')) {
        expect([name, directive(response, "form-action")]).toEqual([name, ["'self'"]])
      }
    }
    const wider = [...pages]
      .filter(([, { response }]) => directive(response, "form-action")?.length !== 1)
      .map(([name]) => name)
    expect(wider.sort()).toEqual(["cancel", "summary"])
  })
})

describe("the summary's form", () => {
  it.each([
    ["https://app.example/callback", ["'self'", "https:"]],
    ["http://localhost:8788/callback", ["http://localhost:*", "https:"]],
    ["http://127.0.0.1:5000/cb", ["http://127.0.0.1:*", "https:"]],
    ["http://[::1]:5000/cb", ["http:", "https:"]],
    ["nl.urenweek.app:/callback", ["https:", "nl.urenweek.app:"]],
  ])("may lead back to %s and carries no secret", async (uri, sources) => {
    const harness = startHarness()
    const app = await registerApp(harness, { redirect_uris: [uri] })
    const browser = new Browser(harness)
    const form = await browser.open(authorizePath(app, { redirect_uri: uri }))
    expect(directive(form.response, "form-action")).toEqual(["'self'"])
    const summary = await browser.submit(form, nmbrsFields())
    const allowed = directive(summary.response, "form-action") ?? []
    expect(allowed).toEqual(expect.arrayContaining(["'self'", ...sources]))
    expect(allowed).not.toContain("*")
    expect(allowed).not.toContain("javascript:")
    expect(summary.html).not.toContain(nmbrsFields().token)
    const end = await browser.submit(summary)
    expect(end.response.headers.get("location")).toMatch(
      new RegExp(`^${uri.replace(/[.[\]/]/g, "\\$&")}\\?connection_id=`),
    )
  })
})

describe("a redirect", () => {
  it("answers 303 to every POST, so that nothing is posted again", async () => {
    const harness = startHarness()
    const app = await registerApp(harness)
    const browser = new Browser(harness)
    const form = await browser.open(authorizePath(app))
    const cookie = [...browser.cookies].map(([name, value]) => `${name}=${value}`).join("; ")
    const token = form.forms[0]?.values.form_token ?? ""
    const send = (rest: string, values: Record<string, string>) =>
      harness.request(new URL(form.url).pathname + rest, {
        method: "POST",
        headers: { cookie, "content-type": "application/x-www-form-urlencoded" },
        body: new URLSearchParams({ ...values, form_token: token }).toString(),
        redirect: "manual",
      })
    const answers = [await send("", nmbrsFields("wrong-token")), await send("", nmbrsFields())]
    const { shown = "" } = (await browser.open(`${form.url}/summary`)).forms[0]?.values ?? {}
    answers.push(await send("/summary", { shown }))
    for (const answer of answers) {
      expect(answer.status).toBe(303)
      expect(answer.headers.get("cache-control")).toBe("no-store")
    }
    expect(answers[1]?.headers.get("location")).toMatch(/^\/connect\/[^/]+\/summary$/)
    expect(new URL(answers[2]?.headers.get("location") ?? ISSUER).origin).toBe(
      "https://app.example",
    )
  })
})
