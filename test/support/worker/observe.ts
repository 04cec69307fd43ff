/** What leaves the application besides its responses: console output, D1 rows, SQL. */
import { vi } from "vitest"
import type { Environment } from "../../../src/config.ts"

const METHODS = ["log", "info", "warn", "error", "debug", "trace", "dir", "table"] as const

export interface ConsoleCapture {
  /** Everything written so far, whatever the method. */
  text(): string
  /** Our own lines, parsed. */
  lines(): Record<string, unknown>[]
}

/** Takes over the console; undo with `vi.restoreAllMocks()`. */
export function captureConsole(): ConsoleCapture {
  const written: string[] = []
  for (const method of METHODS) {
    vi.spyOn(console, method).mockImplementation((...parts: unknown[]) => {
      written.push(parts.map((part) => (typeof part === "string" ? part : inspect(part))).join(" "))
    })
  }
  return {
    text: () => written.join("\n"),
    lines: () => written.map((line) => JSON.parse(line) as Record<string, unknown>),
  }
}

function inspect(part: unknown): string {
  if (part instanceof Error)
    return `${part.name} ${part.message} ${part.stack} ${inspect(part.cause)}`
  return JSON.stringify(part) ?? String(part)
}

/** Gives every row of every table of ours, as text by table name. */
export async function dumpTables(db: D1Database): Promise<Record<string, string[]>> {
  const { results } = await db
    .prepare("SELECT name FROM sqlite_master WHERE type = 'table'")
    .all<{ name: string }>()
  const names = results.map(({ name }) => name).filter((name) => !name.startsWith("_cf_"))
  const dumps = await db.batch(names.map((name) => db.prepare(`SELECT * FROM "${name}"`)))
  return Object.fromEntries(
    names.map((name, i) => [name, (dumps[i]?.results ?? []).map((row) => JSON.stringify(row))]),
  )
}

/** Wraps D1 so that the text of every statement is noted. */
export function captureSql(db: D1Database): { db: D1Database; statements: Set<string> } {
  const statements = new Set<string>()
  const wrapped = new Proxy(db, {
    get(target, name) {
      if (name === "prepare") {
        return (sql: string) => {
          statements.add(sql)
          return target.prepare(sql)
        }
      }
      const value = Reflect.get(target, name)
      return typeof value === "function" ? value.bind(target) : value
    },
  })
  return { db: wrapped, statements }
}

/** Wraps D1 so that every statement fails with `message`. */
export function brokenDatabase(message: string): D1Database {
  const fail = () => Promise.reject(new Error(message))
  const statement = new Proxy({} as D1PreparedStatement, {
    get: (_, name) => {
      if (name === "bind") return () => statement
      // A statement is no promise; one that is awaited on its way is passed on as it is.
      return name === "then" ? undefined : fail
    },
  })
  return new Proxy({} as D1Database, {
    get: (_, name) => (name === "prepare" ? () => statement : fail),
  })
}

/** Settings that the types don't allow: missing bindings, wrong kinds. */
export function settings(values: Record<string, unknown>): Partial<Environment> {
  return values as Partial<Environment>
}

/** Gives the sources of one directive of a Content-Security-Policy. */
export function directive(response: Response, name: string): string[] | undefined {
  const policy = response.headers.get("content-security-policy") ?? ""
  const found = policy
    .split(";")
    .map((part) => part.trim().split(/\s+/))
    .find(([first]) => first === name)
  return found?.slice(1)
}

/** Gives the short reference of an error, whichever face it has. */
export function referenceIn(text: string): string | undefined {
  return (
    /<code>([0-9A-HJKMNP-TV-Z]{8})<\/code>\s*<\/footer>/.exec(text)?.[1] ??
    /\(reference ([0-9A-HJKMNP-TV-Z]{8})\)/.exec(text)?.[1] ??
    /"reference":"([0-9A-HJKMNP-TV-Z]{8})"/.exec(text)?.[1]
  )
}
