/** What the login gave and how it is sent with later calls. Pure. */
import { utf8 } from "../../lib/bytes.ts"
import { secondsAfter } from "../../lib/clock.ts"
import type { Credentials } from "../provider.ts"
import type { Answer } from "./exchange.ts"
import { readPointer } from "./pointer.ts"
import type { Profile } from "./profile.ts"

/** Headers that open Nimbus for one login. Lives in memory only and is never sealed. */
export interface Access {
  readonly headers: Readonly<Record<string, string>>
  /** Unknown where the profile doesn't say. */
  readonly expiresAt: number | undefined
}

/** Takes token or cookie out of the login's answer; undefined where there is none. */
export function accessIn(
  answer: Answer,
  auth: Profile["auth"],
  credentials: Credentials,
  now: number,
): Access | undefined {
  switch (auth.mode) {
    case "token": {
      const token = readPointer(answer.json, auth.pointer)
      if (typeof token !== "string" || !isHeaderValue(token)) return undefined
      const seconds = lifeIn(answer, auth.life)
      return {
        headers: { [auth.header]: `${auth.prefix ?? ""}${token}` },
        expiresAt: seconds === undefined ? undefined : secondsAfter(now, seconds),
      }
    }
    case "cookie": {
      const value = cookieIn(answer.setCookies, auth.cookie)
      if (value === undefined) return undefined
      const seconds = auth.life?.seconds
      return {
        headers: { cookie: `${auth.cookie}=${value}` },
        expiresAt: seconds === undefined ? undefined : secondsAfter(now, seconds),
      }
    }
    case "basic":
      return { headers: basicHeader(credentials), expiresAt: undefined }
  }
}

/** Gives the header of RFC 7617, in UTF-8. */
export function basicHeader(credentials: Credentials): Readonly<Record<string, string>> {
  const bytes = utf8(`${credentials.login_code ?? ""}:${credentials.password ?? ""}`)
  const binary = Array.from(bytes, (byte) => String.fromCharCode(byte)).join("")
  return { authorization: `Basic ${btoa(binary)}` }
}

function lifeIn(
  answer: Answer,
  life: { readonly pointer: string } | { readonly seconds: number } | undefined,
): number | undefined {
  if (life === undefined) return undefined
  if ("seconds" in life) return life.seconds
  const seconds = Number(readPointer(answer.json, life.pointer) ?? Number.NaN)
  return Number.isFinite(seconds) && seconds > 0 ? seconds : undefined
}

function cookieIn(setCookies: readonly string[], name: string): string | undefined {
  for (const line of setCookies) {
    const pair = line.split(";")[0] ?? ""
    const at = pair.indexOf("=")
    if (pair.slice(0, at).trim() !== name) continue
    const value = pair.slice(at + 1).trim()
    if (isHeaderValue(value)) return value
  }
  return undefined
}

// What a header could not carry is no token; a longer one would be refused on the way.
function isHeaderValue(value: string): boolean {
  return value.length <= 8192 && /^[!-~]+$/.test(value)
}
