/** Flows that take longer than the app remembers them: the resume rule ends them connected. */
import { expect, it } from "vitest"
import {
  type Arrival,
  authorizePath,
  Browser,
  type Harness,
  nmbrsFields,
  type RegisteredApp,
  registerApp,
  returned,
  startHarness,
} from "../support/worker/harness.ts"
import {
  type Answer,
  DAY,
  get,
  HOUR,
  MINUTE,
  PKCE,
  redeem,
  tokensOf,
} from "../support/worker/oauth.ts"

/** As client libraries do: a `state` is known for 15 minutes, and once. */
class ForgetfulClient {
  readonly #remembered = new Map<string, number>()
  readonly #harness: Harness
  readonly #app: RegisteredApp

  constructor(harness: Harness, app: RegisteredApp) {
    this.#harness = harness
    this.#app = app
  }

  /** The person presses Connect in the app. */
  press(browser: Browser): Promise<Arrival> {
    const state = crypto.randomUUID()
    this.#remembered.set(state, this.#harness.clock.at)
    return browser.open(authorizePath(this.#app, { response_type: "code", state, ...PKCE }))
  }

  /** The browser arrives at the callback. */
  async callback(query: URLSearchParams): Promise<Answer> {
    const state = query.get("state") ?? ""
    const begunAt = this.#remembered.get(state)
    this.#remembered.delete(state)
    if (begunAt === undefined || this.#harness.clock.at - begunAt > 15 * MINUTE) {
      throw new Error("the app has forgotten this state")
    }
    return await redeem(this.#harness, this.#app, query.get("code") ?? "")
  }
}

async function start() {
  const harness = startHarness()
  const app = await registerApp(harness)
  return { harness, app, client: new ForgetfulClient(harness, app), browser: new Browser(harness) }
}

/** The page does not lead to a callback that has forgotten, but back to the app's button. */
function expectToBeSentToTheButton(page: Arrival): void {
  expect([page.status, page.response.headers.get("location")]).toEqual([200, null])
  expect(page.html).toContain('href="https://app.example/"')
}

async function expectConnected(harness: Harness, app: RegisteredApp, answer: Answer) {
  const { sub } = tokensOf(answer)
  const { body } = await get(harness, `/v1/connections/${sub}`, app.basic)
  expect(body).toMatchObject({ id: sub, status: "active", verification: { outcome: "works" } })
}

it("ends a flow of 20 minutes connected: pressed once more, nothing is asked again", async () => {
  const { harness, app, client, browser } = await start()
  const form = await client.press(browser)
  harness.clock.at += 20 * MINUTE
  const summary = await browser.submit(form, nmbrsFields())
  expectToBeSentToTheButton(await browser.submit(summary))

  const resumed = await client.press(browser)
  expect(resumed.url).toMatch(/\/summary$/)
  await expectConnected(
    harness,
    app,
    await client.callback(returned(await browser.submit(resumed))),
  )
})

it("ends a flow of 2 days with a step on each connected, by the request of the last day", async () => {
  const { harness, app, client, browser } = await start()
  const began = harness.clock.at
  const form = await client.press(browser)
  const refused = await browser.submit(form, nmbrsFields("wrong-token"))
  expect(refused.blamed).toEqual(["token"])

  harness.clock.at += DAY - HOUR
  const again = await browser.open(form.url)
  expect(again.forms[0]?.values.domain).toBe("sandbox")
  await browser.submit(again, nmbrsFields("wrong-domain"))

  harness.clock.at += DAY - HOUR
  const summary = await browser.submit(await browser.open(form.url), nmbrsFields())
  expectToBeSentToTheButton(await browser.submit(summary))

  harness.clock.at += 3 * HOUR
  const resumed = await client.press(browser)
  expect(resumed.url).toMatch(/\/summary$/)
  await expectConnected(
    harness,
    app,
    await client.callback(returned(await browser.submit(resumed))),
  )
  expect(harness.clock.at - began).toBeGreaterThanOrEqual(2 * DAY)
})

it("hands off in the middle of it to the new request, where the person presses in time", async () => {
  const { harness, app, client, browser } = await start()
  const form = await client.press(browser)
  harness.clock.at += 14 * MINUTE
  await browser.submit(form, nmbrsFields())
  harness.clock.at += 10 * MINUTE
  const resumed = await client.press(browser)
  expect(resumed.url).toMatch(/\/summary$/)
  await expectConnected(
    harness,
    app,
    await client.callback(returned(await browser.submit(resumed))),
  )
})

it("begins anew after a day without a step", async () => {
  const { harness, client, browser } = await start()
  await browser.submit(await client.press(browser), nmbrsFields("wrong-token"))
  harness.clock.at += DAY + MINUTE
  const form = await client.press(browser)
  expect(form.forms[0]?.values.domain).toBe("")
})
