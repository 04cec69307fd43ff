import { describe, expect, it } from "vitest"
import { accessIn } from "../../../../src/providers/nimbus/access.ts"
import { type Answer, longestAnswer } from "../../../../src/providers/nimbus/exchange.ts"
import { nimbus } from "../../../../src/providers/nimbus/index.ts"
import { type ErrorOutcome, parseProfile } from "../../../../src/providers/nimbus/profile.ts"
import type { Verification } from "../../../../src/providers/provider.ts"
import { exampleProfiles } from "../../../support/nimbus-server.ts"

const base = parseProfile(exampleProfiles.json)
const credentials = {
  account_url: "https://firm.nimbus.test/x?acct=1",
  login_code: "canary-code",
  password: "canary-password",
}

interface Asked {
  readonly url: string
  readonly init: RequestInit | undefined
}

/** Verifies against one login answer; later calls get 404. */
async function ask(
  answer: () => Response | Promise<Response>,
  { profile = {}, given = {}, signal = new AbortController().signal } = {},
): Promise<{ result: Verification; asked: Asked[] }> {
  const asked: Asked[] = []
  const fake: typeof fetch = async (input, init) => {
    asked.push({ url: String(input), init })
    return asked.length === 1 ? answer() : new Response(null, { status: 404 })
  }
  const settings = {
    NIMBUS_PROFILE: JSON.stringify({ ...base, ...profile }),
    NIMBUS_ALLOWED_HOSTS: "*.nimbus.test",
  }
  const adapter = nimbus.configure(settings, { loopback: false })
  const result = await adapter.verify(
    { ...credentials, ...given },
    { fetch: fake, now: () => 0, signal, permissions: ["api:all"] },
  )
  return { result, asked }
}

const html = (status: number, text: string) => () =>
  new Response(`<!doctype html><p>${text}`, { status, headers: { "content-type": "text/html" } })
const json = (status: number, value: unknown) => () => Response.json(value, { status })
const redirect =
  (location: string | undefined, status = 302) =>
  () =>
    new Response(null, { status, headers: location === undefined ? {} : { location } })
const works = json(200, { data: { token: "t0ken" } })

describe("an answer that is not positively a login", () => {
  it.each<[string, () => Response | Promise<Response>, string]>([
    ["an HTML page with status 200", html(200, "Login"), "garbled"],
    ["nothing with status 200", () => new Response(null), "garbled"],
    ["nothing with status 204", () => new Response(null, { status: 204 }), "garbled"],
    ["JSON without a token", json(200, { data: {} }), "garbled"],
    ["a token that is null", json(200, { data: { token: null } }), "garbled"],
    ["a token that is empty", json(200, { data: { token: "" } }), "garbled"],
    ["a token that is an object", json(200, { data: { token: {} } }), "garbled"],
    ["a token that breaks a header", json(200, { data: { token: "a\r\nb" } }), "garbled"],
    ["a token beyond all measure", json(200, { data: { token: "x".repeat(9000) } }), "garbled"],
    ["a token with the wrong status", json(202, { data: { token: "x" } }), "garbled"],
    ["JSON that is cut off", () => new Response('{"data":{"token":"x"'), "garbled"],
    ["401 that no rule knows", html(401, "no"), "garbled"],
    ["403 that no rule knows", json(403, {}), "garbled"],
    ["429", html(429, "slow down"), "throttled"],
    ["500", html(500, "oops"), "down"],
    ["503 with a token", json(503, { data: { token: "x" } }), "down"],
    ["503 in the words of a rule", json(503, { error: { code: "LOCKED" } }), "down"],
    ["429 in the words of a rule", json(429, { error: { code: "LOCKED" } }), "throttled"],
    ["a redirect on the same host", redirect("/elsewhere"), "redirected"],
    ["a redirect to http", redirect("http://firm.nimbus.test/"), "redirected"],
    ["a redirect to a host that is not an SSO", redirect("https://evil.test/"), "redirected"],
    ["a redirect to nowhere", redirect(undefined), "redirected"],
    ["a redirect that is no address", redirect("https://[/"), "redirected"],
    ["a broken connection", () => Promise.reject(new TypeError("fetch failed")), "down"],
  ])("%s could not be checked", async (_, answer, code) => {
    const { result, asked } = await ask(answer)
    expect(result).toMatchObject({ outcome: "could_not_check", code, uncheckable: false })
    expect(asked).toHaveLength(1)
  })
})

