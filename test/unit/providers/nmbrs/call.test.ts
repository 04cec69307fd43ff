import { describe, expect, test } from "vitest"
import { call, type Outcome } from "../../../../src/providers/nmbrs/call.ts"
import { type List, readList, readNothing } from "../../../../src/providers/nmbrs/readings.ts"
import {
  envelope,
  fault,
  fault12,
  faulty,
  fetchOf,
  html,
  numbered,
  oneDebtor,
  type Reply,
  respond,
  result,
  soap12,
} from "./answers.ts"

const request = { service: "DebtorService", operation: "List_GetAll", parameters: {} }
const login = {
  username: "anna@voorbeeld.test",
  token: "canary-canary-canary",
  domain: "voorbeeld",
}

function ask(
  reply: Reply,
  signal: AbortSignal = new AbortController().signal,
): Promise<Outcome<List>> {
  const { fetch } = fetchOf(() => reply)
  const line = { apiUrl: "https://api.test", fetch, signal }
  return call(line, login, request, readList("Debtor"))
}

const list = (count: number, name = "Debiteur") =>
  result(
    "List_GetAll",
    Array.from(
      { length: count },
      (_, i) => `<Debtor><Id>${i + 1}</Id><Number>${i}</Number><Name>${name} ${i}</Name></Debtor>`,
    ).join(""),
  )

describe("the request", () => {
  test("is a POST of text/xml with action, signal and no redirects", async () => {
    const { fetch, calls } = fetchOf(() => respond(200, list(1)))
    const { signal } = new AbortController()
    await call({ apiUrl: "https://api.test", fetch, signal }, login, request, readList("Debtor"))
    expect(calls).toHaveLength(1)
    expect(calls[0]).toMatchObject({
      url: "https://api.test/soap/v3/DebtorService.asmx",
      init: { method: "POST", redirect: "manual", signal },
    })
    expect(new Headers(calls[0]?.init.headers).get("Content-Type")).toBe("text/xml; charset=utf-8")
  })
})

describe("a result", () => {
  test.each([
    [
      "one",
      respond(200, result("List_GetAll", oneDebtor)),
      { count: 1, more: false, firstId: "41", names: ["Voorbeeld B.V."] },
    ],
    [
      "an empty list",
      respond(200, result("List_GetAll", "")),
      { count: 0, more: false, firstId: undefined, names: [] },
    ],
    [
      "no list at all",
      respond(200, envelope('<List_GetAllResponse xmlns="x"/>')),
      { count: 0, more: false, firstId: undefined, names: [] },
    ],
    [
      "SOAP 1.2",
      respond(200, envelope('<List_GetAllResponse xmlns="x"/>', soap12)),
      { count: 0, more: false, firstId: undefined, names: [] },
    ],
    [
      "an odd type",
      respond(200, result("List_GetAll", oneDebtor), "application/octet-stream"),
      { count: 1, more: false, firstId: "41", names: ["Voorbeeld B.V."] },
    ],
    [
      "an odd id",
      respond(200, result("List_GetAll", "<Debtor><Id>4 1</Id><Name/></Debtor>")),
      { count: 1, more: false, firstId: undefined, names: [] },
    ],
  ])("is read: %s", async (_, reply, value) => {
    expect(await ask(reply)).toEqual({ kind: "result", value })
  })

  test("of 10,000 debtors is read to its end", async () => {
    const xml = list(10_000, "Voorbeeldbedrijf B.V.")
    expect(xml.length).toBeGreaterThan(800_000)
    expect(await ask(respond(200, xml))).toMatchObject({
      kind: "result",
      value: { count: 10_000, more: false, firstId: "1" },
    })
  })

  test("of more than 2 MB is cut, and says so", async () => {
    const outcome = await ask(respond(200, list(40_000)))
    expect(outcome).toMatchObject({ kind: "result", value: { more: true, firstId: "1" } })
    if (outcome.kind !== "result") throw new Error("no result")
    expect(outcome.value.count).toBeGreaterThan(25_000)
    expect(outcome.value.count).toBeLessThan(40_000)
  })

  test("in a body that never ends is cut too", async () => {
    const item = new TextEncoder().encode(oneDebtor.repeat(200))
    const [head = ""] = list(0).split("</List_GetAllResult>")
    const body = new ReadableStream<Uint8Array>({
      start: (controller) => controller.enqueue(new TextEncoder().encode(head)),
      pull: (controller) => controller.enqueue(item),
    })
    expect(await ask(respond(200, body))).toMatchObject({ kind: "result", value: { more: true } })
  })
})

