/** The hosted page of a running broker, for a live app, against a SOAP server that is not ours. */
import { afterAll, beforeAll, expect, it } from "vitest"
import { type RegisteredApp, registerApp } from "../../scripts/lib/registration.ts"
import { startBroker, type TestBroker } from "../support/browser.ts"
import { type NmbrsServer, type ServerAccount, startNmbrsServer } from "../support/nmbrs-server.ts"
import { hiddenFields, Visitor } from "../support/visitor.ts"

const CALLBACK = "https://app.example/callback"
const ODD = `Café «Ëén» & "Zn." <B.V.> 'x'`

const odd: ServerAccount = {
  username: `o'brien&co@voorbeeld.test`,
  token: `&<>"'${"é".repeat(20)}`,
  domain: "voorbeeld-bv",
  debtors: [{ Id: 41, Number: "1", Name: ODD }],
  companies: [{ ID: 7, Number: 1, Name: `${ODD} 1` }],
}
const large: ServerAccount = {
  username: "groot@kantoor.test",
  token: "f".repeat(32),
  domain: "kantoor",
  debtors: Array.from({ length: 10_000 }, (_, i) => ({
    Id: i + 1,
    Number: `${i}`,
    Name: `Klant ${i}`,
  })),
  companies: [{ ID: 7, Number: 1, Name: "Kantoor" }],
}

let nmbrs: NmbrsServer
let broker: TestBroker
let app: RegisteredApp

beforeAll(async () => {
  nmbrs = await startNmbrsServer({ accounts: [odd, large] })
  broker = await startBroker({ args: ["--var", `NMBRS_API_URL:${nmbrs.url}`] })
  app = await registerApp(broker.issuer, broker.registrationToken, {
    client_name: "Urenweek",
    redirect_uris: [CALLBACK],
    response_types: ["connection_id"],
    scope: "nmbrs:companies.read",
    environment: "live",
  })
})

afterAll(async () => {
  await broker?.stop()
  await nmbrs?.close()
})

/** Opens the page, pastes, and gives where that led. */
async function paste({ domain, username, token }: Record<"domain" | "username" | "token", string>) {
  const visitor = new Visitor()
  const query = new URLSearchParams({
    response_type: "connection_id",
    client_id: app.client_id,
    redirect_uri: CALLBACK,
    scope: "nmbrs:companies.read",
    state: "state-of-this-flow",
  })
  const form = await visitor.open(`${broker.issuer}/oauth/authorize?${query}`)
  const page = await visitor.post(form.url, { ...hiddenFields(form), domain, username, token })
  return { visitor, page, blamed: blamedIn(page.text) }
}

function blamedIn(html: string): string[] {
  const inputs = html.match(/<input[^>]*aria-invalid="true"[^>]*>/g) ?? []
  return inputs.map((input) => /name="([^"]*)"/.exec(input)?.[1] ?? "")
}

it("connects with values of every odd character, by connection_id, and claims it", async () => {
  const { visitor, page } = await paste(odd)
  expect(page.url).toMatch(/\/summary$/)
  expect(page.text).toContain("Café «Ëén» &amp; &quot;Zn.&quot; &lt;B.V.&gt; &#39;x&#39;")
  const end = await visitor.post(page.url, hiddenFields(page), (url) => url.startsWith(CALLBACK))
  const back = new URL(end.url).searchParams
  expect([back.get("state"), back.get("iss")]).toEqual(["state-of-this-flow", broker.issuer])
  const claimed = await fetch(
    `${broker.issuer}/v1/connections/${back.get("connection_id")}/claim`,
    {
      method: "POST",
      headers: { authorization: `Basic ${btoa(`${app.client_id}:${app.client_secret}`)}` },
      body: new URLSearchParams({ state: "state-of-this-flow" }),
    },
  )
  expect([claimed.status, await claimed.json()]).toMatchObject([
    200,
    { account: { name: ODD, domain: "voorbeeld-bv", debtors: 1, companies: 1 } },
  ])
})

it("counts 10,000 debtors, and names the first few", async () => {
  const { page } = await paste(large)
  expect(page.url).toMatch(/\/summary$/)
  expect(page.text).toContain("10000 organisations: Klant 0, Klant 1, Klant 2, …")
})

it.each([
  ["token", { ...odd, token: "0".repeat(32) }],
  ["token", { ...odd, username: "someone@else.test" }],
  ["domain", { ...odd, domain: "another" }],
])("blames the %s, and sends the browser nowhere", async (field, typed) => {
  const { page, blamed } = await paste(typed)
  expect(page.url).toMatch(/\/connect\/[^/]+$/)
  expect(blamed).toEqual([field])
  expect(page.text).not.toContain("f".repeat(32))
  if (field === "domain") expect(page.text).toContain('value="voorbeeld-bv"')
})
