/** What the answers to the first calls mean for the person: which field is wrong, if one is. */
import type { CouldNotCheck, Problem, Refused } from "../provider.ts"
import type { Outcome } from "./call.ts"
import type { Meaning } from "./faults.ts"
import { isWritable, type Login } from "./soap.ts"

/**
 * Tells whether an answer proves e-mail, token and domain: a result does, and so does the answer that
 * the login may not do this or not see that.
 */
export function provesLogin(outcome: Outcome<unknown>): boolean {
  return outcome.kind === "result" || isFault(outcome, "not_allowed") || isFault(outcome, "outside")
}

/** Takes the answers to a login that was not proven, gives the field to blame or the trouble there was. */
export function judgeLogin(
  login: Login,
  debtors: Outcome<unknown>,
  environment: Outcome<string | undefined>,
): Refused | CouldNotCheck {
  if (isFault(debtors, "no_subscription") || isFault(environment, "no_subscription")) {
    return noSubscription
  }
  // Asked without a domain: so it is not the domain.
  if (isFault(environment, "refused")) return tokenRefused
  if (debtors.kind === "trouble") return couldNotCheck(debtors.code, debtors.detail)
  if (environment.kind === "trouble") return tokenOrDomain
  const subdomain = environment.kind === "result" ? environment.value : undefined
  if (subdomain === undefined) return domainWrong({ field: "domain", code: "domain_unknown" })
  if (subdomain === login.domain?.toLowerCase()) {
    return couldNotCheck("garbled", "1001 for the domain that Environment_Get gives")
  }
  return domainWrong({ field: "domain", code: "domain_wrong", suggestion: subdomain })
}

/** Takes the answers after a proven login; gives the refusal among them, if there is one. */
export function laterRefusal(outcomes: Iterable<Outcome<unknown>>): Refused | undefined {
  const all = [...outcomes]
  if (all.some((outcome) => isFault(outcome, "no_subscription"))) return noSubscription
  // The token was reset while we were asking.
  if (all.some((outcome) => isFault(outcome, "refused"))) return tokenRefused
  return undefined
}

/** Gives the refusal of a login that can't even be written in a request, else undefined. */
export function unwritable(login: Login): Refused | undefined {
  const codes = {
    domain: "domain_malformed",
    username: "username_not_email",
    token: "token_malformed",
  } as const
  const problems = (["domain", "username", "token"] as const)
    .filter((field) => !isWritable(login[field] ?? ""))
    .map((field) => ({ field, code: codes[field] }))
  return problems.length === 0 ? undefined : { outcome: "refused", problems, accepted: [] }
}

// Assumption: that Nmbrs looks at the token before the subscription is not known, so nothing counts
// as accepted.
const noSubscription: Refused = {
  outcome: "refused",
  problems: [{ field: "domain", code: "no_subscription" }],
  accepted: [],
}

const tokenRefused: Refused = {
  outcome: "refused",
  problems: [{ field: "token", code: "token_refused" }],
  accepted: [],
}

const tokenOrDomain: Refused = {
  outcome: "refused",
  problems: [
    { field: "token", code: "token_or_domain" },
    { field: "domain", code: "token_or_domain" },
  ],
  accepted: [],
}

function domainWrong(problem: Problem): Refused {
  return { outcome: "refused", problems: [problem], accepted: ["username", "token"] }
}

function couldNotCheck(code: string, detail: string): CouldNotCheck {
  return { outcome: "could_not_check", code, uncheckable: false, detail }
}

function isFault(outcome: Outcome<unknown>, meaning: Meaning): boolean {
  return outcome.kind === "fault" && outcome.meaning === meaning
}
