import fc from "fast-check"
import { describe, expect, test } from "vitest"
import { readXml } from "../../../../src/providers/nmbrs/read-xml.ts"
import {
  buildEnvelope,
  escapeXml,
  isWritable,
  soapAction,
} from "../../../../src/providers/nmbrs/soap.ts"

const request = { service: "DebtorService", operation: "List_GetAll", parameters: {} }
const legal = fc.string({ unit: "binary" }).filter(isWritable)

async function textsOf(xml: string): Promise<Record<string, string>> {
  const texts: Record<string, string> = {}
  const path: string[] = []
  await readXml(
    new Response(xml).body,
    { bytes: 1_000_000, depth: 10, elements: 100 },
    {
      done: false,
      open: ({ local }) => void path.push(local),
      text: (text) => {
        const name = path.at(-1) ?? ""
        texts[name] = (texts[name] ?? "") + text
      },
      close: () => void path.pop(),
    },
    new AbortController().signal,
  )
  return texts
}

describe("escaping", () => {
  test("what is written is read back, for every text that XML can hold", async () => {
    await fc.assert(
      fc.asyncProperty(legal, legal, legal, async (username, token, domain) => {
        const texts = await textsOf(buildEnvelope(request, { username, token, domain }))
        expect(texts.Username ?? "").toBe(username)
        expect(texts.Token ?? "").toBe(token)
        expect(texts.Domain ?? "").toBe(domain)
      }),
    )
  })

  test.each([
    ["]]>", "]]&gt;"],
    ["&#0;", "&amp;#0;"],
    ["<Token>", "&lt;Token&gt;"],
    [`"'`, "&quot;&apos;"],
    ["a\r\nb", "a&#13;\nb"],
    ["<![CDATA[x]]>", "&lt;![CDATA[x]]&gt;"],
  ])("%j becomes %j", (text, escaped) => {
    expect(escapeXml(text)).toBe(escaped)
  })

  test.each(["\u0000", "\u0008", "\u000b", "\u001f", "\ufffe", "\uffff", "\ud800", "\udc00"])(
    "%j is refused, and the error does not repeat the text",
    (character) => {
      const act = () => escapeXml(`secret${character}`)
      expect(act).toThrow(RangeError)
      expect(act).not.toThrow(/secret/)
    },
  )
})

describe("the envelope", () => {
  test("holds AuthHeaderWithDomain in the service's namespace", () => {
    expect(buildEnvelope(request, { username: "u", token: "t", domain: "d" })).toBe(
      '<?xml version="1.0" encoding="utf-8"?><soap:Envelope xmlns:soap="http://schemas.xmlsoap.org/soap/envelope/"><soap:Header><AuthHeaderWithDomain xmlns="https://api.nmbrs.nl/soap/v3/DebtorService"><Username>u</Username><Token>t</Token><Domain>d</Domain></AuthHeaderWithDomain></soap:Header><soap:Body><List_GetAll xmlns="https://api.nmbrs.nl/soap/v3/DebtorService"></List_GetAll></soap:Body></soap:Envelope>',
    )
  })

  test("holds the old AuthHeader where there is no domain", () => {
    const xml = buildEnvelope(
      { ...request, parameters: { CompanyID: "5<2" } },
      { username: "u", token: "t" },
    )
    expect(xml).toContain("<AuthHeader xmlns=")
    expect(xml).not.toContain("Domain>")
    expect(xml).toContain("<CompanyID>5&lt;2</CompanyID>")
  })

  test("goes with a quoted action that names no host but Nmbrs' own", () => {
    expect(soapAction(request)).toBe('"https://api.nmbrs.nl/soap/v3/DebtorService/List_GetAll"')
  })
})
