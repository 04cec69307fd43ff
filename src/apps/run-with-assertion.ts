/** Runs a batch that also remembers the assertion an app authenticated with, so that it counts once. */
import { invalidClient } from "./authenticate.ts"
import { insertAssertion, isAssertionReused } from "./store.ts"

/**
 * Runs the statements, in one batch with the assertion's `jti` where there is one; gives the results
 * of the statements. Throws `invalid_client` for an assertion used before, and then nothing is done.
 */
export async function runWithAssertion(
  db: D1Database,
  clientId: string,
  assertion: { readonly jtiHash: string; readonly expiresAt: number } | undefined,
  statements: readonly D1PreparedStatement[],
): Promise<D1Result[]> {
  if (assertion === undefined) return statements.length === 0 ? [] : await db.batch([...statements])
  try {
    const results = await db.batch([insertAssertion(db, clientId, assertion), ...statements])
    return results.slice(1)
  } catch (error) {
    if (isAssertionReused(error)) throw invalidClient("assertion used before", "assertion")
    throw error
  }
}
