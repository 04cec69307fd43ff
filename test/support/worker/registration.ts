/** Registration and its management over HTTP, refusals included. */
import { env } from "cloudflare:workers"
import { CALLBACK, type Harness, type RegisteredApp } from "./harness.ts"

export type Json = Record<string, unknown>

/** Sends JSON with a bearer token. */
export function send(
  harness: Harness,
  method: string,
  path: string,
  token: string,
  body?: unknown,
) {
  return harness.request(path, {
    method,
    headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
}

/** Registers with members that may be refused. */
export function register(harness: Harness, members: Json, token: string = env.REGISTRATION_TOKEN) {
  const body = {
    client_name: "Urenweek",
    redirect_uris: [CALLBACK],
    scope: "nmbrs:employees.read",
    environment: "test",
    ...members,
  }
  return send(harness, "POST", "/oauth/register", token, body)
}

/** Manages an app, with its own token unless another is given. */
export function manage(
  harness: Harness,
  method: string,
  app: RegisteredApp,
  body?: Json,
  token?: string,
) {
  const path = `/oauth/register/${app.client_id}`
  return send(harness, method, path, token ?? app.registration_access_token, body)
}
