/** What apps are told of. */

/** A change of a connection; what the connection is after it is read from its row. */
export type ConnectionEventType =
  | "connection.created"
  | "connection.updated"
  | "connection.broken"
  | "connection.recovered"
  | "connection.deleted"
  | "connection.credentials_read"

/**
 * How a session ended: the person connected, said no, went away, or the app did not come back for a
 * finished one.
 */
export type SessionOutcome = "done" | "refused" | "abandoned" | "expired"

export interface ConnectionEvent {
  /** Of the message; `newId("msg")`. */
  readonly id: string
  readonly type: ConnectionEventType
  readonly clientId: string
  /** Its id, or the hash of the code that it is redeemed by. */
  readonly connection: { readonly id: string } | { readonly codeHash: string }
  readonly at: number
  /**
   * The `change_id` that the change puts into the connection's row in the same batch: the message is
   * written only where that change won. Left out for what changes nothing.
   */
  readonly changeId?: string | undefined
}

export interface SessionEvent {
  readonly sessionId: string
  readonly clientId: string
  readonly outcome: "done" | "refused"
  /** The `ended_at` that the same batch puts into the session's row. */
  readonly at: number
}
