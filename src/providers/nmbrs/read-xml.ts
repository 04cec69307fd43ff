/**
 * Reads XML from a stream, bounded in bytes, depth, elements and time. UTF-8 only; no document type,
 * no processing instructions, no entities beyond XML's own five. saxes checks well-formedness.
 */
import { SaxesParser } from "saxes"

export interface Bounds {
  readonly bytes: number
  readonly depth: number
  readonly elements: number
}

/** Name and namespace of an element. */
export interface Name {
  readonly local: string
  readonly uri: string
}

/** What is told about the document, in its order. `depth` is 1 for the root. */
export interface Visitor {
  open(name: Name, depth: number): void
  text(text: string, depth: number): void
  close(name: Name, depth: number): void
  /** Asked after each chunk: true ends the reading, and the rest is not fetched. */
  readonly done: boolean
}

/** How reading ended: at the end, at the byte bound, or because the visitor had what it wanted. */
export type End = "whole" | "cut" | "done"

/** The text is not XML that we read. `reason` is a fixed word: nothing of the text is in it. */
export class XmlRefused extends Error {
  readonly reason: string

  constructor(reason: string) {
    super(`XML refused: ${reason}`)
    this.name = "XmlRefused"
    this.reason = reason
  }
}

/**
 * Takes a body and tells the visitor about it as it comes. The body is cancelled wherever reading
 * stops early. Throws `XmlRefused`, the signal's reason when aborted, or what the network throws.
 */
export async function readXml(
  body: ReadableStream<Uint8Array> | null,
  bounds: Bounds,
  visitor: Visitor,
  signal: AbortSignal,
): Promise<End> {
  signal.throwIfAborted()
  if (body === null) throw new XmlRefused("empty")
  const parser = parserFor(bounds, visitor)
  const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: false })
  const reader = body.getReader()
  const cancel = () => void reader.cancel().catch(() => undefined)
  signal.addEventListener("abort", cancel, { once: true })
  try {
    let left = bounds.bytes
    for (;;) {
      const { done, value } = await reader.read()
      // Cancelled by the signal, a stream looks like one that has ended.
      signal.throwIfAborted()
      if (done) {
        parser.write(decode(decoder, undefined))
        parser.close()
        return "whole"
      }
      feed(parser, decode(decoder, value.subarray(0, left)), visitor)
      if (visitor.done) return "done"
      if (value.byteLength > left) return "cut"
      left -= value.byteLength
    }
  } finally {
    signal.removeEventListener("abort", cancel)
    cancel()
  }
}

function feed(parser: SaxesParser<{ xmlns: true }>, text: string, visitor: Visitor): void {
  try {
    parser.write(text)
  } catch (error) {
    // What stands behind the wanted part doesn't count, however the network cut the chunks.
    if (!visitor.done) throw error
  }
}

function decode(decoder: TextDecoder, bytes: Uint8Array | undefined): string {
  try {
    return bytes === undefined ? decoder.decode() : decoder.decode(bytes, { stream: true })
  } catch {
    throw new XmlRefused("not_utf8")
  }
}

function parserFor(bounds: Bounds, visitor: Visitor): SaxesParser<{ xmlns: true }> {
  const parser = new SaxesParser({ xmlns: true, position: false })
  let depth = 0
  let elements = 0
  parser.on("error", () => refuse("not_well_formed"))
  parser.on("doctype", () => refuse("doctype"))
  parser.on("processinginstruction", () => refuse("processing_instruction"))
  parser.on("xmldecl", (declaration) => {
    if (declaration.version !== "1.0") refuse("xml_version")
    if ((declaration.encoding ?? "utf-8").toLowerCase() !== "utf-8") refuse("not_utf8")
  })
  parser.on("opentag", (tag) => {
    depth += 1
    elements += 1
    if (depth > bounds.depth) refuse("too_deep")
    if (elements > bounds.elements) refuse("too_many_elements")
    if (!visitor.done) visitor.open(tag, depth)
  })
  parser.on("text", (text) => {
    if (!visitor.done) visitor.text(text, depth)
  })
  parser.on("cdata", (text) => {
    if (!visitor.done) visitor.text(text, depth)
  })
  parser.on("closetag", (tag) => {
    if (!visitor.done) visitor.close(tag, depth)
    depth -= 1
  })
  return parser
}

function refuse(reason: string): never {
  throw new XmlRefused(reason)
}
