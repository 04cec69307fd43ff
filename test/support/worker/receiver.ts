/** An app's receiver of webhooks, and the check that it makes: written against the specification. */

export interface Delivery {
  readonly url: string
  readonly headers: Headers
  readonly body: string
}

export interface Receiver {
  readonly uri: string
  readonly calls: Delivery[]
  readonly fetch: typeof fetch
  /** What it answers next; a promise that never settles hangs. */
  answer: (delivery: Delivery) => Response | Promise<Response>
  /** Ids of what was received, each time. */
  ids(): (string | null)[]
  /** Bodies, parsed. */
  events(): { type: string; timestamp: string; data: Record<string, unknown> }[]
}

/**
 * Starts a receiver behind a `fetch`. What it hears of sessions it takes and forgets, unless
 * `sessions`: tests of connections look at connections.
 */
export function startReceiver(
  uri = "https://hooks.example/koppel",
  { sessions = false }: { readonly sessions?: boolean } = {},
): Receiver {
  const calls: Delivery[] = []
  const receiver: Receiver = {
    uri,
    calls,
    answer: () => new Response("thanks"),
    fetch: async (input, init) => {
      const request = new Request(input, init)
      const delivery = { url: request.url, headers: request.headers, body: await request.text() }
      const { type } = JSON.parse(delivery.body) as { type: string }
      if (type === "session.ended" && !sessions) return new Response("thanks")
      calls.push(delivery)
      return receiver.answer(delivery)
    },
    ids: () => calls.map(({ headers }) => headers.get("webhook-id")),
    events: () => calls.map(({ body }) => JSON.parse(body)),
  }
  return receiver
}

/** Checks a delivery as Standard Webhooks asks a receiver to: any signature of ours, five minutes. */
export async function receives(
  secret: string,
  headers: Headers,
  body: string,
  now: number,
): Promise<boolean> {
  const id = headers.get("webhook-id")
  const timestamp = headers.get("webhook-timestamp")
  if (Math.abs(now / 1000 - Number(timestamp)) > 5 * 60) return false
  const raw = Uint8Array.from(atob(secret.replace(/^whsec_/, "")), (c) => c.charCodeAt(0))
  const key = await crypto.subtle.importKey("raw", raw, { name: "HMAC", hash: "SHA-256" }, false, [
    "verify",
  ])
  const signed = new TextEncoder().encode(`${id}.${timestamp}.${body}`)
  for (const one of (headers.get("webhook-signature") ?? "").split(" ")) {
    const [version, text = ""] = one.split(",")
    const signature = Uint8Array.from(atob(text), (c) => c.charCodeAt(0))
    if (version === "v1" && (await crypto.subtle.verify("HMAC", key, signature, signed)))
      return true
  }
  return false
}
