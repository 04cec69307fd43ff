/** What tests of the OAuth surface share: an app's calls from server to server, and short cuts. */
import { env } from "cloudflare:workers"
import { base64url, exportJWK, generateKeyPair, SignJWT } from "jose"
import { newId, newSecret } from "../../../src/lib/ids.ts"
import { insertCode } from "../../../src/tokens/store.ts"
import {
  Browser,
  CALLBACK,
  connect,
  type Harness,
  ISSUER,
  type RegisteredApp,
  registerApp,
} from "./harness.ts"

/** RFC 7636 appendix B. */
export const VERIFIER = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
export const CHALLENGE = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
export const PKCE = { code_challenge: CHALLENGE, code_challenge_method: "S256" }
export const EMPLOYEES = "nmbrs:employees.read"
export const MINUTE = 60_000
export const HOUR = 60 * MINUTE
export const DAY = 24 * HOUR

/** An answer of a back-channel endpoint. */
export interface Answer {
  readonly status: number
  readonly headers: Headers
  readonly body: Record<string, unknown>
}

/** A form; a member that is undefined is left out. */
export type FormFields = Readonly<Record<string, string | undefined>>

/** Posts a form; `authorization` is the header of that name. */
export async function post(
  harness: Harness,
  path: string,
  fields: FormFields | URLSearchParams,
  authorization?: string,
): Promise<Answer> {
  const form =
    fields instanceof URLSearchParams
      ? fields
      : new URLSearchParams(
          Object.entries(fields).flatMap(([name, value]) =>
            value === undefined ? [] : [[name, value]],
          ),
        )
  const response = await harness.request(path, {
    method: "POST",
    headers: {
      "content-type": "application/x-www-form-urlencoded",
      ...(authorization === undefined ? {} : { authorization }),
    },
    body: form.toString(),
  })
  return await answerOf(response)
}

/** Gets an address of the API. */
export async function get(harness: Harness, path: string, authorization?: string): Promise<Answer> {
  const headers = authorization === undefined ? {} : { authorization }
  return await answerOf(await harness.request(path, { headers }))
}

async function answerOf(response: Response): Promise<Answer> {
  const text = await response.text()
  const body = text === "" ? {} : (JSON.parse(text) as Record<string, unknown>)
  return { status: response.status, headers: response.headers, body }
}

/** Status and code of an error; a success has its status only. */
export function outcome({ status, body }: Answer): unknown[] {
  return body.error === undefined ? [status] : [status, body.error]
}

/** Registers an app that has no secret. */
export async function registerPublic(
  harness: Harness,
  members: Record<string, unknown> = {},
): Promise<RegisteredApp> {
  return await registerApp(harness, {
    token_endpoint_auth_method: "none",
    response_types: ["code"],
    ...members,
  })
}

export interface KeyApp extends RegisteredApp {
  /** Signs an assertion; claims and header replace those of an ordinary one, undefined removes. */
  sign(claims?: Record<string, unknown>, header?: Record<string, unknown>): Promise<string>
  /** The form members of an assertion. */
  assertion(claims?: Record<string, unknown>): Promise<Record<string, string>>
  readonly publicKey: CryptoKey
}

export const ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"

/** Registers an app that signs with a key of `alg`. */
export async function registerKeyApp(harness: Harness, alg = "ES256"): Promise<KeyApp> {
  const { publicKey, privateKey } = await generateKeyPair(alg, { extractable: true })
  const jwk = { ...(await exportJWK(publicKey)), kid: "key-1" }
  const app = await registerApp(harness, {
    token_endpoint_auth_method: "private_key_jwt",
    jwks: { keys: [jwk] },
  })
  const sign: KeyApp["sign"] = async (claims = {}, header = {}) => {
    const now = Math.floor(harness.clock.at / 1000)
    const all = {
      iss: app.client_id,
      sub: app.client_id,
      aud: ISSUER,
      iat: now,
      exp: now + 60,
      jti: crypto.randomUUID(),
      ...claims,
    }
    const payload = Object.fromEntries(
      Object.entries(all).filter(([, value]) => value !== undefined),
    )
    return await new SignJWT(payload)
      .setProtectedHeader({ alg, kid: "key-1", ...header })
      .sign(privateKey)
  }
  return {
    ...app,
    publicKey,
    sign,
    assertion: async (claims) => ({
      client_assertion_type: ASSERTION_TYPE,
      client_assertion: await sign(claims),
    }),
  }
}

/** How an app says who it is, in a form: nothing for an app with a secret, which uses Basic. */
export function identify(app: RegisteredApp): { fields: FormFields; authorization?: string } {
  return app.client_secret === undefined
    ? { fields: { client_id: app.client_id } }
    : { fields: {}, authorization: app.basic }
}

