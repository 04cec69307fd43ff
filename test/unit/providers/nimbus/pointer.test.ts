import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { isPointer, readPointer } from "../../../../src/providers/nimbus/pointer.ts"

// The document and the table of RFC 6901, section 5.
const rfc = {
  foo: ["bar", "baz"],
  "": 0,
  "a/b": 1,
  "c%d": 2,
  "e^f": 3,
  "g|h": 4,
  "i\\j": 5,
  'k"l': 6,
  " ": 7,
  "m~n": 8,
}

describe("a JSON pointer", () => {
  it.each([
    ["", rfc],
    ["/foo", ["bar", "baz"]],
    ["/foo/0", "bar"],
    ["/", 0],
    ["/a~1b", 1],
    ["/c%d", 2],
    ["/e^f", 3],
    ["/g|h", 4],
    ["/i\\j", 5],
    ['/k"l', 6],
    ["/ ", 7],
    ["/m~0n", 8],
    ["/foo/2", undefined],
    ["/foo/01", undefined],
    ["/foo/-", undefined],
    ["/foo/length", undefined],
    ["/foo/0/0", undefined],
    ["/nothing/here", undefined],
    ["/constructor", undefined],
    ["/__proto__", undefined],
  ])("%j reads what RFC 6901 says", (pointer, value) => {
    expect(readPointer(rfc, pointer)).toEqual(value)
  })

  it("unescapes ~01 to ~1", () => {
    expect(readPointer({ "~1": "right", "/": "wrong" }, "/~01")).toBe("right")
  })

  it.each(["a", "a/b", "/~", "/~2", "/a~"])("%j is none", (text) => {
    expect(isPointer(text)).toBe(false)
  })

  it("never throws, whatever the document", () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.array(fc.string()), (document, parts) => {
        readPointer(document, parts.map((part) => `/${part}`).join(""))
      }),
    )
  })
})
