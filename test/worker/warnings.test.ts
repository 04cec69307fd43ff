/** What the page knows of other flows, and warns of: a provider that is down, a login in use. */
import { env } from "cloudflare:workers"
import { expect, it } from "vitest"
import {
  authorizePath,
  Browser,
  claim,
  type Harness,
  nimbusFields,
  nmbrsFields,
  type RegisteredApp,
  registerApp,
  returned,
} from "../support/worker/harness.ts"
import { startLive } from "../support/worker/live.ts"
import { textOf } from "../support/worker/page.ts"

async function summaryOf(
  harness: Harness,
  app: RegisteredApp,
  scope: string,
  fields: Record<string, string>,
) {
  const browser = new Browser(harness)
  const form = await browser.open(authorizePath(app, { scope }))
  return { browser, summary: await browser.submit(form, fields) }
}

it("warns of a Nimbus login that serves another app, after it works, and names nobody", async () => {
  const harness = startLive()
  const first = await registerApp(harness, { environment: "live", client_name: "Firstcomer" })
  const second = await registerApp(harness, { environment: "live" })
  const one = await summaryOf(harness, first, "nimbus:api", nimbusFields())
  const id = returned(await one.browser.submit(one.summary)).get("connection_id") ?? ""
  const before = await summaryOf(harness, second, "nimbus:api", nimbusFields())
  expect(textOf(before.summary)).not.toContain("Connect anyway")
  expect((await claim(harness, first, id)).status).toBe(200)

  const { browser, summary } = await summaryOf(harness, second, "nimbus:api", nimbusFields())
  expect(textOf(summary)).toContain("Connect anyway")
  expect(summary.html).not.toContain("Firstcomer")
  expect(returned(await browser.submit(summary)).get("connection_id")).toBeTruthy()
  const again = await summaryOf(harness, first, "nimbus:api", nimbusFields())
  expect(textOf(again.summary)).not.toContain("Connect anyway")
})

it("does not warn of an Nmbrs token, which may serve several apps", async () => {
  const harness = startLive()
  for (const name of ["One", "Two"]) {
    const app = await registerApp(harness, { environment: "live", client_name: name })
    const { browser, summary } = await summaryOf(
      harness,
      app,
      "nmbrs:employees.read",
      nmbrsFields(),
    )
    expect(textOf(summary)).not.toContain("Connect anyway")
    const id = returned(await browser.submit(summary)).get("connection_id") ?? ""
    await claim(harness, app, id)
  }
})

it("says before the first step that the provider does not answer, to live apps only", async () => {
  const harness = startLive()
  await env.DB.prepare(
    "INSERT INTO provider_status (provider, status, failures, at) VALUES ('nmbrs', 'down', 5, ?1)",
  )
    .bind(harness.clock.at)
    .run()
  const said = "Nmbrs does not answer at the moment"
  const form = async (environment: string) =>
    await new Browser(harness).open(
      authorizePath(await registerApp(harness, { environment }), { scope: "nmbrs:employees.read" }),
    )
  expect(textOf(await form("live"))).toContain(said)
  expect(textOf(await form("test"))).not.toContain(said)
})
