/** Nimbus' API through Koppel: any path below the profile's base. */
import type { ApiProxy } from "../../provider.ts"
import type { Setup } from "../verify.ts"
import { forward } from "./forward.ts"

/** Gives the proxy of the API that the operator's profile describes. */
export function nimbusProxy(setup: Setup): ApiProxy {
  return {
    requestHeaders: ["accept", "accept-language", "content-type"],
    responseHeaders: [
      "content-type",
      "content-disposition",
      "content-language",
      "etag",
      "last-modified",

      "retry-after",
    ],
    forward: (call, credentials, context) => forward(setup, call, credentials, context),
  }
}
