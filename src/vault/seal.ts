/**
 * Sealing: JWE (RFC 7516), A256GCMKW + A256GCM. Each text has its own content key and initialisation
 * vectors; where it belongs stands in the protected header, which is authenticated with it.
 */
import { CompactEncrypt, compactDecrypt, decodeProtectedHeader, errors } from "jose"
import { utf8 } from "../lib/bytes.ts"
import { KoppelError } from "../lib/errors.ts"
import type { KeyRing } from "./key-ring.ts"

/** What a sealed text is for; one purpose never opens another's. */
export type Purpose =
  | "request"
  | "pushed_request"
  | "handover"
  | "session"
  | "draft"
  | "connection"
  | "reconnect"
  | "webhook_secret"
  | "provider_token"

/** Where a sealed text belongs. It opens nowhere else. */
export interface Place {
  readonly purpose: Purpose
  /** The connection, or what stands for it before there is one. */
  readonly id: string
  readonly clientId: string
  /** The provider's id; empty where no provider is concerned. */
  readonly provider: string
}

const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true })

/** Seals a JSON value for one place with the active key; gives a compact JWE. */
export async function seal(ring: KeyRing, value: unknown, place: Place): Promise<string> {
  const key = ring.keys.get(ring.active)
  if (key === undefined) throw missingKey(ring.active)
  return await new CompactEncrypt(utf8(JSON.stringify(value)))
    .setProtectedHeader({
      alg: "A256GCMKW",
      enc: "A256GCM",
      kid: ring.active,
      pur: place.purpose,
      con: place.id,
      app: place.clientId,
      prv: place.provider,
    })
    .encrypt(key)
}

/**
 * Opens what `seal` made for this very place; gives the JSON value. Throws `KoppelError`
 * `sealing_key_missing` (names the `kid`) or `sealed_text_refused` (changed, or of another place).
 */
export async function open(ring: KeyRing, sealed: string, place: Place): Promise<unknown> {
  const kid = readKid(sealed)
  const key = ring.keys.get(kid)
  if (key === undefined) throw missingKey(kid)
  try {
    const { plaintext, protectedHeader } = await compactDecrypt(sealed, key, {
      keyManagementAlgorithms: ["A256GCMKW"],
      contentEncryptionAlgorithms: ["A256GCM"],
    })
    if (
      protectedHeader.pur !== place.purpose ||
      protectedHeader.con !== place.id ||
      protectedHeader.app !== place.clientId ||
      protectedHeader.prv !== place.provider
    ) {
      throw refused("sealed for another place")
    }
    return JSON.parse(decoder.decode(plaintext))
  } catch (error) {
    if (error instanceof KoppelError) throw error
    throw refused(error instanceof errors.JOSEError ? error.code : "not readable")
  }
}

/** Gives the `kid` that a sealed text names, without opening it; throws `sealed_text_refused`. */
export function readKid(sealed: string): string {
  try {
    const { kid } = decodeProtectedHeader(sealed)
    // As long as a key ring lets it be: it goes to the log, and an address may claim anything.
    if (typeof kid === "string" && /^[\w.:-]{1,64}$/.test(kid)) return kid
  } catch {
    // Falls through to the one refusal.
  }
  throw refused("no readable header")
}

/** Gives the id and app that a sealed text names, unproven, for looking up where it belongs. */
export function readPlace(sealed: string): { id: string; clientId: string; provider: string } {
  try {
    const { con, app, prv } = decodeProtectedHeader(sealed) as Record<string, unknown>
    if (typeof con === "string" && typeof app === "string" && typeof prv === "string") {
      return { id: con, clientId: app, provider: prv }
    }
  } catch {
    // Falls through to the one refusal.
  }
  throw refused("no readable header")
}

function missingKey(kid: string): KoppelError {
  return new KoppelError(503, "sealing_key_missing", "This can't be opened right now.", {
    detail: `no sealing key ${kid}`,
  })
}

function refused(detail: string): KoppelError {
  return new KoppelError(500, "sealed_text_refused", "Something went wrong on our side.", {
    detail,
  })
}
