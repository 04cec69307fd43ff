/** The body of a caller's request, bounded. */
import { KoppelError } from "../lib/errors.ts"
import { refusalError } from "./refusals.ts"

const MAX_BODY_BYTES = 1024 * 1024

/** Reads a body of at most 1 MB; throws 413 beyond that and 415 for one that is encoded. */
export async function readBody(request: Request): Promise<Uint8Array<ArrayBuffer>> {
  requirePlain(request)
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
  return bytes
}

// What is inside an encoded body could not be looked at.
function requirePlain(request: Request): void {
  const encoding = request.headers.get("content-encoding")?.trim().toLowerCase() ?? "identity"
  if (encoding !== "identity") throw refusalError("unsupported_media_type", "content encoding")
}

function tooLarge(): KoppelError {
  return new KoppelError(413, "invalid_request", "The body is larger than 1 MB.")
}
