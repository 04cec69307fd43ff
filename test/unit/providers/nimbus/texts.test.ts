import { readdirSync, readFileSync } from "node:fs"
import { describe, expect, it } from "vitest"
import { nimbus } from "../../../../src/providers/nimbus/index.ts"

const { en } = nimbus.texts
const folder = new URL("../../../../src/providers/nimbus/", import.meta.url)
const source = readdirSync(folder)
  .filter((name) => name.endsWith(".ts"))
  .map((name) => readFileSync(new URL(name, folder), "utf8"))
  .join("\n")

function allTexts(value: unknown): string[] {
  if (typeof value === "string") return [value]
  return typeof value === "object" && value !== null ? Object.values(value).flatMap(allTexts) : []
}

describe("the texts", () => {
  it.each([
    ["missing"],
    ["too_long"],
    ["address_malformed"],
    ["address_userinfo"],
    ["address_not_https"],
    ["address_ip"],
    ["welcome_link"],
    ["host_not_allowed"],
    ["wrong_address"],
    ["client_address"],
    ["login_code_colon"],
    ["wrong_password"],
    ["nearly_locked"],
    ["locked"],
    ["login_disabled"],
    ["sso"],
    ["password_not_set"],
    ["password_short"],
    ["passkey"],
    ["pin_required"],
    ["pin_malformed"],
    ["pin_wrong"],
  ])("have a problem %s", (code) => {
    expect(en.problems[code]?.title).toBeTruthy()
    expect(en.problems[code]?.text).toBeTruthy()
  })

  it("have no problem, repair, trouble or notice that nothing gives", () => {
    const codes = [en.problems, en.repairs, en.troubles, en.notices].flatMap((t) => Object.keys(t))
    const unused = codes.filter(
      (code) => !source.includes(`"${code}"`) && !source.includes(`${code}:`),
    )
    // What else uses a login only the page knows.
    expect(unused).toEqual(["login_in_use"])
  })

  it.each(["no_profile", "throttled", "down", "timeout", "garbled", "redirected"])(
    "have a trouble %s that blames nobody",
    (code) => {
      const { title = "", text = "" } = en.troubles[code] ?? {}
      expect(title).toBeTruthy()
      expect(`${title} ${text}`).not.toMatch(/wrong|refused|did not accept/i)
    },
  )

  it("have a label, a hint and a step for each field, and a sentence for each bundle", () => {
    const steps = en.steps.map((step) => step.id)
    expect(new Set(steps).size).toBe(steps.length)
    for (const { name } of nimbus.method.fields) {
      expect(en.fields[name]?.label).toBeTruthy()
      expect(en.fields[name]?.hint).toBeTruthy()
      expect(steps).toContain(en.stepOf[name])
    }
    expect(Object.keys(en.bundles)).toEqual(Object.keys(nimbus.bundles))
  })

  it("avoid the words that the page avoids", () => {
    const banned =
      /\b(session|scope|handoff|handover|verification|credentials?|tenant|endpoint|invalid|error|failed|oops)\b/i
    expect(allTexts(en).filter((text) => banned.test(text))).toEqual([])
    const bare = allTexts(en).map((text) => text.replaceAll("API User", ""))
    expect(bare.filter((text) => /\b(API|token)\b/i.test(text))).toEqual([])
  })

  it("fill in the app, a suggestion and the address, and nothing else", () => {
    const filled = allTexts(en).flatMap((text) => text.match(/\{[^}]*\}/g) ?? [])
    expect([...new Set(filled)].sort()).toEqual([
      "{account_url}",
      "{app_code}",
      "{app}",
      "{suggestion}",
    ])
  })
})

describe("the guide", () => {
  const guide = allTexts(en.steps).join("\n")

  it.each([
    "[[Admin]]",
    "[[Manage Employees]]",
    "[[New Employee]]",
    "[[Login Code]]",
    "[[Salutation]]",
    "[[First Name]]",
    "[[Surname]]",
    "[[Email]]",
    "[[Access]]",
    "[[API User]]",
    "[[Doc. Mgt.]]",
    "[[Update]]",
    "[[Employees]]",
    "[[Send Welcome Email]]",
    "[[Account Login]]",
    "[[First Password]]",
    "[[Password]]",
    "[[2FA Pin]]",
    "[[Login]]",
    "[[Passkey]]",
    "&ssooverride=yes",
    "Microsoft, Practice Protect or Xero",
    "Teams",
    "subscription",
    "no menus",
  ])("tells of %s", (words) => {
    expect(guide).toContain(words)
  })

  it("quotes labels in whole brackets", () => {
    expect(guide.replace(/\[\[[^[\]]+\]\]/g, "")).not.toMatch(/[[\]]/)
  })
})
