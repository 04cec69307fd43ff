/**
 * The person's own page: what was connected from this browser, and the way to end it. Its cookie is
 * all that opens it. A GET changes nothing.
 */
import { Hono } from "hono"
import { selectAppOfConnection, selectAppsOfBrowser, toApp, toApps } from "../apps/store.ts"
import { connectionNotFound } from "../connections/claim.ts"
import type { Connection } from "../connections/connection.ts"
import { listOfBrowser, selectOfBrowser } from "../connections/mine/store.ts"
import { removeConnection } from "../connections/remove.ts"
import { toConnection, toConnections } from "../connections/store.ts"
import { type KoppelContext, type KoppelEnv, note } from "../context.ts"
import { rfc3339 } from "../lib/clock.ts"
import { readForm } from "../lib/http.ts"
import { newId } from "../lib/ids.ts"
import { formToken, hashBrowser, readBrowser } from "../oauth/browser.ts"
import { findProvider } from "../providers/registry.ts"
import { splitScope } from "../providers/scope.ts"
import { deliverSoon } from "../webhooks/deliver-soon.ts"
import { EndedPage, EndPage, type Mine, MinePage } from "./mine-pages.tsx"
import { frameOf, page, providerWords, requireOwnForm, type Words, wordsFor } from "./respond.tsx"
import { scopesInWords } from "./scopes-in-words.ts"

/** Longer lists are nobody's: the newest are shown. */
const SHOWN_AT_MOST = 50

export const mineRoutes = new Hono<KoppelEnv>()
  .get("/connect/mine", async (c) => {
    const { db } = c.var.deps
    const words = wordsFor(c, undefined)
    const browserHash = await hashBrowser(readBrowser(c) ?? "")
    const [connectionsResult, appsResult] = await db.batch([
      listOfBrowser(db, browserHash, SHOWN_AT_MOST),
      selectAppsOfBrowser(db, browserHash),
    ])
    const apps = toApps(appsResult)
    const list = toConnections(connectionsResult).flatMap((connection) => {
      const app = apps.find(({ clientId }) => clientId === connection.clientId)
      return app === undefined ? [] : [describe(words, connection, app.clientName)]
    })
    const frame = frameOf(c, words, words.texts.mineTitle)
    return await page(c, <MinePage {...frame} list={list} query={queryOf(c, words)} />)
  })
  .get("/connect/mine/:id", async (c) => {
    const words = wordsFor(c, undefined)
    const { browser, connection, app } = await readOwn(c)
    const mine = describe(words, connection, app.clientName)
    return await page(
      c,
      <EndPage
        {...frameOf(c, words, words.texts.mineEnd)}
        mine={mine}
        query={queryOf(c, words)}
        formToken={await formToken(browser, pageOf(connection.id))}
      />,
    )
  })
  .post("/connect/mine/:id", async (c) => {
    const { db, now } = c.var.deps
    const form = await readForm(c.req.raw)
    const { browser, connection, app } = await readOwn(c)
    await requireOwnForm(c, browser, form, pageOf(connection.id))
    const at = now()
    const messageId = newId("msg")
    await removeConnection(db, connection, { now: at, messageId })
    deliverSoon(c, app, [messageId])
    note(c, { outcome: "deleted" })
    const words = wordsFor(c, undefined)
    return await page(
      c,
      <EndedPage
        {...frameOf(c, words, words.texts.endedTitle)}
        // What is at this address is gone.
        otherLanguages={[]}
        mine={describe(words, connection, app.clientName)}
        query={queryOf(c, words)}
        time={`${rfc3339(at).slice(0, 16).replace("T", " ")} UTC`}
      />,
    )
  })

/** Reads one connection of this browser and its app; throws 404 for every other. */
async function readOwn(c: KoppelContext) {
  const { db } = c.var.deps
  const browser = readBrowser(c)
  if (browser === undefined) throw connectionNotFound("no cookie")
  const id = c.req.param("id") ?? ""
  const [connectionResult, appResult] = await db.batch([
    selectOfBrowser(db, await hashBrowser(browser), id),
    selectAppOfConnection(db, id),
  ])
  const connection = toConnection(connectionResult)
  const app = toApp(appResult)
  if (connection === undefined || app === undefined) throw connectionNotFound("not this browser's")
  note(c, { client_id: app.clientId, provider: connection.provider })
  return { browser, connection, app }
}

function describe(words: Words, connection: Connection, app: string): Mine {
  const provider = findProvider(connection.provider)
  const texts = provider === undefined ? undefined : providerWords(provider, words)
  const day = (at: number) => rfc3339(at).slice(0, 10)
  return {
    id: connection.id,
    app,
    provider: provider?.title ?? connection.provider,
    account: connection.account.name,
    isBroken: connection.status === "broken",
    since: day(connection.createdAt),
    used: connection.lastUsedAt === undefined ? undefined : day(connection.lastUsedAt),
    checked: day(connection.verificationAt),
    words:
      texts === undefined
        ? { read: [], write: [] }
        : scopesInWords(splitScope(connection.scope), texts),
    appReads: connection.credentialsAccess,
    withdraw: texts?.withdraw ?? [],
  }
}

/** The form's token is for one connection only. */
function pageOf(id: string): string {
  return `mine/${id}`
}

/** Keeps the language that the person chose, where they did. */
function queryOf(c: KoppelContext, { language }: Words): string {
  return c.req.query("ui_locales") === undefined ? "" : `?ui_locales=${language}`
}
