/** One call to Nimbus through the proxy: checked, the login's token put in, passed on. */

import type { Credentials, Proxied, ProxyCall, ProxyContext } from "../../provider.ts"
import { basicHeader } from "../access.ts"
import { permission } from "../permissions.ts"
import { admit, type Setup } from "../verify.ts"
import { logInForProxy } from "./log-in.ts"
import { isSessionCall, targetOf } from "./target.ts"

const methods = new Set(["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"])

/** Passes one call on; what is refused is refused before anything leaves. */
export async function forward(
  setup: Setup,
  call: ProxyCall,
  credentials: Credentials,
  context: ProxyContext,
): Promise<Proxied> {
  if (!context.permissions.includes(permission)) {
    return { outcome: "refused", code: "insufficient_scope" }
  }
  if (!methods.has(call.method)) return { outcome: "refused", code: "method_not_allowed" }
  const account = admit(credentials.account_url ?? "", setup)
  if (account === undefined) {
    return { outcome: "refused", code: "provider_down", detail: "the host is no longer allowed" }
  }
  const url = targetOf(account, setup.profile, call)
  if (url === undefined) return { outcome: "refused", code: "invalid_request", detail: "address" }
  if (isSessionCall(url, account, setup.profile)) return { outcome: "refused", code: "not_found" }
  if (context.token.refused) return { outcome: "refused", code: "login_refused" }
  const { profile } = setup
  return profile.auth.mode === "basic"
    ? await sendBasic(url, call, credentials, context)
    : await sendWithToken(url, call, context, setup, () =>
        logInForProxy(account, credentials, profile, context),
      )
}

/** Here each call is a login, so that a 401 is a refused one. */
async function sendBasic(
  url: URL,
  call: ProxyCall,
  credentials: Credentials,
  context: ProxyContext,
): Promise<Proxied> {
  const response = await send(url, call, basicHeader(credentials), context)
  if (response.status !== 401) return { outcome: "answered", response }
  await response.body?.cancel()
  await context.token.refuse()
  return { outcome: "refused", code: "login_refused", suspect: true }
}

async function sendWithToken(
  url: URL,
  call: ProxyCall,
  context: ProxyContext,
  setup: Setup,
  logIn: Parameters<ProxyContext["token"]["take"]>[0],
): Promise<Proxied> {
  let isFresh = false
  const logInNow = () => {
    isFresh = true
    return logIn()
  }
  const login = await context.token.take(logInNow)
  if (login.outcome === "refused") return login
  const response = await send(url, call, login.token.headers, context)
  if (!isExpired(response, setup) || isFresh) return { outcome: "answered", response }
  // What was renewed serves the next call; only one that changes nothing is made again by itself.
  const renewed = await context.token.take(logInNow, login.token)
  if (renewed.outcome === "refused") {
    await response.body?.cancel()
    return renewed
  }
  if (call.method !== "GET" && call.method !== "HEAD") return { outcome: "answered", response }
  await response.body?.cancel()
  const again = await send(url, call, renewed.token.headers, context)
  return { outcome: "answered", response: again }
}

/** Assumption: a site with cookies sends an expired one to its login page instead of answering 401. */
function isExpired({ status }: Response, { profile }: Setup): boolean {
  return status === 401 || (profile.auth.mode === "cookie" && status >= 300 && status < 400)
}

async function send(
  url: URL,
  call: ProxyCall,
  access: Readonly<Record<string, string>>,
  { fetch }: ProxyContext,
): Promise<Response> {
  const headers = new Headers(call.headers)
  for (const [name, value] of Object.entries(access)) headers.set(name, value)
  const hasBody = call.method !== "GET" && call.method !== "HEAD" && call.body.byteLength > 0
  return await fetch(url.href, {
    method: call.method,
    headers,
    ...(hasBody ? { body: call.body } : {}),
    cache: "no-store",
  })
}
