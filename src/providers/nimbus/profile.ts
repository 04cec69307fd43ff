/**
 * The transport profile: how one Nimbus installation is asked, as data that the operator gives. Nimbus
 * documents no API, so nothing here is a fact about Nimbus. See docs/nimbus-profile.md.
 */
import * as z from "zod/mini"
import { SettingError } from "../../lib/errors.ts"
import { isPointer } from "./pointer.ts"

const name = z.string().check(z.minLength(1), z.maxLength(100))
const text = z.string().check(z.minLength(1), z.maxLength(500))
const pointer = z.string().check(z.maxLength(200), z.refine(isPointer, "is not a JSON pointer"))
const path = z.string().check(z.maxLength(300), z.refine(isPath, "is not a path"))
const status = z.int().check(z.gte(200), z.lte(599))
const statuses = z.union([status, z.array(status).check(z.minLength(1))])
const scalar = z.union([z.string(), z.number(), z.boolean(), z.null()])
const from = z.optional(z.enum(["base", "origin"]))

const baseUrl = z.discriminatedUnion("rule", [
  z.strictObject({ rule: z.literal("as-pasted") }),
  z.strictObject({ rule: z.literal("origin"), keep_query: z.optional(z.boolean()) }),
  z.strictObject({
    rule: z.literal("origin+prefix"),
    prefix: path,
    keep_query: z.optional(z.boolean()),
  }),
])

const success = z.discriminatedUnion("answer", [
  z.strictObject({
    answer: z.literal("json"),
    status: statuses,
    pointer,
    equals: z.optional(scalar),
  }),
  z.strictObject({ answer: z.literal("html"), status: statuses, text }),
  z.strictObject({ answer: z.literal("redirect"), status: statuses, path }),
])

const fieldNames = z.strictObject({ login_code: name, password: name, pin: z.optional(name) })
const extraFields = z.optional(z.record(name, z.union([z.string(), z.number(), z.boolean()])))
const filledIn = { path, from, fields: fieldNames, extra_fields: extraFields, success }

const login = z.discriminatedUnion("body", [
  z.strictObject({ body: z.literal("json"), method: z.enum(["POST", "PUT"]), ...filledIn }),
  z.strictObject({ body: z.literal("form"), method: z.enum(["POST", "PUT"]), ...filledIn }),
  z.strictObject({ body: z.literal("none"), method: z.enum(["GET", "POST"]), path, from, success }),
])

const life = z.union([
  z.strictObject({ pointer }),
  z.strictObject({ seconds: z.int().check(z.gte(1)) }),
])

const auth = z.discriminatedUnion("mode", [
  z.strictObject({
    mode: z.literal("token"),
    pointer,
    life: z.optional(life),
    header: z.string().check(z.refine(isHeaderName, "is not a header that may carry a token")),
    prefix: z.optional(z.string().check(z.maxLength(40), z.refine(isPrintable, "is not ASCII"))),
  }),
  z.strictObject({
    mode: z.literal("cookie"),
    cookie: z.string().check(z.refine(isToken, "is not a cookie's name")),
    life: z.optional(z.strictObject({ seconds: z.int().check(z.gte(1)) })),
  }),
  z.strictObject({ mode: z.literal("basic") }),
])

const call = { method: z.enum(["GET", "POST"]), path, from }

const rule = z
  .strictObject({
    status: z.optional(statuses),
    text: z.optional(text),
    json: z.optional(z.strictObject({ pointer, equals: scalar })),
    location: z.optional(text),
    outcome: z.enum([
      "wrong_password",
      "locked",
      "pin_required",
      "pin_wrong",
      "passkey",
      "sso",
      "login_disabled",
      "password_not_set",
      "client_address",
      "wrong_address",
      "throttled",
      "down",
    ]),
  })
  .check(z.refine(hasCondition, "has no condition"))

