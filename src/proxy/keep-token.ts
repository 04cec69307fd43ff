/** What a provider's login gave, kept sealed for the calls that follow. */
import type { Connection } from "../connections/connection.ts"
import type { Deps } from "../context.ts"
import { sha256 } from "../lib/bytes.ts"
import type { Credentials, Provider, ProviderToken, TokenKeeper } from "../providers/provider.ts"
import { open, seal } from "../vault/seal.ts"
import type { ProxyCaller } from "./caller.ts"
import { countRefusal, logInOnce } from "./log-in-once.ts"
import type { KeptToken, TokenKey } from "./store.ts"

/** What the login of one connection is made with. */
export interface LoginPlace {
  readonly provider: Provider
  readonly connection: Connection
  readonly credentials: Credentials
  readonly key: TokenKey
  readonly opener: TokenOpener
}

/** Makes the keeper of one call; nothing is opened or asked before a provider wants its token. */
export async function tokenKeeper(
  deps: Deps,
  provider: Provider,
  { connection, kept }: ProxyCaller,
  credentials: Credentials,
  signal: AbortSignal,
): Promise<TokenKeeper> {
  const { id: connectionId, clientId } = connection
  const credentialsHash = await sha256(connection.credentialsSealed)
  const key = { connectionId, clientId, credentialsHash }
  const opener = tokenOpener(deps, connection)
  const place: LoginPlace = { provider, connection, credentials, key, opener }
  const mine = kept?.credentialsHash === credentialsHash ? kept : undefined
  return {
    refused: mine?.isRefused ?? false,
    take: async (login, stale) => {
      const present = stale === undefined ? await opener.open(mine) : undefined
      if (present !== undefined) return { outcome: "token", token: present }
      // One that is there and can't be opened is as good as stale: its key is gone.
      const turnedDown = stale === undefined ? mine?.tokenSealed : opener.sealedTextOf(stale)
      return await logInOnce(deps, place, { login, stale: turnedDown, signal })
    },
    refuse: () => countRefusal(deps, place),
  }
}

/** Opens and seals tokens of one connection, and remembers which sealed text each came from. */
export interface TokenOpener {
  open(kept: KeptToken | undefined): Promise<ProviderToken | undefined>
  seal(token: ProviderToken): Promise<string>
  /** Sealed text of a token that this call opened or sealed. */
  sealedTextOf(token: ProviderToken): string | undefined
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
    sealedTextOf: (token) => sealedTexts.get(token),
  }
}
