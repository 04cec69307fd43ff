/** Worker entry. */
import { createApp, dependencies, type Outside } from "./app.ts"
import { type Environment, readConfig } from "./config.ts"
import { runSchedule } from "./cron.ts"
import { sleep } from "./lib/clock.ts"

const outside: Outside = {
  now: Date.now,
  fetch: (input, init) => fetch(input, init),
  sleep,
  verificationSeconds: 8,
}
const app = createApp(outside)

export default {
  fetch: app.fetch,
  scheduled: (_event, env) =>
    runSchedule({
      ...outside,
      db: env.DB,
      deps: async () => dependencies(outside, await readConfig(env), env.DB),
      random: Math.random,
    }),
} satisfies ExportedHandler<Environment>
