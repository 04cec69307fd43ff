/** `npm run demo`: the broker and a sample app that connects through it. */
import { appPort, startBroker } from "./lib/broker.ts"
import { fail, runMain } from "./lib/cli.ts"
import { isTaken, mirrorOnIpv6 } from "./lib/ports.ts"
import { untilSignal } from "./lib/until-signal.ts"
import { startNode } from "./lib/wrangler.ts"

const MAGIC = `
  Nmbrs     domain  sandbox
            token   any 32 hex digits, such as 0123456789abcdef0123456789abcdef
            e-mail  one of these, @koppel.test:

    works               connects
    accountant          works, sees many companies, asks to confirm
    no-companies        works, sees none yet, asks to confirm
    wrong-token         the token is refused
    wrong-domain        the domain is another one; the page offers it
    missing-permission  one right is missing
    disabled            no subscription
    slow                answers after 3 seconds
    timeout, down, garbled   could not check
    revoked-later       works in the page, is refused afterwards

  Nimbus    address   https://sandbox.nimbus.test/
            password  anything of 8 characters or more
            login code, one of these:

    works               connects
    not-api-user, no-status  work, with a warning
    wrong-password      the password is refused
    locked, sso         the login code is to blame
    pin                 asks for a pin; it is 123456
    passkey             refuses a passkey in place of a password
    slow, timeout, down, garbled, revoked-later   as above
`

runMain(async () => {
  const signalled = untilSignal()
  const port = appPort()
  if (await isTaken(port)) fail(`Port ${port} is taken. Stop what runs there, or set APP_PORT.`)
  console.log("Starting…")
  const argv = process.argv.slice(2)
  const quiet = argv.some((arg) => arg.startsWith("--log-level")) ? [] : ["--log-level", "error"]
  const broker = await startBroker([...quiet, ...argv])
  const ready = await Promise.race([broker.ready, signalled, broker.ended])
  if (typeof ready === "number" || ready === undefined) {
    await broker.stop()
    return ready ?? 1
  }
  if ("problem" in ready.app) {
    await broker.stop()
    return fail(`The demo cannot start. ${ready.app.problem}`)
  }
  const sample = startNode(["examples/payroll-app/server.ts"], {
    ...process.env,
    ISSUER: broker.issuer,
    CLIENT_ID: ready.app.client_id,
    CLIENT_SECRET: ready.app.client_secret,
    WEBHOOK_SECRET: ready.app.webhook_secret,
    APP_PORT: String(port),
  })
  await mirrorOnIpv6(port)
  console.log(`${MAGIC}
  Open      http://localhost:${port}     (the sample app, Urenweek)
  Broker    ${broker.issuer}
  Ctrl-C ends both.
`)
  const code = await Promise.race([signalled, broker.ended, sample.ended])
  await Promise.all([broker.stop(), sample.stop()])
  return code
})
