/** Pushed authorization requests: RFC 9126, RFC 9101 §5, RFC 9700 §2.1. */
import { env } from "cloudflare:workers"
import { beforeEach, describe, expect, it } from "vitest"
import {
  authorizePath,
  Browser,
  CALLBACK,
  claim,
  type Harness,
  nmbrsFields,
  type RegisteredApp,
  registerApp,
  returned,
  startHarness,
} from "../../support/worker/harness.ts"
import {
  type Answer,
  EMPLOYEES,
  type FormFields,
  get,
  MINUTE,
  outcome,
  PKCE,
  postAs,
  redeem,
  registerPublic,
  tokensOf,
} from "../../support/worker/oauth.ts"

let harness: Harness
let app: RegisteredApp

beforeEach(async () => {
  harness = startHarness()
  app = await registerApp(harness)
})

const ANNA = JSON.stringify({ id: "u-1", name: "Anna", email: "anna@bakkerij.example" })
const BAKERY = JSON.stringify({ id: "o-1", name: "Bakkerij Jansen" })

function push(fields: FormFields = {}, by = app): Promise<Answer> {
  return postAs(harness, by, "/oauth/par", {
    response_type: "code",
    redirect_uri: CALLBACK,
    scope: EMPLOYEES,
    state: "pushed-state",
    ...PKCE,
    ...fields,
  })
}

async function pushed(fields: FormFields = {}, by = app): Promise<string> {
  const { status, body } = await push(fields, by)
  if (status !== 201) throw new Error(JSON.stringify(body))
  return String(body.request_uri)
}

function openPath(requestUri: string, more: Record<string, string> = {}, by = app): string {
  const query = new URLSearchParams({ client_id: by.client_id, request_uri: requestUri, ...more })
  return `/oauth/authorize?${query}`
}

describe("a pushed request", () => {
  it("gets a request_uri for 60 seconds, not to be stored", async () => {
    const answer = await push()
    expect(answer.status).toBe(201)
    expect(answer.headers.get("cache-control")).toBe("no-store")
    expect(answer.body).toEqual({
      request_uri: expect.stringMatching(/^urn:ietf:params:oauth:request_uri:par_00[\w-]{43}$/),
      expires_in: 60,
    })
  })

  it("leads to a connection as a request in the address does", async () => {
    const browser = new Browser(harness)
    const form = await browser.open(openPath(await pushed()))
    const query = returned(await browser.submit(await browser.submit(form, nmbrsFields())))
    expect(query.get("state")).toBe("pushed-state")
    expect(outcome(await redeem(harness, app, query.get("code") ?? ""))).toEqual([200])
  })

  it("may be a public app's", async () => {
    const spa = await registerPublic(harness)
    const browser = new Browser(harness)
    const page = await browser.open(openPath(await pushed({}, spa), {}, spa))
    expect(page.status).toBe(200)
  })

  it("is opened within 60 seconds, and no later", async () => {
    const uri = await pushed()
    harness.clock.at += 59_000
    expect((await new Browser(harness).open(openPath(uri))).status).toBe(200)
    harness.clock.at += 1_000
    expect((await new Browser(harness).open(openPath(uri))).status).toBe(400)
  })

  it("is opened by its own app only", async () => {
    const other = await registerApp(harness)
    const page = await new Browser(harness).open(openPath(await pushed(), {}, other))
    expect(page.status).toBe(400)
    expect(page.response.headers.get("location")).toBeNull()
  })

  it.each(["urn:ietf:params:oauth:request_uri:par_00x", "https://app.example/request.jwt", "x"])(
    "is not %s",
    async (uri) => {
      const page = await new Browser(harness).open(openPath(uri))
      expect([page.status, page.response.headers.get("location")]).toEqual([400, null])
    },
  )

  it("counts for everything: what stands beside it in the address is ignored but for client_id", async () => {
    const uri = await pushed({ login_hint: "anna@bakkerij.example" })
    const browser = new Browser(harness)
    const form = await browser.open(
      openPath(uri, {
        redirect_uri: "https://evil.example/",
        scope: "nmbrs:hours.write",
        state: "front",
        response_type: "connection_id",
        response_mode: "form_post",
        login_hint: "eve@evil.example",
        end_user: ANNA,
        prompt: "none",
      }),
    )
    expect(form.forms[0]?.values.username).toBe("anna@bakkerij.example")
    const end = await browser.submit(await browser.submit(form, nmbrsFields()))
    expect(end.response.headers.get("location")).toMatch(/^https:\/\/app\.example\/callback\?code=/)
    const query = returned(end)
    expect(query.get("state")).toBe("pushed-state")
    const { body } = await redeem(harness, app, query.get("code") ?? "")
    expect(body.scope).toBe(EMPLOYEES)
  })

  it("needs client_id beside it", async () => {
    const path = `/oauth/authorize?${new URLSearchParams({ request_uri: await pushed() })}`
    expect((await new Browser(harness).open(path)).status).toBe(400)
  })
})

