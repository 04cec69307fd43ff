/** `npm run deploy -- <wrangler args>`: migrates the remote database, then deploys the Worker. */
import { readFileSync } from "node:fs"
import { join } from "node:path"
import { fail, runMain } from "./lib/cli.ts"
import { readDevArgs } from "./lib/dev-args.ts"
import { ROOT } from "./lib/state.ts"
import { runWrangler } from "./lib/wrangler.ts"

/** Refuses a configuration that still holds the placeholders it came with. */
function refusePlaceholders(file: string, issuerGiven: boolean): void {
  const config = readFileSync(file, "utf8")
  if (/database_id\s*=\s*"0{8}-/.test(config)) {
    fail(
      "wrangler.toml still holds the placeholder database_id. Make the database with " +
        "`npx wrangler d1 create koppel --jurisdiction eu` and put its id there.",
    )
  }
  if (!issuerGiven && /^\s*ISSUER\s*=\s*"https:\/\/koppel\.example"/m.test(config)) {
    fail("wrangler.toml still holds the example ISSUER. Put this Worker's public address there.")
  }
}

runMain(async () => {
  const argv = process.argv.slice(2)
  const args = readDevArgs(argv)
  refusePlaceholders(args.config ?? join(ROOT, "wrangler.toml"), args.vars.ISSUER !== undefined)
  const location = [
    ...(args.config ? ["--config", args.config] : []),
    ...(args.env ? ["--env", args.env] : []),
  ]
  const migrated = await runWrangler(["d1", "migrations", "apply", "DB", "--remote", ...location])
  if (migrated !== 0) return migrated
  return runWrangler(["deploy", ...argv])
})
