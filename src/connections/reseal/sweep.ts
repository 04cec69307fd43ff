/** Seals anew what is under an older key, a bounded number of texts a run; the next run goes on. */
import { KoppelError } from "../../lib/errors.ts"
import type { KeyRing } from "../../vault/key-ring.ts"
import { reseal } from "../../vault/reseal.ts"
import { type Place, readKid } from "../../vault/seal.ts"
import { listToReseal, noteActiveKey, replaceSealed, type Sealed } from "./store.ts"

export interface ResealReport {
  readonly resealed: number
  /** Texts that could not be opened, and the first reason; it names a missing key. */
  readonly failed: number
  readonly reason: string | undefined
}

/** Runs once over at most `limit` texts of each table; two runs at once do no harm. */
export async function sweepReseal(
  db: D1Database,
  ring: KeyRing,
  limit: number,
  now: number,
): Promise<ResealReport> {
  const statements: D1PreparedStatement[] = []
  let failed = 0
  let reason: string | undefined
  for (const before of await listToReseal(db, ring.active, [...ring.keys.keys()], limit)) {
    try {
      const sealed = await reseal(ring, before.sealed, placeOf(before))
      statements.push(replaceSealed(db, before, sealed, ring.active))
    } catch (error) {
      failed++
      statements.push(replaceSealed(db, before, before.sealed, asideKid(before.sealed)))
      reason ??= error instanceof KoppelError ? error.detail : "unknown"
    }
  }
  await db.batch([...statements, noteActiveKey(db, ring.active, now)])
  return { resealed: statements.length - failed, failed, reason }
}

/** Stands aside under its key's id, so that it holds up nothing else. */
function asideKid(sealed: string): string {
  try {
    return `~${readKid(sealed)}`
  } catch {
    return "~"
  }
}

function placeOf({ table, id, clientId, provider }: Sealed): Place {
  const purpose = table === "connections" ? "connection" : "webhook_secret"
  return { purpose, id, clientId, provider }
}
