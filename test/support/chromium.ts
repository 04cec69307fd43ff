/**
 * Finds a Chromium: CHROME_PATH, else the one that comes in an npm package, unpacked once below
 * node_modules. Its own launch arguments are never used: they switch web security off.
 */
import { execFile } from "node:child_process"
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs"
import { createRequire } from "node:module"
import { join, resolve } from "node:path"
import { promisify } from "node:util"
import { type Browser, chromium } from "playwright-core"

const CACHE = resolve(import.meta.dirname, "../../node_modules/.cache")

const fontsConfig = (dir: string) => `<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>
  <dir>/usr/share/fonts</dir>
  <dir>${dir}/fonts</dir>
  <cachedir>${dir}/fonts-cache</cachedir>
</fontconfig>
`

/**
 * Unpacks into `dir`, in a process of its own: the package takes from the environment where to
 * unpack, and whether to unpack the libraries that it carries.
 */
async function unpackInto(dir: string): Promise<void> {
  const program = "(await import('@sparticuz/chromium')).default.executablePath()"
  await promisify(execFile)(process.execPath, ["--input-type=module", "-e", `await ${program}`], {
    cwd: import.meta.dirname,
    env: { ...process.env, TMPDIR: dir, AWS_EXECUTION_ENV: "AWS_Lambda_nodejs24.x" },
  })
}

async function unpacked(): Promise<string> {
  const require = createRequire(import.meta.url)
  const { version } = require(join(require.resolve("@sparticuz/chromium"), "../../package.json"))
  const dir = join(CACHE, `chromium-${version}`)
  if (existsSync(dir)) return dir
  mkdirSync(CACHE, { recursive: true })
  const fresh = mkdtempSync(join(CACHE, "unpacking-"))
  await unpackInto(fresh)
  writeFileSync(join(fresh, "fonts.conf"), fontsConfig(dir))
  try {
    renameSync(fresh, dir)
  } catch (error) {
    // Another process was faster; its copy is as good.
    rmSync(fresh, { recursive: true, force: true })
    if (!existsSync(dir)) throw error
  }
  return dir
}

/** Starts Chromium with web security as people have it. */
export async function launchChromium(): Promise<Browser> {
  const args = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
  if (process.env.CHROME_PATH) {
    return chromium.launch({ executablePath: process.env.CHROME_PATH, args })
  }
  if (process.platform !== "linux" || process.arch !== "x64") {
    throw new Error("Set CHROME_PATH to an installed Chrome or Chromium.")
  }
  const dir = await unpacked()
  const env = {
    ...process.env,
    LD_LIBRARY_PATH: join(dir, "al2023/lib"),
    FONTCONFIG_FILE: join(dir, "fonts.conf"),
  }
  return chromium.launch({ executablePath: join(dir, "chromium"), args, env })
}