describe("the error map", () => {
  it.each<[ErrorOutcome, string, string]>([
    ["wrong_password", "password", "wrong_password"],
    ["locked", "login_code", "locked"],
    ["pin_required", "pin", "pin_required"],
    ["pin_wrong", "pin", "pin_wrong"],
    ["passkey", "password", "passkey"],
    ["sso", "login_code", "sso"],
    ["login_disabled", "login_code", "login_disabled"],
    ["password_not_set", "password", "password_not_set"],
    ["client_address", "account_url", "client_address"],
    ["wrong_address", "account_url", "wrong_address"],
  ])("turns an answer into %s and blames %s", async (outcome, field, code) => {
    const profile = { errors: [{ status: 418, text: "short and stout", outcome }] }
    const { result, asked } = await ask(html(418, "short and stout"), { profile })
    expect(result).toMatchObject({ outcome: "refused", problems: [{ field, code }] })
    expect(result.outcome === "refused" && result.accepted.includes(field)).toBe(false)
    expect(asked).toHaveLength(1)
  })

  it.each<ErrorOutcome>(["throttled", "down"])("turns an answer into %s", async (outcome) => {
    const { result } = await ask(html(200, "busy"), {
      profile: { errors: [{ text: "busy", outcome }] },
    })
    expect(result).toMatchObject({ outcome: "could_not_check", code: outcome })
  })

  it("takes the first rule whose conditions all hold", async () => {
    const errors = [
      { status: 400, text: "bad", outcome: "locked" },
      { status: 401, text: "worse", outcome: "passkey" },
      { status: 401, json: { pointer: "/code", equals: "7" }, outcome: "client_address" },
      { status: [400, 401], json: { pointer: "/code", equals: 7 }, outcome: "wrong_password" },
      { status: 401, outcome: "login_disabled" },
    ]
    const { result } = await ask(json(401, { code: 7, text: "bad" }), { profile: { errors } })
    expect(result).toMatchObject({ problems: [{ code: "wrong_password" }] })
  })

  it("reads where a redirect leads on the same host", async () => {
    const errors = [{ location: "/FirstPassword", outcome: "password_not_set" }]
    const { result } = await ask(redirect("/FirstPassword.aspx"), { profile: { errors } })
    expect(result).toMatchObject({ problems: [{ code: "password_not_set" }] })
  })

  it("reads a 5xx where a rule names its status", async () => {
    const errors = [{ status: 500, text: "locked", outcome: "locked" }]
    const { result } = await ask(html(500, "locked"), { profile: { errors } })
    expect(result).toMatchObject({ problems: [{ code: "locked" }] })
  })

  it("comes before a login that looks right", async () => {
    const errors = [{ json: { pointer: "/warning", equals: "locked" }, outcome: "locked" }]
    const answer = json(200, { data: { token: "x" }, warning: "locked" })
    expect((await ask(answer, { profile: { errors } })).result).toMatchObject({
      outcome: "refused",
    })
  })
})

describe("a redirect to another host", () => {
  it.each([
    [{ hosts: "any" }, "https://anything.test/", "sso"],
    [{ hosts: ["microsoftonline.com"] }, "https://login.microsoftonline.com/x", "sso"],
    [{ hosts: ["MicrosoftOnline.com"] }, "//login.microsoftonline.com/x", "sso"],
    [{ hosts: ["microsoftonline.com"] }, "https://evil.test/microsoftonline.com", "redirected"],
    [{ hosts: [] }, "https://login.microsoftonline.com/", "redirected"],
    [undefined, "https://login.microsoftonline.com/", "redirected"],
  ])("with the rule %j to %s is %s", async (sso, location, code) => {
    const { result, asked } = await ask(redirect(location), { profile: { sso } })
    if (code === "sso") {
      expect(result).toMatchObject({
        outcome: "refused",
        problems: [{ field: "login_code", code }],
      })
    } else {
      expect(result).toMatchObject({ outcome: "could_not_check", code })
    }
    expect(asked).toHaveLength(1)
    expect(asked[0]?.init?.redirect).toBe("manual")
  })
})

