/** The network that a client's own fetch meets in these tests. */
import { vi } from "vitest"
import type { Harness } from "./harness.ts"

/** An https issuer, which stock clients insist on. */
export const ISSUER = "https://koppel.example"

/** Makes `fetch` reach `harness`, which goes by ISSUER, and nothing else, until the globals are unstubbed. */
export function onlyKoppel(harness: Harness): void {
  vi.stubGlobal("fetch", (input: RequestInfo, init?: RequestInit) => {
    const request = new Request(input, init)
    const url = new URL(request.url)
    if (url.origin !== ISSUER) throw new TypeError(`no network but Koppel: ${url.origin}`)
    return harness.request(request.url, request)
  })
}
