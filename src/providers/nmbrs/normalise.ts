/**
 * Repairs what was pasted: invisible characters, quotes, `Bearer `, an address instead of its first
 * word, e-mail and token in each other's box. What can't be right is told without asking Nmbrs. What
 * is inside a token is never changed: white space in it is a problem, not a repair.
 */
import type { Credentials, Normalised, Problem, Repair } from "../provider.ts"
import { fields } from "./fields.ts"
import { isLabel } from "./readings.ts"

const shortestToken = 16

// Beyond this nothing is unwrapped: it is too long in any case, and unwrapping costs a pass a layer.
const longestUnwrapped = 4096

const quotes = ['""', "''", "``", "“”", "„”", "„“", "””", "‘’", "‚’", "‚‘", "’’", "«»", "‹›", "<>"]

/** Hosts below which environments live; `.se` and the test hosts belong to other API hosts. */
const environmentSuffixes = [".nmbrs.nl", ".nmbrs.se", ".nmbrs-sandbox.nl"]

/** Nmbrs' own hosts, which are nobody's environment. */
const reserved = new Set(["www", "api", "api-sandbox"])

/** Takes a submitted form, gives the three fields with what was repaired and what can't be right. */
export function normalise(submitted: Credentials): Normalised {
  const repairs: Repair[] = []
  const repaired = (field: string, code: string) => repairs.push({ field, code })

  const read = (field: string): string => {
    const typed = own(submitted, field)
    const visible = trim(typed)
    if (visible !== typed) repaired(field, "trimmed")
    const bare = unquote(visible)
    if (bare !== visible) repaired(field, "unquoted")
    return bare
  }

  const subdomain = takeSubdomain(read("domain"))
  if (subdomain.taken) repaired("domain", "subdomain_taken")

  let username = read("username")
  let token = read("token")
  if (isEmail(withoutBearer(token)) && username !== "" && !isEmail(username)) {
    ;[username, token] = [withoutBearer(token), username]
    repaired("username", "swapped")
  }
  if (withoutBearer(token) !== token) {
    token = withoutBearer(token)
    repaired("token", "bearer_removed")
  }

  const credentials = { domain: subdomain.value, username, token }
  const problems = fields.flatMap(({ name }) => {
    const code = problemOf(name, credentials)
    return code === undefined ? [] : [{ field: name, code } satisfies Problem]
  })
  return { credentials, repairs, problems }
}

function problemOf(
  field: string,
  credentials: { readonly domain: string; readonly username: string; readonly token: string },
): string | undefined {
  const value = own(credentials, field)
  if (value === "") return "missing"
  if (field === "token") return isToken(value) ? undefined : "token_malformed"
  const longest = fields.find(({ name }) => name === field)?.maxLength ?? 0
  if (value.length > longest) return "too_long"
  if (field === "username") return isEmail(value) ? undefined : "username_not_email"
  return isLabel(value) && !reserved.has(value) ? undefined : "domain_malformed"
}

// A form may be any object; what it inherits is nothing that was typed.
function own(values: Credentials, field: string): string {
  return Object.hasOwn(values, field) ? (values[field] ?? "") : ""
}

/**
 * Drops what nobody can see, makes every kind of white space and control character a space, trims.
 * Halves of surrogate pairs go first: dropping what stands between two would join them.
 */
function trim(text: string): string {
  return text
    .replace(/\p{Cs}/gu, " ")
    .replace(/[\p{Default_Ignorable_Code_Point}\p{Cf}]+/gu, "")
    .replace(/[\s\p{Z}\p{Cc}\p{Cn}\p{Co}\u2800]+/gu, " ")
    .trim()
}

function unquote(text: string): string {
  let bare = text
  while (bare.length >= 2 && bare.length <= longestUnwrapped) {
    if (!quotes.includes(`${bare[0]}${bare.at(-1)}`)) break
    bare = bare.slice(1, -1).trim()
  }
  return bare
}

// Quotes inside "Bearer …" too, and a second Bearer: until nothing is left to take off.
function withoutBearer(text: string): string {
  let bare = text
  while (bare.length <= longestUnwrapped && /^bearer /i.test(bare)) bare = unquote(bare.slice(7))
  return bare
}

/** The word before `.nmbrs.nl` out of an address, a host or the word itself, in lower case. */
function takeSubdomain(text: string): { value: string; taken: boolean } {
  if (text.length > longestUnwrapped) return { value: text, taken: false }
  const typed = text.toLowerCase()
  const host = typed
    .replace(/^([a-z][a-z0-9+.-]*:)?[/\\]{2}/, "")
    .replace(/[/\\?#].*$/, "")
    .replace(/:\d*$/, "")
    .replace(/\.+$/, "")
  const suffix = environmentSuffixes.find((end) => host.endsWith(end))
  const label = (suffix === undefined ? host : host.slice(0, -suffix.length)).replace(/^www\./, "")
  return isLabel(label) ? { value: label, taken: label !== typed } : { value: text, taken: false }
}

function isEmail(text: string): boolean {
  return text.length <= 254 && /^[^\s@<>"]+@[^\s@<>"]+\.[^\s@<>"]+$/.test(text)
}

// Assumption: only 32 hex digits were ever seen, but no rule is published; so only what no token
// could be is turned down.
function isToken(text: string): boolean {
  return text.length >= shortestToken && text.length <= 512 && !/\s/.test(text) && !isEmail(text)
}
