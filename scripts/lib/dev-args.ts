/** Reads the `wrangler dev` arguments that the broker's start depends on. Pure. */

/** What was given; everything is passed on to wrangler as it is, too. */
export interface DevArgs {
  /** Settings given by `--var NAME:value`. */
  readonly vars: Readonly<Record<string, string>>
  readonly port: string | undefined
  readonly ip: string | undefined
  readonly localProtocol: string | undefined
  readonly persistTo: string | undefined
  readonly config: string | undefined
  readonly env: string | undefined
}

const ALIASES: Readonly<Record<string, string>> = { "-c": "--config", "-e": "--env" }

/** Finds every value of each option: `--a b`, `--a=b`, and, as yargs has it, `--a b c`. */
function readOptions(args: readonly string[]): Map<string, string[]> {
  const options = new Map<string, string[]>()
  let current: string[] | undefined
  for (const arg of args) {
    if (!arg.startsWith("-") || arg === "-") {
      current?.push(arg)
      continue
    }
    const equals = arg.indexOf("=")
    const given = equals < 0 ? arg : arg.slice(0, equals)
    const name = ALIASES[given] ?? given
    current = options.get(name) ?? []
    options.set(name, current)
    if (equals >= 0) current.push(arg.slice(equals + 1))
  }
  return options
}

/** Reads the arguments behind `npm run dev --`. */
export function readDevArgs(args: readonly string[]): DevArgs {
  const options = readOptions(args)
  const last = (name: string) => options.get(name)?.at(-1)
  const vars = (options.get("--var") ?? []).map((given) => {
    const colon = given.indexOf(":")
    return colon < 0 ? [given, ""] : [given.slice(0, colon), given.slice(colon + 1)]
  })
  return {
    vars: Object.fromEntries(vars),
    port: last("--port"),
    ip: last("--ip"),
    localProtocol: last("--local-protocol"),
    persistTo: last("--persist-to"),
    config: last("--config"),
    env: last("--env"),
  }
}

/** Gives the arguments without an option and its one value: repeated, wrangler would see a list. */
export function withoutOption(args: readonly string[], name: string): string[] {
  return args.filter((arg, i) => {
    const isValue = args[i - 1] === name && !arg.startsWith("-")
    return arg !== name && !arg.startsWith(`${name}=`) && !isValue
  })
}
