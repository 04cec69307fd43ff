/** The app at a back-channel endpoint: who it is, and what it asks for, in one round trip. */

import type { App } from "../apps/app.ts"
import { authenticate, type Presented, readPresented } from "../apps/authenticate.ts"
import { runWithAssertion } from "../apps/run-with-assertion.ts"
import { selectApp, toApp } from "../apps/store.ts"
import { type KoppelContext, note } from "../context.ts"
import { KoppelError } from "../lib/errors.ts"
import { readForm } from "../lib/http.ts"

/** An authenticated app and its form. */
export interface Client {
  readonly app: App
  readonly by: Presented["by"]
  readonly form: ReadonlyMap<string, string>
  /** Results of the statements that were read along with the app. */
  readonly results: readonly D1Result[]
  /** Runs a batch that also remembers a used assertion; throws `invalid_client` where it was used. */
  run(statements: readonly D1PreparedStatement[]): Promise<D1Result[]>
}

/**
 * Reads the form (repeated parameters are refused, RFC 6749 §3.2), looks the app up together with
 * `alongside`, and authenticates it. Throws `invalid_request` or `invalid_client`.
 */
export async function readClient(
  c: KoppelContext,
  alongside: (
    form: ReadonlyMap<string, string>,
    clientId: string,
  ) => Promise<D1PreparedStatement[]> | D1PreparedStatement[] = () => [],
): Promise<Client> {
  const { db, config, now } = c.var.deps
  const { values: form, repeated } = await readForm(c.req.raw)
  if (repeated.length > 0) {
    throw new KoppelError(400, "invalid_request", "a parameter stands more than once")
  }
  const presented = readPresented(c.req.header("authorization"), form)
  const [appResult, ...results] = await db.batch([
    selectApp(db, presented.clientId),
    ...(await alongside(form, presented.clientId)),
  ])
  const authenticated = await authenticate(presented, toApp(appResult), {
    // RFC 9126 §2 wants the address of PAR itself to be taken there, too.
    audiences: [config.issuer, `${config.issuer}/oauth/token`, `${config.issuer}${c.req.path}`],
    now: now(),
  })
  note(c, { client_id: authenticated.app.clientId })
  return {
    app: authenticated.app,
    by: presented.by,
    form,
    results,
    run: (statements) =>
      runWithAssertion(db, authenticated.app.clientId, authenticated.assertion, statements),
  }
}
