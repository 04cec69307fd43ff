/** Ids and secrets that Koppel makes. The first two characters after the prefix name the shard. */
import { base64url } from "jose"
import { randomBytes } from "./bytes.ts"

const CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"

/** The one shard there is today. */
export const SHARD = "00"

/** Gives `length` random characters of Crockford's base32, five bits each. */
export function randomBase32(length: number): string {
  return Array.from(randomBytes(length), (byte) => CROCKFORD[byte & 31]).join("")
}

/** Makes a public id: prefix, shard, 24 random characters (120 bits), such as `con_00…`. */
export function newId(prefix: string): string {
  return `${prefix}_${SHARD}${randomBase32(24)}`
}

/** Makes a secret of 256 random bits: prefix, shard, 43 characters of base64url. */
export function newSecret(prefix: string): string {
  return `${prefix}_${SHARD}${base64url.encode(randomBytes(32))}`
}

/** Makes the short reference that ties an error page to its log line: 8 characters, 40 bits. */
export function newReference(): string {
  return randomBase32(8)
}
