/** An app's logo: fetched once, when it is registered, and served by us from then on. */
import { KoppelError } from "../lib/errors.ts"
import { findWebhookUriProblem, type OwnPlace } from "./webhook-uri.ts"

export interface Logo {
  readonly contentType: "image/png" | "image/jpeg" | "image/webp"
  /** Base64. */
  readonly content: string
}

const MAX_BYTES = 16 * 1024
const FETCH_SECONDS = 5

/**
 * Fetches a logo of at most 16 KB; what it is, its first bytes say, whatever the server claims. Only a
 * named host on port 443 is asked, and no redirect followed; http on loopback under a loopback issuer.
 * Throws `invalid_client_metadata` that says what is wrong.
 */
export async function fetchLogo(
  address: string,
  { fetch, ...own }: OwnPlace & { readonly fetch: typeof globalThis.fetch },
): Promise<Logo> {
  const problem = findWebhookUriProblem(address, own)
  if (problem !== undefined) throw refused(problem)
  let response: Response
  try {
    response = await fetch(address, {
      redirect: "manual",
      signal: AbortSignal.timeout(FETCH_SECONDS * 1000),
      headers: { Accept: "image/png, image/jpeg, image/webp" },
    })
  } catch {
    throw refused("could not be fetched")
  }
  if (response.status !== 200) {
    await response.body?.cancel()
    throw refused("could not be fetched")
  }
  const bytes = await readBounded(response)
  const contentType = typeOf(bytes)
  if (contentType === undefined) throw refused("is not a PNG, JPEG or WebP")
  return { contentType, content: btoa(String.fromCharCode(...bytes)) }
}

async function readBounded(response: Response): Promise<Uint8Array> {
  const chunks: Uint8Array[] = []
  let size = 0
  try {
    for await (const chunk of response.body ?? []) {
      size += chunk.byteLength
      if (size > MAX_BYTES) throw refused("is larger than 16 KB")
      chunks.push(chunk)
    }
  } catch (error) {
    throw error instanceof KoppelError ? error : refused("could not be fetched")
  }
  const bytes = new Uint8Array(size)
  let offset = 0
  for (const chunk of chunks) {
    bytes.set(chunk, offset)
    offset += chunk.byteLength
  }
  return bytes
}

function typeOf(bytes: Uint8Array): Logo["contentType"] | undefined {
  const starts = (...values: number[]) => values.every((value, at) => bytes[at] === value)
  if (starts(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a)) return "image/png"
  if (starts(0xff, 0xd8, 0xff)) return "image/jpeg"
  const tag = String.fromCharCode(...bytes.slice(0, 4), ...bytes.slice(8, 12))
  return tag === "RIFFWEBP" ? "image/webp" : undefined
}

function refused(problem: string): KoppelError {
  return new KoppelError(400, "invalid_client_metadata", `logo_uri: ${problem}`)
}
