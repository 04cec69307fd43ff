/** What an app can ask for as one scope, `nmbrs:<name>`. Reading and writing never share a bundle. */
import type { Bundle } from "../provider.ts"

/** Permissions that come with every bundle: they prove the login and tell whose it is. */
export const implied = ["DebtorService:List_GetAll", "CompanyService:List_GetAll"] as const

export const bundles: Readonly<Record<string, Bundle>> = {
  "companies.read": {
    access: "read",
    permissions: [
      "DebtorService:List_GetAll",
      "CompanyService:List_GetAll",
      "CompanyService:List_GetByDebtor",
    ],
  },
  "employees.read": {
    access: "read",
    permissions: [
      "EmployeeService:EmployeeType_GetList",
      "EmployeeService:List_GetByCompany",
      "EmployeeService:PersonalInfoWithoutBSN_Get_GetAllEmployeesByCompany",
      "EmployeeService:Employment_GetAll_AllEmployeesByCompany",
      "EmployeeService:Department_GetAll_AllEmployeesByCompany",
    ],
  },
  "identity.read": {
    access: "read",
    permissions: ["EmployeeService:PersonalInfo_GetAll_AllEmployeesByCompany"],
  },
  "contracts.read": {
    access: "read",
    permissions: [
      "EmployeeService:Contract_GetAll_AllEmployeesByCompany",
      "EmployeeService:Function_GetAll_AllEmployeesByCompany_V2",
    ],
  },
  "salaries.read": {
    access: "read",
    permissions: ["EmployeeService:Salary_GetAll_AllEmployeesByCompany"],
  },
  "absences.read": {
    access: "read",
    permissions: ["EmployeeService:Absence_GetAll_AllEmployeesByCompany"],
  },
  "schedules.read": {
    access: "read",
    permissions: ["EmployeeService:Schedule_GetAll_AllEmployeesByCompany"],
  },
  "hours.write": {
    access: "write",
    permissions: [
      "EmployeeService:HourComponentVar_Insert",
      "EmployeeService:HourComponentVar_Insert_Batch",
      "EmployeeService:HourComponent_Update",
      "EmployeeService:HourComponent_Delete",
    ],
  },
}
