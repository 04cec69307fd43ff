/** Refusals in the caller's own words: SOAP faults, as SOAP clients expect them. */
import { escapeXml } from "../soap.ts"
import { contentType, type SoapVersion } from "./media-type.ts"

const namespaces: Readonly<Record<SoapVersion, string>> = {
  "1.1": "http://schemas.xmlsoap.org/soap/envelope/",
  "1.2": "http://www.w3.org/2003/05/soap-envelope",
}

/** Gives a fault that blames the request: `soap:Client`, or `soap:Sender` in SOAP 1.2. */
export function faultResponse(version: SoapVersion, text: string): Response {
  const words = escapeXml(text)
  const fault =
    version === "1.1"
      ? `<faultcode>soap:Client</faultcode><faultstring>${words}</faultstring><detail />`
      : "<soap:Code><soap:Value>soap:Sender</soap:Value></soap:Code>" +
        `<soap:Reason><soap:Text xml:lang="en">${words}</soap:Text></soap:Reason>`
  const body =
    '<?xml version="1.0" encoding="utf-8"?>' +
    `<soap:Envelope xmlns:soap="${namespaces[version]}"><soap:Body>` +
    `<soap:Fault>${fault}</soap:Fault></soap:Body></soap:Envelope>`
  // ASMX answers every fault with 500, and clients read a fault nowhere else.
  return new Response(body, { status: 500, headers: { "Content-Type": contentType(version) } })
}
