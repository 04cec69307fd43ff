/** Results of the simulated operations, by `Service:Operation`. */
import type { Account } from "./accounts.ts"
import { companies, debtors, employees, type SampleCompany } from "./data.ts"
import {
  absence,
  address,
  contract,
  department,
  employment,
  jobTitle,
  perEmployee,
  personalInfo,
  salary,
  schedule,
} from "./employee-answers.ts"
import { SimulatedFault, type Value } from "./envelope.ts"
import type { SimulatedRequest } from "./read-request.ts"

interface Asked {
  readonly account: Account
  readonly parameters: ReadonlyMap<string, string>
}

/** Gives the content of the result. Throws `SimulatedFault` for ids and operations that are not there. */
export function answerOf(request: SimulatedRequest, account: Account): Value {
  const name = `${request.service}:${request.operation}`
  const answer = Object.hasOwn(answers, name) ? answers[name] : undefined
  if (answer === undefined) {
    throw new SimulatedFault("client", `The sandbox does not simulate ${name}.`)
  }
  return answer({ account, parameters: request.parameters })
}

const answers: Readonly<Record<string, (asked: Asked) => Value>> = {
  "DebtorService:Environment_Get": ({ account }) => ({
    Domain: "nmbrs.nl",
    SubDomain: account.domain,
  }),
  "DebtorService:List_GetAll": ({ account }) => ({
    Debtor: visibleDebtors(account).map(({ id, number, name }) => ({
      Id: id,
      Number: number,
      Name: name,
    })),
  }),
  "DebtorService:Debtor_IsOwner": () => true,
  "CompanyService:List_GetAll": ({ account }) => ({
    Company: visibleCompanies(account).map(companyItem),
  }),
  "CompanyService:List_GetByDebtor": (asked) => {
    const debtor = visibleDebtors(asked.account).find(
      ({ id }) => String(id) === asked.parameters.get("DebtorId"),
    )
    if (debtor === undefined) throw outside()
    const all = visibleCompanies(asked.account)
    return { Company: all.filter((company) => company.debtor === debtor.id).map(companyItem) }
  },
  "CompanyService:CostCenter_GetList": (asked) => {
    companyOf(asked, "CompanyId")
    return { CostCenter: [{ Code: "100", Description: "Algemeen", Id: 9001 }] }
  },
  "EmployeeService:EmployeeType_GetList": () => ({
    EmployeeType: [
      { Id: 1, Description: "Applicant" },
      { Id: 2, Description: "Normal" },
      { Id: 3, Description: "Payroll" },
    ],
  }),
  "EmployeeService:List_GetByCompany": (asked) => ({
    Employee: staffOf(asked, "CompanyId")
      .filter(() => asked.parameters.get("EmployeeType") !== "1")
      .map(({ id, number, firstName, prefix, lastName }) => ({
        Id: id,
        Number: number,
        DisplayName: [`${lastName},`, firstName, prefix].filter((part) => part !== "").join(" "),
      })),
  }),
  "EmployeeService:PersonalInfoWithoutBSN_Get_GetAllEmployeesByCompany": (asked) =>
    perEmployee(staffOf(asked, "CompanyID"), personalInfo({ bsn: false })),
  "EmployeeService:PersonalInfo_GetAll_AllEmployeesByCompany": (asked) =>
    perEmployee(staffOf(asked, "CompanyID"), personalInfo({ bsn: true })),
  "EmployeeService:Employment_GetAll_AllEmployeesByCompany": (asked) =>
    perEmployee(staffOf(asked, "CompanyID"), employment),
  "EmployeeService:Department_GetAll_AllEmployeesByCompany": (asked) =>
    perEmployee(staffOf(asked, "CompanyID"), department),
  "EmployeeService:Contract_GetAll_AllEmployeesByCompany": (asked) =>
    perEmployee(staffOf(asked, "CompanyID"), contract),
  "EmployeeService:Function_GetAll_AllEmployeesByCompany_V2": (asked) =>
    perEmployee(staffOf(asked, "CompanyID"), jobTitle),
  "EmployeeService:Salary_GetAll_AllEmployeesByCompany": (asked) =>
    perEmployee(staffOf(asked, "CompanyID"), salary),
  "EmployeeService:Schedule_GetAll_AllEmployeesByCompany": (asked) =>
    perEmployee(staffOf(asked, "CompanyID"), schedule),
  "EmployeeService:Address_GetAll_AllEmployeesByCompany": (asked) =>
    perEmployee(staffOf(asked, "CompanyID"), address),
  "EmployeeService:Absence_GetAll_AllEmployeesByCompany": (asked) => ({
    Absence: staffOf(asked, "CompanyId").slice(0, 1).map(absence),
  }),
  // Nobody has children, a partner or social insurance of their own here: lists may be empty.
  "EmployeeService:Children_GetAll_Employeesbycompany": (asked) => nothing(asked, "CompanyId"),
  "EmployeeService:Partner_GetAll_AllEmployeesByCompany": (asked) => nothing(asked, "CompanyId"),
  "EmployeeService:SVW_GetAll_AllEmployeesByCompany": (asked) => nothing(asked, "CompanyID"),
  // Taken and kept nowhere. Assumption: an insert answers with the new id, the others with a number.
  "EmployeeService:HourComponentVar_Insert": () => 730001,
  "EmployeeService:HourComponentVar_Insert_Batch": () => ({ int: [730001] }),
  "EmployeeService:HourComponent_Update": () => 730001,
  "EmployeeService:HourComponent_Delete": () => 1,
}

function nothing(asked: Asked, parameter: string): Value {
  companyOf(asked, parameter)
  return {}
}

function companyItem(company: SampleCompany): Value {
  return {
    ID: company.id,
    Number: company.number,
    Name: company.name,
    PhoneNumber: "",
    FaxNumber: "",
    Email: "salaris@voorbeeld.test",
    Website: "",
    LoonaangifteTijdvak: "Month",
    KvkNr: "",
  }
}

function visibleDebtors(account: Account) {
  return account.sees === "accountant" ? debtors : debtors.slice(0, 1)
}

function visibleCompanies(account: Account): readonly SampleCompany[] {
  if (account.sees === "nothing") return []
  const visible = new Set<number>(visibleDebtors(account).map(({ id }) => id))
  return companies.filter((company) => visible.has(company.debtor))
}

/** A parameter in the wrong case is not seen, as in ASMX. */
function companyOf({ account, parameters }: Asked, parameter: string): SampleCompany {
  const company = visibleCompanies(account).find(
    ({ id }) => String(id) === parameters.get(parameter)?.trim(),
  )
  if (company === undefined) throw outside()
  return company
}

function staffOf(asked: Asked, parameter: string) {
  const company = companyOf(asked, parameter)
  return employees.filter((employee) => employee.company === company.id)
}

function outside(): SimulatedFault {
  return new SimulatedFault(1003, "Unauthorized Access")
}
