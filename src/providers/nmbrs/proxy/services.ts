/** Which of Nmbrs' services an address is for. */
import { permissions } from "../permissions.ts"

/** Services that have a right to switch. `SingleSignOn` is none: it takes the login in the body. */
const services = new Set([...permissions.keys()].map((name) => name.slice(0, name.indexOf(":"))))

/** Takes a path below the mount, gives the service of Nmbrs' own path; undefined where it is none. */
export function serviceIn(path: string): string | undefined {
  const service = /^\/soap\/v3\/([A-Za-z]+)\.asmx$/.exec(path)?.[1]
  return service !== undefined && services.has(service) ? service : undefined
}
