/** The simulated Nimbus: no state, and the login code says what happens. */
import type { Sandbox } from "../sandbox.ts"
import { assumedV0 } from "./assumed-v0.ts"
import { respond, sceneNames } from "./respond.ts"

const host = "sandbox.nimbus.test"

/** Nimbus for apps whose environment is `test`; answers at https://sandbox.nimbus.test/ only. */
export const nimbusSandbox: Sandbox = {
  settings: { NIMBUS_PROFILE: JSON.stringify(assumedV0), NIMBUS_ALLOWED_HOSTS: host },
  magic: sceneNames.map((name) => ({
    name,
    credentials: {
      account_url: `https://${host}/`,
      login_code: name,
      password: "correct-horse",
      pin: "",
    },
  })),
  fetch(options) {
    return async (input, init) => {
      const request = new Request(input, init)
      const url = new URL(request.url)
      if (url.protocol !== "https:" || url.host !== host) throw new TypeError("fetch failed")
      const signal = init?.signal ?? (input instanceof Request ? input.signal : null)
      signal?.throwIfAborted()
      return respond(request, { ...options, sleep: (seconds) => options.sleep(seconds, signal) })
    }
  },
}
