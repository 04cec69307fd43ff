import { readFileSync } from "node:fs"
import { resolve } from "node:path"
import { expect, it } from "vitest"
import { describeApi } from "../../../src/oauth/openapi/document.ts"

it("serves the OpenAPI document that the schemas make (mend: npm run openapi)", () => {
  const file = resolve(import.meta.dirname, "../../../src/oauth/openapi/openapi.json")
  const served: unknown = JSON.parse(readFileSync(file, "utf8"))
  expect(served).toEqual(JSON.parse(JSON.stringify(describeApi())))
})
