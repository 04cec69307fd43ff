/** Every provider that Koppel knows: one line each. */
import { nimbus } from "./nimbus/index.ts"
import { nmbrs } from "./nmbrs/index.ts"
import type { Provider } from "./provider.ts"

export const providers = { nmbrs, nimbus } satisfies Record<string, Provider>

/** Gives the provider of an id, or undefined. */
export function findProvider(id: string): Provider | undefined {
  return Object.hasOwn(providers, id) ? providers[id as keyof typeof providers] : undefined
}
