/** Names of the Workers platform, for programs of Node that import from `src`: types only. */
type D1Database = import("@cloudflare/workers-types").D1Database
type D1PreparedStatement = import("@cloudflare/workers-types").D1PreparedStatement
type D1Result<T = unknown> = import("@cloudflare/workers-types").D1Result<T>
type RateLimit = import("@cloudflare/workers-types").RateLimit
type ExecutionContext = import("@cloudflare/workers-types").ExecutionContext
type ScheduledController = import("@cloudflare/workers-types").ScheduledController
