/** What every route finds in its Hono context. */
import type { Context } from "hono"
import type { Config, Environment } from "./config.ts"
import type { LogFields } from "./lib/log.ts"
import type { Adapter, Credentials, Provider } from "./providers/provider.ts"

/** A provider's adapter and the fetch that it speaks through: the real ones, or the sandbox's. */
export interface Upstream {
  readonly adapter: Adapter
  readonly fetch: typeof fetch
}

/** Credentials that force one outcome in the sandbox. */
export interface Magic {
  readonly name: string
  readonly credentials: Credentials
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
  /** Credentials of the sandbox that force an outcome each, for test apps. */
  readonly magic: (provider: Provider) => readonly Magic[]
  /** Time for one verification, in seconds. */
  readonly verificationSeconds: number
  /** How to speak to apps. */
  readonly fetch: typeof fetch
  /** Time for one try of a webhook. */
  readonly webhookSeconds: number
  /** Time for a proxied call, until the provider begins to answer. */
  readonly proxySeconds: number
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