describe("a fault", () => {
  test.each<[string, Reply, string]>([
    ["SOAP 1.1 with 500", faulty(1001), "refused"],
    ["SOAP 1.1 with 200", respond(200, fault(numbered(1002))), "not_allowed"],
    ["SOAP 1.1 with 401", respond(401, fault(numbered(1001))), "refused"],
    ["SOAP 1.2", respond(500, fault12(numbered(1004))), "no_subscription"],
    ["number without marker", respond(500, fault("1003: Unauthorized access")), "outside"],
    ["20xx", faulty(2009), "outside"],
    ["long detail", respond(500, fault(numbered(1001), "x".repeat(200_000))), "refused"],
    ["long text", respond(500, fault(numbered(1001, "x".repeat(60_000)))), "refused"],
  ])("is understood: %s", async (_, reply, meaning) => {
    expect(await ask(reply)).toEqual({ kind: "fault", meaning })
  })

  test("of more than 64 KB is not read to its end", async () => {
    const [head = ""] = fault("").split("</faultstring>")
    let pulled = 0
    const body = new ReadableStream<Uint8Array>({
      start: (controller) => controller.enqueue(new TextEncoder().encode(head)),
      pull: (controller) => {
        pulled += 1
        controller.enqueue(new TextEncoder().encode("x".repeat(1024)))
      },
    })
    expect(await ask(respond(500, body))).toMatchObject({ kind: "trouble", code: "down" })
    expect(pulled).toBeLessThan(70)
  })
})

describe("trouble is", () => {
  test.each<[string, Reply, string]>([
    ["a network error", new TypeError("fetch failed"), "down"],
    ["a page with 503", html(503), "down"],
    ["an empty 502", respond(502, null), "down"],
    ["a redirect", respond(302, null), "down"],
    ["a permanent redirect with a body", respond(308, list(1)), "down"],
    ["an opaque redirect", Response.error(), "down"],
    ["429", respond(429, fault(numbered(1001))), "throttled"],
    ["a page with 200", html(200), "garbled"],
    ["a page with 404", html(404), "garbled"],
    ["an unknown fault", faulty(9999), "garbled"],
    ["a fault without number", respond(500, fault("Object reference not set")), "garbled"],
    ["a fault without text", respond(500, envelope("<soap:Fault/>")), "garbled"],
    ["another operation's answer", respond(200, result("List_GetByNumber", "")), "garbled"],
    ["an empty body element", respond(200, envelope("")), "garbled"],
    ["an envelope of nobody's", respond(200, '<Envelope xmlns="x"><Body/></Envelope>'), "garbled"],
    ["a document type", respond(200, `<!DOCTYPE x []>${list(1).slice(38)}`), "garbled"],
    ["half an answer", respond(200, list(3).slice(0, -40)), "garbled"],
    ["JSON", respond(200, '{"error":1}', "application/json"), "garbled"],
    ["no body", respond(200, null), "garbled"],
    ["2 MB of something else", respond(200, `<a>${"x".repeat(3_000_000)}`), "garbled"],
  ])("%s", async (_, reply, code) => {
    const outcome = await ask(reply)
    expect(outcome).toMatchObject({ kind: "trouble", code })
    expect(JSON.stringify(outcome)).not.toMatch(/canary|anna/)
  })

  test("a body that breaks off", async () => {
    const body = new ReadableStream<Uint8Array>({
      pull: (controller) => controller.error(new TypeError("terminated")),
    })
    expect(await ask(respond(200, body))).toMatchObject({ kind: "trouble", code: "down" })
  })

  test("time that is over before, during the wait and during the body", async () => {
    expect(await ask("never", AbortSignal.abort())).toMatchObject({ code: "timeout" })

    const waiting = new AbortController()
    const asked = ask("never", waiting.signal)
    waiting.abort()
    expect(await asked).toMatchObject({ kind: "trouble", code: "timeout" })

    const slow = new AbortController()
    const body = new ReadableStream<Uint8Array>({ pull: () => slow.abort() })
    expect(await ask(respond(200, body), slow.signal)).toMatchObject({ code: "timeout" })
  })

  test("a fetch that does not heed its signal", async () => {
    const controller = new AbortController()
    const line = {
      apiUrl: "https://api.test",
      fetch: () => new Promise<Response>(() => {}),
      signal: controller.signal,
    }
    const asked = call(line, login, request, readNothing())
    controller.abort()
    expect(await asked).toMatchObject({ kind: "trouble", code: "timeout" })
  })
})

describe("a glance", () => {
  test("ends at the result's first element and cancels the body", async () => {
    let cancelled = false
    const body = new ReadableStream<Uint8Array>({
      start: (controller) =>
        controller.enqueue(new TextEncoder().encode(list(1).replace(/<List_GetAllResult.*/, ""))),
      cancel: () => {
        cancelled = true
      },
    })
    const { fetch } = fetchOf(() => respond(200, body))
    const line = { apiUrl: "https://api.test", fetch, signal: new AbortController().signal }
    expect(await call(line, login, request, readNothing())).toEqual({
      kind: "result",
      value: undefined,
    })
    expect(cancelled).toBe(true)
  })
})
