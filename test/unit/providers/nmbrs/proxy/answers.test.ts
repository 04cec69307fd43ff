/** What comes back: streamed, and looked at for a refused login without holding it. */
import { describe, expect, test } from "vitest"
import { rewriteAddresses } from "../../../../../src/providers/nmbrs/proxy/wsdl.ts"
import { fault, fault12, numbered, respond } from "../answers.ts"
import { ask, bodyOf, message, OPERATION } from "./messages.ts"

const MESSAGE = message(bodyOf(OPERATION))
const answering = (answer: () => Response) => ask(MESSAGE, { answer })

describe("an answer that is no success", () => {
  test.each([
    ["1001", () => respond(500, fault(numbered(1001))), true],
    ["1001 in SOAP 1.2", () => respond(500, fault12(numbered(1001))), true],
    ["1001 in a short text", () => respond(401, fault("1001: Invalid Authentication")), true],
    [
      "1001 before a long trace",
      () => respond(500, fault(numbered(1001), "x".repeat(300_000))),
      true,
    ],
    ["1002", () => respond(500, fault(numbered(1002))), false],
    ["1003", () => respond(500, fault(numbered(1003))), false],
    ["9999", () => respond(500, fault(numbered(9999))), false],
    ["a page", () => respond(503, "<!DOCTYPE html><h1>---> 1001: x", "text/html"), false],
    ["a page that never was XML", () => respond(500, new Uint8Array(200_000)), false],
    ["nothing", () => respond(500, null), false],
    ["1001 in a success", () => respond(200, fault(numbered(1001))), false],
  ])("%s", async (_, answer, suspect) => {
    const { proxied, text } = await answering(answer)
    expect(proxied.suspect ?? false).toBe(suspect)
    expect(proxied).toMatchObject({ outcome: "answered", response: { status: answer().status } })
    expect(text).toBe(await answer().text())
  })

  test("is read no further than a fault is long before the rest is asked for", async () => {
    let pulled = 0
    const body = new ReadableStream<Uint8Array>(
      {
        pull(controller) {
          pulled += 1
          if (pulled > 100) controller.close()
          else controller.enqueue(new Uint8Array(16 * 1024))
        },
      },
      { highWaterMark: 0 },
    )
    const before: number[] = []
    const { text } = await answering(() => {
      const response = respond(500, body)
      before.push(pulled)
      return response
    }).then((asked) => asked)
    expect(before).toEqual([0])
    expect(text).toHaveLength(100 * 16 * 1024)
  })

  test("that breaks off at once is no answer", async () => {
    const body = new ReadableStream({
      start: (controller) => controller.error(new TypeError("gone")),
    })
    const { proxied } = await answering(() => respond(500, body))
    expect(proxied).toMatchObject({ outcome: "refused", code: "provider_down" })
  })
})

describe("the addresses of a WSDL", () => {
  const wsdl = (port: string) =>
    `<?xml version="1.0"?><wsdl:definitions xmlns:wsdl="http://schemas.xmlsoap.org/wsdl/" xmlns:soap="http://schemas.xmlsoap.org/wsdl/soap/" xmlns:http="urn:h"><!-- location="http://a" --><wsdl:port name="é">${port}</wsdl:port></wsdl:definitions>`
  const ours = "https://koppel.test/proxy/nmbrs/soap/v3/EmployeeService.asmx"

  test.each([
    [
      '<soap:address location="http://api.nmbrs.nl/soap/v3/EmployeeService.asmx" />',
      `<soap:address location="${ours}" />`,
    ],
    [
      "<soap:address  a='1' location = 'https://x/y?a=1&amp;b' ></soap:address>",
      `<soap:address  a='1' location="${ours}" ></soap:address>`,
    ],
    [
      '<http:address location="http://x"/><soap:address location="https://y"/>',
      `<http:address location="${ours}"/><soap:address location="${ours}"/>`,
    ],
    ["<soap:operation location='x'/>", "<soap:operation location='x'/>"],
  ])("%s", (port, expected) => {
    expect(rewriteAddresses(wsdl(port), ours)).toBe(wsdl(expected))
  })

  test.each(["", "<html/>", "<!DOCTYPE html><html><br></html>", "no"])("%j is no WSDL", (text) => {
    expect(rewriteAddresses(text, ours)).toBeUndefined()
  })
})
