/** The one-way rule of the imports, and SQL in `store.ts` only: both fire when they are broken. */
import { spawnSync } from "node:child_process"
import {
  copyFileSync,
  globSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs"
import { createRequire } from "node:module"
import { tmpdir } from "node:os"
import { dirname, join, resolve } from "node:path"
import { afterAll, beforeAll, describe, expect, it } from "vitest"

const ROOT = resolve(import.meta.dirname, "../..")

/** From the leaf up. A folder imports from ranks before its own, and from itself. */
const RANKS = [
  ["lib"],
  ["vault", "signing", "ui", "providers"],
  ["config.ts", "context.ts"],
  ["apps"],
  ["webhooks", "tokens"],
  ["connections"],
  ["oauth"],
  ["connect", "proxy", "sandbox", "embed"],
  ["app.ts", "cron.ts", "error-pages.tsx", "index.ts"],
]

interface Case {
  readonly from: string
  readonly target: string
  readonly allowed: boolean
}

/** `config.ts` parses settings and has no page; it and `context.ts` may see each other's types. */
function isAllowed(from: string, fromRank: number, to: string, toRank: number): boolean {
  if (from === to) return true
  if (fromRank === 2 && to === "ui") return false
  return toRank < fromRank
}

const isFile = (name: string) => name.includes(".")

const places = RANKS.flatMap((names, rank) => names.map((name) => ({ name, rank })))

/** One file per pair; a folder is tried from its top and from a folder inside it. */
const cases: readonly Case[] = places.flatMap(({ name: from, rank: fromRank }) =>
  places.flatMap(({ name: to, rank: toRank }) => {
    const allowed = isAllowed(from, fromRank, to, toRank)
    if (fromRank === toRank && isFile(from)) return []
    if (fromRank === RANKS.length - 1) return []
    const target = isFile(to) ? to : `${to}/thing.ts`
    if (isFile(from)) return [{ from, target: `./${target}`, allowed }]
    return [
      { from: `${from}/from-${to.replace(".", "-")}.ts`, target: `../${target}`, allowed },
      { from: `${from}/deep/from-${to.replace(".", "-")}.ts`, target: `../../${target}`, allowed },
    ]
  }),
)

const biome = createRequire(import.meta.url).resolve("@biomejs/biome/package.json")
const dir = mkdtempSync(join(tmpdir(), "koppel-boundaries-"))
let refused: ReadonlySet<string>

/** Lints text as if it stood in `src`; gives "file: imported" for every import that was refused. */
function lint(files: ReadonlyMap<string, readonly string[]>): ReadonlySet<string> {
  for (const [file, imports] of files) {
    mkdirSync(dirname(join(dir, "src", file)), { recursive: true })
    writeFileSync(join(dir, "src", file), imports.map((one) => `import "${one}"\n`).join(""))
  }
  const settings = [
    "--only=style/noRestrictedImports",
    "--max-diagnostics=none",
    "--vcs-enabled=false",
  ]
  const { stdout } = spawnSync(
    process.execPath,
    [join(dirname(biome), "bin/biome"), "lint", ...settings, "--reporter=github", "src"],
    { cwd: dir, encoding: "utf8", maxBuffer: 1e8 },
  )
  const found = stdout.matchAll(/noRestrictedImports.*?file=[^,]*?\/src\/([^,]+),line=(\d+)/g)
  return new Set(
    Array.from(found, ([, file = "", line]) => `${file}: ${files.get(file)?.[Number(line) - 1]}`),
  )
}

beforeAll(() => {
  copyFileSync(join(ROOT, "biome.json"), join(dir, "biome.json"))
  const files = new Map<string, string[]>()
  for (const { from, target } of cases) files.set(from, [...(files.get(from) ?? []), target])
  files.set("providers/nmbrs/hono.ts", ["hono", "cloudflare:workers"])
  refused = lint(files)
})

afterAll(() => rmSync(dir, { recursive: true, force: true }))

describe("imports point one way", () => {
  it("gives every folder and file of src its rank", () => {
    const ranked = RANKS.flat()
    expect(
      globSync("src/*", { cwd: ROOT }).filter((path) => !ranked.includes(path.slice(4))),
    ).toEqual([])
  })

  it("tries every pair of folders", () => {
    expect(cases.filter((one) => one.allowed).length).toBeGreaterThan(50)
    expect(cases.filter((one) => !one.allowed).length).toBeGreaterThan(100)
  })

  it.each(RANKS.slice(0, -1).flat())("%s", (name) => {
    const own = cases.filter(({ from }) => from === name || from.startsWith(`${name}/`))
    const expected = own.filter((one) => !one.allowed).map((one) => `${one.from}: ${one.target}`)
    const actual = own
      .map((one) => `${one.from}: ${one.target}`)
      .filter((line) => refused.has(line))
    expect(actual.sort()).toEqual(expected.sort())
  })

  it("keeps the request and the platform from providers", () => {
    expect(refused).toContain("providers/nmbrs/hono.ts: hono")
    expect(refused).toContain("providers/nmbrs/hono.ts: cloudflare:workers")
  })
})

describe("SQL", () => {
  /** Gives the files that prepare statements. */
  const withStatements = (files: readonly string[], read: (file: string) => string) =>
    files.filter((file) => /\.(prepare|exec)\(\s*["'`]/.test(read(file)))

  it("stands in store.ts only", () => {
    const files = globSync("src/**/*.{ts,tsx}", { cwd: ROOT })
    const found = withStatements(files, (file) => readFileSync(join(ROOT, file), "utf8"))
    expect(found.filter((file) => !file.endsWith("/store.ts"))).toEqual([])
  })

  it("would be found elsewhere", () => {
    expect(withStatements(["a.ts"], () => 'db.prepare("SELECT 1")')).toEqual(["a.ts"])
  })
})
