/**
 * node-soap, unchanged, through the proxy of a broker that runs, against a SOAP server that is not
 * ours: its endpoint comes out of our WSDL, and all it adds is a Bearer header.
 */
import { type IncomingMessage, request } from "node:http"
import { BearerSecurity, type Client, createClientAsync, type IOptions } from "soap"
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest"
import { registerApp } from "../../scripts/lib/registration.ts"
import { startBroker, type TestBroker } from "../support/browser.ts"
import { type NmbrsServer, type ServerAccount, startNmbrsServer } from "../support/nmbrs-server.ts"
import { type Recorder, startRecorder } from "../support/recorder.ts"
import { Visitor } from "../support/visitor.ts"

const CALLBACK = "https://app.example/callback"
const SCOPE = "nmbrs:companies.read"
const MANY = 40_000
const ODD = "Café «Ëén» & Zn. <B.V.> 漢字 🧾 “ ”"

const account: ServerAccount = {
  username: "salaris&co@voorbeeld.test",
  token: "0123456789abcdef0123456789abcdef",
  domain: "voorbeeld-bv",
  debtors: [{ Id: 41, Number: "1", Name: ODD }],
  companies: Array.from({ length: MANY }, (_, i) => ({
    ID: i + 1,
    Number: i,
    Name: `${ODD} ${i}`,
  })),
}

let nmbrs: NmbrsServer
let recorder: Recorder
let broker: TestBroker
let token: string

beforeAll(async () => {
  nmbrs = await startNmbrsServer({ accounts: [account] })
  recorder = await startRecorder(() => nmbrs.url)
  broker = await startBroker({ args: ["--var", `NMBRS_API_URL:${recorder.url}`] })
  token = await connect()
})

afterAll(async () => {
  await broker?.stop()
  await recorder?.close()
  await nmbrs?.close()
})

beforeEach(() => {
  recorder.exchanges.length = 0
  recorder.instead = undefined
})

/** Registers a live app, goes through the hosted page and redeems the code. */
async function connect(): Promise<string> {
  const app = await registerApp(broker.issuer, broker.registrationToken, {
    client_name: "Urenweek",
    redirect_uris: [CALLBACK],
    scope: SCOPE,
    environment: "live",
  })
  const query = new URLSearchParams({
    response_type: "code",
    client_id: app.client_id,
    redirect_uri: CALLBACK,
    scope: SCOPE,
    state: "state-of-this-flow",
  })
  const visitor = new Visitor()
  const isCallback = (url: string) => url.startsWith(CALLBACK)
  const { username, domain } = account
  const form = await visitor.open(`${broker.issuer}/oauth/authorize?${query}`)
  const typed = { ...hidden(form.text), username, domain, token: account.token }
  const summary = await visitor.post(form.url, typed)
  const end = await visitor.post(summary.url, hidden(summary.text), isCallback)
  if (!isCallback(end.url)) throw new Error(`not sent back: ${end.status} ${end.text}`)
  const response = await fetch(`${broker.issuer}/oauth/token`, {
    method: "POST",
    headers: { authorization: `Basic ${btoa(`${app.client_id}:${app.client_secret}`)}` },
    body: new URLSearchParams({
      grant_type: "authorization_code",
      code: new URL(end.url).searchParams.get("code") ?? "",
      redirect_uri: CALLBACK,
    }),
  })
  const { access_token } = (await response.json()) as { access_token: string }
  return access_token
}

function hidden(html: string): Record<string, string> {
  const tags = [...html.matchAll(/<input[^>]*type="hidden"[^>]*>/g)].map(([tag]) => tag)
  const attribute = (tag: string, name: string) => new RegExp(`${name}="([^"]*)"`).exec(tag)?.[1]
  return Object.fromEntries(tags.map((tag) => [attribute(tag, "name"), attribute(tag, "value")]))
}

async function clientOf(service: string, options: IOptions = {}): Promise<Client> {
  const wsdl = `${broker.issuer}/proxy/nmbrs/soap/v3/${service}.asmx?wsdl`
  const client = await createClientAsync(wsdl, options)
  client.setSecurity(new BearerSecurity(token))
  return client
}

const call = (client: Client, operation: string, parameters: unknown) =>
  (client as unknown as Record<string, (args: unknown) => Promise<[unknown, string]>>)[
    `${operation}Async`
  ]?.(parameters) as Promise<[unknown, string]>

const bodyIn = (xml: string) => /<soap:Body>.*<\/soap:Body>/s.exec(xml)?.[0]
const lastSent = () => recorder.exchanges.at(-1)

