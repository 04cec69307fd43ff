/**
 * What the simulated operations tell about an employee. Element names are those that a production SDK
 * reads (LarsKluijtmans/nmbrs_api); those of the items around them are partly assumptions.
 */
import { departments, type SampleEmployee } from "./data.ts"
import type { Value } from "./envelope.ts"

/** How one operation wraps what it tells about each employee: item, list and record. */
export interface Told {
  readonly item: string
  readonly list: string
  readonly record: string
  of(employee: SampleEmployee): Value
}

/** Takes employees, gives one item for each: its id and a list of one record. */
export function perEmployee(staff: readonly SampleEmployee[], told: Told): Value {
  return {
    [told.item]: staff.map((employee) => ({
      EmployeeId: employee.id,
      [told.list]: { [told.record]: told.of(employee) },
    })),
  }
}

/** Names, contact details and birthday; the BSN, which is nobody's, where it is asked for. */
export function personalInfo({ bsn }: { readonly bsn: boolean }): Told {
  return {
    item: "PersonalInfoItem",
    list: "EmployeePersonalInfos",
    record: "PersonalInfo_V2",
    of: (employee) => ({
      EmployeeNumber: employee.number,
      BSN: bsn ? "000000000" : undefined,
      FirstName: employee.firstName,
      Initials: `${employee.firstName.charAt(0)}.`,
      Prefix: employee.prefix,
      LastName: employee.lastName,
      Gender: employee.gender,
      EmailWork: `medewerker${employee.number}@voorbeeld.test`,
      Birthday: employee.birthday,
    }),
  }
}

export const employment: Told = {
  item: "EmployeeEmploymentItem",
  list: "EmployeeEmployments",
  record: "Employment",
  of: (employee) => ({
    EmploymentId: employee.id + 1000,
    CreationDate: employee.start,
    StartDate: employee.start,
    EndDate: employee.end,
    InitialStartDate: employee.start,
  }),
}

export const department: Told = {
  item: "EmployeeDepartmentItem",
  list: "EmployeeDepartments",
  record: "Department_V2",
  of: (employee) => ({
    Id: 8000 + employee.department,
    Code: employee.department,
    Description: departments[employee.department],
    CreationDate: employee.start,
    StartPeriod: 1,
    StartYear: Number(employee.start.slice(0, 4)),
  }),
}

export const contract: Told = {
  item: "EmployeeContractItem",
  list: "EmployeeContracts",
  record: "EmployeeContract",
  of: (employee) => ({
    ContractID: employee.id + 2000,
    CreationDate: employee.start,
    StartDate: employee.start,
    TrialPeriod: null,
    EndDate: employee.end,
    EmployementType: 1,
    EmploymentSequenceTaxId: 0,
    Indefinite: employee.end === null,
    PhaseClassification: 0,
    WrittenContract: true,
    HoursPerWeek: employee.hoursADay * 5,
  }),
}

export const jobTitle: Told = {
  item: "EmployeeFunctionItem",
  list: "EmployeeFunctions",
  record: "EmployeeFunction",
  of: (employee) => ({
    RecordId: employee.id + 3000,
    Function: {
      Id: 7000 + employee.department,
      Code: employee.department,
      Description: employee.title,
    },
    CreationDate: employee.start,
    StartPeriod: 1,
    StartYear: Number(employee.start.slice(0, 4)),
  }),
}

export const salary: Told = {
  item: "EmployeeSalaryItem",
  list: "EmployeeSalaries",
  record: "Salary_V2",
  of: (employee) => ({
    ID: employee.id + 4000,
    Value: employee.salary,
    Type: "GrossSalaryFulltimeMonthly",
    StartDate: employee.start,
  }),
}

export const schedule: Told = {
  item: "EmployeeScheduleItem",
  list: "EmployeeSchedules",
  record: "Schedule_V2",
  of: ({ hoursADay, start }) => ({
    HoursMonday: hoursADay,
    HoursTuesday: hoursADay,
    HoursWednesday: hoursADay,
    HoursThursday: hoursADay,
    HoursFriday: hoursADay,
    HoursSaturday: 0,
    HoursSunday: 0,
    ParttimePercentage: (hoursADay / 8) * 100,
    StartDate: start,
  }),
}

export const address: Told = {
  item: "EmployeeAddressItem",
  list: "EmployeeAddresses",
  record: "EmployeeAddress",
  of: (employee) => ({
    Id: employee.id + 5000,
    Default: true,
    Street: "Voorbeeldstraat",
    HouseNumber: String(employee.number),
    PostalCode: "0000 AA",
    City: "Testoord",
    CountryISOCode: "NL",
    Type: "HomeAddress",
  }),
}

/** Absences are told one by one, without an item around them. */
export function absence(employee: SampleEmployee): Value {
  return {
    EmployeeId: employee.id,
    AbsenceId: employee.id + 6000,
    Comment: "",
    Percentage: 100,
    Start: "2026-02-02T00:00:00",
    RegistrationStartDate: "2026-02-02T00:00:00",
    End: "2026-02-06T00:00:00",
    RegistrationEndDate: "2026-02-06T00:00:00",
    Dossier: "Ziek",
    Dossiernr: 1,
  }
}
