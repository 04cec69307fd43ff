/** JSON pointers (RFC 6901), for reading only. */

/** Tells whether a text is a JSON pointer (section 3). */
export function isPointer(text: string): boolean {
  return (text === "" || text.startsWith("/")) && !/~(?![01])/.test(text)
}

/** Reads the value at a pointer, or undefined where there is none (section 4). */
export function readPointer(document: unknown, pointer: string): unknown {
  let value = document
  for (const part of pointer.split("/").slice(1)) {
    // The order matters: "~01" is "~1", not "/".
    const name = part.replaceAll("~1", "/").replaceAll("~0", "~")
    if (typeof value !== "object" || value === null) return undefined
    if (Array.isArray(value) && !/^(0|[1-9]\d*)$/.test(name)) return undefined
    if (!Object.hasOwn(value, name)) return undefined
    value = Reflect.get(value, name)
  }
  return value
}
