/** `openapi.json`: well formed by the rules of 3.1 that tools rely on, and true. */
import { beforeAll, describe, expect, it } from "vitest"
import {
  connection,
  connectionList,
  problem,
  verified,
  webhookList,
} from "../../src/connections/schemas.ts"
import { registration, tokenResponse, userinfo } from "../../src/oauth/openapi/schemas.ts"
import { ISSUER, registerApp, startHarness } from "../support/worker/harness.ts"
import { api, bearer, connected } from "../support/worker/jobs.ts"

type Json = Record<string, unknown>
const METHODS = ["get", "put", "post", "delete", "options", "head", "patch", "trace"]
const JSON_TYPES = ["string", "number", "integer", "boolean", "object", "array", "null"]

const harness = startHarness()
let document: Json
beforeAll(async () => {
  const response = await harness.request("/openapi.json")
  expect(response.headers.get("content-type")).toContain("application/json")
  document = (await response.json()) as Json
})

const entries = (value: unknown) => Object.entries((value ?? {}) as Record<string, Json>)

function operations(): { path: string; method: string; operation: Json }[] {
  return entries(document.paths).flatMap(([path, item]) =>
    entries(item).map(([method, operation]) => ({ path, method, operation })),
  )
}

/** Finds a reference's target, as RFC 6901 says. */
function resolve(reference: string): unknown {
  return reference
    .replace(/^#\//, "")
    .split("/")
    .reduce<unknown>((at, key) => (at as Json | undefined)?.[key], document)
}

/** Walks everything that is a schema. */
function checkSchema(schema: unknown, where: string): void {
  if (typeof schema === "boolean") return
  expect(schema, where).toBeTypeOf("object")
  const one = schema as Json
  // One dialect for the whole document.
  expect(one, where).not.toHaveProperty("$schema")
  if (typeof one.$ref === "string") expect(resolve(one.$ref), where).toBeDefined()
  if (one.type !== undefined) {
    for (const type of [one.type].flat()) expect(JSON_TYPES, where).toContain(type)
  }
  // Not of 3.1: JSON Schema has types and numbers for these.
  expect(one, where).not.toHaveProperty("nullable")
  for (const name of ["exclusiveMinimum", "exclusiveMaximum"]) {
    if (name in one) expect(one[name], where).toBeTypeOf("number")
  }
  if (one.required !== undefined) {
    const required = one.required as string[]
    expect(new Set(required).size, where).toBe(required.length)
    for (const name of required) expect(one.properties, where).toHaveProperty([name])
  }
  for (const [name, property] of entries(one.properties)) checkSchema(property, `${where}.${name}`)
  for (const name of ["items", "additionalProperties", "propertyNames"]) {
    if (one[name] !== undefined) checkSchema(one[name], `${where}.${name}`)
  }
  for (const name of ["anyOf", "oneOf", "allOf"]) {
    for (const part of (one[name] ?? []) as unknown[]) checkSchema(part, `${where}.${name}`)
  }
}

describe("the document", () => {
  it("is OpenAPI 3.1 with what that needs", () => {
    expect(document.openapi).toMatch(/^3\.1\.\d+$/)
    expect(document.info).toMatchObject({ title: "Koppel", version: expect.any(String) })
    expect(document.servers).toEqual([{ url: ISSUER }])
    const known = ["openapi", "info", "servers", "paths", "components", "tags", "security"]
    expect(known).toEqual(expect.arrayContaining(Object.keys(document)))
    for (const name of Object.keys((document.components as Json).schemas as Json)) {
      expect(name).toMatch(/^[a-zA-Z0-9._-]+$/)
    }
  })

  it("has paths and operations that tools can read", () => {
    const all = operations()
    expect(all.length).toBeGreaterThan(20)
    for (const { path, method, operation } of all) {
      expect(path).toMatch(/^\//)
      expect(METHODS).toContain(method)
      const responses = entries(operation.responses)
      expect(responses.length).toBeGreaterThan(0)
      for (const [status, response] of responses) {
        expect(status).toMatch(/^([1-5]\d\d|[1-5]XX|default)$/)
        expect(response.description).toBeTypeOf("string")
      }
      for (const requirement of operation.security as Json[]) {
        for (const name of Object.keys(requirement)) {
          expect((document.components as Json).securitySchemes).toHaveProperty(name)
        }
      }
    }
    const ids = all.map(({ operation }) => operation.operationId)
    expect(new Set(ids).size).toBe(ids.length)
  })

  it("names each place of a path once, as required", () => {
    for (const { path, operation } of operations()) {
      const parameters = operation.parameters as Json[]
      const inPath = parameters.filter((one) => one.in === "path")
      expect(inPath.map(({ name }) => name)).toEqual(
        Array.from(path.matchAll(/\{(\w+)\}/g), ([, name]) => name),
      )
      expect(inPath.every(({ required }) => required === true)).toBe(true)
      const keys = parameters.map(({ name, in: place }) => `${place} ${name}`)
      expect(new Set(keys).size).toBe(keys.length)
      for (const parameter of parameters) expect(parameter).toHaveProperty("schema")
    }
  })

  it("has schemas that are JSON Schema 2020-12, and references that lead somewhere", () => {
    for (const [name, schema] of entries((document.components as Json).schemas)) {
      checkSchema(schema, name)
    }
    for (const { path, method, operation } of operations()) {
      const bodies = [operation.requestBody, ...Object.values(operation.responses as Json)]
      for (const body of bodies) {
        for (const [type, media] of entries((body as Json | undefined)?.content)) {
          expect(type).toMatch(/^[a-z]+\/[a-z+.-]+$/)
          checkSchema(media.schema, `${method} ${path}`)
        }
      }
      for (const parameter of operation.parameters as Json[]) {
        checkSchema(parameter.schema, `${method} ${path} ${parameter.name}`)
      }
    }
  })

  it("says what may be left out of a list's query, and how much it may ask for", () => {
    const list = (document.paths as Record<string, Record<string, Json>>)["/v1/connections"]?.get
    expect(list?.parameters).toEqual(
      expect.arrayContaining([
        expect.objectContaining({
          name: "limit",
          required: false,
          schema: { type: "integer", minimum: 1, maximum: 100, default: 50 },
        }),
        expect.objectContaining({ name: "end_user.id", required: false }),
      ]),
    )
  })
})

describe("what it says is so", () => {
  it("of every address: each is there", async () => {
    for (const { path, method } of operations()) {
      if (path.startsWith("/proxy/")) continue
      const response = await harness.request(path.replace(/\{\w+\}/g, "x"), {
        method: method.toUpperCase(),
      })
      const text = await response.text()
      expect([path, method, text]).not.toEqual([
        path,
        method,
        expect.stringContaining("There is nothing at this address"),
      ])
      expect([path, method, response.status]).not.toEqual([path, method, 405])
    }
  })

  it("of every answer: it is what the schema says", async () => {
    const app = await registerApp(harness, { webhook_uri: "https://hooks.example/" })
    expect(registration.parse(app)).toMatchObject({ client_id: app.client_id })
    const id = await connected(harness, app)
    const path = `/v1/connections/${id}`
    const token = await bearer(harness, app, id)
    const body = async (method: string, at: string, authorization = app.basic) =>
      (await api(harness, app, method, at, authorization)).body
    const same = (schema: { parse(value: unknown): unknown }, value: unknown) =>
      expect(schema.parse(value)).toEqual(value)
    same(connection, await body("GET", path))
    same(connectionList, await body("GET", "/v1/connections"))
    same(verified, await body("POST", `${path}/verify`))
    same(webhookList, await body("GET", "/v1/webhooks?status=pending"))
    same(problem, await body("GET", `${path}x`))
    same(userinfo, await body("GET", "/oauth/userinfo", token))
    const response = await harness.request("/oauth/token", {
      method: "POST",
      headers: { authorization: app.basic, "content-type": "application/x-www-form-urlencoded" },
      body: "grant_type=client_credentials",
    })
    same(tokenResponse, await response.json())
  })
})
