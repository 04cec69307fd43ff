/** The magic logins: the part of the e-mail before `@koppel.test` says what happens. */

export interface SimulatedLogin {
  readonly username: string
  readonly token: string
  readonly domain: string | undefined
}

/** What the simulated Nmbrs knows about a login. */
export interface Account {
  readonly domain: string
  readonly disabled: boolean
  /** Which of the invented debtors and companies it sees. */
  readonly sees: "business" | "accountant" | "nothing"
  /** Operations that its user template has off, as `Service:Operation`. */
  readonly switchedOff: ReadonlySet<string>
  readonly disturbance: "slow" | "timeout" | "down" | "garbled" | undefined
}

const ordinary: Account = {
  domain: "sandbox",
  disabled: false,
  sees: "business",
  switchedOff: new Set(),
  disturbance: undefined,
}

/** One operation of every bundle that reads, companies apart. */
const someSwitchedOff = new Set([
  "EmployeeService:Department_GetAll_AllEmployeesByCompany",
  "EmployeeService:PersonalInfo_GetAll_AllEmployeesByCompany",
  "EmployeeService:Contract_GetAll_AllEmployeesByCompany",
  "EmployeeService:Salary_GetAll_AllEmployeesByCompany",
  "EmployeeService:Absence_GetAll_AllEmployeesByCompany",
  "EmployeeService:Schedule_GetAll_AllEmployeesByCompany",
])

const accounts: ReadonlyMap<string, Account> = new Map([
  ["works", ordinary],
  ["revoked-later", ordinary],
  ["wrong-domain", { ...ordinary, domain: "voorbeeld-bv" }],
  ["missing-permission", { ...ordinary, switchedOff: someSwitchedOff }],
  ["no-companies", { ...ordinary, sees: "nothing" as const }],
  ["accountant", { ...ordinary, sees: "accountant" as const }],
  ["disabled", { ...ordinary, disabled: true }],
  ["slow", { ...ordinary, disturbance: "slow" as const }],
  ["timeout", { ...ordinary, disturbance: "timeout" as const }],
  ["down", { ...ordinary, disturbance: "down" as const }],
  ["garbled", { ...ordinary, disturbance: "garbled" as const }],
])

/** Gives the account of a login, or undefined where Nmbrs would say 1001 (`wrong-token` has none). */
export function findAccount(login: SimulatedLogin, stored: boolean): Account | undefined {
  if (!/^[0-9a-f]{32}$/i.test(login.token)) return undefined
  const name = /^([^@]+)@koppel\.test$/i.exec(login.username)?.[1]?.toLowerCase()
  if (name === undefined || (name === "revoked-later" && stored)) return undefined
  return accounts.get(name)
}

/** Names of the logins that force an outcome each; `wrong-token` is any that Nmbrs doesn't know. */
export const accountNames: readonly string[] = [...accounts.keys(), "wrong-token"]
