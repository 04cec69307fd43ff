/** The statuses and sentences of what the proxy refuses. */
import { KoppelError } from "../lib/errors.ts"
import type { ProxyRefusal } from "../providers/provider.ts"

const REFUSALS: Readonly<
  Record<ProxyRefusal, { status: number; text: string; headers?: Record<string, string> }>
> = {
  not_found: { status: 404, text: "There is nothing at this address." },
  method_not_allowed: { status: 405, text: "This method is not passed on." },
  invalid_request: { status: 400, text: "The address of this request is not passed on." },
  unsupported_media_type: {
    status: 415,
    text: "Send plain UTF-8 in a content type that the provider takes, without content encoding.",
  },
  insufficient_scope: {
    status: 403,
    text: "The access token does not open this.",
    headers: { "WWW-Authenticate": 'Bearer error="insufficient_scope"' },
  },
  login_refused: {
    status: 409,
    text: "The provider refused the stored login. It is not tried again until it was checked.",
  },
  login_busy: {
    status: 503,
    text: "Another call is logging in. Try again in a moment.",
    headers: { "Retry-After": "1" },
  },
  throttled: {
    status: 429,
    text: "The provider asks to slow down.",
    headers: { "Retry-After": "60" },
  },
  provider_down: { status: 502, text: "The provider did not answer as it should." },
  provider_timeout: { status: 504, text: "The provider did not answer in time." },
}

/** Gives the error for a refusal; `detail` goes into the log only. */
export function refusalError(code: ProxyRefusal, detail?: string): KoppelError {
  const { status, text, headers = {} } = REFUSALS[code]
  return new KoppelError(status, code, text, {
    headers,
    ...(detail === undefined ? {} : { detail }),
  })
}
