/**
 * Asks Nmbrs whether a login works, whose it is and what it may do. `Environment_Get`, which needs no
 * domain, runs beside the rest: it tells a wrong domain from a wrong token, both of which are 1001.
 */
import type { Credentials, Verification, VerifyContext } from "../provider.ts"
import { call, type Line } from "./call.ts"
import { describe, listOf } from "./describe.ts"
import { judgeLogin, laterRefusal, provesLogin, unwritable } from "./judge.ts"
import { probePermissions } from "./probe.ts"
import { readList, readSubdomain } from "./readings.ts"

/**
 * Takes the API's origin and normalised credentials, gives one of the three outcomes. The context's
 * signal is the whole time budget; what is not known when it ends is unknown. Never throws for what
 * Nmbrs may answer.
 */
export async function verify(
  apiUrl: string,
  credentials: Credentials,
  context: VerifyContext,
): Promise<Verification> {
  const { domain = "", username = "", token = "" } = credentials
  const login = { domain, username, token }
  const line: Line = { apiUrl, fetch: context.fetch, signal: context.signal }

  const unusable = unwritable(login)
  if (unusable !== undefined) return unusable

  const environmentAsked = call(line, { username, token }, environmentGet, readSubdomain())
  const debtors = await call(line, login, debtorList, readList("Debtor"))
  if (!provesLogin(debtors)) return judgeLogin(login, debtors, await environmentAsked)

  const companies = await call(line, login, companyList, readList("Company"))
  const revoked = laterRefusal([companies])
  if (revoked !== undefined) return revoked

  const probed = await probePermissions(line, login, context.permissions, {
    company: listOf(companies)?.firstId,
    debtor: listOf(debtors)?.firstId,
  })
  const refusal = laterRefusal(probed.values())
  if (refusal !== undefined) return refusal

  const environment = await environmentAsked
  // Its 1001 counts for nothing here: the list has just proven the same e-mail and token.
  if (environment.kind === "fault" && environment.meaning === "no_subscription") {
    return judgeLogin(login, debtors, environment)
  }
  return describe(apiUrl, context.permissions, {
    login,
    environment,
    debtors,
    companies,
    probed,
  })
}

const environmentGet = { service: "DebtorService", operation: "Environment_Get", parameters: {} }
const debtorList = { service: "DebtorService", operation: "List_GetAll", parameters: {} }
const companyList = { service: "CompanyService", operation: "List_GetAll", parameters: {} }
