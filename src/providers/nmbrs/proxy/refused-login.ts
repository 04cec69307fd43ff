/** Looks for Nmbrs' 1001 in an answer that is no success, without holding more than a fault of it. */
import { faultMeaning, faultNumber } from "../faults.ts"
import { readAnswer } from "../read-answer.ts"
import { XmlRefused } from "../read-xml.ts"
import { readNothing } from "../readings.ts"

const faultBytes = 64 * 1024

/** An answer that can still be streamed, and whether it says that the login is refused. */
export interface Looked {
  readonly response: Response
  readonly isRefused: boolean
}

/**
 * Takes an answer; one of 2xx goes through untouched. Of another the first 64 KB are read, looked at,
 * and put back in front of the rest. Throws what the network throws.
 */
export async function lookForRefusal(
  response: Response,
  operation: string,
  signal: AbortSignal,
): Promise<Looked> {
  if (response.ok || response.body === null) return { response, isRefused: false }
  const reader = response.body.getReader()
  const { chunks, isWhole } = await readStart(reader, signal)
  const isRefused = await saysRefused(chunks, operation, signal)
  const { status, headers } = response
  return {
    response: new Response(joined(chunks, isWhole ? undefined : reader), { status, headers }),
    isRefused,
  }
}

async function readStart(
  reader: ReadableStreamDefaultReader<Uint8Array>,
  signal: AbortSignal,
): Promise<{ chunks: Uint8Array[]; isWhole: boolean }> {
  const cancel = () => void reader.cancel().catch(() => undefined)
  signal.addEventListener("abort", cancel, { once: true })
  try {
    const chunks: Uint8Array[] = []
    let length = 0
    while (length < faultBytes) {
      const { done, value } = await reader.read()
      signal.throwIfAborted()
      if (done) return { chunks, isWhole: true }
      chunks.push(value)
      length += value.byteLength
    }
    return { chunks, isWhole: false }
  } finally {
    signal.removeEventListener("abort", cancel)
  }
}

async function saysRefused(
  chunks: readonly Uint8Array[],
  operation: string,
  signal: AbortSignal,
): Promise<boolean> {
  try {
    const options = { operation, bytes: faultBytes, reading: readNothing(), signal }
    const answer = await readAnswer(joined(chunks, undefined), options)
    return answer.kind === "fault" && faultMeaning(faultNumber(answer.text)) === "refused"
  } catch (error) {
    if (error instanceof XmlRefused) return false
    throw error
  }
}

function joined(
  chunks: readonly Uint8Array[],
  rest: ReadableStreamDefaultReader<Uint8Array> | undefined,
): ReadableStream<Uint8Array> {
  let next = 0
  return new ReadableStream({
    async pull(controller) {
      const chunk = chunks[next++]
      if (chunk !== undefined) return controller.enqueue(chunk)
      const more = await rest?.read()
      if (more === undefined || more.done) controller.close()
      else controller.enqueue(more.value)
    },
    cancel: (reason) => rest?.cancel(reason),
  })
}
