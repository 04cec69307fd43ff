/** What is told about a login that works. */
import type { Account, PermissionState, Sight, Works } from "../provider.ts"
import type { Outcome } from "./call.ts"
import { permissionState } from "./probe.ts"
import type { List } from "./readings.ts"

/** Everything that was asked and what came of it. */
export interface Findings {
  readonly login: { readonly domain: string; readonly username: string; readonly token: string }
  readonly environment: Outcome<string | undefined>
  readonly debtors: Outcome<List>
  readonly companies: Outcome<List>
  readonly probed: ReadonlyMap<string, Outcome<undefined>>
}

/** Takes the findings about a proven login, gives the outcome *works*. */
export function describe(apiUrl: string, asked: readonly string[], findings: Findings): Works {
  const { login, environment } = findings
  const debtors = listOf(findings.debtors)
  const companies = listOf(findings.companies)
  // Nmbrs' own word for it: what was typed may have been accepted under another name.
  const domain = (environment.kind === "result" ? environment.value : undefined) ?? login.domain
  return {
    outcome: "works",
    credentials: { domain, username: login.username, token: login.token },
    identity: `${new URL(apiUrl).host}/${domain}`,
    account: describeAccount(domain, debtors, companies),
    sights: [...sight("debtors", debtors), ...sight("companies", companies)],
    permissions: describePermissions(asked, findings),
    notices: [
      ...(companies?.count === 0 && !companies.more ? ["no_companies"] : []),
      ...(debtors !== undefined && (debtors.count > 1 || debtors.more) ? ["accountant"] : []),
    ],
  }
}

/** The list that an answer holds; undefined where the login may not ask for it. */
export function listOf(outcome: Outcome<List>): List | undefined {
  return outcome.kind === "result" ? outcome.value : undefined
}

function describeAccount(
  domain: string,
  debtors: List | undefined,
  companies: List | undefined,
): Account {
  const only = debtors?.count === 1 && !debtors.more ? debtors.names[0] : undefined
  return {
    name: only ?? domain,
    domain,
    ...(debtors === undefined ? {} : { debtors: debtors.count }),
    ...(companies === undefined ? {} : { companies: companies.count }),
    ...(debtors?.more || companies?.more ? { more: true } : {}),
  }
}

function describePermissions(
  asked: readonly string[],
  findings: Findings,
): Record<string, PermissionState> {
  const outcomes = new Map<string, Outcome<unknown>>([
    ...findings.probed,
    ["DebtorService:Environment_Get", findings.environment],
    ["DebtorService:List_GetAll", findings.debtors],
    ["CompanyService:List_GetAll", findings.companies],
  ])
  return Object.fromEntries(
    asked.map((permission) => [permission, permissionState(outcomes.get(permission))]),
  )
}

function sight(code: string, list: List | undefined): Sight[] {
  return list === undefined ? [] : [{ code, count: list.count, more: list.more, names: list.names }]
}
