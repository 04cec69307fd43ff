/** A connection and its bearer token, walked over the hosted page, for calls through the proxy. */
import { decodeJwt } from "jose"
import {
  Browser,
  claim,
  connect,
  type Harness,
  nimbusFields,
  nmbrsFields,
  type RegisteredApp,
  registerApp,
} from "./harness.ts"

export interface ProxyClient {
  readonly app: RegisteredApp
  /** The connection's `con_…`. */
  readonly id: string
  /** `Bearer …` */
  readonly bearer: string
  /** Gives another token of the connection, for a narrower scope. */
  token(scope?: string): Promise<string>
  /** Calls below `/proxy`. */
  call(path: string, init?: RequestInit): Promise<Response>
}

/** Connects one provider and gets a token by client credentials, as a background job does. */
export async function connectForProxy(
  harness: Harness,
  options: {
    readonly scope: string
    readonly environment?: "test" | "live"
    readonly who?: string
    readonly fields?: Record<string, string>
  },
): Promise<ProxyClient> {
  const { scope, environment = "test", who = "works" } = options
  const isNimbus = scope.startsWith("nimbus")
  const app = await registerApp(harness, { environment, scope })
  const fields = options.fields ?? (isNimbus ? nimbusFields(who) : nmbrsFields(who))
  const browser = new Browser(harness)
  const query = await connect(harness, app, { browser, parameters: { scope }, fields })
  const id = query.get("connection_id") ?? ""
  const claimed = await claim(harness, app, id)
  if (claimed.status !== 200) throw new Error(await claimed.text())
  const token = async (narrower?: string) => {
    const response = await harness.request("/oauth/token", {
      method: "POST",
      headers: {
        authorization: app.basic,
        "content-type": "application/x-www-form-urlencoded",
      },
      body: new URLSearchParams({
        grant_type: "client_credentials",
        connection_id: id,
        ...(narrower === undefined ? {} : { scope: narrower }),
      }).toString(),
    })
    const body = (await response.json()) as { access_token: string }
    if (response.status !== 200) throw new Error(JSON.stringify(body))
    return `Bearer ${body.access_token}`
  }
  const bearer = await token()
  return {
    app,
    id: decodeJwt(id).sub ?? "",
    bearer,
    token,
    call: (path, init = {}) =>
      harness.request(`/proxy${path}`, {
        ...init,
        headers: { authorization: bearer, ...(init.headers as Record<string, string>) },
      }),
  }
}
