/** Keeps what a provider's login gave, sealed, and sees to it that nobody logs in twice. */
import type { Connection } from "../connections/connection.ts"
import type { Deps } from "../context.ts"
import { sha256 } from "../lib/bytes.ts"
import { secondsAfter, sleep } from "../lib/clock.ts"
import { newId } from "../lib/ids.ts"
import type { ProviderToken, ProxyLogin, TokenKeeper } from "../providers/provider.ts"
import { open, seal } from "../vault/seal.ts"
import type { ProxyCaller } from "./caller.ts"
import {
  endTurn,
  type KeptToken,
  keepRefusal,
  keepToken,
  type TokenKey,
  takeTurn,
} from "./store.ts"

/** As long as Koppel counts failed logins: a mistake at the provider may have been put right. */
const REFUSAL_SECONDS = 24 * 60 * 60
const WAIT_SECONDS = 0.25
/** Beyond the time of a call, so that a turn outlives the login that it was taken for. */
const TURN_MARGIN_SECONDS = 5

/** Makes the keeper of one call; nothing is opened or asked before a provider wants its token. */
export async function tokenKeeper(
  deps: Deps,
  { connection, kept }: ProxyCaller,
  signal: AbortSignal,
): Promise<TokenKeeper> {
  const credentialsHash = await sha256(connection.credentialsSealed)
  const key: TokenKey = {
    connectionId: connection.id,
    clientId: connection.clientId,
    credentialsHash,
  }
  const mine = kept?.credentialsHash === credentialsHash ? kept : undefined
  const opener = tokenOpener(deps, connection)
  return {
    refused: mine?.isRefused ?? false,
    take: async (login, stale) => {
      const present = stale === undefined ? await opener.open(mine) : undefined
      if (present !== undefined) return { outcome: "token", token: present }
      // One that is there and can't be opened is as good as stale: its key is gone.
      const turnedDown = stale === undefined ? mine?.tokenSealed : opener.sealedTextOf(stale)
      return logInOnce(deps, key, opener, { login, stale: turnedDown, signal })
    },
    refuse: () => rememberRefusal(deps, key),
  }
}

interface Login {
  readonly login: () => Promise<ProxyLogin>
  readonly stale: string | undefined
  readonly signal: AbortSignal
}

async function logInOnce(
  deps: Deps,
  key: TokenKey,
  opener: TokenOpener,
  { login, stale: turnedDown, signal }: Login,
): Promise<ProxyLogin> {
  const id = newId("trn")
  let stale = turnedDown
  for (;;) {
    const now = deps.now()
    const until = secondsAfter(now, deps.proxySeconds + TURN_MARGIN_SECONDS)
    const { isMine, kept } = await takeTurn(deps.db, key, { id, stale, now, until })
    if (isMine) return settle(deps, key, opener, id, await finish(deps, key, id, login))
    // Without a row the connection is no longer one that may log in.
    if (kept === undefined || kept.isRefused) return { outcome: "refused", code: "login_refused" }
    const token = await opener.open(kept)
    if (token !== undefined) return { outcome: "token", token }
    stale = kept.tokenSealed
    try {
      await sleep(WAIT_SECONDS, signal)
    } catch {
      return { outcome: "refused", code: "login_busy" }
    }
  }
}

async function finish(
  deps: Deps,
  key: TokenKey,
  turnId: string,
  login: () => Promise<ProxyLogin>,
): Promise<ProxyLogin> {
  try {
    return await login()
  } catch (error) {
    await endTurn(deps.db, key, turnId)
    throw error
  }
}

async function settle(
  deps: Deps,
  key: TokenKey,
  opener: TokenOpener,
  turnId: string,
  result: ProxyLogin,
): Promise<ProxyLogin> {
  if (result.outcome === "token") {
    const sealed = await opener.seal(result.token)
    await keepToken(deps.db, key, { turnId, sealed, expiresAt: result.token.expiresAt })
  } else if (result.code === "login_refused") {
    await rememberRefusal(deps, key)
  } else {
    await endTurn(deps.db, key, turnId)
  }
  return result
}

async function rememberRefusal(deps: Deps, key: TokenKey): Promise<void> {
  const now = deps.now()
  await keepRefusal(deps.db, key, { now, until: secondsAfter(now, REFUSAL_SECONDS) })
}

interface TokenOpener {
  open(kept: KeptToken | undefined): Promise<ProviderToken | undefined>
  seal(token: ProviderToken): Promise<string>
  /** Sealed text of a token that this call opened or sealed. */
  sealedTextOf(token: ProviderToken | undefined): string | undefined
}

function tokenOpener({ config: { keyRing } }: Deps, connection: Connection): TokenOpener {
  const { id, clientId, provider } = connection
  const place = { purpose: "provider_token", id, clientId, provider } as const
  const sealedTexts = new Map<ProviderToken, string>()
  return {
    open: async (kept) => {
      if (kept?.tokenSealed === undefined) return undefined
      try {
        const token = (await open(keyRing, kept.tokenSealed, place)) as ProviderToken
        sealedTexts.set(token, kept.tokenSealed)
        return token
      } catch {
        return undefined
      }
    },
    seal: async (token) => {
      const sealed = await seal(keyRing, token, place)
      sealedTexts.set(token, sealed)
      return sealed
    },
    sealedTextOf: (token) => (token === undefined ? undefined : sealedTexts.get(token)),
  }
}
