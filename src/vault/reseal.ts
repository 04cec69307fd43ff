/** Sealing anew under the active key: the middle step of a rotation (append, move to front, remove). */
import type { KeyRing } from "./key-ring.ts"
import { open, type Place, readKid, seal } from "./seal.ts"

/**
 * Gives the text sealed under the active key: itself where it is already. Throws as `open` does; a
 * missing key is named by its `kid`.
 */
export async function reseal(ring: KeyRing, sealed: string, place: Place): Promise<string> {
  return readKid(sealed) === ring.active
    ? sealed
    : await seal(ring, await open(ring, sealed, place), place)
}
