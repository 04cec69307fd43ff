/** The embeddable button: the newest at a moving address, each version at one that never changes. */
import { Hono } from "hono"
import type { KoppelContext, KoppelEnv } from "../context.ts"
import { KoppelError } from "../lib/errors.ts"
import versions from "./versions.json" with { type: "json" }

type Version = (typeof versions)[number]

const byPath = new Map(versions.map((version) => [pathOf(version), version]))

export const embedRoutes = new Hono<KoppelEnv>()
  .get("/button.js", (c) => {
    const { url, integrity } = describeNewest(c)
    c.header("Link", `<${url}>; rel="latest-version"; integrity="${integrity}"`)
    return sendScript(c, newest(), MOVING)
  })
  .get("/button.json", (c) => {
    const { url, integrity } = describeNewest(c)
    const tag = `<script src="${url}" integrity="${integrity}" crossorigin="anonymous" defer></script>`
    return c.json({ url, integrity, tag }, 200, { ...SHARED, "Cache-Control": MOVING })
  })
  .get("/:file{button\\..+\\.js}", (c) => {
    const version = byPath.get(c.req.path)
    if (version === undefined) {
      throw new KoppelError(404, "not_found", "There is no such version of the button.")
    }
    return sendScript(c, version, IMMUTABLE)
  })

const MOVING = "public, max-age=300"
const IMMUTABLE = "public, max-age=31536000, immutable"

/** Any page may load it, also under COEP, and check its hash, which takes CORS. */
const SHARED = {
  "Access-Control-Allow-Origin": "*",
  "Cross-Origin-Resource-Policy": "cross-origin",
  "X-Content-Type-Options": "nosniff",
}

function pathOf(version: Version): string {
  return `/button.${version.hash}.js`
}

function newest(): Version {
  const [version] = versions
  if (version === undefined) throw new Error("The button was not built.")
  return version
}

function describeNewest(c: KoppelContext): { url: string; integrity: string } {
  const { integrity } = newest()
  return { url: `${c.var.deps.config.issuer}${pathOf(newest())}`, integrity }
}

function sendScript(c: KoppelContext, version: Version, cacheControl: string): Response {
  return c.body(version.script, 200, {
    ...SHARED,
    "Cache-Control": cacheControl,
    "Content-Type": "text/javascript; charset=utf-8",
  })
}
