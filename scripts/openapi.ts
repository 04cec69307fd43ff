/** Writes `src/oauth/openapi/openapi.json` out of the schemas, so that the Worker need not carry what makes it. */
import { writeFileSync } from "node:fs"
import { resolve } from "node:path"
import { describeApi } from "../src/oauth/openapi/document.ts"

const file = resolve(import.meta.dirname, "../src/oauth/openapi/openapi.json")
writeFileSync(file, `${JSON.stringify(describeApi(), null, 2)}\n`)
