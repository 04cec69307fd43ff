/**
 * Prints secrets for `wrangler secret`. Nothing is written to disk. Run by `npm run keys`.
 *
 *   npm run -s keys | npx wrangler secret bulk           a fresh set of all four, as JSON
 *   npm run -s keys -- new SIGNING_KEYS                  a fresh value of one
 *   npm run -s keys -- append SEALING_KEYS < set.json    rotation, step 1: a new key at the end
 *   npm run -s keys -- front <kid> < set.json            rotation, step 2: that key first (active)
 *   npm run -s keys -- remove <kid> < set.json           rotation, step 3: the old key out
 */
import { text } from "node:stream/consumers"
import { fail, runMain } from "./lib/cli.ts"
import { type KeySet, newKey, newSecret, newSecrets, SECRET_NAMES } from "./lib/keys.ts"

const USAGE = `Usage: npm run -s keys -- [command]

  (none)                        a fresh set of all secrets, as JSON for \`wrangler secret bulk\`
  new <SECRET>                  a fresh value of one: ${SECRET_NAMES.join(", ")}
  append <SECRET> < set.json    the key set with a new key at the end
  front <kid> < set.json        the key set with that key first, which makes it the active one
  remove <kid> < set.json       the key set without that key; the active key cannot be removed

Keep the sets in your password manager: Cloudflare does not give secrets back.`

async function readKeySet(): Promise<KeySet> {
  try {
    const set: unknown = JSON.parse(await text(process.stdin))
    if (typeof set === "object" && set !== null && "keys" in set && Array.isArray(set.keys)) {
      return { keys: set.keys }
    }
  } catch {
    // Falls through: what was read is never repeated.
  }
  return fail('Give the present key set, {"keys":[…]}, on standard input.')
}

function find(set: KeySet, kid: string | undefined) {
  const key = set.keys.find((candidate) => candidate.kid === kid)
  return key ?? fail(`The key set has no key with the id "${kid ?? ""}".`)
}

async function run([command, name]: readonly string[]): Promise<string> {
  switch (command) {
    case undefined:
      return JSON.stringify(await newSecrets(), null, 2)
    case "new": {
      const secret = SECRET_NAMES.find((candidate) => candidate === name)
      return newSecret(secret ?? fail(`Name one of ${SECRET_NAMES.join(", ")}.`))
    }
    case "append": {
      if (name !== "SEALING_KEYS" && name !== "SIGNING_KEYS") {
        return fail("Only SEALING_KEYS and SIGNING_KEYS are key sets.")
      }
      return JSON.stringify({ keys: [...(await readKeySet()).keys, await newKey(name)] })
    }
    case "front": {
      const set = await readKeySet()
      const key = find(set, name)
      return JSON.stringify({ keys: [key, ...set.keys.filter((other) => other !== key)] })
    }
    case "remove": {
      const set = await readKeySet()
      const key = find(set, name)
      if (key === set.keys[0]) return fail("That key is the active one: move another to the front.")
      return JSON.stringify({ keys: set.keys.filter((other) => other !== key) })
    }
    case "help":
    case "--help":
      return USAGE
    default:
      return fail(USAGE)
  }
}

runMain(async () => console.log(await run(process.argv.slice(2))))
