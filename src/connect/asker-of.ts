/** Who asks, where a colleague may be asked to help. */
import { type App, isPublic } from "../apps/app.ts"
import type { AuthorizationRequest } from "../oauth/request.ts"

/** Who asks, where a handover may be offered. */
export interface Asker {
  readonly email: string
  readonly organization: string
}

/** Gives who asks, or undefined where no handover may be offered. */
export function askerOf(request: AuthorizationRequest, app: App): Asker | undefined {
  const email = request.endUser?.email
  const organization = request.organization?.name
  if (request.pushedHash === undefined || isPublic(app)) return undefined
  return email === undefined || organization === undefined ? undefined : { email, organization }
}
