/** A person with a browser without JavaScript: cookies, redirects, the forms of the hosted page. */

const NMBRS = {
  domain: "sandbox",
  username: "works@koppel.test",
  token: "0123456789abcdef".repeat(2),
}

interface Page {
  readonly url: string
  readonly status: number
  readonly text: string
}

export class Visitor {
  /** Cookies by host; a port makes no difference to them, and here each program has its own name. */
  readonly #cookies = new Map<string, Map<string, string>>()

  /** Opens an address and follows redirects, until `stop` says that this one is far enough. */
  async open(
    address: string,
    init: RequestInit = {},
    stop: (url: string) => boolean = () => false,
  ): Promise<Page> {
    let url = address
    let response = await this.#send(url, init)
    for (let hops = 0; hops < 12 && response.status >= 300 && response.status < 400; hops++) {
      url = new URL(response.headers.get("location") ?? "", url).href
      if (stop(url)) return { url, status: response.status, text: "" }
      response = await this.#send(url, {})
    }
    return { url, status: response.status, text: await response.text() }
  }

  /** Posts a form, as a button of a page does. */
  async post(
    url: string,
    fields: Readonly<Record<string, string>>,
    stop?: (url: string) => boolean,
  ): Promise<Page> {
    const init = { method: "POST", body: new URLSearchParams(fields) }
    return await this.open(url, init, stop)
  }

  /** From the app's address through the hosted page; gives where that ended. */
  async connect(address: string, stop?: (url: string) => boolean): Promise<Page> {
    const form = await this.open(address)
    const summary = await this.post(form.url, { ...hiddenFields(form), ...NMBRS })
    return await this.post(summary.url, hiddenFields(summary), stop)
  }

  async #send(url: string, init: RequestInit): Promise<Response> {
    const { origin } = new URL(url)
    const jar = this.#cookies.get(origin) ?? new Map<string, string>()
    this.#cookies.set(origin, jar)
    const headers = new Headers(init.headers)
    headers.set("cookie", [...jar].map(([name, value]) => `${name}=${value}`).join("; "))
    const response = await fetch(url, { ...init, headers, redirect: "manual" })
    for (const cookie of response.headers.getSetCookie()) {
      const [, name = "", value = ""] = /^([^=]+)=([^;]*)/.exec(cookie) ?? []
      jar.set(name, value)
    }
    return response
  }
}

export function hiddenFields({ text }: Page): Record<string, string> {
  const inputs = [...text.matchAll(/<input[^>]*type="hidden"[^>]*>/g)].map(([tag]) => tag)
  const attribute = (tag: string, name: string) =>
    new RegExp(`${name}="([^"]*)"`).exec(tag)?.[1] ?? ""
  return Object.fromEntries(inputs.map((tag) => [attribute(tag, "name"), attribute(tag, "value")]))
}
