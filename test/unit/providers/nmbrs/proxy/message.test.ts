/** What leaves: the caller's Body to the byte, our Header, nothing of theirs. */
import fc from "fast-check"
import { describe, expect, test } from "vitest"
import {
  ask,
  bodyOf,
  credentials,
  ENV11,
  ENV12,
  message,
  NS,
  OPERATION,
  OUR_HEADER,
} from "./messages.ts"

const HEADER = `<soap:Header><AuthHeaderWithDomain xmlns="${NS}"><Username>mallory</Username><Token>stolen</Token></AuthHeaderWithDomain></soap:Header>`

describe("a message that is passed on", () => {
  test.each([
    ["without a Header", bodyOf(OPERATION)],
    ["with the caller's login", HEADER + bodyOf(OPERATION)],
    [
      "with the older login",
      HEADER.replaceAll("AuthHeaderWithDomain", "AuthHeader") + bodyOf(OPERATION),
    ],
    ["with an empty Header", `<soap:Header/>${bodyOf(OPERATION)}`],
    [
      "with anything in the Header",
      `<soap:Header><!-- x --><a><b c="&lt;"/><![CDATA[<soap:Body>]]></a></soap:Header>${bodyOf(OPERATION)}`,
    ],
  ])("%s has our Header alone", async (_, inside) => {
    const { sent } = await ask(message(inside))
    expect(sent.map(({ body }) => body)).toEqual([
      message(`<soap:Header>${OUR_HEADER}</soap:Header>${bodyOf(OPERATION)}`),
    ])
    expect(sent[0]?.url).toBe("https://nmbrs.test/soap/v3/EmployeeService.asmx")
  })

  test("keeps white space, attributes, other declarations and the end of the text", async () => {
    const text = `<?xml version='1.0'?>\r\n<s:Envelope\n xmlns:s='${ENV11}' xmlns:xsi="urn:x" s:encodingStyle="a>b" >\r\n <s:Body  xmlns:e="${NS}" >\n\t<e:List_GetByCompany\n a="1"><e:CompanyId xsi:nil='true'/><!-- c --><![CDATA[x]]>&#233;</e:List_GetByCompany >\r\n</s:Body ></s:Envelope>\n`
    const { sent } = await ask(text)
    const [before, after] = text.split("\r\n <s:Body")
    expect(sent[0]?.body).toBe(`${before}<s:Header>${OUR_HEADER}</s:Header><s:Body${after}`)
  })

  test("keeps a default namespace for SOAP, and a byte order mark of UTF-8", async () => {
    const inner = `<Body>${OPERATION}</Body></Envelope>`
    const { sent } = await ask(`\uFEFF<Envelope xmlns="${ENV11}">${inner}`)
    expect(sent[0]?.body).toBe(
      `\uFEFF<Envelope xmlns="${ENV11}"><Header>${OUR_HEADER}</Header>${inner}`,
    )
  })

  test.each([
    ["1.1", ENV11, "text/xml", "text/xml; charset=utf-8", `"${NS}/List_GetByCompany"`],
    [
      "1.2",
      ENV12,
      "application/soap+xml",
      `application/soap+xml; charset=utf-8; action="${NS}/List_GetByCompany"`,
      null,
    ],
    // A product that ships today sends 1.2 as text/xml without an action.
    [
      "1.2 as text/xml",
      ENV12,
      "text/xml",
      `application/soap+xml; charset=utf-8; action="${NS}/List_GetByCompany"`,
      null,
    ],
  ])("SOAP %s has its own content type and action", async (_, uri, type, sentType, action) => {
    const { sent } = await ask(message(bodyOf(OPERATION), uri), {
      headers: { "content-type": type },
    })
    expect(sent[0]?.headers.get("content-type")).toBe(sentType)
    expect(sent[0]?.headers.get("soapaction")).toBe(action)
    expect([...(sent[0]?.headers.keys() ?? [])].sort()).toEqual(
      action === null ? ["accept", "content-type"] : ["accept", "content-type", "soapaction"],
    )
  })

  test("that asks for the domain has the older login, as Nmbrs' own client sends it", async () => {
    const namespace = "https://api.nmbrs.nl/soap/v3/DebtorService"
    const { sent } = await ask(message(bodyOf(`<Environment_Get xmlns="${namespace}"/>`)), {
      path: "/soap/v3/DebtorService.asmx",
      permissions: ["DebtorService:Environment_Get"],
    })
    expect(sent[0]?.body).toContain(`<AuthHeader xmlns="${namespace}"><Username>`)
    expect(sent[0]?.body).not.toContain("Domain>")
  })
})

