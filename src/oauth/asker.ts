/** Who asks, as a confidential app says by PAR: JSON objects as strings, 1 KB each. */
import * as z from "zod/mini"
import type { EndUser } from "../connections/connection.ts"
import { parseJson } from "../lib/json.ts"
import type { Organization } from "./request.ts"

const MAX_LENGTH = 1024

/** What is shown to people holds no control or direction-changing characters. */
const shown = z.string().check(
  z.minLength(1),
  z.maxLength(200),
  z.refine((value) => !/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u.test(value)),
)
const endUser = z.strictObject({
  id: shown,
  name: z.optional(shown),
  email: z.optional(z.email().check(z.maxLength(200))),
})
const organization = z.strictObject({ id: z.optional(shown), name: shown })

/** Reads `end_user` (`id`, `name`, `email`); `"malformed"` where it is not such an object. */
export function readEndUser(text: string | undefined): EndUser | undefined | "malformed" {
  return read(endUser, text)
}

/** Reads `organization` (`id`, `name`); `"malformed"` where it is not such an object. */
export function readOrganization(text: string | undefined): Organization | undefined | "malformed" {
  return read(organization, text)
}

function read<T>(
  schema: { safeParse(value: unknown): { success: true; data: T } | { success: false } },
  text: string | undefined,
): T | undefined | "malformed" {
  if (text === undefined) return undefined
  if (text.length > MAX_LENGTH) return "malformed"
  const result = schema.safeParse(parseJson(text))
  return result.success ? result.data : "malformed"
}
