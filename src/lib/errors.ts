/** Errors that cross folders: a stable code, a public sentence, a private detail. */

/** What a caller did wrong or what failed, with the HTTP status and the sentence that may be shown. */
export class KoppelError extends Error {
  readonly code: string
  readonly status: number
  /** For the log only; never holds anything that was typed. */
  readonly detail: string | undefined
  readonly headers: Readonly<Record<string, string>>

  constructor(
    status: number,
    code: string,
    message: string,
    more: { detail?: string; headers?: Record<string, string>; cause?: unknown } = {},
  ) {
    super(message, { cause: more.cause })
    this.name = "KoppelError"
    this.status = status
    this.code = code
    this.detail = more.detail
    this.headers = more.headers ?? {}
  }
}

/** A setting that is missing or malformed; `setting` is its name, never its value. */
export class SettingError extends Error {
  readonly setting: string

  constructor(setting: string, reason: string) {
    super(`${setting}: ${reason}`)
    this.name = "SettingError"
    this.setting = setting
  }
}