/** Posts a form as the app. */
export async function postAs(
  harness: Harness,
  app: RegisteredApp,
  path: string,
  fields: FormFields,
): Promise<Answer> {
  const { fields: own, authorization } = identify(app)
  return await post(harness, path, { ...own, ...fields }, authorization)
}

/** Asks the token endpoint as the app. */
export async function askToken(
  harness: Harness,
  app: RegisteredApp,
  fields: FormFields,
): Promise<Answer> {
  return await postAs(harness, app, "/oauth/token", fields)
}

/** Walks the flow to a code; the request carries the challenge of `VERIFIER`. */
export async function obtainCode(
  harness: Harness,
  app: { client_id: string },
  parameters: Record<string, string | undefined> = {},
  browser = new Browser(harness),
): Promise<string> {
  const all = { response_type: "code", state: undefined, ...PKCE, ...parameters }
  const query = await connect(harness, app, { browser, parameters: all })
  return query.get("code") ?? ""
}

/** Redeems a code, with everything right but for `fields`. */
export async function redeem(
  harness: Harness,
  app: RegisteredApp,
  code: string,
  fields: FormFields = {},
): Promise<Answer> {
  return await askToken(harness, app, {
    grant_type: "authorization_code",
    code,
    redirect_uri: CALLBACK,
    code_verifier: VERIFIER,
    ...fields,
  })
}

/** Refreshes with everything right but for `fields`. */
export async function refresh(
  harness: Harness,
  app: RegisteredApp,
  token: string,
  fields: FormFields = {},
): Promise<Answer> {
  return await askToken(harness, app, {
    grant_type: "refresh_token",
    refresh_token: token,
    ...fields,
  })
}

export interface Tokens {
  readonly access: string
  readonly refresh: string
  readonly connectionId: string
  /** The `con_…`. */
  readonly sub: string
}

/** Takes the tokens out of a token response; throws where it is an error. */
export function tokensOf({ status, body }: Answer): Tokens {
  if (status !== 200) throw new Error(`${status} ${JSON.stringify(body)}`)
  const connectionId = String(body.connection_id)
  const payload = JSON.parse(
    new TextDecoder().decode(base64url.decode(connectionId.split(".")[1] ?? "")),
  ) as { sub: string }
  return {
    access: String(body.access_token),
    refresh: String(body.refresh_token),
    connectionId,
    sub: payload.sub,
  }
}

/** Makes a connection of the app, redeemed, without a walk through the page; gives its tokens. */
export async function obtainTokens(harness: Harness, app: RegisteredApp): Promise<Tokens> {
  const [code = ""] = await makeCodes(harness, app, 1)
  return tokensOf(await redeem(harness, app, code))
}

/** Makes pending connections of the app, each with a code as a handoff leaves it. */
export async function makeCodes(
  harness: Harness,
  app: { client_id: string },
  count: number,
): Promise<string[]> {
  const now = harness.clock.at
  const codes = Array.from({ length: count }, () => newSecret("code"))
  const statements = await Promise.all(
    codes.map(async (code) => {
      const connectionId = newId("con")
      return [
        env.DB.prepare(
          `INSERT INTO connections (id, client_id, provider, method, environment, status,
             credentials_sealed, account, scope, permissions, credentials_access,
             verification_outcome, verification_at, created_at, expires_at)
           VALUES (?1, ?2, 'nmbrs', 'token', 'test', 'active', '', '{"name":"Bakkerij"}', ?3, '{}', 0,
             'works', ?4, ?4, ?5)`,
        ).bind(connectionId, app.client_id, EMPLOYEES, now, now + DAY),
        insertCode(env.DB, {
          hash: await hashOf(code),
          clientId: app.client_id,
          connectionId,
          redirectUri: CALLBACK,
          codeChallenge: CHALLENGE,
          nonce: undefined,
          familyId: newId("fam"),
          now,
        }),
      ]
    }),
  )
  await env.DB.batch(statements.flat())
  return codes
}

/** The hash that Koppel stores of a secret. */
export async function hashOf(secret: string): Promise<string> {
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(secret))
  return base64url.encode(new Uint8Array(digest))
}

/** Tells whether an access token opens its connection. */
export async function isAlive(harness: Harness, accessToken: string): Promise<boolean> {
  const { status } = await get(harness, "/oauth/userinfo", `Bearer ${accessToken}`)
  if (status !== 200 && status !== 401) throw new Error(`userinfo: ${status}`)
  return status === 200
}

/** Suspends an app, as the operator does. */
export async function suspend(app: { client_id: string }): Promise<void> {
  await env.DB.prepare("UPDATE apps SET suspended = 1 WHERE client_id = ?1")
    .bind(app.client_id)
    .run()
}
