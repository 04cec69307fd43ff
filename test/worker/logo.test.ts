/** The app's own looks: its logo, fetched once and served by us, and its colour. */
import { describe, expect, it } from "vitest"
import type { Environment } from "../../src/config.ts"
import {
  authorizePath,
  Browser,
  type Harness,
  type RegisteredApp,
  registerApp,
  startHarness,
} from "../support/worker/harness.ts"
import { directive } from "../support/worker/observe.ts"

const PNG = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]
const JPEG = [0xff, 0xd8, 0xff, 0xe0]
const WEBP = [...new TextEncoder().encode("RIFF\u0001\u0002\u0003\u0004WEBP")]
const LOGO = "https://app.example/logo.png"

const bytes = (start: readonly number[], size = 64) => {
  const all = new Uint8Array(size)
  all.set(start)
  return all
}

/** Koppel, where the app's host answers with this. */
function start(answer: () => Response | Promise<Response>, settings: Partial<Environment> = {}) {
  const asked: string[] = []
  const fetch: typeof globalThis.fetch = async (input, init) => {
    const request = new Request(input, init)
    asked.push(`${request.method} ${request.url} ${request.redirect}`)
    return await answer()
  }
  return { harness: startHarness({ fetch }, settings), asked }
}

async function formOf(harness: Harness, app: RegisteredApp) {
  return await new Browser(harness).open(authorizePath(app))
}

describe("a logo", () => {
  it.each([
    ["image/png", PNG],
    ["image/jpeg", JPEG],
    ["image/webp", WEBP],
  ])(
    "is fetched once and served by us as what it is, whatever was claimed: %s",
    async (type, start_) => {
      const content = bytes(start_, 16 * 1024)
      const claimed = { headers: { "content-type": "text/html" } }
      const { harness, asked } = start(() => new Response(content, claimed))
      const app = await registerApp(harness, { logo_uri: LOGO })
      expect(app).not.toHaveProperty("logo_problem")
      const form = await formOf(harness, app)
      expect(form.html).toContain(
        `<img src="/logos/${app.client_id}" alt="" width="36" height="36"/>`,
      )
      expect(directive(form.response, "img-src")).toContain("'self'")
      const served = await harness.request(`/logos/${app.client_id}`)
      expect(served.status).toBe(200)
      expect(served.headers.get("content-type")).toBe(type)
      expect(directive(served, "default-src")).toEqual(["'none'"])
      expect(directive(served, "sandbox")).toEqual([])
      expect(served.headers.get("x-content-type-options")).toBe("nosniff")
      expect(new Uint8Array(await served.arrayBuffer())).toEqual(content)
      expect(asked).toEqual([`GET ${LOGO} manual`])
    },
  )

  it.each([
    ["an SVG", () => new Response("<svg xmlns='http://www.w3.org/2000/svg'/>"), "not a PNG"],
    ["a page", () => new Response("<!doctype html>"), "not a PNG"],
    [
      "a page that is called a PNG",
      () => new Response("<p>", { headers: { "content-type": "image/png" } }),
      "not a PNG",
    ],
    ["nothing", () => new Response(null), "not a PNG"],
    ["a byte too much", () => new Response(bytes(PNG, 16 * 1024 + 1)), "larger than 16 KB"],
    [
      "a redirect",
      () => Response.redirect("https://elsewhere.example/logo.png", 302),
      "could not be",
    ],
    [
      "a 404 with a picture",
      () => new Response(bytes(PNG), { status: 404 }),
      "could not be fetched",
    ],
    ["no answer", () => Promise.reject(new TypeError("fetch failed")), "could not be fetched"],
  ])("that is %s is left out, and the answer says why", async (_, answer, why) => {
    const { harness } = start(answer)
    const app = await registerApp(harness, { logo_uri: LOGO })
    expect(app).toMatchObject({ logo_problem: expect.stringContaining(why) })
    expect((await harness.request(`/logos/${app.client_id}`)).status).toBe(404)
    const form = await formOf(harness, app)
    expect([form.status, form.html.includes("<img")]).toEqual([200, false])
  })

  it.each([
    "https://127.0.0.1/logo.png",
    "https://10.0.0.7/logo.png",
    "https://169.254.169.254/latest",
    "https://[::1]/logo.png",
    "https://2130706433/logo.png",
    "https://0x7f.1/logo.png",
    "https://localhost/logo.png",
    "https://intranet/logo.png",
    "https://printer.local/logo.png",
    "https://app.example:8443/logo.png",
    "http://app.example/logo.png",
  ])("is not asked for at a host that is not public: %s", async (logo_uri) => {
    const settings = { ISSUER: "https://koppel.example", RATE_LIMITS: "on" }
    const { harness, asked } = start(() => new Response(bytes(PNG)), settings)
    const outcome = await registerApp(harness, { logo_uri }).catch((error: Error) => error.message)
    expect(JSON.stringify(outcome)).toContain("logo_uri")
    expect(asked).toEqual([])
  })
})

describe("an app's colour", () => {
  it("is put in the page, readable in both themes; what is no colour is refused", async () => {
    const harness = startHarness()
    const pale = await formOf(harness, await registerApp(harness, { accent_color: "#ffff00" }))
    const rules =
      /:root\{--accent:(#[0-9a-f]{6});--on-accent:(#[0-9a-f]{6})\}@media \(prefers-color-scheme:dark\)/.exec(
        pale.html,
      )
    expect(rules?.[1]).not.toBe("#ffff00")
    for (const accent_color of ["red", "#fff", "#0b6b5d;}body{display:none", "</style><script>"]) {
      await expect(registerApp(harness, { accent_color })).rejects.toThrow(
        "invalid_client_metadata",
      )
    }
  })
})
