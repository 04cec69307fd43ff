/** The one right at Nimbus: an API User may do what it may do, and nobody can ask for less. */
import type { Bundle } from "../provider.ts"

/** Everything that the API User may do. */
export const permission = "api:all"

/** The bundle behind `nimbus:api`. It reads and changes; the wider word is the honest one. */
export const bundles: Readonly<Record<string, Bundle>> = {
  api: { permissions: [permission], access: "write" },
}

/** Gives the kind of the one permission. */
export function accessOf(name: string): "read" | "write" | undefined {
  return name === permission ? "write" : undefined
}
