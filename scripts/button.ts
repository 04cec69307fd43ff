/**
 * Minifies the embeddable button into `src/embed/versions.json`, newest first. `--keep` leaves the
 * version that was newest until now at its address; without it that version is replaced.
 */
import { readFileSync, writeFileSync } from "node:fs"
import { buildButton, VERSIONS_FILE } from "./lib/build-button.ts"
import { runMain } from "./lib/cli.ts"

runMain(async () => {
  const versions: { readonly hash: string }[] = JSON.parse(readFileSync(VERSIONS_FILE, "utf8"))
  const built = await buildButton()
  const older = versions.slice(process.argv.includes("--keep") ? 0 : 1)
  const kept = older.filter((version) => version.hash !== built.hash)
  writeFileSync(VERSIONS_FILE, `${JSON.stringify([built, ...kept], null, 2)}\n`)
  console.log(`button.${built.hash}.js  ${built.integrity}`)
})
