/**
 * Pages on an origin of their own that embed the button: an app's, under several policies, with a
 * start and a callback that speak OAuth with the broker; and room for any other page.
 */
import { randomBytes } from "node:crypto"
import { readFileSync } from "node:fs"
import { createServer, type IncomingMessage, type ServerResponse } from "node:http"
import type { AddressInfo } from "node:net"
import { resolve } from "node:path"

/** Headers that a host may send on all its pages. `NONCE` and `ISSUER` are filled in. */
export const POLICIES: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  plain: {},
  "strict-csp": {
    "content-security-policy":
      "default-src 'none'; script-src 'nonce-NONCE' ISSUER; img-src data:; base-uri 'none'; " +
      "form-action 'none'; require-trusted-types-for 'script'; trusted-types 'none'",
  },
  coop: { "cross-origin-opener-policy": "same-origin" },
  isolated: {
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-embedder-policy": "require-corp",
  },
  "no-referrer": { "referrer-policy": "no-referrer" },
}

/** A server on a free port. */
export interface Host {
  readonly origin: string
  readonly close: () => void
}

export interface AppHost extends Host {
  readonly callbacks: readonly string[]
  /** Takes the client that the broker knows these callbacks of. */
  readonly use: (issuer: string, clientId: string) => void
}

type Listener = (url: URL, request: IncomingMessage, response: ServerResponse) => void

/** Serves on `host`, which may be either name of loopback: to a browser they are two sites. */
export async function serveOn(host: "127.0.0.1" | "localhost", listener: Listener): Promise<Host> {
  const server = createServer((request, response) => {
    listener(new URL(request.url ?? "/", "http://x"), request, response)
  })
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening))
  const { port } = server.address() as AddressInfo
  return {
    origin: `http://${host}:${port}`,
    close: () => {
      server.closeAllConnections()
      server.close()
    },
  }
}

/** Sends a page. */
export function sendPage(
  response: ServerResponse,
  body: string,
  headers: Readonly<Record<string, string>> = {},
): void {
  response.writeHead(200, { "content-type": "text/html; charset=utf-8", ...headers })
  const head = `<meta charset="utf-8"><meta name="viewport" content="width=device-width">
    <title>Host</title><link rel="icon" href="data:,">`
  response.end(`<!doctype html><html lang="en"><head>${head}</head><body>${body}</body></html>`)
}

/** Writes down every event, for the test to read. */
const RECORD = `for (const type of ["koppel:connected", "koppel:cancelled", "koppel:error"])
  document.addEventListener(type, ({ target, detail }) => {
    const line = document.createElement("li")
    line.textContent = [type, target.id, JSON.stringify(detail)].join(" ")
    document.querySelector("ul").append(line)
  })`

const manual = readFileSync(resolve(import.meta.dirname, "../../docs/button.md"), "utf8")
const [, snippet = ""] = /<script>\n(.*?)<\/script>/s.exec(manual) ?? []

/** The three lines of docs/button.md as they stand there, for a callback that ended so. */
const announce = (outcome: string) => snippet.replaceAll("koppel:connected", `koppel:${outcome}`)

/** Two buttons whose attributes the query may change; `script` is the address of another script. */
function embedding(url: URL, base: string, issuer: string, nonce: string): string {
  const { mode = "redirect", theme, lang, script, start } = Object.fromEntries(url.searchParams)
  const button = (id: string, provider: string, name: string) => {
    const own = start ?? `${base}/connect/${provider}`
    const look = [theme && `theme="${theme}"`, lang && `lang="${lang}"`].filter(Boolean).join(" ")
    return `<koppel-button id="${id}" provider="${provider}" start="${own}" mode="${mode}" ${look}>
      <a href="${base}/connect/${provider}">Connect ${name}</a></koppel-button>`
  }
  const dark = theme === "dark" ? "background:#171b19;color:#e8eeec" : ""
  const style = base === "/plain" ? `<style>body{${dark}}</style>` : ""
  return `${style}<main><h1>Host</h1>
    <p>${button("a", "nmbrs", "Nmbrs")} ${button("b", "nimbus", "Nimbus")}</p>
    <ul aria-label="Events"></ul></main>
    <script nonce="${nonce}">${RECORD}</script>
    <script src="${script ?? `${issuer}/button.js`}" crossorigin defer></script>`
}

function outcomeOf(query: URLSearchParams): string {
  if (query.has("code")) return "connected"
  return query.get("error") === "access_denied" ? "cancelled" : "error"
}

/** Serves `/<policy>/`, `/<policy>/connect/<scope>` and `/<policy>/callback`. */
export async function serveApp(): Promise<AppHost> {
  const client = { issuer: "", id: "" }
  const states = new Set<string>()
  const host = await serveOn("127.0.0.1", (url, _request, response) => {
    const [, name = "", action = "", scope = ""] = url.pathname.split("/")
    const nonce = randomBytes(16).toString("base64")
    const policy = Object.entries(POLICIES[name] ?? {}).map(([header, value]) => [
      header,
      value.replace("NONCE", nonce).replace("ISSUER", client.issuer),
    ])
    if (action === "connect") {
      const state = randomBytes(16).toString("hex")
      states.add(state)
      const authorize = new URL("/oauth/authorize", client.issuer)
      authorize.search = new URLSearchParams({
        response_type: "code",
        client_id: client.id,
        redirect_uri: `${host.origin}/${name}/callback`,
        scope,
        state,
      }).toString()
      response.writeHead(303, { ...Object.fromEntries(policy), location: authorize.href }).end()
      return
    }
    if (action === "callback") {
      const known = states.delete(url.searchParams.get("state") ?? "")
      const outcome = known ? outcomeOf(url.searchParams) : "error"
      const script = `<script nonce="${nonce}">${announce(outcome)}</script>`
      sendPage(response, `<h1>${outcome}</h1>${script}`, Object.fromEntries(policy))
      return
    }
    const body = embedding(url, `/${name}`, client.issuer, nonce)
    sendPage(response, body, Object.fromEntries(policy))
  })
  return {
    ...host,
    callbacks: Object.keys(POLICIES).map((name) => `${host.origin}/${name}/callback`),
    use: (issuer, id) => Object.assign(client, { issuer, id }),
  }
}
