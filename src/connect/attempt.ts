/** The login attempt behind what was typed into the form, at a provider that locks. */
import { type Attempt, makeAttempt } from "../connections/attempts/attempt.ts"
import type { Deps } from "../context.ts"
import type { AuthorizationRequest } from "../oauth/request.ts"
import type { Credentials, Method, Provider } from "../providers/provider.ts"

/**
 * Gives the attempt to reserve for what was typed, or undefined where the provider doesn't lock or
 * won't be asked. Secret fields may still be filled from what is kept.
 */
export async function prepareAttempt(
  deps: Deps,
  request: AuthorizationRequest,
  provider: Provider,
  fields: Credentials,
): Promise<Attempt | undefined> {
  const { method } = provider
  if (method.attempts === undefined) return undefined
  const { credentials, problems } = method.normalise(fields)
  const blocking = problems.some(
    ({ field, code }) => code !== "missing" || !isSecret(method, field),
  )
  if (blocking) return undefined
  return await makeAttempt(deps, provider, credentials, {
    environment: request.environment,
    who: [request.clientId, request.browserHash],
  })
}

function isSecret(method: Method, name: string): boolean {
  return method.fields.some((field) => field.name === name && field.secret)
}