describe("the time budget", () => {
  it("ends a login that does not answer", async () => {
    const controller = new AbortController()
    const answer = () => {
      controller.abort()
      return Promise.reject(controller.signal.reason)
    }
    const { result, asked } = await ask(answer, { signal: controller.signal })
    expect(result).toMatchObject({ outcome: "could_not_check", code: "timeout" })
    expect(asked).toHaveLength(1)
  })

  it("ends a body whose stream ignores the signal", async () => {
    const controller = new AbortController()
    const body = new ReadableStream({ pull: () => controller.abort() }, { highWaterMark: 0 })
    const { result } = await ask(() => new Response(body), { signal: controller.signal })
    expect(result).toMatchObject({ outcome: "could_not_check", code: "timeout" })
  })
})

describe("a long answer", () => {
  const padded = (length: number) => {
    const start = '{"data":{"token":"x"},"pad":"'
    return `${start}${"x".repeat(length - start.length - 2)}"}`
  }

  it("is read up to its bound", async () => {
    const { result } = await ask(() => new Response(padded(longestAnswer)))
    expect(result.outcome).toBe("works")
  })

  it("is not read beyond it, and its stream is cancelled", async () => {
    let sent = 0
    let cancelled = false
    const body = new ReadableStream({
      pull(controller) {
        sent += 64 * 1024
        controller.enqueue(new Uint8Array(64 * 1024))
      },
      cancel() {
        cancelled = true
      },
    })
    const { result } = await ask(() => new Response(body))
    expect(result).toMatchObject({ outcome: "could_not_check", code: "garbled" })
    expect(cancelled).toBe(true)
    expect(sent).toBeLessThan(2 * longestAnswer)
  })
})

describe("a login by HTML and cookie", () => {
  const profile = {
    ...parseProfile(exampleProfiles.form),
    login: {
      method: "POST",
      path: "",
      body: "form",
      fields: { login_code: "a", password: "b", pin: "c" },
      success: { answer: "html", status: 200, text: "Log off" },
    },
  }
  const page = (text: string, ...cookies: string[]) => {
    const headers = new Headers(cookies.map((cookie) => ["set-cookie", cookie]))
    return () => new Response(text, { headers })
  }

  it.each([
    ["the words and the cookie", page("<a>Log off", "NimbusAuth=abc; Path=/"), "works"],
    ["a cookie of another spelling", page("<a>Log off", "nimbusauth=abc"), "could_not_check"],
    ["a cookie that is emptied", page("<a>Log off", "NimbusAuth=; Max-Age=0"), "could_not_check"],
    ["no cookie", page("<a>Log off"), "could_not_check"],
    ["the cookie alone", page("<form>Login", "NimbusAuth=abc"), "could_not_check"],
    ["the words in JSON", page('"Log off"', "NimbusAuth=abc"), "could_not_check"],
  ])("with %s: %#", async (_, answer, outcome) => {
    expect((await ask(answer, { profile })).result.outcome).toBe(outcome)
  })
})

describe("a login by redirect", () => {
  const profile = parseProfile(exampleProfiles.form)
  const answer = (location: string) => () =>
    new Response(null, { status: 302, headers: { location, "set-cookie": "NimbusAuth=abc" } })

  it.each([
    ["/Home.aspx", "works"],
    ["/Home.aspx?first=1", "works"],
    ["https://firm.nimbus.test/Home.aspx", "works"],
    ["http://firm.nimbus.test/Home.aspx", "could_not_check"],
    ["/Home.aspx/more", "could_not_check"],
    ["/Login.aspx?from=/Home.aspx", "could_not_check"],
    ["https://evil.test/Home.aspx", "refused"],
  ])("to %s: %s", async (location, outcome) => {
    expect((await ask(answer(location), { profile })).result.outcome).toBe(outcome)
  })
})

