/** `npm run dev -- <wrangler args>`: the broker alone, on local D1, with development keys. */
import { startBroker } from "./lib/broker.ts"
import { runMain } from "./lib/cli.ts"
import { untilSignal } from "./lib/until-signal.ts"

runMain(async () => {
  const signalled = untilSignal()
  const broker = await startBroker(process.argv.slice(2))
  void broker.ready.then((ready) => {
    if (!ready) return
    const { app } = ready
    const lines =
      "problem" in app
        ? [`No test app: ${app.problem}`]
        : [`client_id      ${app.client_id}`, `client_secret  ${app.client_secret}`]
    console.log(["", `issuer         ${broker.issuer}`, ...lines, ""].join("\n"))
  })
  const code = await Promise.race([signalled, broker.ended])
  await broker.stop()
  return code
})
