/** Environment -> Config. Parsed once per isolate and again only when a value changed. */
import { SettingError } from "./lib/errors.ts"
import type { Adapter, Settings } from "./providers/provider.ts"
import { providers } from "./providers/registry.ts"
import { importSigningKeys, type SigningKeys } from "./signing/signing-keys.ts"
import { importFingerprintKey } from "./vault/fingerprint.ts"
import { importKeyRing, type KeyRing } from "./vault/key-ring.ts"

/** What the platform hands in; every member may be missing until it was checked. */
export interface Environment {
  readonly DB: D1Database
  readonly LIMIT_PAGE: RateLimit
  readonly LIMIT_SUBMIT: RateLimit
  readonly LIMIT_API: RateLimit
  readonly [setting: string]: unknown
}

export interface Config {
  /** Origin of this Worker; the `iss` of everything it says (RFC 8414 §2). */
  readonly issuer: string
  /** True under http on loopback: cookies without `Secure`, http upstreams allowed. */
  readonly loopback: boolean
  readonly rateLimits: boolean
  readonly keyRing: KeyRing
  readonly signingKeys: SigningKeys
  readonly fingerprintKey: CryptoKey
  readonly registrationToken: string
  /** Adapters of the real providers; undefined where a setting of the provider is malformed. */
  readonly adapters: ReadonlyMap<string, Adapter | undefined>
  /** Names of malformed provider settings. */
  readonly malformed: readonly string[]
}

/** Raised when settings are missing or malformed; carries their names, never their values. */
export class ConfigError extends Error {
  readonly settings: readonly string[]
  readonly reasons: readonly string[]

  constructor(problems: readonly SettingError[]) {
    super("settings are missing or malformed")
    this.name = "ConfigError"
    this.settings = problems.map((problem) => problem.setting)
    this.reasons = problems.map((problem) => problem.message)
  }
}

const NAMES = [
  "ISSUER",
  "RATE_LIMITS",
  "SEALING_KEYS",
  "SIGNING_KEYS",
  "FINGERPRINT_KEY",
  "REGISTRATION_TOKEN",
  ...Object.values(providers).flatMap((provider) => provider.settings),
]
/** Each binding, and a method that it has where it is of the right kind. */
const BINDINGS = { DB: "batch", LIMIT_PAGE: "limit", LIMIT_SUBMIT: "limit", LIMIT_API: "limit" }

let cached: { key: string; config: Promise<Config> } | undefined

/** Reads the configuration, from the isolate's memory where nothing changed; throws `ConfigError`. */
export function readConfig(env: Environment): Promise<Config> {
  const key = JSON.stringify([
    ...NAMES.map((name) => env[name] ?? null),
    ...Object.entries(BINDINGS).map(([name, method]) => isBinding(env[name], method)),
  ])
  if (cached?.key !== key) cached = { key, config: parseConfig(env) }
  return cached.config
}

/** Parses and imports every setting; throws `ConfigError` that names all that are wrong. */
export async function parseConfig(env: Environment): Promise<Config> {
  const problems: SettingError[] = []
  const take = async <T>(parse: () => T | Promise<T>): Promise<T | undefined> => {
    try {
      return await parse()
    } catch (error) {
      if (!(error instanceof SettingError)) throw error
      problems.push(error)
      return undefined
    }
  }
  const settings = textSettings(env)
  for (const [name, method] of Object.entries(BINDINGS)) {
    await take(() => requireBinding(env, name, method))
  }
  const issuer = await take(() => parseIssuer(settings.ISSUER))
  const loopback = issuer !== undefined && isLoopbackIssuer(issuer)
  const rateLimits = await take(() => parseRateLimits(settings.RATE_LIMITS, loopback))
  const keyRing = await take(() => importKeyRing(settings.SEALING_KEYS))
  const signingKeys = await take(() => importSigningKeys(settings.SIGNING_KEYS))
  const fingerprintKey = await take(() => importFingerprintKey(settings.FINGERPRINT_KEY))
  const registrationToken = await take(() => parseToken(settings.REGISTRATION_TOKEN))
  if (
    problems.length > 0 ||
    issuer === undefined ||
    rateLimits === undefined ||
    keyRing === undefined ||
    signingKeys === undefined ||
    fingerprintKey === undefined ||
    registrationToken === undefined
  ) {
    throw new ConfigError(problems)
  }
  const { adapters, malformed } = configureProviders(settings, loopback)
  return {
    issuer,
    loopback,
    rateLimits,
    keyRing,
    signingKeys,
    fingerprintKey,
    registrationToken,
    adapters,
    malformed,
  }
}

function textSettings(env: Environment): Settings {
  return Object.fromEntries(
    NAMES.map((name) => {
      const value = env[name]
      return [name, typeof value === "string" && value !== "" ? value : undefined]
    }),
  )
}

function requireBinding(env: Environment, name: string, method: string): true {
  if (!isBinding(env[name], method)) {
    throw new SettingError(name, "the binding is missing or of another kind")
  }
  return true
}

function isBinding(binding: unknown, method: string): boolean {
  return (
    typeof binding === "object" &&
    binding !== null &&
    typeof Reflect.get(binding, method) === "function"
  )
}

function parseIssuer(text: string | undefined): string {
  const url = text === undefined ? null : URL.parse(text)
  if (url === null) throw new SettingError("ISSUER", "not a URL")
  // An issuer is compared as text by every client, so it must be written as an origin is.
  if (url.origin !== text) throw new SettingError("ISSUER", "not an origin")
  if (url.protocol !== "https:" && !isLoopbackIssuer(url.origin)) {
    throw new SettingError("ISSUER", "neither https nor http on loopback")
  }
  return url.origin
}

function isLoopbackIssuer(issuer: string): boolean {
  const { protocol, hostname } = new URL(issuer)
  return protocol === "http:" && ["localhost", "127.0.0.1", "[::1]"].includes(hostname)
}

function parseRateLimits(text: string | undefined, loopback: boolean): boolean {
  if (text === undefined || text === "on") return true
  if (text === "off" && loopback) return false
  throw new SettingError("RATE_LIMITS", "neither `on` nor, under a loopback issuer, `off`")
}

function parseToken(text: string | undefined): string {
  if (text === undefined || text.length < 32) {
    throw new SettingError("REGISTRATION_TOKEN", "shorter than 32 characters")
  }
  return text
}

/** A malformed provider setting switches that provider off, and nothing else. */
function configureProviders(settings: Settings, loopback: boolean) {
  const adapters = new Map<string, Adapter | undefined>()
  const malformed: string[] = []
  for (const provider of Object.values(providers)) {
    try {
      adapters.set(provider.id, provider.configure(settings, { loopback }))
    } catch (error) {
      if (!(error instanceof SettingError)) throw error
      adapters.set(provider.id, undefined)
      malformed.push(error.setting)
    }
  }
  return { adapters, malformed }
}
