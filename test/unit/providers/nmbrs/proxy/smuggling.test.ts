/** What is refused before anything leaves: messages that two parsers could read in two ways. */
import { describe, expect, test } from "vitest"
import { ask, bodyOf, ENV11, ENV12, message, NS, OPERATION } from "./messages.ts"

const OTHER = `<Salary_GetCurrent xmlns="${NS}"/>`
const BODY = bodyOf(OPERATION)
const utf16 = (text: string, bigEndian = false) => {
  const bytes = new Uint8Array(text.length * 2)
  const view = new DataView(bytes.buffer)
  for (let i = 0; i < text.length; i++) view.setUint16(i * 2, text.charCodeAt(i), !bigEndian)
  return bytes
}

describe("a message that is refused with a fault, and never leaves", () => {
  test.each<[string, string | Uint8Array<ArrayBuffer>]>([
    ["two Bodies", message(BODY + bodyOf(OTHER))],
    ["two Bodies, the other first", message(bodyOf(OTHER) + BODY)],
    ["two Headers", message(`<soap:Header/><soap:Header/>${BODY}`)],
    ["a Header after the Body", message(`${BODY}<soap:Header/>`)],
    ["two operations", message(bodyOf(OPERATION + OTHER))],
    ["two operations, the other first", message(bodyOf(OTHER + OPERATION))],
    ["the same operation twice", message(bodyOf(OPERATION + OPERATION))],
    ["no operation", message("<soap:Body></soap:Body>")],
    ["an empty Body", message("<soap:Body/>")],
    ["no Body", message("<soap:Header/>")],
    ["nothing in the Envelope", message("")],
    ["something else beside the Body", message(`${BODY}<x/>`)],
    ["a comment before the operation", message(bodyOf(`<!-- x -->${OPERATION}`))],
    ["a comment behind the operation", message(bodyOf(`${OPERATION}<!-- ${OTHER} -->`))],
    ["a comment in the Envelope", message(`<!-- x -->${BODY}`)],
    ["a comment behind the Body", message(`${BODY}<!-- x -->`)],
    ["a comment before the Envelope", `<!-- x -->${message(BODY).replace(/^.*\n/, "")}`],
    ["a comment behind the Envelope", `${message(BODY)}<!-- x -->`],
    [
      "an empty comment in the operation's tag",
      message(bodyOf(OPERATION.replace(" xmlns", "<!----> xmlns"))),
    ],
    ["CDATA around the operation", message(bodyOf(`<![CDATA[${OPERATION}]]>`))],
    ["CDATA before the operation", message(bodyOf(`<![CDATA[]]>${OPERATION}`))],
    ["CDATA in the Envelope", message(`<![CDATA[ ]]>${BODY}`)],
    ["text before the operation", message(bodyOf(`x${OPERATION}`))],
    ["a reference before the operation", message(bodyOf(`&#32;${OPERATION}`))],
    ["white space that XML doesn't know", message(bodyOf(`\u00a0${OPERATION}`))],
    ["a line separator", message(bodyOf(`\u2028${OPERATION}`))],
    ["a processing instruction", message(bodyOf(`<?x y?>${OPERATION}`))],
    ["a processing instruction inside", message(bodyOf(OPERATION.replace("7", "<?x y?>7")))],
    ["a stylesheet", `<?xml-stylesheet href="x"?>${message(BODY).replace(/^.*\n/, "")}`],
    ["a document type", `<!DOCTYPE a>${message(BODY).replace(/^.*\n/, "")}`],
    [
      "entities",
      `<!DOCTYPE a [<!ENTITY b "${OTHER.replaceAll('"', "'")}">]>${message(bodyOf("&b;")).replace(/^.*\n/, "")}`,
    ],
    ["an entity that isn't declared", message(bodyOf(OPERATION.replace("7", "&seven;")))],
    [
      "a reference in the operation's namespace",
      message(bodyOf(OPERATION.replace("Service", "&#83;ervice"))),
    ],
    ["a reference in the Envelope's namespace", message(BODY).replace("schemas", "&#115;chemas")],
    [
      "a namespace with a space in front",
      message(bodyOf(OPERATION.replace('xmlns="', 'xmlns=" '))),
    ],
    [
      "a prefix with a space behind its namespace",
      message(`<soap:Body xmlns:soap="${ENV11} ">${OPERATION}</soap:Body>`),
    ],
    [
      "a padded namespace inside",
      message(bodyOf(OPERATION.replace("<CompanyId", `<CompanyId xmlns="${NS}\n"`))),
    ],
    [
      "an operation of another namespace",
      message(bodyOf(OPERATION.replace("EmployeeService", "CompanyService"))),
    ],
    ["an operation of the older version", message(bodyOf(OPERATION.replace("/v3/", "/v2.1/")))],
    ["an operation of no namespace", message(bodyOf("<List_GetByCompany/>"))],
    ["an operation of SOAP's namespace", message(bodyOf("<soap:List_GetByCompany/>"))],
    ["a namespace of another case", message(bodyOf(OPERATION.replace("api.nmbrs", "API.nmbrs")))],
    ["the prefix bound anew", message(`<soap:Body xmlns:soap="urn:x">${OPERATION}</soap:Body>`)],
    [
      "the prefix bound to the other version",
      message(`<soap:Body xmlns:soap="${ENV12}">${OPERATION}</soap:Body>`),
    ],
    ["a Body without namespace", message(`<Body>${OPERATION}</Body>`)],
    ["a body in lower case", message(`<soap:body>${OPERATION}</soap:body>`)],
    ["a Body inside another", message(bodyOf(BODY))],
    ["an Envelope inside another", message(message(BODY).replace(/^.*\n/, ""))],
    ["an Envelope in the Body", message(bodyOf(message(BODY).replace(/^.*\n/, "")))],
    ["two Envelopes", message(BODY) + message(BODY).replace(/^.*\n/, "")],
    ["an Envelope of no version", message(BODY, "urn:soap")],
    ["another root", `<x>${OPERATION}</x>`],
    ["an operation with a dash", message(bodyOf(`<List-GetByCompany xmlns="${NS}"/>`))],
    ["an operation in other letters", message(bodyOf(`<List_GetByCompаny xmlns="${NS}"/>`))],
    [
      "two attributes of one name",
      message(bodyOf(OPERATION.replace("xmlns", 'a="1" a="2" xmlns'))),
    ],
    [
      "two namespaces in one tag",
      message(bodyOf(OPERATION.replace("xmlns", 'xmlns="urn:x" xmlns'))),
    ],
    ["a prefix that isn't bound", message(bodyOf(OPERATION.replace("7", "<a:b/>")))],
    ["a tag that isn't closed", message(`<soap:Body>${OPERATION}`)],
    ["a text that breaks off", message(BODY).slice(0, -3)],
    ["text behind the Envelope", `${message(BODY)}x`],
    ["text before the declaration", ` ${message(BODY)}`],
    ["two declarations", message(BODY).replace("\n", '\n<?xml version="1.0"?>')],
    ["XML 1.1", message(BODY).replace('version="1.0"', 'version="1.1"')],
    ["a declaration of ISO-8859-1", message(BODY).replace("utf-8", "iso-8859-1")],
    ["a declaration of UTF-7", message(BODY).replace("utf-8", "utf-7")],
    ["a declaration of UTF-16", message(BODY).replace("utf-8", "utf-16")],
    ["UTF-7", message(BODY).replaceAll("<", "+ADw-")],
    ["UTF-16 with its mark", utf16(`\uFEFF${message(BODY)}`)],
    ["UTF-16 without", utf16(message(BODY))],
    ["UTF-16, big end first", utf16(`\uFEFF${message(BODY)}`, true)],
    ["two byte order marks", `\uFEFF\uFEFF${message(BODY)}`],
    ["bytes that aren't UTF-8", new Uint8Array([...new TextEncoder().encode(message(BODY)), 0xff])],
    [
      "an overlong character",
      new Uint8Array([...new TextEncoder().encode(message(BODY)), 0xc0, 0xbc]),
    ],
    ["a zero", message(bodyOf(OPERATION.replace("7", "\u0000")))],
    ["a reference to zero", message(bodyOf(OPERATION.replace("7", "&#0;")))],
    [
      "a thousand levels",
      message(bodyOf(OPERATION.replace("7", "<a>".repeat(1000) + "</a>".repeat(1000)))),
    ],
    ["a million levels", message(bodyOf("<a>".repeat(300_000)))],
    ["nothing", ""],
  ])("%s", async (_, body) => {
    const { proxied, sent, text } = await ask(body, {
      permissions: ["EmployeeService:List_GetByCompany", "EmployeeService:Salary_GetCurrent"],
    })
    expect(sent).toEqual([])
    expect(proxied).toMatchObject({ outcome: "answered", code: expect.any(String) })
    expect(text).toContain("<faultcode>soap:Client</faultcode>")
    expect(text).not.toContain("Salary_GetCurrent")
  })

  test.each([
    ["the action of another operation", { soapaction: `"${NS}/Salary_GetCurrent"` }],
    ["the action without its namespace", { soapaction: "List_GetByCompany" }],
    [
      "the action of another service",
      { soapaction: `"https://api.nmbrs.nl/soap/v3/CompanyService/List_GetByCompany"` },
    ],
    ["two actions", { soapaction: `"${NS}/List_GetByCompany", "${NS}/Salary_GetCurrent"` }],
    ["the right action with more", { soapaction: `"${NS}/List_GetByCompany"; x` }],
    [
      "another action in the content type",
      { "content-type": `application/soap+xml; action="${NS}/Salary_GetCurrent"` },
    ],
    [
      "one right, one wrong",
      {
        soapaction: `"${NS}/List_GetByCompany"`,
        "content-type": `text/xml; action="${NS}/Salary_GetCurrent"`,
      },
    ],
  ])("%s", async (_, headers) => {
    const granted = ["EmployeeService:List_GetByCompany", "EmployeeService:Salary_GetCurrent"]
    const { proxied, sent } = await ask(message(BODY), { headers, permissions: granted })
    expect(sent).toEqual([])
    expect(proxied).toMatchObject({ outcome: "answered", code: "other_action" })
  })
})

