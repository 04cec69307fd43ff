/** The one login request, and what its answer means. Nothing here asks twice. */
import type { CouldNotCheck, Credentials, Refused, VerifyContext } from "../provider.ts"
import { type Access, accessIn, basicHeader } from "./access.ts"
import { urlOf } from "./base-url.ts"
import { type Answer, type Call, exchange, isAnswer } from "./exchange.ts"
import { couldNotCheck, hasStatus, mappedOutcome, refused, seen } from "./outcome.ts"
import { readPointer } from "./pointer.ts"
import type { Profile } from "./profile.ts"

/** The login worked. */
export interface LoggedIn {
  readonly outcome: "logged_in"
  readonly access: Access
}

/** Logs in once; succeeds only where the profile recognises the answer. Never throws. */
export async function logIn(
  account: URL,
  credentials: Credentials,
  profile: Profile,
  context: VerifyContext,
): Promise<LoggedIn | Refused | CouldNotCheck> {
  // RFC 7617 ends the user's name at the first colon: the rest would be sent as the password.
  if (profile.login.body === "none" && credentials.login_code?.includes(":")) {
    return { ...refused("login_code", "login_code_colon", ["account_url"]), notAsked: true }
  }
  const call = loginCall(account, credentials, profile)
  const answer = await exchange(call, context)
  if (!isAnswer(answer)) return couldNotCheck(answer.trouble, `login: ${answer.trouble}`)
  return (
    redirectAway(answer, call.url, profile.sso) ??
    mappedOutcome(answer, profile.errors) ??
    unwell(answer) ??
    recognised(answer, call.url, credentials, profile, context.now()) ??
    couldNotCheck(isRedirect(answer) ? "redirected" : "garbled", seen(answer))
  )
}

function loginCall(account: URL, credentials: Credentials, profile: Profile): Call {
  const { login, base_url } = profile
  const url = urlOf(account, login, base_url)
  const { method } = login
  if (login.body === "none") return { url, method, headers: basicHeader(credentials) }
  const values = new Map<string, string | number | boolean>(
    Object.entries(login.extra_fields ?? {}),
  )
  values.set(login.fields.login_code, credentials.login_code ?? "")
  values.set(login.fields.password, credentials.password ?? "")
  const { pin } = credentials
  if (pin && login.fields.pin !== undefined) values.set(login.fields.pin, pin)
  if (login.body === "json") {
    const body = JSON.stringify(Object.fromEntries(values))
    return { url, method, headers: { "content-type": "application/json" }, body }
  }
  const form = new URLSearchParams()
  for (const [name, value] of values) form.append(name, String(value))
  const headers = { "content-type": "application/x-www-form-urlencoded" }
  return { url, method, headers, body: form.toString() }
}

function isRedirect(answer: Answer): boolean {
  return answer.status >= 300 && answer.status < 400
}

function targetOf(answer: Answer, from: URL): URL | undefined {
  const { location } = answer
  if (!isRedirect(answer) || location === null || !URL.canParse(location, from.href)) {
    return undefined
  }
  return new URL(location, from.href)
}

function redirectAway(
  answer: Answer,
  from: URL,
  sso: Profile["sso"],
): Refused | CouldNotCheck | undefined {
  const target = targetOf(answer, from)
  if (target === undefined || target.host === from.host) return undefined
  const hosts = sso?.hosts ?? []
  return hosts === "any" || hosts.some((part) => target.host.includes(part.toLowerCase()))
    ? refused("login_code", "sso", ["account_url"])
    : couldNotCheck("redirected", `login answered ${answer.status} to another host`)
}

function unwell(answer: Answer): CouldNotCheck | undefined {
  if (answer.status === 429) return couldNotCheck("throttled", seen(answer))
  return answer.status >= 500 ? couldNotCheck("down", seen(answer)) : undefined
}

function recognised(
  answer: Answer,
  from: URL,
  credentials: Credentials,
  profile: Profile,
  now: number,
): LoggedIn | undefined {
  if (!isSuccess(answer, from, profile.login.success)) return undefined
  const access = accessIn(answer, profile.auth, credentials, now)
  return access && { outcome: "logged_in", access }
}

function isSuccess(answer: Answer, from: URL, success: Profile["login"]["success"]): boolean {
  if (!hasStatus(answer.status, success.status)) return false
  switch (success.answer) {
    case "json": {
      const value = readPointer(answer.json, success.pointer)
      if (success.equals !== undefined) return value === success.equals
      return value !== undefined && value !== null && value !== false && value !== ""
    }
    case "html":
      return answer.json === undefined && answer.text.includes(success.text)
    case "redirect": {
      const target = targetOf(answer, from)
      return target?.origin === from.origin && target.pathname === success.path
    }
  }
}
