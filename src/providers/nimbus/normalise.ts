/** Puts right what copying does to the three values, and finds what can't be right. Pure. */
import type { Credentials, Normalised, Problem, Repair } from "../provider.ts"
import { isWelcomeLink, readAddress } from "./account-url.ts"
import { fields } from "./fields.ts"

/** One value after its repairs, with what was repaired and what is wrong. */
interface Reading {
  readonly value: string
  readonly repairs?: readonly string[]
  readonly problem?: string
  readonly suggestion?: string
}

const readers: Readonly<Record<string, (text: string) => Reading>> = {
  account_url: readAccountUrl,
  login_code: readLoginCode,
  password: readPassword,
  pin: readPin,
}

/** Normalises a submitted form: the address to one spelling, the secrets hardly at all. */
export function normalise(submitted: Credentials): Normalised {
  const credentials: Record<string, string> = {}
  const repairs: Repair[] = []
  const problems: Problem[] = []
  for (const { name, maxLength, oneTime } of fields) {
    const read = readers[name]
    const text = submitted[name]
    if (read === undefined) continue
    const reading: Reading =
      (text?.length ?? 0) > maxLength
        ? { value: text ?? "", problem: "too_long" }
        : read(text ?? "")
    if (oneTime === true && reading.value === "") continue
    credentials[name] = reading.value
    for (const code of reading.repairs ?? []) repairs.push({ field: name, code })
    const code = reading.value === "" ? "missing" : reading.problem
    if (code === undefined) continue
    const { suggestion } = reading
    problems.push({ field: name, code, ...(suggestion === undefined ? {} : { suggestion }) })
  }
  return { credentials, repairs, problems }
}

function readAccountUrl(text: string): Reading {
  const [beforeHash = "", ...fragment] = text.split("#")
  const bare = trimEnds(withoutInvisible(beforeHash), (c) => isSpace(c) || isQuote(c))
  const repairs: string[] = []
  if (bare !== beforeHash.trim()) repairs.push("address_cleaned")
  if (bare === "") return { value: "" }
  // "host:8443" is a port, "mailto:somebody" is a scheme that leads nowhere.
  const hasScheme = /^[a-z][a-z0-9+.-]*:(?!\d)/i.test(bare)
  const full = hasScheme ? bare : `https://${bare.replace(/^\/\//, "")}`
  const address = readAddress(full)
  if (address.url === undefined) {
    const { code, suggestion } = address
    return { value: bare, repairs, problem: code, ...(suggestion ? { suggestion } : {}) }
  }
  if (!hasScheme) repairs.push("scheme_added")
  if (fragment.length > 0) repairs.push("fragment_dropped")
  const value = address.url.href
  return isWelcomeLink(address.url)
    ? { value, repairs, problem: "welcome_link" }
    : { value, repairs }
}

function readLoginCode(text: string): Reading {
  const value = withoutInvisible(text).trim()
  return { value, repairs: value === text ? [] : ["login_code_trimmed"] }
}

function readPassword(text: string): Reading {
  const value = trimEnds(text, isCarriedAlong)
  const repairs = value === text ? [] : ["password_trimmed"]
  if (/^(\d{6}|\d{8})$/.test(value)) return { value, repairs, problem: "passkey" }
  if ([...value].length < 8) return { value, repairs, problem: "password_short" }
  return { value, repairs }
}

function readPin(text: string): Reading {
  const value = withoutInvisible(text).replace(/\s/g, "")
  return /^\d{6}$/.test(value) ? { value } : { value, problem: "pin_malformed" }
}

function withoutInvisible(text: string): string {
  return text.replace(/\p{Cf}/gu, "")
}

function trimEnds(text: string, drop: (character: string) => boolean): string {
  let start = 0
  let end = text.length
  while (start < end && drop(text.charAt(start))) start++
  while (end > start && drop(text.charAt(end - 1))) end--
  return text.slice(start, end)
}

function isSpace(character: string): boolean {
  return character.trim() === ""
}

function isQuote(character: string): boolean {
  return "\"'`<>\u2018\u2019\u201a\u201c\u201d\u201e\u00ab\u00bb".includes(character)
}

// A plain space may be part of a password; these come from a cell, a line or a web page.
function isCarriedAlong(character: string): boolean {
  return "\n\r\t\u200b\u200c\u200d\u2060\ufeff".includes(character)
}
