/**
 * The read permissions that can be tried out: an operation is called with the id of a real company or
 * debtor, and only the beginning of its answer is looked at. Nothing that writes is ever tried, and
 * nothing that needs the id of an employee, because a check has no business reading employees.
 *
 * The parameters' names and their casing differ by operation; they are those that a production SDK
 * sends (LarsKluijtmans/nmbrs_api).
 */

/** Where the value of a parameter comes from. */
export type Source = "company" | "debtor" | "employeeType"

/** Real ids that the login sees, where it sees any. */
export interface Ids {
  readonly company: string | undefined
  readonly debtor: string | undefined
}

/** Assumption: type 2 exists everywhere; a shipping product (HelloID) imports ordinary staff with it. */
const employeeType = "2"

const none = {}
const companyId = { CompanyId: "company" } as const
const companyID = { CompanyID: "company" } as const

/** Parameters by permission. What is not listed is not probed. */
const probes: Readonly<Record<string, Readonly<Record<string, Source>>>> = {
  "DebtorService:Debtor_IsOwner": none,
  "CompanyService:CostCenter_GetList": companyId,
  "CompanyService:List_GetByDebtor": { DebtorId: "debtor" },
  "EmployeeService:EmployeeType_GetList": none,
  "EmployeeService:List_GetByCompany": { CompanyId: "company", EmployeeType: "employeeType" },
  "EmployeeService:Absence_GetAll_AllEmployeesByCompany": companyId,
  "EmployeeService:Address_GetAll_AllEmployeesByCompany": companyID,
  "EmployeeService:Children_GetAll_Employeesbycompany": companyId,
  "EmployeeService:Contract_GetAll_AllEmployeesByCompany": companyID,
  "EmployeeService:Department_GetAll_AllEmployeesByCompany": companyID,
  "EmployeeService:Employment_GetAll_AllEmployeesByCompany": companyID,
  "EmployeeService:Function_GetAll_AllEmployeesByCompany_V2": companyID,
  "EmployeeService:Partner_GetAll_AllEmployeesByCompany": companyId,
  "EmployeeService:PersonalInfo_GetAll_AllEmployeesByCompany": companyID,
  "EmployeeService:PersonalInfoWithoutBSN_Get_GetAllEmployeesByCompany": companyID,
  "EmployeeService:SVW_GetAll_AllEmployeesByCompany": companyID,
  "EmployeeService:Salary_GetAll_AllEmployeesByCompany": companyID,
  "EmployeeService:Schedule_GetAll_AllEmployeesByCompany": companyID,
}

/**
 * Takes a permission and the ids at hand, gives the parameters of its probe; undefined where it has
 * none or a real id is lacking (with a made-up one Nmbrs might answer about the id instead).
 */
export function probeParameters(
  permission: string,
  ids: Ids,
): Readonly<Record<string, string>> | undefined {
  const probe = Object.hasOwn(probes, permission) ? probes[permission] : undefined
  if (probe === undefined) return undefined
  const values = { ...ids, employeeType }
  const parameters: Record<string, string> = {}
  for (const [name, source] of Object.entries(probe)) {
    const value = values[source]
    if (value === undefined) return undefined
    parameters[name] = value
  }
  return parameters
}
