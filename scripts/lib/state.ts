/**
 * Where development state lives: keys in `.dev.vars`, the test app in `.dev.app.json`, local D1.
 * That is the checkout, unless KOPPEL_STATE_DIR names another folder (tests do).
 */
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs"
import { join, resolve } from "node:path"
import { parseEnv } from "node:util"
import { newSecrets } from "./keys.ts"

/** The checkout. */
export const ROOT = resolve(import.meta.dirname, "../..")

/** Gives the folder of the development state. */
export function stateDir(): string {
  const dir = process.env.KOPPEL_STATE_DIR
  return dir ? resolve(dir) : ROOT
}

/** Gives the folder for local D1 where it is not wrangler's own default. */
export function defaultPersistDir(): string | undefined {
  return process.env.KOPPEL_STATE_DIR ? join(stateDir(), "d1") : undefined
}

/** Gives the path of the file with the development settings. */
export function devVarsPath(): string {
  return join(stateDir(), ".dev.vars")
}

/** Gives the path of the file with the registered test app. */
export function devAppPath(): string {
  return join(stateDir(), ".dev.app.json")
}

/** Writes a file that only its owner can read. */
export function writePrivate(path: string, content: string): void {
  writeFileSync(path, content, { mode: 0o600 })
  chmodSync(path, 0o600)
}

/** Reads the development settings; none if there is no file. */
export function readDevVars(): Record<string, string | undefined> {
  const path = devVarsPath()
  return existsSync(path) ? parseEnv(readFileSync(path, "utf8")) : {}
}

/** Reads the development settings, making the file on first run and adding keys that it lacks. */
export async function ensureDevVars(): Promise<Record<string, string | undefined>> {
  mkdirSync(stateDir(), { recursive: true })
  const path = devVarsPath()
  const present = readDevVars()
  const lacking = Object.entries(await newSecrets()).filter(([name]) => !(name in present))
  if (lacking.length === 0) return present
  const before = existsSync(path)
    ? readFileSync(path, "utf8").replace(/\n*$/, "\n")
    : "# Development keys, made on first run. Any setting may be added; --var wins over this file.\n"
  writePrivate(path, before + lacking.map(([name, value]) => `${name}='${value}'\n`).join(""))
  return readDevVars()
}
