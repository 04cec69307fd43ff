/** Who asks, in words: what the app said by PAR, and never anything from the address. */
import type { AuthorizationRequest } from "../oauth/request.ts"

/** Gives "e-mail, organisation" as far as they are known, or undefined. */
export function askedBy({ endUser, organization }: AuthorizationRequest): string | undefined {
  const person = endUser?.email ?? endUser?.name
  const parts = [person, organization?.name].filter((part) => part !== undefined)
  return parts.length === 0 ? undefined : parts.join(", ")
}
