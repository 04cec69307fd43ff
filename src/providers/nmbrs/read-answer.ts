/** Reads Nmbrs' SOAP answers: a result or a fault, SOAP 1.1 or 1.2, whatever the HTTP status. */
import { type Name, readXml, type Visitor, XmlRefused } from "./read-xml.ts"

/**
 * What to take from a result. Levels count from the answer's own element: `<Op>Response` is 1,
 * `<Op>Result` is 2.
 */
export interface Reading<T> {
  /** How much of a result is read at most. */
  readonly bytes: number
  /** True: it is enough to know that there is a result; nothing of it is read. */
  readonly glance: boolean
  /** An element that ended, with the text directly inside it. */
  ended(name: string, level: number, text: string): void
  /** What was taken; `more` where reading stopped at the byte bound. */
  value(more: boolean): T
}

export type Answer<T> =
  | { readonly kind: "result"; readonly value: T }
  | { readonly kind: "fault"; readonly text: string }

const envelopes: ReadonlySet<string> = new Set([
  "http://schemas.xmlsoap.org/soap/envelope/",
  "http://www.w3.org/2003/05/soap-envelope",
])

/** Far above what Nmbrs nests; 2 MB of real companies are 60,000 elements. */
const shape = { depth: 32, elements: 200_000 }

/**
 * Takes a body and the operation that was called, gives its result or fault. Throws `XmlRefused` for
 * anything else, the signal's reason when aborted, or what the network throws.
 */
export async function readAnswer<T>(
  body: ReadableStream<Uint8Array> | null,
  options: {
    readonly operation: string
    readonly bytes: number
    readonly reading: Reading<T>
    readonly signal: AbortSignal
  },
): Promise<Answer<T>> {
  const { reading } = options
  const visitor = answerVisitor(`${options.operation}Response`, reading)
  const end = await readXml(body, { ...shape, bytes: options.bytes }, visitor, options.signal)
  if (visitor.fault !== undefined) return { kind: "fault", text: visitor.fault }
  if (!visitor.sawResult) throw new XmlRefused("no_answer")
  return { kind: "result", value: reading.value(end === "cut") }
}

interface AnswerVisitor extends Visitor {
  readonly fault: string | undefined
  readonly sawResult: boolean
}

function answerVisitor<T>(resultName: string, reading: Reading<T>): AnswerVisitor {
  // Index 0 stands for the document, so that an index is a depth.
  const path: Name[] = [{ local: "", uri: "" }]
  const texts: string[] = [""]
  let fault: string | undefined
  let sawResult = false
  let done = false

  const isFault = () => path[3]?.local === "Fault" && path[3].uri === path[1]?.uri

  return {
    get done() {
      return done
    },
    get fault() {
      return fault
    },
    get sawResult() {
      return sawResult
    },
    open(name, depth) {
      path[depth] = name
      texts[depth] = ""
      if (depth === 1 && !(name.local === "Envelope" && envelopes.has(name.uri))) {
        throw new XmlRefused("not_soap")
      }
      if (depth !== 3 || path[2]?.local !== "Body" || isFault()) return
      if (name.local !== resultName) throw new XmlRefused("other_answer")
      sawResult = true
      done = reading.glance
    },
    text(text, depth) {
      texts[depth] += text
    },
    close(name, depth) {
      if (path[2]?.local !== "Body" || depth < 3) return
      const text = texts[depth] ?? ""
      if (!isFault()) {
        reading.ended(name.local, depth - 2, text)
        return
      }
      const isText =
        (depth === 4 && name.local === "faultstring") ||
        (depth === 5 && name.local === "Text" && path[4]?.local === "Reason")
      if (isText) fault = text
      else if (depth === 3) fault = ""
      done = fault !== undefined
    },
  }
}
