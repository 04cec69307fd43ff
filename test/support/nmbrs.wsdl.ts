/**
 * Our own description of the part of Nmbrs that the tests call, for the `soap` package. Written from
 * the wire facts, not from the vendor's WSDL, which is not ours to copy.
 */

/** Operations by service: parameters with their type, and the element that the result repeats. */
export const operations = {
  DebtorService: {
    Environment_Get: { parameters: {}, result: "Environment" },
    List_GetAll: { parameters: {}, result: "ArrayOfDebtor" },
  },
  CompanyService: {
    List_GetAll: { parameters: {}, result: "ArrayOfCompany" },
    List_GetByDebtor: { parameters: { DebtorId: "int" }, result: "ArrayOfCompany" },
  },
  EmployeeService: {
    EmployeeType_GetList: { parameters: {}, result: "ArrayOfItem" },
    List_GetByCompany: {
      parameters: { CompanyId: "int", EmployeeType: "int" },
      result: "ArrayOfItem",
    },
    PersonalInfoWithoutBSN_Get_GetAllEmployeesByCompany: {
      parameters: { CompanyID: "int" },
      result: "ArrayOfItem",
    },
    Employment_GetAll_AllEmployeesByCompany: {
      parameters: { CompanyID: "int" },
      result: "ArrayOfItem",
    },
    Department_GetAll_AllEmployeesByCompany: {
      parameters: { CompanyID: "int" },
      result: "ArrayOfItem",
    },
  },
} as const satisfies Record<
  string,
  Record<string, { parameters: Record<string, string>; result: string }>
>

const types = `
  <s:complexType name="AuthHeader"><s:sequence>
    <s:element minOccurs="0" name="Username" type="s:string"/>
    <s:element minOccurs="0" name="Token" type="s:string"/>
  </s:sequence></s:complexType>
  <s:complexType name="AuthHeaderWithDomain"><s:sequence>
    <s:element minOccurs="0" name="Username" type="s:string"/>
    <s:element minOccurs="0" name="Token" type="s:string"/>
    <s:element minOccurs="0" name="Domain" type="s:string"/>
  </s:sequence></s:complexType>
  <s:element name="AuthHeader" type="tns:AuthHeader"/>
  <s:element name="AuthHeaderWithDomain" type="tns:AuthHeaderWithDomain"/>
  <s:complexType name="Environment"><s:sequence>
    <s:element name="Domain" type="s:string"/><s:element name="SubDomain" type="s:string"/>
  </s:sequence></s:complexType>
  <s:complexType name="Debtor"><s:sequence>
    <s:element name="Id" type="s:int"/><s:element name="Number" type="s:string"/>
    <s:element name="Name" type="s:string"/>
  </s:sequence></s:complexType>
  <s:complexType name="Company"><s:sequence>
    <s:element name="ID" type="s:int"/><s:element name="Number" type="s:int"/>
    <s:element name="Name" type="s:string"/>
  </s:sequence></s:complexType>
  <s:complexType name="Item"><s:sequence>
    <s:element name="Id" type="s:int"/>
  </s:sequence></s:complexType>
  ${["Debtor", "Company", "Item"]
    .map(
      (name) => `<s:complexType name="ArrayOf${name}"><s:sequence>
    <s:element minOccurs="0" maxOccurs="unbounded" name="${name}" type="tns:${name}"/>
  </s:sequence></s:complexType>`,
    )
    .join("")}`

/** Takes a service and where it listens, gives its WSDL 1.1. */
export function wsdlOf(service: keyof typeof operations, address: string): string {
  const namespace = `https://api.nmbrs.nl/soap/v3/${service}`
  const all = Object.entries(operations[service])
  const each = (write: (name: string, operation: (typeof all)[number][1]) => string) =>
    all.map(([name, operation]) => write(name, operation)).join("\n")
  return `<?xml version="1.0" encoding="utf-8"?>
<wsdl:definitions xmlns:wsdl="http://schemas.xmlsoap.org/wsdl/"
  xmlns:soap="http://schemas.xmlsoap.org/wsdl/soap/" xmlns:s="http://www.w3.org/2001/XMLSchema"
  xmlns:tns="${namespace}" targetNamespace="${namespace}">
<wsdl:types><s:schema elementFormDefault="qualified" targetNamespace="${namespace}">${types}
${each(
  (name, { parameters, result }) => `
  <s:element name="${name}"><s:complexType><s:sequence>${Object.entries(parameters)
    .map(([parameter, type]) => `<s:element name="${parameter}" type="s:${type}"/>`)
    .join("")}</s:sequence></s:complexType></s:element>
  <s:element name="${name}Response"><s:complexType><s:sequence>
    <s:element minOccurs="0" name="${name}Result" type="tns:${result}"/>
  </s:sequence></s:complexType></s:element>`,
)}
</s:schema></wsdl:types>
${each(
  (name) => `
<wsdl:message name="${name}In"><wsdl:part name="parameters" element="tns:${name}"/></wsdl:message>
<wsdl:message name="${name}Out"><wsdl:part name="parameters" element="tns:${name}Response"/></wsdl:message>`,
)}
<wsdl:portType name="${service}Soap">${each(
    (name) => `
  <wsdl:operation name="${name}">
    <wsdl:input message="tns:${name}In"/><wsdl:output message="tns:${name}Out"/>
  </wsdl:operation>`,
  )}
</wsdl:portType>
<wsdl:binding name="${service}Soap" type="tns:${service}Soap">
  <soap:binding transport="http://schemas.xmlsoap.org/soap/http"/>${each(
    (name) => `
  <wsdl:operation name="${name}">
    <soap:operation soapAction="${namespace}/${name}" style="document"/>
    <wsdl:input><soap:body use="literal"/></wsdl:input>
    <wsdl:output><soap:body use="literal"/></wsdl:output>
  </wsdl:operation>`,
  )}
</wsdl:binding>
<wsdl:service name="${service}"><wsdl:port name="${service}Soap" binding="tns:${service}Soap">
  <soap:address location="${address}"/>
</wsdl:port></wsdl:service>
</wsdl:definitions>`
}