describe("opening a pushed request", () => {
  it("writes nothing, so scanners and reloads do no harm", async () => {
    const uri = await pushed()
    for (let i = 0; i < 3; i++) await new Browser(harness).open(openPath(uri))
    const browser = new Browser(harness)
    await browser.open(openPath(uri))
    const row = await env.DB.prepare("SELECT spent_by FROM pushed_requests WHERE client_id = ?1")
      .bind(app.client_id)
      .first()
    expect(row).toEqual({ spent_by: null })
    const form = await browser.open(openPath(uri))
    expect((await browser.submit(form, nmbrsFields())).url).toMatch(/\/summary$/)
  })

  it("again in the browser that went on with it is possible after the minute", async () => {
    const uri = await pushed()
    const browser = new Browser(harness)
    await browser.submit(await browser.open(openPath(uri)), nmbrsFields())
    harness.clock.at += 5 * MINUTE
    expect((await browser.open(openPath(uri))).url).toMatch(/\/summary$/)
  })
})

describe("the first POST spends a pushed request", () => {
  it("and after that another browser's POST is refused, whatever it opened before", async () => {
    const uri = await pushed()
    const [browser, other] = [new Browser(harness), new Browser(harness)]
    const form = await browser.open(openPath(uri))
    const otherForm = await other.open(openPath(uri))
    const summary = await browser.submit(form, nmbrsFields())
    expect((await other.submit(otherForm, nmbrsFields())).status).toBe(403)
    expect((await other.open(openPath(uri))).status).toBe(400)
    expect(returned(await browser.submit(summary)).get("code")).not.toBeNull()
  })

  it("of 8 browsers at once one goes on", async () => {
    const uri = await pushed()
    const browsers = Array.from({ length: 8 }, () => new Browser(harness))
    const forms = await Promise.all(browsers.map((browser) => browser.open(openPath(uri))))
    const pages = await Promise.all(
      browsers.map(async (browser, i) => {
        const form = forms[i]
        if (form === undefined) throw new Error("no form")
        return (await browser.submit(form, nmbrsFields())).status
      }),
    )
    expect(pages.sort()).toEqual([200, 403, 403, 403, 403, 403, 403, 403])
  })

  it("with which a resumed session is handed off, no submit before", async () => {
    const browser = new Browser(harness)
    const first = await browser.open(openPath(await pushed({ end_user: ANNA })))
    await browser.submit(first, nmbrsFields())
    const uri = await pushed({ end_user: ANNA })
    expect(returned(await browser.submit(await browser.open(openPath(uri)))).has("code")).toBe(true)
    expect((await new Browser(harness).open(openPath(uri))).status).toBe(400)
  })

  it("for a person whom the app named, too: another browser neither sees nor takes the session", async () => {
    const uri = await pushed({ end_user: ANNA })
    const [browser, other] = [new Browser(harness), new Browser(harness)]
    const form = await browser.open(openPath(uri))
    const otherForm = await other.open(openPath(uri))
    const summary = await browser.submit(form, nmbrsFields())
    expect((await other.open(otherForm.url)).html).not.toContain("works@koppel.test")
    expect((await other.submit(otherForm, nmbrsFields())).status).toBe(403)
    const stolen = { ...summary, url: `${otherForm.url}/summary`, forms: [] }
    const [own] = otherForm.forms
    const pressed = await other.submit({
      ...stolen,
      forms: [{ action: "", values: { form_token: own?.values.form_token ?? "" } }],
    })
    expect(pressed.status).toBe(403)
    expect(returned(await browser.submit(summary)).get("code")).not.toBeNull()
  })
})

