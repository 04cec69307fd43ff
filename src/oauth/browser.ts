/** The browser's cookie: one random value. Sessions hold its hash, so tabs don't disturb each other. */
import { getCookie, setCookie } from "hono/cookie"
import { base64url } from "jose"
import type { KoppelContext } from "../context.ts"
import { randomBytes, sameText, sha256, utf8 } from "../lib/bytes.ts"

const VALUE = /^[A-Za-z0-9_-]{43}$/
/** As long as browsers keep cookies: a reconnect is recognised by it. */
const MAX_AGE_SECONDS = 400 * 24 * 60 * 60

/** Gives the cookie's value, or undefined where the browser has none of ours. */
export function readBrowser(c: KoppelContext): string | undefined {
  const value = getCookie(c, cookieName(c))
  return value !== undefined && VALUE.test(value) ? value : undefined
}

/** Gives the cookie's value, set anew (and prolonged) on this response. */
export function ensureBrowser(c: KoppelContext): string {
  const value = readBrowser(c) ?? base64url.encode(randomBytes(32))
  setCookie(c, cookieName(c), value, {
    path: "/",
    httpOnly: true,
    sameSite: "Lax",
    maxAge: MAX_AGE_SECONDS,
    // Safari and some cookie jars drop Secure cookies under http, loopback or not.
    secure: !c.var.deps.config.loopback,
  })
  return value
}

/** Hashes the cookie's value, as sessions store it. */
export async function hashBrowser(value: string): Promise<string> {
  return await sha256(value)
}

/**
 * Makes the token that a form of this page carries against CSRF: an HMAC under the cookie's value,
 * which no other site can read.
 */
export async function formToken(browser: string, page: string): Promise<string> {
  const algorithm = { name: "HMAC", hash: "SHA-256" }
  const key = await crypto.subtle.importKey("raw", utf8(browser), algorithm, false, ["sign"])
  const signature = await crypto.subtle.sign("HMAC", key, utf8(`form:${page}`))
  return base64url.encode(new Uint8Array(signature))
}

/** Tells whether a form came from our own page in this browser. */
export async function isOwnForm(
  browser: string,
  page: string,
  token: string | undefined,
): Promise<boolean> {
  return sameText(await formToken(browser, page), token ?? "")
}

function cookieName(c: KoppelContext): string {
  return c.var.deps.config.loopback ? "koppel" : "__Host-koppel"
}
