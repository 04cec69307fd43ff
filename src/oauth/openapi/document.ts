/** The OpenAPI document (3.1), made of the schemas that requests are read with. */
import * as z from "zod/mini"
import { type Operation, operations, schemas } from "./operations.ts"

type Json = Record<string, unknown>

const SECURITY_SCHEMES = {
  app: { type: "http", scheme: "basic", description: "client_id and client_secret" },
  token: { type: "http", scheme: "bearer", description: "An access token" },
  registration: { type: "http", scheme: "bearer", description: "registration_access_token" },
  operator: { type: "http", scheme: "bearer", description: "REGISTRATION_TOKEN" },
}

/** Gives the document; its server is where it was fetched from. */
export function describeApi(): Json {
  const paths: Record<string, Json> = {}
  for (const operation of operations) {
    paths[operation.path] = {
      ...paths[operation.path],
      [operation.method]: describeOperation(operation),
    }
  }
  return {
    openapi: "3.1.1",
    info: {
      title: "Koppel",
      version: "1",
      license: { name: "Apache-2.0", identifier: "Apache-2.0" },
    },
    servers: [{ url: "/" }],
    paths,
    components: {
      schemas: Object.fromEntries(
        Object.entries(schemas).map(([name, schema]) => [name, toJsonSchema(schema, "output")]),
      ),
      securitySchemes: SECURITY_SCHEMES,
    },
  }
}

function describeOperation(operation: Operation): Json {
  const { id, summary, security, status, form, json } = operation
  const body = form ?? json
  const type = json === undefined ? "application/x-www-form-urlencoded" : "application/json"
  const isOAuth = operation.path.startsWith("/oauth/")
  const error = isOAuth ? "OAuthError" : "Problem"
  const errorType = isOAuth ? "application/json" : "application/problem+json"
  return {
    operationId: id,
    summary,
    security: security.map((name) => ({ [name]: [] })),
    parameters: [...pathParameters(operation.path), ...queryParameters(operation.query)],
    ...(body === undefined
      ? {}
      : { requestBody: { required: true, content: content(type, toJsonSchema(body, "input")) } }),
    responses: {
      [status]: { description: summary, ...answerContent(operation) },
      default: { description: "What went wrong", content: content(errorType, reference(error)) },
    },
  }
}

function answerContent({ answer, type }: Operation): Json {
  if (answer !== undefined) return { content: content("application/json", reference(answer)) }
  return type === undefined ? {} : { content: content(type, { type: "string" }) }
}

function content(type: string, schema: Json): Json {
  return { [type]: { schema } }
}

function reference(name: string): Json {
  return { $ref: `#/components/schemas/${name}` }
}

function pathParameters(path: string): Json[] {
  return Array.from(path.matchAll(/\{(\w+)\}/g), ([, name]) => ({
    name,
    in: "path",
    required: true,
    schema: { type: "string" },
  }))
}

function queryParameters(query: z.ZodMiniType | undefined): Json[] {
  if (query === undefined) return []
  const { properties = {}, required = [] } = toJsonSchema(query, "output") as {
    properties?: Record<string, Json>
    required?: string[]
  }
  return Object.entries(properties).map(([name, schema]) => ({
    name,
    in: "query",
    // What has a default may be left out.
    required: required.includes(name) && !("default" in schema),
    schema,
  }))
}

function toJsonSchema(schema: z.ZodMiniType, io: "input" | "output"): Json {
  const { $schema, ...rest } = z.toJSONSchema(schema, { io }) as Json
  return rest
}
