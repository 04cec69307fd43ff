import { describe, expect, test } from "vitest"
import { type End, readXml, type Visitor } from "../../../../src/providers/nmbrs/read-xml.ts"

const bounds = { bytes: 10_000, depth: 8, elements: 50 }
const never = new AbortController().signal

function silent(more: Partial<Visitor> = {}): Visitor {
  return { done: false, open: () => {}, text: () => {}, close: () => {}, ...more }
}

function read(xml: string | Uint8Array<ArrayBuffer>, visitor = silent()): Promise<End> {
  return readXml(new Response(xml).body, bounds, visitor, never)
}

const utf16 = (text: string, bom: boolean) => {
  const units = [...(bom ? [0xfeff] : []), ...[...text].map((c) => c.charCodeAt(0))]
  return new Uint8Array(units.flatMap((unit) => [unit & 0xff, unit >> 8]))
}
const manyEntities = Array.from(
  { length: 20 },
  (_, i) => `<!ENTITY e${i + 1} "&e${i};&e${i};&e${i};">`,
).join("")

describe("refused is", () => {
  test.each<[string, string | Uint8Array<ArrayBuffer>, string]>([
    ["a document type", "<!DOCTYPE a><a/>", "doctype"],
    ["a document type of HTML", "<!doctype html><html></html>", "not_well_formed"],
    [
      "an external entity",
      '<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>',
      "doctype",
    ],
    ["an external subset", '<!DOCTYPE a SYSTEM "http://evil.test/x.dtd"><a/>', "doctype"],
    ["an entity bomb", `<!DOCTYPE a [<!ENTITY e0 "ha">${manyEntities}]><a>&e20;</a>`, "doctype"],
    ["two document types", "<!DOCTYPE a><!DOCTYPE a><a/>", "doctype"],
    ["an entity of nobody's", "<a>&nbsp;</a>", "not_well_formed"],
    ["an inherited entity", "<a>&constructor;&toString;</a>", "not_well_formed"],
    ["a reference to a forbidden character", "<a>&#0;</a>", "not_well_formed"],
    ["a reference to half a pair", "<a>&#xD800;</a>", "not_well_formed"],
    ["a processing instruction", '<?xml-stylesheet href="x"?><a/>', "processing_instruction"],
    ["a processing instruction inside", "<a><?php x ?></a>", "processing_instruction"],
    ["XML 1.1", '<?xml version="1.1"?><a/>', "xml_version"],
    ["deep nesting", `${"<a>".repeat(9)}${"</a>".repeat(9)}`, "too_deep"],
    ["very deep nesting", "<a>".repeat(3000), "too_deep"],
    ["many elements", `<a>${"<b/>".repeat(50)}</a>`, "too_many_elements"],
    ["UTF-16 with a mark", utf16("<a/>", true), "not_utf8"],
    ["UTF-16 without a mark", utf16("<a/>", false), "not_well_formed"],
    ["UTF-16 by name", '<?xml version="1.0" encoding="utf-16"?><a/>', "not_utf8"],
    ["UTF-7 by name", '<?xml version="1.0" encoding="UTF-7"?><a/>', "not_utf8"],
    ["bytes that are not UTF-8", new Uint8Array([0x3c, 0x61, 0x3e, 0xff, 0x3c]), "not_utf8"],
    ["an overlong encoding", new Uint8Array([0xc0, 0xbc, 0x61, 0x2f, 0x3e]), "not_utf8"],
    ["half a character at the end", new Uint8Array([0x3c, 0x61, 0x2f, 0x3e, 0xe2]), "not_utf8"],
    ["an unclosed element", "<a><b></a>", "not_well_formed"],
    ["half a document", "<a><b>", "not_well_formed"],
    ["two roots", "<a/><b/>", "not_well_formed"],
    ["an unknown prefix", "<x:a/>", "not_well_formed"],
    ["a repeated attribute", '<a b="1" b="2"/>', "not_well_formed"],
    ["plain text", "hello", "not_well_formed"],
    ["JSON", '{"a":1}', "not_well_formed"],
    ["nothing", "", "not_well_formed"],
  ])("%s", async (_, xml, reason) => {
    await expect(read(xml)).rejects.toMatchObject({ name: "XmlRefused", reason })
  })

  test("no body at all", async () => {
    await expect(readXml(null, bounds, silent(), never)).rejects.toMatchObject({ reason: "empty" })
  })
})

