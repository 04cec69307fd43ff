import { describe, expect, test } from "vitest"
import { LANGUAGES } from "../../../src/lib/languages.ts"
import { nimbus } from "../../../src/providers/nimbus/index.ts"
import { nmbrs } from "../../../src/providers/nmbrs/index.ts"

/** Everything that `normalise`, `verify` and the limit of attempts can give. */
const codes = {
  nmbrs: {
    problems:
      "missing too_long domain_malformed username_not_email token_malformed token_refused token_or_domain domain_wrong domain_unknown no_subscription",
    repairs: "trimmed unquoted bearer_removed subdomain_taken swapped",
    troubles: "timeout down garbled throttled",
    notices: "no_companies accountant",
    sights: "debtors companies",
  },
  nimbus: {
    problems:
      "missing too_long address_malformed address_userinfo address_not_https address_ip welcome_link host_not_allowed wrong_address client_address login_code_colon wrong_password nearly_locked locked login_disabled sso password_not_set password_short passkey pin_required pin_malformed pin_wrong",
    repairs: "address_cleaned scheme_added fragment_dropped login_code_trimmed password_trimmed",
    troubles: "no_profile throttled down timeout garbled redirected",
    notices: "not_api_user no_status login_in_use pin_enforced",
    sights: "",
  },
} as const

const providers = LANGUAGES.flatMap((code) =>
  [nmbrs, nimbus].map((provider) => ({ id: provider.id, code, provider })),
)

describe.each(providers)("$id in $code", ({ code, provider }) => {
  const texts = provider.texts[code]

  test.each(["problems", "repairs", "troubles", "notices", "sights"] as const)(
    "has a text for each of its %s, and none too many",
    (kind) => {
      const expected = codes[provider.id as keyof typeof codes][kind].split(" ").filter(Boolean)
      expect(Object.keys(texts[kind]).sort()).toEqual(expected.sort())
    },
  )

  test("each field has a label, a hint, and a step that shows where it is", () => {
    const names = provider.method.fields.map(({ name }) => name)
    const steps = texts.steps.map(({ id }) => id)
    expect(Object.keys(texts.fields)).toEqual(names)
    expect(Object.keys(texts.stepOf)).toEqual(names)
    for (const name of names) {
      expect(texts.fields[name]?.label).toBeTruthy()
      expect(texts.fields[name]?.hint).toBeTruthy()
      expect(steps).toContain(texts.stepOf[name])
    }
  })

  test("each step has its own id, and what stands in every case comes before what may be missing", () => {
    const ids = texts.steps.map(({ id }) => id)
    expect(new Set(ids).size).toBe(ids.length)
    const folded = texts.steps.map(({ onlyIfMissing }) => onlyIfMissing === true)
    expect(folded).toEqual([...folded].sort((one, other) => Number(one) - Number(other)))
  })

  test("each bundle and each group of permissions has its words", () => {
    expect(Object.keys(texts.bundles)).toEqual(Object.keys(provider.bundles))
    const asked = Object.values(provider.bundles).flatMap(({ permissions }) => permissions)
    if (texts.permissionPicture === undefined) return
    for (const permission of [...asked, ...provider.implied]) {
      expect(texts.permissionGroups[permission.split(":")[0] ?? ""]).toBeTruthy()
    }
  })

  test("says how to end it, and what to do for less", () => {
    expect(texts.withdraw.length).toBeGreaterThan(0)
    expect(texts.narrower.length).toBeGreaterThan(0)
  })
})