test("whatever is in Body and Header: the Body's bytes are the same, the Header's are gone", async () => {
  // XML's Char, as it is written: five characters by reference.
  const written = fc
    .string({ unit: "binary", maxLength: 60 })
    .map((text) =>
      text
        .replace(/[^\t\n\r\u{20}-\u{D7FF}\u{E000}-\u{FFFD}\u{10000}-\u{10FFFF}]/gu, "")
        .replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`),
    )
  const prefix = fc
    .stringMatching(/^[a-z][a-z0-9-]{0,5}$/)
    .filter((name) => !name.startsWith("xml"))
  const space = fc.stringMatching(/^[ \t\r\n]{0,4}$/)
  const uri = fc.constantFrom(ENV11, ENV12)
  await fc.assert(
    fc.asyncProperty(
      fc.record({ prefix, space, uri, value: written, attribute: written, secret: written }),
      fc.option(fc.constantFrom("AuthHeader", "AuthHeaderWithDomain", "Other")),
      async ({ prefix: p, space: s, uri: u, value, attribute, secret }, headerName) => {
        const body = `<${p}:Body${s}>${s}<List_GetByCompany xmlns="${NS}"><A b="${attribute}">${value}</A></List_GetByCompany>${s}</${p}:Body${s}>${s}</${p}:Envelope>`
        const mark = `caller-secret-${secret}`
        const header =
          headerName === null
            ? ""
            : `<${p}:Header><${headerName} x="${mark}">${mark}</${headerName}></${p}:Header>${s}`
        const open = `<${p}:Envelope xmlns:${p}="${u}">`
        const { sent } = await ask(open + s + header + body)
        expect(sent[0]?.body).toBe(`${open}<${p}:Header>${OUR_HEADER}</${p}:Header>${body}`)
        const end = new TextEncoder().encode(body)
        expect(sent[0]?.bytes.slice(-end.length)).toEqual(end)
      },
    ),
    { numRuns: 500 },
  )
})

test("whatever the text: nothing is thrown, and what leaves names a granted operation once", async () => {
  const piece = fc.constantFrom(
    "<soap:Header>",
    "</soap:Header>",
    "<soap:Body>",
    "</soap:Body>",
    "<soap:Body/>",
    OPERATION,
    `<Salary_GetCurrent xmlns="${NS}"/>`,
    "<!-- ",
    " -->",
    "<![CDATA[",
    "]]>",
    "&lt;",
    "&#60;",
    "<?x?>",
    " ",
    `<x:List_GetByCompany xmlns:x="${NS}"/>`,
    '<a xmlns="">',
    "</a>",
    "<soap:Envelope>",
    "</soap:Envelope>",
  )
  let passed = 0
  await fc.assert(
    fc.asyncProperty(fc.array(piece, { maxLength: 7 }), async (pieces) => {
      const { proxied, sent } = await ask(message(pieces.join("")))
      expect(proxied.outcome).toBe("answered")
      passed += sent.length
      for (const { body } of sent) {
        expect(body).not.toContain("Salary_GetCurrent")
        expect(body.match(/<soap:Body>/g)).toHaveLength(1)
      }
    }),
    { numRuns: 3000, examples: [[["<soap:Body>", OPERATION, "</soap:Body>"]]] },
  )
  expect(passed).toBeGreaterThan(0)
})

test("credentials stand in the Header and nowhere else", async () => {
  const { sent, proxied } = await ask(message(bodyOf(OPERATION)))
  expect(JSON.stringify([sent[0]?.url, [...(sent[0]?.headers ?? [])], proxied])).not.toContain(
    credentials.token,
  )
})
