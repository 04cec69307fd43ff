/** Setup file of the worker project: each test file begins with a migrated, empty database. */
import { applyD1Migrations } from "cloudflare:test"
import { env } from "cloudflare:workers"

await applyD1Migrations(env.DB, env.TEST_MIGRATIONS)
