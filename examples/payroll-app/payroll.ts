/** Nmbrs' own SOAP API, called through the broker: no header with credentials, a bearer token instead. */

/** Sends one request to a service of the payroll; the caller puts the bearer token in. */
export type Call = (service: string, headers: Headers, body: string) => Promise<Response>

async function ask(call: Call, service: string, operation: string, parameters: string) {
  const namespace = `https://api.nmbrs.nl/soap/v3/${service}`
  const body = `<?xml version="1.0" encoding="utf-8"?>
<soap:Envelope xmlns:soap="http://schemas.xmlsoap.org/soap/envelope/"><soap:Body>
<${operation} xmlns="${namespace}">${parameters}</${operation}></soap:Body></soap:Envelope>`
  const headers = new Headers({
    "content-type": "text/xml; charset=utf-8",
    soapaction: `"${namespace}/${operation}"`,
  })
  return await (await call(service, headers, body)).text()
}

/** Gives the names of the employees of the first company. A real app uses a SOAP client. */
export async function employeeNames(call: Call): Promise<string[]> {
  const companies = await ask(call, "CompanyService", "List_GetAll", "")
  const company = /<ID>(\d+)<\/ID>/.exec(companies)?.[1]
  if (company === undefined) return []
  const parameters = `<CompanyId>${company}</CompanyId><EmployeeType>2</EmployeeType>`
  const answer = await ask(call, "EmployeeService", "List_GetByCompany", parameters)
  return [...answer.matchAll(/<DisplayName>([^<]*)<\/DisplayName>/g)].map(([, name = ""]) => name)
}
