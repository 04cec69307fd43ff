/** Invented organisations and employees. No person is real, and no number belongs to anybody. */

export interface SampleCompany {
  readonly id: number
  readonly number: number
  readonly name: string
  readonly debtor: number
}

export interface SampleEmployee {
  readonly id: number
  readonly number: number
  readonly company: number
  readonly firstName: string
  readonly prefix: string
  readonly lastName: string
  readonly gender: "male" | "female" | "unspecified"
  readonly birthday: string
  readonly start: string
  readonly end: string | null
  readonly department: number
  readonly title: string
  readonly hoursADay: number
  readonly salary: number
}

export const debtors = [
  { id: 4101, number: "1", name: "Voorbeeld B.V." },
  { id: 4102, number: "2", name: "Bakkerij De Proefkorst B.V." },
  { id: 4103, number: "3", name: "Stichting Testoord & Zn." },
] as const

export const companies: readonly SampleCompany[] = [
  { id: 52001, number: 1, name: "Voorbeeld B.V.", debtor: 4101 },
  { id: 52002, number: 2, name: "Voorbeeld Horeca B.V.", debtor: 4101 },
  { id: 52003, number: 1, name: "Bakkerij De Proefkorst B.V.", debtor: 4102 },
  { id: 52004, number: 1, name: "Stichting Testoord & Zn.", debtor: 4103 },
]

export const departments: Readonly<Record<number, string>> = {
  10: "Directie",
  20: "Bediening",
  30: "Keuken",
}

export const employees: readonly SampleEmployee[] = [
  employee(610001, 52001, ["Anna", "", "Proefstuk"], "female", "1984-03-12", "2016-01-01", 10),
  employee(
    610002,
    52001,
    ["Björn", "van der", "Steekproef"],
    "male",
    "1991-11-30",
    "2019-05-01",
    10,
  ),
  employee(610003, 52002, ["Chloë", "", "Voorbeeldsma"], "female", "1999-07-04", "2022-09-01", 20),
  employee(610004, 52002, ["Daan", "de", "Testman"], "male", "2001-02-28", "2023-03-15", 30),
  employee(610005, 52002, ["Esra", "", "Demirtest"], "unspecified", "1978-12-01", "2012-06-01", 20),
  employee(610006, 52003, ["Femke", "", "Monsterdeeg"], "female", "1988-08-08", "2018-08-01", 30),
  employee(610007, 52004, ["Gijs", "van", "Fictie"], "male", "1969-04-17", "2009-02-01", 10),
]

function employee(
  id: number,
  company: number,
  [firstName, prefix, lastName]: readonly [string, string, string],
  gender: SampleEmployee["gender"],
  birthday: string,
  start: string,
  department: number,
): SampleEmployee {
  return {
    id,
    number: id - 610000,
    company,
    firstName,
    prefix,
    lastName,
    gender,
    birthday: `${birthday}T00:00:00`,
    start: `${start}T00:00:00`,
    end: null,
    department,
    title: department === 10 ? "Bedrijfsleider" : "Medewerker",
    hoursADay: department === 10 ? 8 : 6,
    salary: department === 10 ? 4250.5 : 2650,
  }
}
