/** The button's addresses: the moving one, the ones that never change, and what says which is which. */
import { describe, expect, it } from "vitest"
import { ISSUER, startHarness } from "../support/worker/harness.ts"

const { request } = startHarness()

interface Published {
  readonly url: string
  readonly integrity: string
  readonly tag: string
}

async function published(): Promise<Published> {
  return (await request("/button.json")).json()
}

async function integrityOf(response: Response): Promise<string> {
  const digest = await crypto.subtle.digest("SHA-384", await response.arrayBuffer())
  return `sha384-${btoa(String.fromCharCode(...new Uint8Array(digest)))}`
}

/** What any page on any site needs to load it, with a hash or without, and under COEP. */
function expectShared({ headers }: Response): void {
  expect(headers.get("access-control-allow-origin")).toBe("*")
  expect(headers.get("cross-origin-resource-policy")).toBe("cross-origin")
  expect(headers.get("x-content-type-options")).toBe("nosniff")
  expect(headers.get("set-cookie")).toBeNull()
}

describe("GET /button.js", () => {
  it("moves: a short cache, and a link to the version that it is, with its hash", async () => {
    const response = await request("/button.js")
    expect(response.status).toBe(200)
    expectShared(response)
    expect(response.headers.get("content-type")).toBe("text/javascript; charset=utf-8")
    expect(response.headers.get("cache-control")).toBe("public, max-age=300")
    const { url, integrity } = await published()
    expect(response.headers.get("link")).toBe(
      `<${url}>; rel="latest-version"; integrity="${integrity}"`,
    )
    expect(await integrityOf(response)).toBe(integrity)
  })

  it("answers HEAD, and nothing that writes", async () => {
    const head = await request("/button.js", { method: "HEAD" })
    expect([head.status, await head.text()]).toEqual([200, ""])
    const post = await request("/button.js", { method: "POST" })
    expect([post.status, post.headers.get("allow")]).toEqual([405, "GET, HEAD"])
  })
})

describe("GET /button.json", () => {
  it("publishes the address, the hash, and the tag to paste", async () => {
    const response = await request("/button.json")
    expectShared(response)
    expect(response.headers.get("cache-control")).toBe("public, max-age=300")
    const { url, integrity, tag } = (await response.json()) as Published
    expect(url).toMatch(new RegExp(`^${ISSUER}/button\\.[0-9a-f]{16}\\.js$`))
    expect(tag).toBe(
      `<script src="${url}" integrity="${integrity}" crossorigin="anonymous" defer></script>`,
    )
  })
})

describe("a version's own address", () => {
  it("is immutable, and of the published hash", async () => {
    const { url, integrity } = await published()
    const response = await request(new URL(url).pathname)
    expect(response.status).toBe(200)
    expectShared(response)
    expect(response.headers.get("content-type")).toBe("text/javascript; charset=utf-8")
    expect(response.headers.get("cache-control")).toBe("public, max-age=31536000, immutable")
    expect(await integrityOf(response)).toBe(integrity)
  })

  it.each(["0000000000000000", "x", "%2e%2e", "js", "0".repeat(10_000)])(
    "is 404 for a version that is none: %.20s",
    async (hash) => {
      const response = await request(`/button.${hash}.js`)
      expect(response.status).toBe(404)
      expect(response.headers.get("cache-control")).toBe("no-store")
      expect(response.headers.get("content-type")).toBe("application/problem+json")
    },
  )
})
