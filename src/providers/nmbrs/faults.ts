/**
 * What Nmbrs' fault numbers mean. The wording differs between documents and versions (1002 and 1003
 * even share theirs), so only the number counts.
 */

/**
 * `refused`: e-mail, token or domain is wrong (1001). `not_allowed`: the login is right, this operation
 * is switched off (1002). `outside`: allowed, but the id is not the login's to see (1003, 20xx).
 * `no_subscription`: the account is switched off (1004). `unknown`: anything else, 9999 included.
 */
export type Meaning = "refused" | "not_allowed" | "outside" | "no_subscription" | "unknown"

// Long fault texts are stack traces; the number stands at their beginning.
const longestText = 4096

/** Takes a fault's text, gives its number; undefined where it holds none. */
export function faultNumber(text: string): number | undefined {
  const start = text.slice(0, longestText)
  const found =
    /--->\s*(\d{3,5})\s*:/.exec(start) ??
    // Assumption: without ASMX's marker, a number that Nmbrs is known to use still is one.
    /\b(1\d{3}|20\d{2}|9999)\s*:/.exec(start)
  return found === null ? undefined : Number(found[1])
}

/** Takes a fault's number, gives what it says about the login. */
export function faultMeaning(number: number | undefined): Meaning {
  switch (number) {
    case 1001:
      return "refused"
    case 1002:
      return "not_allowed"
    case 1003:
      return "outside"
    case 1004:
      return "no_subscription"
    default:
      return number !== undefined && number >= 2000 && number <= 2099 ? "outside" : "unknown"
  }
}
