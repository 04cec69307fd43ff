/** What is kept of Nmbrs' answers: counts, the first ids and names, and the true subdomain. */
import type { Reading } from "./read-answer.ts"

/** A list of debtors or companies, as far as it was read. */
export interface List {
  readonly count: number
  /** There are more: reading stopped at its bound. */
  readonly more: boolean
  /** Id of the first, for probes; undefined where there is none. */
  readonly firstId: string | undefined
  /** The first few names that are not empty. */
  readonly names: readonly string[]
}

const namesKept = 3
const longestName = 200
const smallBytes = 64 * 1024

/**
 * Reads `List_GetAll` of debtors (`Id`, `Name`) or companies (`ID`, `Name`), item by item. Only items
 * that came whole are counted.
 */
export function readList(item: "Debtor" | "Company"): Reading<List> {
  const names: string[] = []
  let count = 0
  let firstId: string | undefined
  let id = ""
  let name = ""
  return {
    bytes: 2 * 1024 * 1024,
    glance: false,
    ended(element, level, text) {
      if (level === 4) {
        // Debtors have an Id, companies an ID.
        if (element.toLowerCase() === "id") id = text.trim()
        else if (element === "Name") name = text.trim().slice(0, longestName).toWellFormed()
      } else if (level === 3 && element === item) {
        count += 1
        if (/^\d{1,18}$/.test(id)) firstId ??= id
        if (name !== "" && names.length < namesKept) names.push(name)
        id = ""
        name = ""
      }
    },
    value: (more) => ({ count, more, firstId, names }),
  }
}

/**
 * Reads `Environment_Get`: the subdomain in lower case, undefined where there is none or it is no
 * DNS label. Its `Domain` is not used: what it holds is not known.
 */
export function readSubdomain(): Reading<string | undefined> {
  let subdomain: string | undefined
  return {
    bytes: smallBytes,
    glance: false,
    ended(element, level, text) {
      if (level !== 3 || element !== "SubDomain") return
      const label = text.trim().toLowerCase()
      if (isLabel(label)) subdomain = label
    },
    value: () => subdomain,
  }
}

/** Reads nothing: that there is a result is all that a probe wants. */
export function readNothing(): Reading<undefined> {
  return { bytes: smallBytes, glance: true, ended: () => undefined, value: () => undefined }
}

/** Tells whether a text in lower case is a DNS label. Assumption: Nmbrs' own rule is not published. */
export function isLabel(text: string): boolean {
  return /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/.test(text)
}