describe("a request that is none of SOAP", () => {
  test.each([
    "",
    "application/json",
    "text/html",
    "text/plain",
    "multipart/related; type=text/xml",
    "text/xml; charset=utf-16",
    "text/xml; charset=iso-8859-1",
    "text/xml; charset=utf-7",
    "text/xml; charset=us-ascii",
    "text/xml; charset=utf-8; charset=utf-16",
    'text/xml; charset="utf-8',
    "text/xml; charset",
    "text/xml charset=utf-8",
    "text/xml, application/soap+xml",
    "application/xml",
  ])("content type %j is not taken", async (type) => {
    const { proxied, sent } = await ask(message(BODY), { headers: { "content-type": type } })
    expect(sent).toEqual([])
    expect(proxied).toMatchObject({ outcome: "refused", code: "unsupported_media_type" })
  })

  test.each([
    "text/xml",
    "text/xml;charset=UTF-8",
    'text/xml; charset="utf-8"',
    "TEXT/XML ; Charset=Utf-8 ",
    "text/xml;charset=utf-8;x=y",
  ])("content type %j is", async (type) => {
    expect((await ask(message(BODY), { headers: { "content-type": type } })).sent).toHaveLength(1)
  })

  test.each([
    ["/soap/v3/SingleSignOn.asmx", "not_found"],
    ["/soap/v3/Unknown.asmx", "not_found"],
    ["/soap/v2.1/EmployeeService.asmx", "not_found"],
    ["/soap/v3/EmployeeService.asmx/List_GetByCompany", "not_found"],
    ["/soap/v3/../v3/EmployeeService.asmx", "not_found"],
    ["/soap/v3/%45mployeeService.asmx", "not_found"],
    ["/soap/v3/constructor.asmx", "not_found"],
    ["", "not_found"],
    ["/", "not_found"],
  ])("%j is no address", async (path, code) => {
    const { proxied, sent } = await ask(message(BODY), { path })
    expect(sent).toEqual([])
    expect(proxied).toMatchObject({ outcome: "refused", code })
  })

  test("takes POST without a query only", async () => {
    expect((await ask("", { method: "GET" })).proxied).toMatchObject({ code: "method_not_allowed" })
    expect((await ask(message(BODY), { query: "?op=x" })).proxied).toMatchObject({
      code: "invalid_request",
    })
  })
})

