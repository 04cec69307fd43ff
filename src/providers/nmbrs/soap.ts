/**
 * Nmbrs' SOAP requests. ASMX, document/literal; the namespace belongs to the service and is the same
 * on every host (help pages of api.nmbrs.nl and api-sandbox.nmbrs.nl).
 */

/** Who asks. `domain` is left out where the call is to find it. */
export interface Login {
  readonly username: string
  readonly token: string
  readonly domain?: string
}

export interface SoapRequest {
  readonly service: string
  readonly operation: string
  readonly parameters: Readonly<Record<string, string>>
}

// What XML 1.0 calls Char. The rest can't be written in XML at all, not even as a reference.
const forbidden = /[^\t\n\r\u{20}-\u{D7FF}\u{E000}-\u{FFFD}\u{10000}-\u{10FFFF}]/u

const escapes: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&apos;",
  // A bare carriage return would be read as a line feed.
  "\r": "&#13;",
}

/** Tells whether a text can be written in XML 1.0. */
export function isWritable(text: string): boolean {
  return !forbidden.test(text)
}

/** Takes a text, gives it as XML content. Throws `RangeError`, without the text, where XML forbids it. */
export function escapeXml(text: string): string {
  if (!isWritable(text)) throw new RangeError("a character that XML forbids")
  return text.replace(/[&<>"'\r]/g, (character) => escapes[character] ?? character)
}

/** Gives the XML namespace of a service; the API host plays no part in it. */
export function namespaceOf(service: string): string {
  return `https://api.nmbrs.nl/soap/v3/${service}`
}

/** Gives the value of the `SOAPAction` header, quotes included (SOAP 1.1, section 6.1.1). */
export function soapAction(request: SoapRequest): string {
  return `"${namespaceOf(request.service)}/${request.operation}"`
}

/**
 * Takes a call and who makes it, gives the SOAP 1.1 envelope: `AuthHeaderWithDomain`, or the older
 * `AuthHeader` for a login without domain. Throws `RangeError` for characters that XML forbids.
 */
export function buildEnvelope(request: SoapRequest, login: Login): string {
  const { domain } = login
  const header =
    element("Username", login.username) +
    element("Token", login.token) +
    (domain === undefined ? "" : element("Domain", domain))
  const headerName = domain === undefined ? "AuthHeader" : "AuthHeaderWithDomain"
  const body = Object.entries(request.parameters)
    .map(([name, value]) => element(name, value))
    .join("")
  const namespace = escapeXml(namespaceOf(request.service))
  return (
    '<?xml version="1.0" encoding="utf-8"?>' +
    '<soap:Envelope xmlns:soap="http://schemas.xmlsoap.org/soap/envelope/">' +
    `<soap:Header><${headerName} xmlns="${namespace}">${header}</${headerName}></soap:Header>` +
    `<soap:Body><${request.operation} xmlns="${namespace}">${body}</${request.operation}></soap:Body>` +
    "</soap:Envelope>"
  )
}

function element(name: string, text: string): string {
  return `<${name}>${escapeXml(text)}</${name}>`
}
