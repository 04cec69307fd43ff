/** Bundles the Worker as a deployment would and holds it to its size: start-up time is size. */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { gzipSync } from "node:zlib"
import { fail, runMain } from "./lib/cli.ts"
import { runWranglerQuietly } from "./lib/wrangler.ts"

// Two languages of guides, three parsers and the sandbox; hold it here, and look before raising it.
const LIMIT = 170_000

runMain(async () => {
  const dir = mkdtempSync(join(tmpdir(), "koppel-bundle-"))
  try {
    const { code, output } = await runWranglerQuietly(["deploy", "--dry-run", "--outdir", dir])
    if (code !== 0) fail(output)
    const files = readdirSync(dir).filter((name) => !/\.map$|^README/.test(name))
    const bytes = files.map((name) => gzipSync(readFileSync(join(dir, name)), { level: 9 }).length)
    const size = bytes.reduce((sum, length) => sum + length, 0)
    const figure = `bundle: ${(size / 1000).toFixed(1)} kB gzip of ${LIMIT / 1000} kB`
    if (size > LIMIT) fail(`${figure}: too large.`)
    console.log(figure)
  } finally {
    rmSync(dir, { recursive: true, force: true })
  }
})
