/** What every route finds in its Hono context. */
import type { Context } from "hono"
import type { Config, Environment } from "./config.ts"
import type { LogFields } from "./lib/log.ts"
import type { Adapter, Provider } from "./providers/provider.ts"

/** A provider's adapter and the fetch that it speaks through: the real ones, or the sandbox's. */
export interface Upstream {
  readonly adapter: Adapter
  readonly fetch: typeof fetch
}

/** What is handed in from outside, so that tests decide about time and the network. */
export interface Deps {
  readonly now: () => number
  readonly config: Config
  readonly db: D1Database
  /**
   * Gives how to ask a provider for an app of this environment, or undefined while that provider is
   * switched off. `stored`: for a stored connection rather than in the page.
   */
  readonly upstream: (
    provider: Provider,
    environment: "test" | "live",
    stored: boolean,
  ) => Upstream | undefined
  /** Time for one verification, in seconds. */
  readonly verificationSeconds: number
}

export interface KoppelEnv {
  Bindings: Environment
  Variables: {
    deps: Deps
    /** Ties what the caller sees to the log line. */
    reference: string
    log: LogFields
    /** Nonce of this response's Content-Security-Policy. */
    nonce: string
  }
}

export type KoppelContext = Context<KoppelEnv>

/** Adds fields to this request's log line. */
export function note(c: KoppelContext, fields: LogFields): void {
  Object.assign(c.var.log, fields)
}
