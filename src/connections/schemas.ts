/** What `/v1` takes and answers, as schemas: queries are read with them, and openapi.json shows them. */
import * as z from "zod/mini"
import { KoppelError } from "../lib/errors.ts"
import { readParameters } from "../lib/http.ts"
import { providers } from "../providers/registry.ts"

const MAX_LIMIT = 100
const DEFAULT_LIMIT = 50

const providerId = z.enum(Object.keys(providers))
const connectionStatus = z.enum(["active", "broken"])
const webhookStatus = z.enum(["pending", "delivered", "parked"])
const instant = z.iso.datetime()
const limit = z._default(
  z.coerce.number().check(z.int(), z.gte(1), z.lte(MAX_LIMIT)),
  DEFAULT_LIMIT,
)
const nextCursor = z.nullable(z.string())

/** Query of `GET /v1/connections`. */
export const connectionQuery = z.object({
  provider: z.optional(providerId),
  status: z.optional(connectionStatus),
  "end_user.id": z.optional(z.string().check(z.maxLength(255))),
  cursor: z.optional(z.string().check(z.regex(/^con_[0-9A-HJKMNP-TV-Z]{26}$/))),
  limit,
})

/** Query of `GET /v1/webhooks`. */
export const webhookQuery = z.object({
  status: z._default(webhookStatus, "parked"),
  cursor: z.optional(z.string().check(z.regex(/^msg_[0-9A-HJKMNP-TV-Z]{26}$/))),
  limit,
})

/** Query of `GET /v1/sessions`. */
export const sessionQuery = z.object({
  reference: z.string().check(z.regex(/^[0-9A-HJKMNP-TV-Z]{8}$/)),
})

export const connection = z.object({
  id: z.string(),
  connection_id: z.string(),
  provider: providerId,
  environment: z.enum(["test", "live"]),
  status: connectionStatus,
  verification: z.object({
    outcome: z.enum(["works", "refused", "could_not_check"]),
    at: instant,
  }),
  account: z.catchall(
    z.object({ name: z.string() }),
    z.union([z.string(), z.number(), z.boolean()]),
  ),
  scope: z.string(),
  end_user: z.nullable(
    z.object({ id: z.string(), name: z.optional(z.string()), email: z.optional(z.string()) }),
  ),
  handed_over: z.boolean(),
  created_at: instant,
  claimed_at: z.nullable(instant),
})

export const connectionList = z.object({
  connections: z.array(connection),
  next_cursor: nextCursor,
})

export const verified = z.extend(connection, {
  permissions: z.record(z.string(), z.enum(["granted", "missing", "unknown"])),
  /** Why it could not be checked. */
  code: z.nullable(z.string()),
  problems: z.array(z.object({ field: z.string(), code: z.string() })),
})

export const credentials = z.object({
  provider: providerId,
  credentials: z.record(z.string(), z.string()),
})

export const webhookMessage = z.object({
  id: z.string(),
  type: z.string(),
  status: webhookStatus,
  tries: z.number().check(z.int()),
  code: z.nullable(z.string()),
  created_at: instant,
  tried_at: z.nullable(instant),
  payload: z.object({
    type: z.string(),
    timestamp: instant,
    data: z.record(z.string(), z.unknown()),
  }),
})

export const webhookList = z.object({
  webhooks: z.array(webhookMessage),
  next_cursor: nextCursor,
})

export const replayed = z.object({ id: z.string(), status: z.literal("pending") })

export const sessionList = z.object({
  sessions: z.array(
    z.object({
      provider: providerId,
      steps: z.array(
        z.object({
          step: z.string(),
          code: z.nullable(z.string()),
          reference: z.string(),
          at: instant,
        }),
      ),
    }),
  ),
})

/** RFC 9457. */
export const problem = z.object({
  type: z.string(),
  title: z.string(),
  status: z.number().check(z.int()),
  code: z.string(),
  reference: z.string(),
})

/** Reads the query of a request; throws 400 that names the parameter. */
export function readQuery<T extends z.ZodMiniType>(schema: T, url: string): z.output<T> {
  const { values, repeated } = readParameters(new URL(url).searchParams)
  if (repeated[0] !== undefined) throw refuse(repeated[0], "stands more than once")
  const parsed = schema.safeParse(Object.fromEntries(values))
  if (parsed.success) return parsed.data
  throw refuse(parsed.error.issues[0]?.path.map(String).join(".") ?? "query", "is not valid")
}

function refuse(parameter: string, problem: string): KoppelError {
  return new KoppelError(400, "invalid_request", `${parameter}: ${problem}.`)
}
