/** Sending the browser back to the app (RFC 6749 §4.1.2, RFC 9207). */
import { KoppelError } from "../lib/errors.ts"

/** Where a response goes; exists only after client and redirect URI are proven. */
export interface ReturnAddress {
  readonly redirectUri: string
  readonly state: string | undefined
  readonly responseMode: "query" | "form_post"
}

/** Gives all parameters of a response: `state` and `iss` stand in each (RFC 9207 §2). */
export function responseParameters(
  address: ReturnAddress,
  issuer: string,
  response: Readonly<Record<string, string | undefined>>,
): [name: string, value: string][] {
  return Object.entries({ ...response, state: address.state, iss: issuer }).flatMap(
    ([name, value]) => (value === undefined ? [] : [[name, value]]),
  )
}

/** Gives the redirect URI with response parameters, `state` and `iss` in its query. */
export function buildRedirect(
  address: ReturnAddress,
  issuer: string,
  response: Readonly<Record<string, string | undefined>>,
): string {
  const query = new URLSearchParams(responseParameters(address, issuer, response))
  const separator = address.redirectUri.includes("?") ? "&" : "?"
  return `${address.redirectUri}${separator}${query}`
}

/** An error that goes back to the app (RFC 6749 §4.1.2.1); without a return address none is made. */
export class RedirectError extends KoppelError {
  readonly address: ReturnAddress

  constructor(address: ReturnAddress, code: string, description: string) {
    super(303, code, description)
    this.name = "RedirectError"
    this.address = address
  }
}
