/** Signatures as Standard Webhooks has them, checked by a receiver of our own; both secrets while rotating. */
import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { deliver } from "../../src/webhooks/deliver.ts"
import { signWebhook } from "../../src/webhooks/sign.ts"
import { registerApp, startHarness } from "../support/worker/harness.ts"
import { api, connected, jobDeps } from "../support/worker/jobs.ts"
import { receives, startReceiver } from "../support/worker/receiver.ts"

describe("the signature", () => {
  it("is that of the specification's own example", async () => {
    // github.com/standard-webhooks/standard-webhooks, libraries/*/test: "should sign payload".
    const headers = await signWebhook(
      ["whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"],
      { id: "msg_p5jXN8AQM9LWM0D4loKWxJek", body: '{"test": 2432232314}' },
      1614265330 * 1000,
    )
    expect(headers).toEqual({
      "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
      "webhook-timestamp": "1614265330",
      "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
    })
  })

  it("holds for what was sent, and for nothing else", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.uint8Array({ minLength: 24, maxLength: 64 }),
        fc.string({ unit: "binary", maxLength: 60 }),
        fc.string({ minLength: 1, maxLength: 5 }),
        async (bytes, body, more) => {
          const secret = `whsec_${btoa(String.fromCharCode(...bytes))}`
          const now = 1_700_000_000_000
          const headers = new Headers(await signWebhook([secret], { id: "msg_1", body }, now))
          expect(await receives(secret, headers, body, now)).toBe(true)
          expect(await receives(secret, headers, body + more, now)).toBe(false)
          expect(await receives(secret, headers, body, now + 6 * 60_000)).toBe(false)
          headers.set("webhook-id", "msg_2")
          expect(await receives(secret, headers, body, now)).toBe(false)
        },
      ),
      { numRuns: 60 },
    )
  })
})

describe("rotating the secret", () => {
  it("signs with both for a day, then with the new one alone", async () => {
    const receiver = startReceiver()
    const harness = startHarness({ fetch: receiver.fetch })
    const app = await registerApp(harness, { webhook_uri: receiver.uri })
    const { webhook_secret: old } = app as unknown as { webhook_secret: string }
    const id = await connected(harness, app)
    const path = `/oauth/register/${app.client_id}/rotate-webhook-secret`
    const rotate = (token: string) =>
      harness.request(path, { method: "POST", headers: { authorization: `Bearer ${token}` } })
    expect((await rotate("x")).status).toBe(401)
    const response = await rotate(app.registration_access_token)
    expect(response.status).toBe(200)
    expect(response.headers.get("cache-control")).toBe("no-store")
    const made = (await response.json()) as {
      webhook_secret: string
      previous_webhook_secret_expires_at: number
    }
    expect(made.webhook_secret).toMatch(/^whsec_[A-Za-z0-9+/]{43}=$/)
    expect(made.previous_webhook_secret_expires_at * 1000 - harness.clock.at).toBeCloseTo(
      24 * 60 * 60 * 1000,
      -4,
    )

    await api(harness, app, "DELETE", `/v1/connections/${id}`)
    const both = receiver.calls.at(-1)
    if (both === undefined) throw new Error("nothing was sent")
    expect(both.headers.get("webhook-signature")?.split(" ")).toHaveLength(2)
    for (const secret of [old, made.webhook_secret]) {
      expect(await receives(secret, both.headers, both.body, harness.clock.at)).toBe(true)
    }

    harness.clock.at += 24 * 60 * 60 * 1000 + 1000
    await connected(harness, app)
    const alone = receiver.calls.at(-1)
    if (alone === undefined) throw new Error("nothing was sent")
    expect(alone.headers.get("webhook-signature")?.split(" ")).toHaveLength(1)
    expect(await receives(old, alone.headers, alone.body, harness.clock.at)).toBe(false)
    expect(await receives(made.webhook_secret, alone.headers, alone.body, harness.clock.at)).toBe(
      true,
    )
    expect(
      await deliver(await jobDeps(harness), { oldest: 10 }, { seconds: 9, random: () => 0 }),
    ).toEqual({
      tried: 0,
      delivered: 0,
    })
  })
})
