/** Racing redemptions of one code: one 200, and what the winner got is alive afterwards. */
import { beforeAll, expect, it } from "vitest"
import {
  type Harness,
  type RegisteredApp,
  registerApp,
  startHarness,
} from "../support/worker/harness.ts"
import { isAlive, makeCodes, redeem, tokensOf } from "../support/worker/oauth.ts"

const TRIALS = 100

let harness: Harness
let app: RegisteredApp

beforeAll(async () => {
  harness = startHarness()
  app = await registerApp(harness)
})

it.each([8, 64])(
  "gives one winner of %i redemptions at once, 100 times of 100",
  async (parallel) => {
    let winners = 0
    let alive = 0
    for (let trial = 0; trial < TRIALS; trial++) {
      const [code = ""] = await makeCodes(harness, app, 1)
      const answers = await Promise.all(
        Array.from({ length: parallel }, () => redeem(harness, app, code)),
      )
      const won = answers.filter(({ status }) => status === 200)
      const lost = answers.filter(({ body }) => body.error === "invalid_grant")
      expect([won.length, lost.length]).toEqual([1, parallel - 1])
      winners += won.length
      const [winner] = won
      if (winner !== undefined && (await isAlive(harness, tokensOf(winner).access))) alive++
    }
    expect([winners, alive]).toEqual([TRIALS, TRIALS])
  },
  120_000,
)
