/**
 * `<koppel-button>`: a link to the page's own server, which begins the OAuth flow. Hand-written for
 * browsers, minified by `scripts/button.ts` into `versions.json`, which is what is served.
 *
 * It draws the link in a shadow root, so that the page's styles, a strict policy (no style
 * attributes, no markup from strings) and a framework that owns the children are left alone. No
 * code, token or credential comes here: all that is heard from a popup is one of three words.
 */
{
  /** What the callback page may say; these are the names of the events too. */
  const words = ["koppel:connected", "koppel:cancelled", "koppel:error"]

  const sheet = new CSSStyleSheet()
  sheet.replaceSync(
    ":host{display:inline-block}" +
      ":host([hidden]){display:none}" +
      ":host([theme=light]){color-scheme:light}" +
      ":host([theme=dark]){color-scheme:dark}" +
      "a{box-sizing:border-box;display:inline-flex;align-items:center;gap:.6em;min-height:44px;" +
      "padding:.5em 1em;border:1px solid transparent;border-radius:8px;text-decoration:none;" +
      "font:600 1rem/1.25 system-ui,sans-serif;" +
      // Browsers that do not know light-dark() keep the first of each pair.
      "background:#17211f;background:light-dark(#17211f,#e8eeec);" +
      "color:#fff;color:light-dark(#fff,#17211f)}" +
      "a:hover{text-decoration:underline}" +
      "a:focus-visible{outline:3px solid #0b6b5d;outline-color:light-dark(#0b6b5d,#5fd0bb);" +
      "outline-offset:2px}" +
      "a:not([href]){opacity:.5}" +
      "svg{flex:none;width:24px;fill:none;stroke:currentColor;stroke-width:2}",
  )

  /** Two links of a chain. */
  const drawMark = () => {
    const namespace = "http://www.w3.org/2000/svg"
    const svg = document.createElementNS(namespace, "svg")
    const path = document.createElementNS(namespace, "path")
    svg.setAttribute("viewBox", "0 0 24 24")
    svg.setAttribute("aria-hidden", "true")
    path.setAttribute(
      "d",
      "M6 7h4a5 5 0 0 1 0 10H6A5 5 0 0 1 6 7zm8 0h4a5 5 0 0 1 0 10h-4a5 5 0 0 1 0-10z",
    )
    svg.append(path)
    return svg
  }

  class KoppelButton extends HTMLElement {
    static observedAttributes = ["provider", "start", "lang"]

    /** Keeps the answers of popups apart; the popup inherits it in its session storage. */
    #id = crypto.getRandomValues(new Uint32Array(2)).join("-")
    #link = document.createElement("a")
    #label = document.createElement("span")
    /** @type {Window | undefined} */
    #popup
    /** @type {BroadcastChannel | undefined} */
    #channel

    constructor() {
      super()
      const root = this.attachShadow({ mode: "open", delegatesFocus: true })
      root.adoptedStyleSheets = [sheet]
      this.#link.part = "link"
      this.#link.append(drawMark(), this.#label)
      this.#link.onclick = (event) => this.#click(event)
      root.append(this.#link)
    }

    connectedCallback() {
      this.attributeChangedCallback()
      if (!this.#link.href) {
        reportError(new TypeError("koppel-button: start must be a path of this page's own site"))
      }
    }

    attributeChangedCallback() {
      const provider = this.getAttribute("provider") ?? ""
      const name = provider.charAt(0).toUpperCase() + provider.slice(1)
      const language = (this.closest("[lang]") ?? document.documentElement).getAttribute("lang")
      const dutch = /^nl\b/i.test(language ?? "")
      const link = this.#link
      link.lang = dutch ? "nl" : "en"
      this.#label.textContent = dutch ? `${name} koppelen` : `Connect ${name}`
      link.href = this.getAttribute("start") || "about:blank"
      if (link.origin !== location.origin || !/^http/.test(link.protocol)) {
        link.removeAttribute("href")
      }
    }

    /** @param {MouseEvent} event */
    #click(event) {
      if (
        this.getAttribute("mode") !== "popup" ||
        !this.#link.href ||
        event.ctrlKey ||
        event.metaKey ||
        event.shiftKey ||
        event.altKey
      ) {
        return
      }
      // A popup begins with a copy of this page's session storage, and keeps it on its way.
      try {
        sessionStorage.koppel = this.#id
      } catch {}
      const popup = open(this.#link.href, `koppel-${this.#id}`, "popup,width=1040,height=840")
      try {
        delete sessionStorage.koppel
      } catch {}
      if (!popup) return // Blocked: the click goes on as a link.
      event.preventDefault()
      popup.focus()
      this.#popup = popup
      if (!this.#channel) this.#listen()
    }

    #listen() {
      const channel = new BroadcastChannel(`koppel-${this.#id}`)
      /** @param {MessageEvent} event */
      const hear = ({ data, origin, source, target }) => {
        const known = target === channel || (source === this.#popup && origin === location.origin)
        if (!known || !words.includes(data)) return
        channel.close()
        removeEventListener("message", hear)
        this.#channel = undefined
        this.#popup?.close()
        const detail = { provider: this.getAttribute("provider") }
        this.dispatchEvent(new CustomEvent(data, { bubbles: true, composed: true, detail }))
      }
      this.#channel = channel
      channel.onmessage = hear
      addEventListener("message", hear)
    }
  }

  if (!customElements.get("koppel-button")) customElements.define("koppel-button", KoppelButton)
}
