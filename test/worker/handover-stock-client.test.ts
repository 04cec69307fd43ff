/**
 * A handover that takes days, with openid-client on the app's side: its first flow is long forgotten
 * when the colleague finishes, and a new one, from the same button, ends connected.
 */
import * as openid from "openid-client"
import { afterEach, beforeEach, expect, it, vi } from "vitest"
import {
  type Arrival,
  Browser,
  CALLBACK,
  type Harness,
  nmbrsFields,
  type RegisteredApp,
  registerApp,
  startHarness,
} from "../support/worker/harness.ts"
import { ISSUER, onlyKoppel } from "../support/worker/network.ts"
import { DAY, EMPLOYEES, HOUR, isAlive, MINUTE } from "../support/worker/oauth.ts"
import { ASKER, pressAt, textOf } from "../support/worker/page.ts"

let harness: Harness
let app: RegisteredApp

beforeEach(async () => {
  harness = startHarness({}, { ISSUER, RATE_LIMITS: "on" })
  onlyKoppel(harness)
  app = await registerApp(harness)
})

afterEach(() => {
  vi.unstubAllGlobals()
})

/** An app's two routes, as openid-client's documentation has them; a flow is known for 15 minutes. */
class StockApp {
  readonly #flows = new Map<string, { readonly verifier: string; readonly at: number }>()
  readonly #config: openid.Configuration

  constructor(config: openid.Configuration) {
    this.#config = config
  }

  /** The person presses Connect: where the app sends the browser. */
  async press(): Promise<string> {
    const verifier = openid.randomPKCECodeVerifier()
    const state = openid.randomState()
    this.#flows.set(state, { verifier, at: harness.clock.at })
    const url = await openid.buildAuthorizationUrlWithPAR(this.#config, {
      redirect_uri: CALLBACK,
      scope: EMPLOYEES,
      code_challenge: await openid.calculatePKCECodeChallenge(verifier),
      code_challenge_method: "S256",
      state,
      end_user: JSON.stringify(ASKER.end_user),
      organization: JSON.stringify(ASKER.organization),
    })
    return url.href
  }

  /** The callback: only a flow that is still known gets its tokens. */
  async callback(url: URL) {
    this.#forget()
    const expectedState = url.searchParams.get("state") ?? ""
    const flow = this.#flows.get(expectedState)
    if (flow === undefined) throw new Error("the app has forgotten this state")
    this.#flows.delete(expectedState)
    const checks = { expectedState, pkceCodeVerifier: flow.verifier }
    return await openid.authorizationCodeGrant(this.#config, url, checks)
  }

  get remembered(): number {
    this.#forget()
    return this.#flows.size
  }

  #forget(): void {
    for (const [state, { at }] of this.#flows) {
      if (harness.clock.at - at > 15 * MINUTE) this.#flows.delete(state)
    }
  }
}

/** Where the browser was sent. */
function sentTo({ response, status, html }: Arrival): URL {
  const location = response.headers.get("location")
  if (location === null) throw new Error(`not sent back: ${status} ${html}`)
  return new URL(location)
}

it("a handover finished after 2 days ends connected", async () => {
  const config = await openid.discovery(new URL(ISSUER), app.client_id, app.client_secret)
  const stock = new StockApp(config)

  const requester = new Browser(harness)
  const form = await requester.open(await stock.press())
  const made = await pressAt(requester, form, "/handover", { handover: "create" })
  const [link = ""] = /https:[^\s<]*\/handover\/[\w-]+/.exec(made.html) ?? []
  expect(new URL(link).origin).toBe(ISSUER)
  const pressedAt = harness.clock.at

  // The colleague opens it within the hour, and gets to it two days later.
  harness.clock.at += HOUR
  const colleague = new Browser(harness)
  const page = await colleague.submit(await colleague.open(link), { expected: "1" })
  harness.clock.at = pressedAt + 2 * DAY
  const last = await colleague.submit(await colleague.submit(page, nmbrsFields()))
  expect(textOf(last)).toContain("anna@bakkerij.example of Bakkerij Jansen now gets access")
  expect(last.response.headers.get("location")).toBeNull()

  // The old page does not send back what the app would refuse; it leads to the app.
  expect(stock.remembered).toBe(0)
  const stale = await requester.open(`${form.url}?look=1`)
  expect([stale.status, stale.forms]).toEqual([200, []])
  expect(textOf(stale)).toContain("press Connect once more")

  const resumed = await requester.open(await stock.press())
  expect(textOf(resumed)).toContain("Your colleague is done.")
  expect(resumed.html).not.toContain('name="token"')
  const tokens = await stock.callback(sentTo(await requester.submit(resumed)))
  expect(tokens.scope).toBe(EMPLOYEES)
  expect(tokens.connection_id).toEqual(expect.any(String))
  expect(await isAlive(harness, tokens.access_token)).toBe(true)
  const renewed = await openid.refreshTokenGrant(config, tokens.refresh_token ?? "")
  expect(await isAlive(harness, renewed.access_token)).toBe(true)

  const { sub } = await openid.fetchUserInfo(config, renewed.access_token, openid.skipSubjectCheck)
  const own = await openid.clientCredentialsGrant(config)
  const address = new URL(`/v1/connections/${sub}`, ISSUER)
  const shown = await openid.fetchProtectedResource(config, own.access_token, address, "GET")
  expect(await shown.json()).toMatchObject({
    id: sub,
    handed_over: true,
    status: "active",
    account: { domain: "sandbox" },
    end_user: ASKER.end_user,
    verification: { outcome: "works" },
  })
})
