/** Speaks RFC 7591 and 7592 with a broker: how the scripts create and change apps. */

/** A broker's refusal, in one sentence. */
export class RegistrationError extends Error {
  readonly status: number

  constructor(status: number, message: string) {
    super(message)
    this.status = status
  }
}

/** An app as the registration endpoint shows it: wire names. */
export interface RegisteredApp {
  readonly client_id: string
  readonly client_secret?: string
  readonly webhook_secret?: string
  readonly registration_access_token?: string
  readonly [member: string]: unknown
}

function isApp(body: unknown): body is RegisteredApp {
  return typeof body === "object" && body !== null && "client_id" in body
}

function sentence(status: number, body: unknown): string {
  const said = (typeof body === "object" ? body : {}) as Record<string, unknown>
  const words = said.error_description ?? said.detail ?? said.error ?? said.title
  return `The broker answered ${status}${typeof words === "string" ? `: ${words}` : "."}`
}

/** Calls the broker at `base` with a bearer token; throws `RegistrationError` on a refusal. */
export async function callBroker(
  base: string,
  token: string,
  method: string,
  path: string,
  body?: unknown,
): Promise<unknown> {
  let response: Response
  try {
    response = await fetch(new URL(path, base), {
      method,
      redirect: "manual",
      headers: {
        authorization: `Bearer ${token}`,
        accept: "application/json",
        ...(body === undefined ? {} : { "content-type": "application/json" }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
  } catch {
    throw new RegistrationError(0, `No broker answers at ${base}.`)
  }
  const answer: unknown = await response.json().catch(() => undefined)
  if (!response.ok) throw new RegistrationError(response.status, sentence(response.status, answer))
  return answer
}

async function callForApp(...args: Parameters<typeof callBroker>): Promise<RegisteredApp> {
  const answer = await callBroker(...args)
  if (!isApp(answer)) throw new RegistrationError(0, "The broker's answer is not an app.")
  return answer
}

const pathOf = (clientId: string) => `/oauth/register/${encodeURIComponent(clientId)}`

/** Registers an app; the answer holds its secrets, once. */
export function registerApp(
  base: string,
  token: string,
  metadata: Readonly<Record<string, unknown>>,
): Promise<RegisteredApp> {
  return callForApp(base, token, "POST", "/oauth/register", metadata)
}

/** Reads one app. */
export function readApp(base: string, token: string, clientId: string): Promise<RegisteredApp> {
  return callForApp(base, token, "GET", pathOf(clientId))
}

/**
 * Replaces an app's registration: every member that stays has to be in it, and what only the
 * broker says has to be left out (RFC 7592, 2.2).
 */
export function replaceApp(
  base: string,
  token: string,
  app: RegisteredApp,
): Promise<RegisteredApp> {
  const { registration_access_token, registration_client_uri, ...more } = app
  const { client_id_issued_at, client_secret_expires_at, ...sent } = more
  return callForApp(base, token, "PUT", pathOf(app.client_id), sent)
}

/** Makes a new client secret; the answer holds it, once. */
export function rotateSecret(
  base: string,
  token: string,
  clientId: string,
): Promise<RegisteredApp> {
  return callForApp(base, token, "POST", `${pathOf(clientId)}/rotate-secret`)
}

/** Reads all apps, page by page. */
export async function listApps(base: string, token: string): Promise<RegisteredApp[]> {
  const apps: RegisteredApp[] = []
  let cursor = ""
  do {
    const query = cursor ? `?cursor=${encodeURIComponent(cursor)}` : ""
    const answer = await callBroker(base, token, "GET", `/oauth/register${query}`)
    const page = answer as { apps?: unknown; next_cursor?: unknown }
    if (!Array.isArray(page.apps)) throw new RegistrationError(0, "The broker sent no list.")
    apps.push(...page.apps.filter(isApp))
    cursor = typeof page.next_cursor === "string" ? page.next_cursor : ""
  } while (cursor)
  return apps
}
