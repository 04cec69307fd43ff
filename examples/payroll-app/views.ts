/** The sample app's pages. */
import { type Html, html } from "./page.ts"

export interface Connection {
  readonly id: string
  readonly provider: string
  readonly status: string
  readonly account: { readonly name: string }
  readonly scope: string
}

export type Outcome = "connected" | "cancelled" | "error"

const title = (provider: string) => (provider === "nimbus" ? "Nimbus" : "Nmbrs")
const back = html`<p><a href="/">Back to the start</a></p>`

// The button is a link inside an element; the broker's script draws it. `/?popup` tries the popup.
const button = (provider: string, mode: string) => html`
    <koppel-button provider="${provider}" start="/connect/${provider}" mode="${mode}">
      <a class="button" href="/connect/${provider}">Connect ${title(provider)}</a>
    </koppel-button>`

/** The start: who is signed in, what is connected, what the broker told. */
export function start(
  issuer: string,
  mode: string,
  user: string,
  connection: Connection | undefined,
  news: readonly string[],
): Html {
  return html`<h1>Your hours, in payroll on Friday</h1>
  <p>Signed in as ${user}. Connect your payroll, so that Urenweek knows your companies and employees.</p>
  <p class="buttons">${button("nmbrs", mode)} ${button("nimbus", mode)}</p>
  <p class="small" role="status"></p>
  ${connection === undefined ? html`` : mine(connection)}
  ${news.length === 0 ? html`` : html`<h2>The broker told us</h2><ul>${lines(news)}</ul>`}
  <script src="${issuer}/button.js" defer></script>`
}

function mine({ provider, account, status }: Connection): Html {
  return html`<h2>${title(provider)}: ${account.name}</h2>
  <p>Status: ${status}. Connect as <code>revoked-later@koppel.test</code> and check, to see a token
  that was withdrawn.</p>
  <form class="buttons" method="post" action="/check">
    ${provider === "nmbrs" ? html`<a class="button" href="/employees">Show employees</a>` : html``}
    <button class="button">Check now</button>
    ${
      status === "broken"
        ? html`<a class="button" href="/connect/${provider}?again">Connect again</a>`
        : html``
    }
  </form>`
}

const lines = (items: readonly string[]): Html => ({
  markup: items.map((item) => html`<li>${item}</li>`.markup).join(""),
})

/** What came through the payroll's own API. */
export function employees(names: readonly string[]): Html {
  return html`<h1>Employees</h1><ul>${lines(names)}</ul>${back}`
}

/** The connection that was just made. */
export function connected(user: string, connection: Connection): Html {
  return html`<p class="mark">Connected</p>
  <h1>${title(connection.provider)} is connected: ${connection.account.name}</h1>
  <p>Still signed in as ${user}. Urenweek may now do what you agreed to, and never saw what you
  pasted.</p>
  <dl>
    <dt>Connection</dt><dd>${connection.id}</dd>
    <dt>Status</dt><dd>${connection.status}</dd>
    <dt>Granted</dt><dd>${connection.scope}</dd>
  </dl>
  <details><summary>As JSON</summary><pre>${JSON.stringify(connection, null, 2)}</pre></details>
  ${back}`
}

/** The broker answered with an error. */
export function refused(error: string): Html {
  const isCancelled = error === "access_denied"
  return html`<h1>${isCancelled ? "Nothing was connected" : "That did not work"}</h1>
  <p>${
    isCancelled
      ? "You stopped before the end. You can connect at any other time."
      : "Nothing was connected, and nothing was kept."
  }</p>
  <p class="small"><code>${error}</code></p>
  ${back}`
}

/** Something of ours did not fit. */
export function sorry(detail: string): Html {
  return html`<h1>That did not work</h1>
  <p>Please begin again.</p>
  <p class="small"><code>${detail}</code></p>
  ${back}`
}

/** The page's script: hears what a popup told or, on the page after connecting, tells it. */
export function script(outcome: Outcome | undefined): Html {
  if (outcome === undefined) {
    return html`
  for (const outcome of ["connected", "cancelled", "error"])
    addEventListener("koppel:" + outcome, ({ detail }) => {
      document.querySelector("[role=status]").textContent = detail.provider + ": " + outcome
    })`
  }
  return html`
  new BroadcastChannel("koppel-" + sessionStorage.koppel).postMessage("koppel:${outcome}")
  opener?.postMessage("koppel:${outcome}", location.origin)
  if (sessionStorage.koppel) close()`
}
