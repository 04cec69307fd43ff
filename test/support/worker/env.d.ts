/** Types of what tests inside workerd find in `cloudflare:workers`. */
declare namespace Cloudflare {
  interface Env {
    readonly DB: D1Database
    readonly LIMIT_PAGE: RateLimit
    readonly LIMIT_SUBMIT: RateLimit
    readonly LIMIT_API: RateLimit
    readonly TEST_MIGRATIONS: import("cloudflare:test").D1Migration[]
    readonly ISSUER: string
    readonly RATE_LIMITS: string
    readonly SEALING_KEYS: string
    readonly SIGNING_KEYS: string
    readonly FINGERPRINT_KEY: string
    readonly REGISTRATION_TOKEN: string
  }
  interface GlobalProps {
    mainModule: typeof import("../../../src/index.ts")
  }
}
