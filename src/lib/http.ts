/** Reading requests strictly: content type, size and repeated parameters are checked before use. */
import { KoppelError } from "./errors.ts"
import { parseJson } from "./json.ts"

const MAX_BODY_BYTES = 64 * 1024
const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true })

/** A parsed form or query; a parameter that stands twice is no parameter (RFC 6749 §3.1, §3.2). */
export interface Parameters {
  readonly values: ReadonlyMap<string, string>
  /** Names that stood more than once. */
  readonly repeated: readonly string[]
}

/** Sorts parameters into single and repeated ones; an empty value counts as absent (RFC 6749 §3.1). */
export function readParameters(search: URLSearchParams): Parameters {
  const values = new Map<string, string>()
  const seen = new Set<string>()
  const repeated = new Set<string>()
  for (const [name, value] of search) {
    if (seen.has(name)) repeated.add(name)
    seen.add(name)
    if (value !== "") values.set(name, value)
  }
  for (const name of repeated) values.delete(name)
  return { values, repeated: [...repeated] }
}

/**
 * Reads a form body of at most 64 KB. Throws `KoppelError` 415 for another content type,
 * 413 beyond the size, 400 for what is not UTF-8.
 */
export async function readForm(request: Request): Promise<Parameters> {
  requireType(request, "application/x-www-form-urlencoded")
  const search = new URLSearchParams(await readText(request))
  // What is not UTF-8 behind a percent sign is replaced in silence.
  for (const [name, value] of search) {
    if (`${name}${value}`.includes("\ufffd")) throw notUtf8()
  }
  return readParameters(search)
}

/** Reads a JSON body of at most 64 KB; throws `KoppelError` 415, 413 or 400. */
export async function readJson(request: Request): Promise<unknown> {
  requireType(request, "application/json")
  const value = parseJson(await readText(request))
  if (value === undefined) {
    throw new KoppelError(400, "invalid_request", "The body is not JSON.")
  }
  return value
}

function requireType(request: Request, type: string): void {
  const [essence = "", ...parameters] = (request.headers.get("content-type") ?? "").split(";")
  const charset = parameters
    .map((parameter) => parameter.trim().toLowerCase())
    .find((parameter) => parameter.startsWith("charset="))
  const utf8 = charset === undefined || /^charset="?utf-8"?$/.test(charset)
  if (essence.trim().toLowerCase() === type && utf8) return
  throw new KoppelError(415, "invalid_request", `The body must be ${type}.`)
}

async function readText(request: Request): Promise<string> {
  const tooLarge = () =>
    new KoppelError(413, "invalid_request", `The body is larger than ${MAX_BODY_BYTES / 1024} KB.`)
  if (Number(request.headers.get("content-length") ?? 0) > MAX_BODY_BYTES) throw tooLarge()
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of request.body ?? []) {
    size += chunk.byteLength
    if (size > MAX_BODY_BYTES) throw tooLarge()
    chunks.push(chunk)
  }
  const bytes = new Uint8Array(size)
  let offset = 0
  for (const chunk of chunks) {
    bytes.set(chunk, offset)
    offset += chunk.byteLength
  }
  try {
    return decoder.decode(bytes)
  } catch {
    throw notUtf8()
  }
}

function notUtf8(): KoppelError {
  return new KoppelError(400, "invalid_request", "The body is not UTF-8.")
}