describe("read is", () => {
  test.each([
    ["a declaration", '<?xml version="1.0" encoding="UTF-8" standalone="yes"?><a/>'],
    ["a byte order mark", "\ufeff<a/>"],
    ["a comment", "<!-- <!DOCTYPE a> --><a/>"],
  ])("%s", async (_, xml) => {
    expect(await read(xml)).toBe("whole")
  })

  test("text in any chunks, with XML's own entities and CDATA", async () => {
    const bytes = new TextEncoder().encode("<a>é🙂&amp;&#233;<![CDATA[<&]]></a>")
    let text = ""
    const body = new ReadableStream<Uint8Array>({
      start(controller) {
        for (const byte of bytes) controller.enqueue(new Uint8Array([byte]))
        controller.close()
      },
    })
    const visitor = silent({
      text: (piece) => {
        text += piece
      },
    })
    expect(await readXml(body, bounds, visitor, never)).toBe("whole")
    expect(text).toBe("é🙂&é<&")
  })
})

describe("the byte bound", () => {
  test("cuts, even in the middle of a character, and cancels the rest", async () => {
    let cancelled = false
    let names = 0
    const body = new ReadableStream<Uint8Array>({
      start: (controller) => controller.enqueue(new TextEncoder().encode("<a><b/><c/>é")),
      cancel: () => {
        cancelled = true
      },
    })
    const end = await readXml(
      body,
      { ...bounds, bytes: 12 },
      silent({
        open: () => {
          names += 1
        },
      }),
      never,
    )
    expect({ end, names, cancelled }).toEqual({ end: "cut", names: 3, cancelled: true })
  })

  test("lets through what just fits", async () => {
    expect(await readXml(new Response("<a/>").body, { ...bounds, bytes: 4 }, silent(), never)).toBe(
      "whole",
    )
  })

  test("stops an endless attribute, comment or document type", async () => {
    for (const start of ['<a b="', "<!--", "<!DOCTYPE a [", "<"]) {
      const body = new ReadableStream<Uint8Array>({
        start: (controller) => controller.enqueue(new TextEncoder().encode(start)),
        pull: (controller) => controller.enqueue(new TextEncoder().encode("x".repeat(1000))),
      })
      expect(await readXml(body, bounds, silent(), never)).toBe("cut")
    }
  })
})

describe("a visitor that is done", () => {
  test("ends the reading, whatever follows and however it is cut", async () => {
    const visitor = () => {
      let done = false
      return {
        get done() {
          return done
        },
        open: () => {
          done = true
        },
        text: () => {},
        close: () => {},
      }
    }
    expect(await read("<a><!DOCTYPE", visitor())).toBe("done")
    expect(await read("<a></b>&&&", visitor())).toBe("done")
  })
})

describe("the signal", () => {
  test("ends a body that never comes", async () => {
    const controller = new AbortController()
    let cancelled = false
    const body = new ReadableStream<Uint8Array>({
      start: (stream) => stream.enqueue(new TextEncoder().encode("<a>")),
      cancel: () => {
        cancelled = true
      },
    })
    const reading = readXml(body, bounds, silent(), controller.signal)
    controller.abort(new Error("time is over"))
    await expect(reading).rejects.toThrow("time is over")
    expect(cancelled).toBe(true)
  })

  test("aborted before, nothing is read", async () => {
    await expect(
      readXml(new Response("<a/>").body, bounds, silent(), AbortSignal.abort(new Error("late"))),
    ).rejects.toThrow("late")
  })
})