describe("node-soap through the proxy", () => {
  it.each([
    ["1.1", {}, "text/xml; charset=utf-8"],
    ["1.2", { forceSoap12Headers: true }, "application/soap+xml; charset=utf-8; action="],
  ])("calls in SOAP %s, byte for byte both ways", async (_, options, type) => {
    const client = await clientOf("CompanyService", options)
    const [, raw] = await call(client, "List_GetByDebtor", { DebtorId: ODD })
    const sent = lastSent()
    expect(sent?.headers["content-type"]).toContain(type)
    const written = bodyIn(client.lastRequest ?? "")
    expect(written).toContain("Café «Ëén» &amp; Zn. &lt;B.V.")
    expect(bodyIn(sent?.body.toString() ?? "")).toBe(written)
    expect(raw).toBe(sent?.answer.toString())
    expect(raw).toContain("漢字 🧾")
    expect(nmbrs.calls.at(-1)).toMatchObject({
      operation: "CompanyService:List_GetByDebtor",
      header: "AuthHeaderWithDomain",
      username: account.username,
      token: account.token,
      domain: account.domain,
    })
  })

  it("reads an answer of 5 MB whole", async () => {
    const client = await clientOf("CompanyService")
    const [result, raw] = await call(client, "List_GetAll", {})
    expect(Buffer.byteLength(raw)).toBeGreaterThan(5_000_000)
    const { List_GetAllResult } = result as {
      List_GetAllResult: { Company: { Name: string }[] }
    }
    expect(List_GetAllResult.Company).toHaveLength(MANY)
    expect(List_GetAllResult.Company[7]?.Name).toBe(`${ODD} 7`)
  })

  it("never reaches Nmbrs with an operation that was not granted", async () => {
    const client = await clientOf("EmployeeService")
    const seen = nmbrs.calls.length
    recorder.exchanges.length = 0
    const failure = await call(client, "EmployeeType_GetList", {}).catch((error: unknown) => error)
    expect(String(failure)).toContain("EmployeeService:EmployeeType_GetList was not granted")
    expect(String(failure)).toContain("soap:Client")
    expect(nmbrs.calls.length).toBe(seen)
    expect(recorder.exchanges).toEqual([])
  })

  it.each(["AuthHeader", "AuthHeaderWithDomain"])("drops a caller's own %s", async (name) => {
    const client = await clientOf("DebtorService")
    const login = { Username: "mallory@evil.test", Token: "f".repeat(32), Domain: "evil" }
    client.addSoapHeader({ [name]: login }, "", "tns", "https://api.nmbrs.nl/soap/v3/DebtorService")
    await call(client, "List_GetAll", {})
    expect(client.lastRequest).toContain("mallory")
    expect(lastSent()?.body.toString()).not.toMatch(/mallory|evil|ffff/)
    expect(nmbrs.calls.at(-1)).toMatchObject({
      header: "AuthHeaderWithDomain",
      username: account.username,
      domain: account.domain,
    })
  })

  it("gets no further with the credentials of nobody", async () => {
    const client = await clientOf("DebtorService")
    client.setSecurity(new BearerSecurity("acc_00nothing"))
    recorder.exchanges.length = 0
    const failure = await call(client, "List_GetAll", {}).catch((error: unknown) => error)
    expect(failure).toMatchObject({ response: { status: 401 } })
    expect(recorder.exchanges).toEqual([])
  })
})

it("holds no more of an answer than its reader takes", async () => {
  const chunk = Buffer.alloc(64 * 1024, 120)
  const whole = 4096 * chunk.length
  let written = 0
  recorder.instead = (response) => {
    response.writeHead(200, { "content-type": "text/xml" })
    const write = () => {
      while (written < whole && !response.destroyed) {
        written += chunk.length
        if (!response.write(chunk)) return
      }
      response.end()
    }
    response.on("drain", write)
    write()
  }
  const namespace = "https://api.nmbrs.nl/soap/v3/DebtorService"
  const answer = await new Promise<IncomingMessage>((resolve, reject) => {
    const url = `${broker.issuer}/proxy/nmbrs/soap/v3/DebtorService.asmx`
    const headers = { authorization: `Bearer ${token}`, "content-type": "text/xml" }
    request(url, { method: "POST", headers }, resolve)
      .on("error", reject)
      .end(
        `<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body><List_GetAll xmlns="${namespace}"/></s:Body></s:Envelope>`,
      )
  })
  expect(answer.statusCode).toBe(200)
  // What is under way stands in the buffers of the sockets between here and there, and in no program.
  let before = -1
  while (before !== written) {
    before = written
    await new Promise((wake) => setTimeout(wake, 1500))
  }
  expect(written).toBeLessThan(whole / 2)
  let taken = 0
  for await (const part of answer) taken += (part as Buffer).length
  expect(taken).toBe(whole)
})

it("writes no credential into its log", () => {
  expect(broker.output()).not.toContain(account.token)
  expect(broker.output()).not.toContain("salaris")
})
