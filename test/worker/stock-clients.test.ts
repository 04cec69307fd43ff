/**
 * Stock clients that speak fetch, each a full flow with its own defaults: they know the issuer, the
 * client id and secret, and the scope. The network is Koppel itself, under an https issuer.
 */
import * as oauth from "oauth4webapi"
import * as openid from "openid-client"
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest"
import {
  Browser,
  CALLBACK,
  type Harness,
  nmbrsFields,
  type RegisteredApp,
  registerApp,
  startHarness,
} from "../support/worker/harness.ts"
import { ISSUER, onlyKoppel } from "../support/worker/network.ts"
import { EMPLOYEES, isAlive, registerPublic } from "../support/worker/oauth.ts"

let harness: Harness
let app: RegisteredApp

beforeEach(async () => {
  // Clients check times against their own clock, so the two must agree.
  harness = startHarness({ now: () => Date.now() }, { ISSUER, RATE_LIMITS: "on" })
  onlyKoppel(harness)
  app = await registerApp(harness)
})

afterEach(() => {
  vi.unstubAllGlobals()
})

/** The person's part: follows the app's redirect, pastes, agrees. Gives where the browser was sent. */
async function goThrough(authorizeUrl: string | URL): Promise<URL> {
  const browser = new Browser(harness)
  const form = await browser.open(String(authorizeUrl))
  const end = await browser.submit(await browser.submit(form, nmbrsFields()))
  const location = end.response.headers.get("location")
  if (location === null) throw new Error(`not sent back: ${end.status} ${end.html}`)
  return new URL(location)
}

describe("openid-client, by plain discovery()", () => {
  it("connects a confidential app, refreshes, introspects and revokes", async () => {
    const config = await openid.discovery(new URL(ISSUER), app.client_id, app.client_secret)
    const pkceCodeVerifier = openid.randomPKCECodeVerifier()
    const expectedState = openid.randomState()
    const url = openid.buildAuthorizationUrl(config, {
      redirect_uri: CALLBACK,
      scope: EMPLOYEES,
      code_challenge: await openid.calculatePKCECodeChallenge(pkceCodeVerifier),
      code_challenge_method: "S256",
      state: expectedState,
    })
    const checks = { pkceCodeVerifier, expectedState }
    const tokens = await openid.authorizationCodeGrant(config, await goThrough(url), checks)
    expect(tokens.scope).toBe(EMPLOYEES)
    expect(tokens.expiresIn()).toBeGreaterThan(3500)
    expect(tokens.connection_id).toEqual(expect.any(String))

    const user = await openid.fetchUserInfo(config, tokens.access_token, openid.skipSubjectCheck)
    expect(user.provider).toBe("nmbrs")
    const renewed = await openid.refreshTokenGrant(config, tokens.refresh_token ?? "")
    expect((await openid.tokenIntrospection(config, renewed.access_token)).active).toBe(true)
    await openid.tokenRevocation(config, renewed.access_token)
    expect(await isAlive(harness, renewed.access_token)).toBe(false)
    const background = await openid.clientCredentialsGrant(config, {
      connection_id: String(user.sub),
    })
    expect(await isAlive(harness, background.access_token)).toBe(true)
  })

  it("connects a public app, by PAR", async () => {
    const spa = await registerPublic(harness)
    const config = await openid.discovery(new URL(ISSUER), spa.client_id)
    const pkceCodeVerifier = openid.randomPKCECodeVerifier()
    const url = await openid.buildAuthorizationUrlWithPAR(config, {
      redirect_uri: CALLBACK,
      scope: EMPLOYEES,
      code_challenge: await openid.calculatePKCECodeChallenge(pkceCodeVerifier),
      code_challenge_method: "S256",
    })
    expect([...url.searchParams.keys()].sort()).toEqual(["client_id", "request_uri"])
    const tokens = await openid.authorizationCodeGrant(config, await goThrough(url), {
      pkceCodeVerifier,
    })
    expect(await isAlive(harness, tokens.access_token)).toBe(true)
    const renewed = await openid.refreshTokenGrant(config, tokens.refresh_token ?? "")
    expect(renewed.refresh_token).not.toBe(tokens.refresh_token)
  })
})

describe("oauth4webapi", () => {
  it.each([
    ["by OpenID discovery, its default", {}],
    ["by OAuth discovery", { algorithm: "oauth2" as const }],
  ])("connects %s", async (_, options) => {
    const issuer = new URL(ISSUER)
    const response = await oauth.discoveryRequest(issuer, options)
    const as = await oauth.processDiscoveryResponse(issuer, response)
    const client = { client_id: app.client_id }
    const authentication = oauth.ClientSecretBasic(app.client_secret)
    const verifier = oauth.generateRandomCodeVerifier()
    const state = oauth.generateRandomState()
    const url = new URL(as.authorization_endpoint ?? "")
    url.search = new URLSearchParams({
      client_id: client.client_id,
      redirect_uri: CALLBACK,
      response_type: "code",
      scope: EMPLOYEES,
      code_challenge: await oauth.calculatePKCECodeChallenge(verifier),
      code_challenge_method: "S256",
      state,
    }).toString()
    // Checks `iss` because the metadata says that it is always there (RFC 9207 §2.4).
    const parameters = oauth.validateAuthResponse(as, client, await goThrough(url), state)
    const tokens = await oauth.processAuthorizationCodeResponse(
      as,
      client,
      await oauth.authorizationCodeGrantRequest(
        as,
        client,
        authentication,
        parameters,
        CALLBACK,
        verifier,
      ),
    )
    expect(await isAlive(harness, tokens.access_token)).toBe(true)
    const renewed = await oauth.processRefreshTokenResponse(
      as,
      client,
      await oauth.refreshTokenGrantRequest(as, client, authentication, tokens.refresh_token ?? ""),
    )
    expect(renewed.scope).toBe(EMPLOYEES)
  })
})
