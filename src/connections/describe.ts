/** A connection as the API shows it. */
import type { Deps } from "../context.ts"
import { rfc3339 } from "../lib/clock.ts"
import type { Connection } from "./connection.ts"
import { signConnectionId } from "./connection-id.ts"
import type { Checked } from "./verify.ts"

/** Gives the JSON of a connection, with a connection id signed at this moment. */
export async function describeConnection(
  deps: Deps,
  connection: Connection,
): Promise<Record<string, unknown>> {
  const { config, now } = deps
  const { id, clientId, provider, environment } = connection
  const claims = { connectionId: id, clientId, provider, environment }
  return {
    id,
    connection_id: await signConnectionId(config.signingKeys, config.issuer, claims, now()),
    provider,
    environment,
    status: connection.status,
    verification: {
      outcome: connection.verificationOutcome,
      at: rfc3339(connection.verificationAt),
    },
    account: connection.account,
    scope: connection.scope,
    end_user: connection.endUser ?? null,
    handed_over: connection.handedOver,
    created_at: rfc3339(connection.createdAt),
    claimed_at: connection.claimedAt === undefined ? null : rfc3339(connection.claimedAt),
  }
}

/** Gives what a fresh verification adds: the permission matrix, and why it does not work. */
export function describeOutcome(
  { verification }: Pick<Checked, "verification">,
  { permissions }: Connection,
): Record<string, unknown> {
  return {
    permissions,
    code: verification.outcome === "could_not_check" ? verification.code : null,
    problems:
      verification.outcome === "refused"
        ? verification.problems.map(({ field, code }) => ({ field, code }))
        : [],
  }
}
