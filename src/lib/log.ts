/** One line a request, of a closed set of fields. Nothing else is ever written. */

/** What a log line may hold. Values are ids, codes and route patterns: no URL, no header, no input. */
export interface LogLine {
  readonly reference: string
  readonly method: string
  readonly route: string
  readonly status: number
  readonly client_id?: string | undefined
  readonly provider?: string | undefined
  readonly outcome?: string | undefined
  readonly code?: string | undefined
  /** The private reason; written by us, never taken from input or a provider's answer. */
  readonly detail?: string | undefined
}

/** Fields that a route may add to its line. */
export type LogFields = Partial<Omit<LogLine, "reference" | "method" | "route" | "status">>

/** Writes one line as JSON; fields outside the set are left out whatever is passed. */
export function writeLog(line: LogLine): void {
  const { reference, method, route, status, client_id, provider, outcome, code, detail } = line
  console.log(
    JSON.stringify({
      reference,
      method,
      route,
      status,
      client_id,
      provider,
      outcome,
      code,
      detail,
    }),
  )
}
