/** What is served as the button: built from its source, small, and of the hash that is published. */
/// <reference path="../../../src/embed/button.js" />
import { createHash } from "node:crypto"
import { readFileSync } from "node:fs"
import { brotliCompressSync } from "node:zlib"
import { describe, expect, it } from "vitest"
import {
  type ButtonVersion,
  buildButton,
  VERSIONS_FILE,
} from "../../../scripts/lib/build-button.ts"

const versions: readonly ButtonVersion[] = JSON.parse(readFileSync(VERSIONS_FILE, "utf8"))

describe("the button", () => {
  it("is built from its source: run `node scripts/button.ts` after a change", async () => {
    expect(versions[0]).toEqual(await buildButton())
  })

  it.each(versions)("$hash is at most 1.5 kB brotli", ({ hash, script }) => {
    const size = brotliCompressSync(script).length
    console.log(`button ${hash}: ${script.length} bytes, ${size} brotli`)
    expect(size).toBeLessThanOrEqual(1500)
  })

  it.each(versions)("$hash has the hash that its address and SRI say", (version) => {
    const digest = createHash("sha384").update(version.script).digest()
    expect(version.integrity).toBe(`sha384-${digest.toString("base64")}`)
    expect(version.hash).toBe(digest.toString("hex").slice(0, 16))
  })

  it("makes no markup or code from strings, asks the network nothing, and keeps nothing", () => {
    for (const { script } of versions) {
      expect(script).not.toMatch(/innerHTML|insertAdjacent|eval|Function|fetch|XMLHttp|sendBeacon/)
      expect(script).not.toMatch(/localStorage|cookie|token|client_id|https:\/\//)
    }
  })
})