const profile = z
  .strictObject({
    version: z.literal(1),
    name,
    base_url: baseUrl,
    login,
    auth,
    whoami: z.optional(
      z.strictObject({
        ...call,
        account_name: z.optional(pointer),
        id: z.optional(pointer),
        api_user: z.optional(z.strictObject({ pointer, equals: scalar })),
      }),
    ),
    statuses: z.optional(z.strictObject({ ...call, items: pointer })),
    logout: z.optional(z.strictObject(call)),
    sso: z.optional(z.strictObject({ hosts: z.union([z.literal("any"), z.array(text)]) })),
    errors: z.array(rule).check(z.maxLength(100)),
  })
  .check(
    z.refine((p) => (p.auth.mode === "basic") === (p.login.body === "none"), {
      error: "body none and mode basic go together",
      path: ["auth", "mode"],
    }),
    z.refine((p) => p.auth.mode !== "token" || p.login.success.answer === "json", {
      error: "a token is read from a JSON answer",
      path: ["login", "success", "answer"],
    }),
    z.refine((p) => p.login.body === "none" || namesDiffer(p.login), {
      error: "names one field twice",
      path: ["login", "fields"],
    }),
    z.refine((p) => asksNoPin(p.errors) || (p.login.body !== "none" && !!p.login.fields.pin), {
      error: "an outcome asks for a pin that has no field",
      path: ["login", "fields", "pin"],
    }),
  )

/** A transport profile that has been checked. */
export type Profile = z.infer<typeof profile>

/** What a rule of the error map concludes. */
export type ErrorOutcome = z.infer<typeof rule>["outcome"]

/** Reads the setting NIMBUS_PROFILE; the error names places in it, never values. */
export function parseProfile(setting: string): Profile {
  const result = profile.safeParse(parseJson(setting))
  if (result.success) return result.data
  const places = result.error.issues.slice(0, 5).map((issue) => {
    return `${issue.path.map(String).join(".") || "the profile"} (${issue.code})`
  })
  throw new SettingError("NIMBUS_PROFILE", `does not fit at ${places.join(", ")}`)
}

function parseJson(setting: string): unknown {
  try {
    return JSON.parse(setting)
  } catch {
    throw new SettingError("NIMBUS_PROFILE", "is not JSON")
  }
}

// Appended to the account's own address: nothing here may leave its host or climb out of its path.
function isPath(value: string): boolean {
  if (value === "") return true
  if (!value.startsWith("/") || value.startsWith("//")) return false
  if (!/^[!-~]*$/.test(value) || /[\\#]/.test(value)) return false
  const beforeQuery = value.split("?")[0] ?? ""
  return !beforeQuery.split("/").some((part) => /^(\.|%2e){1,2}$/i.test(part))
}

function isToken(value: string): boolean {
  return /^[!#$%&'*+.^_`|~0-9A-Za-z-]{1,100}$/.test(value)
}

function isHeaderName(value: string): boolean {
  const taken = ["host", "cookie", "content-length", "content-type", "connection", "accept"]
  return isToken(value) && !taken.includes(value.toLowerCase())
}

function isPrintable(value: string): boolean {
  return /^[ -~]*$/.test(value)
}

function hasCondition(value: Partial<Record<"status" | "text" | "json" | "location", unknown>>) {
  return [value.status, value.text, value.json, value.location].some((part) => part !== undefined)
}

function namesDiffer(value: {
  readonly fields: Readonly<Record<string, string | undefined>>
  readonly extra_fields?: Readonly<Record<string, unknown>> | undefined
}): boolean {
  const names = [...Object.values(value.fields), ...Object.keys(value.extra_fields ?? {})]
  const given = names.filter((field) => field !== undefined)
  return new Set(given).size === given.length
}

function asksNoPin(rules: readonly { readonly outcome: string }[]): boolean {
  return !rules.some(({ outcome }) => outcome === "pin_required" || outcome === "pin_wrong")
}
