/** Nmbrs' API through Koppel: its own paths, its own SOAP. */
import type { ApiProxy } from "../../provider.ts"
import { forward } from "./forward.ts"
import { publishWsdl } from "./wsdl.ts"

/** Gives the proxy of the API at `apiUrl`. */
export function nmbrsProxy(apiUrl: string): ApiProxy {
  return {
    // What leaves is written anew; these are read.
    requestHeaders: ["content-type", "soapaction"],
    responseHeaders: ["content-type", "retry-after"],
    forward: (call, credentials, context) => forward(apiUrl, call, credentials, context),
    publish: (call, context) => publishWsdl(apiUrl, call, context),
  }
}
