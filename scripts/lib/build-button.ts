/** Makes what is served as the button out of its source. */
import { createHash } from "node:crypto"
import { readFileSync } from "node:fs"
import { resolve } from "node:path"
import { transform } from "esbuild"

const FOLDER = resolve(import.meta.dirname, "../../src/embed")

export const VERSIONS_FILE = resolve(FOLDER, "versions.json")

/** One version of the button: the name of its address, its SRI hash, and the script. */
export interface ButtonVersion {
  readonly hash: string
  readonly integrity: string
  readonly script: string
}

/** Minifies the button's source as it is now. */
export async function buildButton(): Promise<ButtonVersion> {
  const source = readFileSync(resolve(FOLDER, "button.js"), "utf8")
  const { code } = await transform(source, { minify: true, target: "es2022" })
  const digest = createHash("sha384").update(code).digest()
  return {
    hash: digest.toString("hex").slice(0, 16),
    integrity: `sha384-${digest.toString("base64")}`,
    script: code,
  }
}