describe("who asks", () => {
  it("is shown, and stands in the connection", async () => {
    const uri = await pushed({
      response_type: "connection_id",
      code_challenge: undefined,
      code_challenge_method: undefined,
      end_user: ANNA,
      organization: BAKERY,
    })
    const browser = new Browser(harness)
    const form = await browser.open(openPath(uri))
    const query = returned(await browser.submit(await browser.submit(form, nmbrsFields())))
    const claimed = await claim(harness, app, query.get("connection_id") ?? "", "pushed-state")
    expect(await claimed.json()).toMatchObject({ end_user: JSON.parse(ANNA) })
  })

  it("stands in the connection of a code, too", async () => {
    const browser = new Browser(harness)
    const form = await browser.open(openPath(await pushed({ end_user: ANNA })))
    const query = returned(await browser.submit(await browser.submit(form, nmbrsFields())))
    const { sub } = tokensOf(await redeem(harness, app, query.get("code") ?? ""))
    const { body } = await get(harness, `/v1/connections/${sub}`, app.basic)
    expect(body.end_user).toEqual(JSON.parse(ANNA))
  })

  it("counts for nothing in the address, where anybody could write it", async () => {
    const browser = new Browser(harness)
    const form = await browser.open(authorizePath(app, { end_user: ANNA, organization: BAKERY }))
    expect(form.html).not.toContain("Anna")
    expect(form.html).not.toContain("Bakkerij")
    const query = returned(await browser.submit(await browser.submit(form, nmbrsFields())))
    const claimed = await claim(harness, app, query.get("connection_id") ?? "")
    expect(await claimed.json()).toMatchObject({ end_user: null })
  })

  it.each(["end_user", "organization"])("%s is not for public apps", async (name) => {
    const spa = await registerPublic(harness)
    const answer = await push({ [name]: name === "end_user" ? ANNA : BAKERY }, spa)
    expect(outcome(answer)).toEqual([400, "invalid_request"])
  })

  const malformed: [string, string, string][] = [
    ["end_user", "no JSON", "Anna"],
    ["end_user", "a list", "[]"],
    ["end_user", "a text", '"Anna"'],
    ["end_user", "null", "null"],
    ["end_user", "without id", '{"name":"Anna"}'],
    ["end_user", "with a number as id", '{"id":7}'],
    ["end_user", "with an empty id", '{"id":""}'],
    ["end_user", "with a member of none", '{"id":"u","role":"admin"}'],
    ["end_user", "with what is no address", '{"id":"u","email":"anna"}'],
    ["end_user", "with a control character", '{"id":"u","name":"a\\u0007"}'],
    ["end_user", "with a change of direction", '{"id":"u","name":"a\\u202eb"}'],
    ["end_user", "of more than 1 KB", JSON.stringify({ id: "u", name: "x".repeat(1100) })],
    ["organization", "without name", '{"id":"o"}'],
    ["organization", "with a member of none", '{"name":"x","logo":"https://x.example"}'],
  ]
  it.each(malformed)("%s may not be %s: %s", async (name, _, value) => {
    expect(outcome(await push({ [name]: value }))).toEqual([400, "invalid_request"])
  })

  it("goes on in another browser of the same person, but what was typed stays where it was", async () => {
    const browser = new Browser(harness)
    const first = await browser.open(openPath(await pushed({ end_user: ANNA })))
    const summary = await browser.submit(first, nmbrsFields())
    expect(summary.url).toMatch(/\/summary$/)
    // Whoever sends somebody a link must not get what that person pastes.
    const phone = new Browser(harness)
    const uri = await pushed({ end_user: ANNA, state: "second" })
    const form = await phone.open(openPath(uri))
    expect(form.url).not.toMatch(/\/summary$/)
    expect(form.forms[0]?.values).toMatchObject({ domain: "", username: "", token: "" })
    expect(form.html).not.toContain("Voorbeeld")
    const query = returned(await phone.submit(await phone.submit(form, nmbrsFields())))
    expect(query.get("state")).toBe("second")
    expect(outcome(await redeem(harness, app, query.get("code") ?? ""))).toEqual([200])
  })

  it("keeps two people in one browser apart", async () => {
    const browser = new Browser(harness)
    const first = await browser.open(openPath(await pushed({ end_user: ANNA })))
    await browser.submit(first, nmbrsFields())
    const bob = JSON.stringify({ id: "u-2", name: "Bob" })
    const second = await browser.open(openPath(await pushed({ end_user: bob })))
    expect(second.url).not.toMatch(/\/summary$/)
    expect(second.forms[0]?.values.domain).toBe("")
    const other = await registerApp(harness)
    const elsewhere = await browser.open(
      openPath(await pushed({ end_user: ANNA }, other), {}, other),
    )
    expect(elsewhere.forms[0]?.values.domain).toBe("")
  })
})

describe("a request that would be refused in the address is refused at PAR, as the app's own answer", () => {
  const refusals: [string, FormFields, string][] = [
    ["a request_uri inside", { request_uri: "urn:x" }, "invalid_request"],
    ["a request object", { request: "x" }, "request_not_supported"],
    ["no redirect_uri", { redirect_uri: undefined }, "invalid_request"],
    ["another redirect_uri", { redirect_uri: `${CALLBACK}/` }, "invalid_request"],
    ["no response_type", { response_type: undefined }, "invalid_request"],
    ["a response_type of none", { response_type: "token" }, "unsupported_response_type"],
    ["a response_mode of none", { response_mode: "fragment" }, "invalid_request"],
    ["no scope", { scope: undefined }, "invalid_scope"],
    ["an unknown scope", { scope: "nmbrs:made.up" }, "invalid_scope"],
    ["another client_id", { client_id: "app_x" }, "invalid_request"],
    ["plain", { code_challenge_method: "plain" }, "invalid_request"],
    ["a method without challenge", { code_challenge: undefined }, "invalid_request"],
    ["prompt=none", { prompt: "none" }, "interaction_required"],
    [
      "neither challenge nor state",
      { state: undefined, code_challenge: undefined, code_challenge_method: undefined },
      "invalid_request",
    ],
  ]
  it.each(refusals)("%s", async (_, fields, error) => {
    const answer = await push(fields)
    expect(outcome(answer)).toEqual([400, error])
    expect(answer.headers.get("location")).toBeNull()
    const row = await env.DB.prepare(
      "SELECT count(*) AS n FROM pushed_requests WHERE client_id = ?1",
    )
      .bind(app.client_id)
      .first()
    expect(row).toEqual({ n: 0 })
  })
})
