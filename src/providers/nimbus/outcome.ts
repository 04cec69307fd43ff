/** From an answer, by the profile's error map, to an outcome. Pure. */
import type { CouldNotCheck, Refused } from "../provider.ts"
import type { Answer } from "./exchange.ts"
import { readPointer } from "./pointer.ts"
import type { ErrorOutcome, Profile } from "./profile.ts"

type Rule = Profile["errors"][number]

/** Gives the outcome of the first rule that matches, if one does. */
export function mappedOutcome(
  answer: Answer,
  rules: Profile["errors"],
): Refused | CouldNotCheck | undefined {
  const rule = rules.find((candidate) => matches(answer, candidate))
  if (rule === undefined) return undefined
  const verdict = verdicts[rule.outcome]
  return verdict.outcome === "refused" ? verdict : { ...verdict, detail: seen(answer) }
}

/** Nothing is known; `detail` is for the log. */
export function couldNotCheck(code: string, detail: string): CouldNotCheck {
  return { outcome: "could_not_check", code, uncheckable: false, detail }
}

/** Says for the log what came back, with nothing of its words. */
export function seen(answer: Answer): string {
  const kind = answer.json !== undefined ? "JSON" : answer.text === "" ? "nothing" : "other text"
  return `login answered ${answer.status} with ${kind}`
}

/** Tells whether a status is one of those that a profile names. */
export function hasStatus(status: number, named: number | readonly number[]): boolean {
  return typeof named === "number" ? status === named : named.includes(status)
}

function matches(answer: Answer, rule: Rule): boolean {
  // A page of an overloaded server may hold any words: only a rule that names the status reads it.
  const unwell = answer.status === 429 || answer.status >= 500
  if (rule.status === undefined ? unwell : !hasStatus(answer.status, rule.status)) return false
  if (rule.text !== undefined && !answer.text.includes(rule.text)) return false
  if (rule.location !== undefined && !answer.location?.includes(rule.location)) return false
  return rule.json === undefined || readPointer(answer.json, rule.json.pointer) === rule.json.equals
}

const verdicts: Readonly<Record<ErrorOutcome, Refused | CouldNotCheck>> = {
  wrong_password: refused("password", "wrong_password", ["account_url"]),
  locked: refused("login_code", "locked", ["account_url"]),
  pin_required: {
    ...refused("pin", "pin_required", ["account_url", "login_code", "password"]),
    firstFactorAccepted: true,
  },
  // Assumption: a wrong pin counts towards Nimbus' five, so it is a failed login here as well.
  pin_wrong: refused("pin", "pin_wrong", ["account_url", "login_code", "password"]),
  passkey: refused("password", "passkey", ["account_url", "login_code"]),
  sso: refused("login_code", "sso", ["account_url"]),
  login_disabled: refused("login_code", "login_disabled", ["account_url"]),
  password_not_set: refused("password", "password_not_set", ["account_url", "login_code"]),
  client_address: refused("account_url", "client_address", []),
  wrong_address: refused("account_url", "wrong_address", []),
  throttled: { outcome: "could_not_check", code: "throttled", uncheckable: false },
  down: { outcome: "could_not_check", code: "down", uncheckable: false },
}

/** Nimbus said no, and one field is to blame. */
export function refused(field: string, code: string, accepted: readonly string[]): Refused {
  return { outcome: "refused", problems: [{ field, code }], accepted }
}