describe("basic authentication", () => {
  const profile = {
    login: {
      method: "GET",
      path: "/me",
      body: "none",
      success: { answer: "json", status: 200, pointer: "/id" },
    },
    auth: { mode: "basic" },
    errors: [{ status: 401, outcome: "wrong_password" }],
  }

  it("goes with every call, in UTF-8", async () => {
    const given = { login_code: "a", password: "\u00e9\u20acpassword" }
    const { result, asked } = await ask(json(200, { id: 1 }), { profile, given })
    expect(result.outcome).toBe("works")
    const expected = `Basic ${Buffer.from("a:\u00e9\u20acpassword", "utf8").toString("base64")}`
    expect(asked).toHaveLength(4)
    for (const { init } of asked) {
      expect(new Headers(init?.headers).get("authorization")).toBe(expected)
      expect(init?.body).toBeUndefined()
    }
  })

  it("sends nothing where the login code holds a colon", async () => {
    const { result, asked } = await ask(works, { profile, given: { login_code: "a:b" } })
    expect(result).toMatchObject({ problems: [{ field: "login_code" }], notAsked: true })
    expect(asked).toEqual([])
  })
})

describe("what an outcome carries", () => {
  it.each([works, json(401, { error: { code: "BAD_LOGIN" } }), html(200, "x"), html(500, "x")])(
    "never the password outside of what is sealed, and never the token (%#)",
    async (answer) => {
      const { result } = await ask(answer, { given: { pin: "314159" } })
      const { credentials: _, ...rest } = { credentials: {}, ...result }
      expect(JSON.stringify(rest)).not.toMatch(/canary-password|314159/)
      expect(JSON.stringify(result)).not.toMatch(/t0ken|314159/)
      expect("detail" in result ? result.detail : "").not.toContain("canary")
    },
  )

  it("shortens and cleans a name that Nimbus tells", async () => {
    const answers = [
      { data: { token: "x" } },
      { account: { name: `\u202eFirm\n${"x".repeat(300)}` } },
    ]
    const fake: typeof fetch = async () => Response.json(answers.shift() ?? {})
    const settings = { NIMBUS_PROFILE: exampleProfiles.json, NIMBUS_ALLOWED_HOSTS: "*.nimbus.test" }
    const result = await nimbus.configure(settings, { loopback: false }).verify(credentials, {
      fetch: fake,
      now: () => 0,
      signal: new AbortController().signal,
      permissions: [],
    })
    const name = result.outcome === "works" ? result.account.name : ""
    expect(name).toMatch(/^Firm x+$/)
    expect(name).toHaveLength(200)
  })
})

describe("the life of what a login gives", () => {
  const answer = (value: unknown): Answer => ({
    status: 200,
    location: null,
    setCookies: ["a=b"],
    text: "",
    json: value,
  })
  const token = { mode: "token", pointer: "/t", header: "X-Token" } as const

  it.each([
    [{ ...token, life: { pointer: "/s" } }, { t: "x", s: 60 }, 61_000],
    [{ ...token, life: { pointer: "/s" } }, { t: "x", s: "60" }, 61_000],
    [{ ...token, life: { pointer: "/s" } }, { t: "x", s: "soon" }, undefined],
    [{ ...token, life: { pointer: "/s" } }, { t: "x" }, undefined],
    [{ ...token, life: { seconds: 5 } }, { t: "x" }, 6_000],
    [token, { t: "x" }, undefined],
    [{ mode: "cookie", cookie: "a", life: { seconds: 5 } } as const, {}, 6_000],
    [{ mode: "basic" } as const, {}, undefined],
  ])("%j of %j ends at %s", (auth, value, expiresAt) => {
    expect(accessIn(answer(value), auth, credentials, 1000)?.expiresAt).toBe(expiresAt)
  })
})
