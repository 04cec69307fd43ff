/** The OpenAPI document, which `npm run openapi` makes of the schemas. */
import { Hono } from "hono"
import { cors } from "hono/cors"
import type { KoppelEnv } from "../../context.ts"
import document from "./openapi.json" with { type: "json" }

export const openapiRoutes = new Hono<KoppelEnv>()
  .use("/openapi.json", cors({ origin: "*", allowMethods: ["GET"] }))
  .get("/openapi.json", (c) => {
    c.header("Cache-Control", "public, max-age=300")
    return c.json({ ...document, servers: [{ url: c.var.deps.config.issuer }] })
  })
