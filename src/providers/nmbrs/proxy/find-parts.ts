/** Where the parts of a caller's envelope stand in its text, element by element. */
import { SaxesParser, type SaxesTagNS } from "saxes"
import { XmlRefused } from "../read-xml.ts"

/** An element with the places of its tags: a start tag is `start` to `inner`, an end tag `innerEnd` to `end`. */
export interface Part {
  /** As written, with its prefix. */
  readonly name: string
  readonly local: string
  readonly uri: string
  readonly start: number
  readonly inner: number
  innerEnd: number
  end: number
  readonly children: Part[]
}

/** Far above what Nmbrs takes; a namespace is looked for through all elements around. */
const deepest = 64
/** Envelope, its children, and theirs. */
const partsDepth = 3

/**
 * Takes the text of a request, gives its root with two levels below. Throws `XmlRefused` for what is not
 * well-formed, and for what a SOAP message never holds: a document type, processing instructions.
 */
export function findParts(text: string): Part {
  const parser = new SaxesParser({ xmlns: true, position: true })
  const path: Part[] = []
  let root: Part | undefined
  let depth = 0
  parser.on("error", () => refuse("not_well_formed"))
  parser.on("doctype", () => refuse("doctype"))
  parser.on("processinginstruction", () => refuse("processing_instruction"))
  parser.on("xmldecl", ({ version, encoding }) => {
    if (version !== "1.0") refuse("xml_version")
    if ((encoding ?? "utf-8").toLowerCase() !== "utf-8") refuse("not_utf8")
  })
  parser.on("opentag", (tag) => {
    depth += 1
    if (depth > deepest) refuse("too_deep")
    requirePlainNamespaces(tag)
    if (depth > partsDepth) return
    // A tag holds no other "<": attribute values may not.
    const start = text.lastIndexOf("<", parser.position - 1)
    const { name, local, uri } = tag
    const inner = parser.position
    const part: Part = { name, local, uri, start, inner, innerEnd: inner, end: inner, children: [] }
    path[depth - 2]?.children.push(part)
    path[depth - 1] = part
    root ??= part
  })
  parser.on("closetag", (tag) => {
    const part = depth > partsDepth ? undefined : path[depth - 1]
    depth -= 1
    if (part === undefined || tag.isSelfClosing) return
    part.innerEnd = text.lastIndexOf("<", parser.position - 1)
    part.end = parser.position
  })
  parser.write(text).close()
  if (root === undefined) throw new XmlRefused("empty")
  return root
}

// saxes trims a namespace before it compares; other parsers don't, and would see another element.
function requirePlainNamespaces(tag: SaxesTagNS): void {
  for (const { name, prefix, value } of Object.values(tag.attributes)) {
    if ((prefix === "xmlns" || name === "xmlns") && value.trim() !== value) {
      refuse("padded_namespace")
    }
  }
}

function refuse(reason: string): never {
  throw new XmlRefused(reason)
}
