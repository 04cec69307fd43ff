/** Turns the account's address and a path of the profile into the URL of one call. Pure. */
import type { Profile } from "./profile.ts"

/** The part of a call that says where it goes. */
export interface Place {
  readonly path: string
  readonly from?: "base" | "origin" | undefined
}

/** Gives the URL of a call; it is always at the account's own origin. */
export function urlOf(account: URL, place: Place, baseUrl: Profile["base_url"]): URL {
  const [path = "", query = ""] = cut(place.path, "?")
  const url = new URL(account.origin)
  url.pathname = place.from === "origin" ? path : join(basePath(account, baseUrl), path)
  const keepsQuery = baseUrl.rule === "as-pasted" || baseUrl.keep_query === true
  const queries = [keepsQuery ? account.search.slice(1) : "", query]
  url.search = queries.filter((part) => part !== "").join("&")
  return url
}

function basePath(account: URL, baseUrl: Profile["base_url"]): string {
  switch (baseUrl.rule) {
    case "as-pasted":
      return account.pathname
    case "origin":
      return ""
    case "origin+prefix":
      return baseUrl.prefix
  }
}

function join(base: string, path: string): string {
  return path === "" ? base : base.replace(/\/$/, "") + path
}

function cut(text: string, at: string): [string, string] {
  const index = text.indexOf(at)
  return index < 0 ? [text, ""] : [text.slice(0, index), text.slice(index + 1)]
}