describe("an action that agrees", () => {
  test.each([
    [{ soapaction: `"${NS}/List_GetByCompany"` }],
    [{ soapaction: `${NS}/List_GetByCompany` }],
    [{ soapaction: '""' }],
    [{ soapaction: "" }],
    [{ "content-type": `application/soap+xml; charset=utf-8; action="${NS}/List_GetByCompany"` }],
  ])("%j", async (headers) => {
    expect((await ask(message(BODY), { headers })).sent).toHaveLength(1)
  })
})

describe("an operation that was not granted", () => {
  test.each([
    ["1.1", ENV11, "<faultcode>soap:Client</faultcode>", "text/xml; charset=utf-8"],
    ["1.2", ENV12, "<soap:Value>soap:Sender</soap:Value>", "application/soap+xml; charset=utf-8"],
  ])("is refused in SOAP %s, with the scope that opens it", async (_, uri, code, type) => {
    const { proxied, sent, text } = await ask(message(BODY, uri), {
      permissions: ["CompanyService:List_GetByCompany"],
    })
    expect(sent).toEqual([])
    expect(proxied).toMatchObject({
      outcome: "answered",
      code: "insufficient_scope",
      response: { status: 500 },
    })
    if (proxied.outcome === "answered")
      expect(proxied.response.headers.get("content-type")).toBe(type)
    expect(text).toContain(`<soap:Envelope xmlns:soap="${uri}">`)
    expect(text).toContain(code)
    expect(text).toContain("EmployeeService:List_GetByCompany was not granted")
    expect(text).toContain("nmbrs:employees.read")
    expect(text).toContain("nmbrs:EmployeeService.List_GetByCompany")
  })

  test("that nobody knows is told so", async () => {
    const { sent, text } = await ask(message(bodyOf(`<Employee_Explode xmlns="${NS}"/>`)), {
      permissions: [],
    })
    expect(sent).toEqual([])
    expect(text).toContain("EmployeeService:Employee_Explode is no operation")
  })
})
