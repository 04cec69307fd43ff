/** The profile `assumed-v0`: how the simulated Nimbus speaks. Assumed; the real one was never asked. */
import type { Profile } from "../../providers/nimbus/profile.ts"

/** For the sandbox only: no operator should send a real password along these paths. */
export const assumedV0: Profile = {
  version: 1,
  name: "assumed-v0",
  base_url: { rule: "origin+prefix", prefix: "/api/v0" },
  login: {
    method: "POST",
    path: "/login",
    body: "json",
    fields: { login_code: "loginCode", password: "password", pin: "pin" },
    success: { answer: "json", status: 200, pointer: "/token" },
  },
  auth: {
    mode: "token",
    pointer: "/token",
    life: { pointer: "/expiresInSeconds" },
    header: "Authorization",
    prefix: "Bearer ",
  },
  whoami: {
    method: "GET",
    path: "/me",
    account_name: "/account/name",
    id: "/employee/id",
    api_user: { pointer: "/employee/apiUser", equals: true },
  },
  statuses: { method: "GET", path: "/statuses", items: "/statuses" },
  logout: { method: "POST", path: "/logout" },
  sso: { hosts: "any" },
  errors: [
    { json: { pointer: "/error", equals: "invalid_login" }, outcome: "wrong_password" },
    { json: { pointer: "/error", equals: "locked" }, outcome: "locked" },
    { json: { pointer: "/error", equals: "pin_required" }, outcome: "pin_required" },
    { json: { pointer: "/error", equals: "pin_wrong" }, outcome: "pin_wrong" },
    { json: { pointer: "/error", equals: "passkey" }, outcome: "passkey" },
  ],
}
