/**
 * The contract of a simulated provider: settings for the provider's own adapter and the `fetch` that
 * answers it. There is no way past the adapter: what differs in the sandbox is only who answers.
 */
import type { Credentials, Settings } from "../providers/provider.ts"

/** Waits that many seconds; rejects with the signal's reason when it is aborted. */
export type Sleep = (seconds: number, signal?: AbortSignal | null) => Promise<void>

export interface Sandbox {
  /** What the provider is configured with. */
  readonly settings: Settings
  /** Credentials that force one outcome each, by the outcome's name. */
  readonly magic: readonly { readonly name: string; readonly credentials: Credentials }[]
  /**
   * Makes the provider's side of the wire. `stored` tells that a stored connection asks rather than
   * the page: that is where credentials that are "revoked later" answer differently.
   */
  fetch(options: { readonly sleep: Sleep; readonly stored: boolean }): typeof fetch
}
