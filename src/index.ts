/** Worker entry. */
import { createApp } from "./app.ts"
import type { Environment } from "./config.ts"
import { purge } from "./cron.ts"
import { sleep } from "./lib/clock.ts"

const app = createApp({
  now: Date.now,
  fetch: (input, init) => fetch(input, init),
  sleep,
  verificationSeconds: 8,
})

export default {
  fetch: app.fetch,
  scheduled: (_event, env) => purge(env.DB, Date.now()),
} satisfies ExportedHandler<Environment>
