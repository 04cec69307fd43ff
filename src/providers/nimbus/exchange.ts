/** One HTTP request and its whole answer, bounded. Follows no redirect and repeats nothing. */
import type { VerifyContext } from "../provider.ts"

/** The longest answer that is read. */
export const longestAnswer = 256 * 1024

/** What Nimbus answered. `json` is undefined where the answer was something else. */
export interface Answer {
  readonly status: number
  readonly location: string | null
  readonly setCookies: readonly string[]
  readonly text: string
  readonly json: unknown
}

/** No answer that can be read, and why. */
export interface NoAnswer {
  readonly trouble: "timeout" | "down" | "garbled"
}

/** A request, ready to be sent. */
export interface Call {
  readonly url: URL
  readonly method: string
  readonly headers: Readonly<Record<string, string>>
  readonly body?: string
}

/** Sends one request and reads its answer. Never throws. */
export async function exchange(
  call: Call,
  context: Pick<VerifyContext, "fetch" | "signal">,
): Promise<Answer | NoAnswer> {
  // workerd refuses its own fetch when it is called as a method of something else.
  const { fetch, signal } = context
  try {
    signal.throwIfAborted()
    const response = await fetch(call.url.href, {
      method: call.method,
      headers: { accept: "application/json, text/html;q=0.5", ...call.headers },
      ...(call.body === undefined ? {} : { body: call.body }),
      redirect: "manual",
      cache: "no-store",
      signal,
    })
    const text = await readText(response, signal)
    if (text === undefined) return { trouble: "garbled" }
    return {
      status: response.status,
      location: response.headers.get("location"),
      setCookies: response.headers.getSetCookie(),
      text,
      json: parseJson(text),
    }
  } catch {
    return { trouble: signal.aborted ? "timeout" : "down" }
  }
}

/** Tells whether there was an answer. */
export function isAnswer(result: Answer | NoAnswer): result is Answer {
  return "status" in result
}

async function readText(response: Response, signal: AbortSignal): Promise<string | undefined> {
  if (response.body === null) return ""
  const reader = response.body.getReader()
  // A body that never ends must not outlive the time budget, whatever the stream makes of the signal.
  const stop = () => void reader.cancel().catch(() => undefined)
  signal.addEventListener("abort", stop, { once: true })
  try {
    const decoder = new TextDecoder()
    let text = ""
    let length = 0
    for (;;) {
      const { done, value } = await reader.read()
      signal.throwIfAborted()
      if (done) return text + decoder.decode()
      length += value.byteLength
      if (length > longestAnswer) {
        stop()
        return undefined
      }
      text += decoder.decode(value, { stream: true })
    }
  } finally {
    signal.removeEventListener("abort", stop)
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
