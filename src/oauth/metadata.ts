/** Authorization server metadata (RFC 8414): what this server does, and nothing that it doesn't. */
import { ASSERTION_ALGORITHMS } from "../apps/assertion.ts"
import { AUTH_METHODS, GRANT_TYPES } from "../apps/metadata.ts"
import { LANGUAGES } from "../lib/languages.ts"
import { listScopes } from "../providers/scope.ts"

/** Gives the metadata document of an issuer; the same at both well-known addresses. */
export function describeServer(issuer: string): Record<string, unknown> {
  const confidential = AUTH_METHODS.filter((method) => method !== "none")
  return {
    issuer,
    authorization_endpoint: `${issuer}/oauth/authorize`,
    pushed_authorization_request_endpoint: `${issuer}/oauth/par`,
    token_endpoint: `${issuer}/oauth/token`,
    revocation_endpoint: `${issuer}/oauth/revoke`,
    introspection_endpoint: `${issuer}/oauth/introspect`,
    userinfo_endpoint: `${issuer}/oauth/userinfo`,
    registration_endpoint: `${issuer}/oauth/register`,
    jwks_uri: `${issuer}/.well-known/jwks.json`,
    scopes_supported: listScopes(),
    response_types_supported: ["code", "connection_id"],
    response_modes_supported: ["query", "form_post"],
    grant_types_supported: GRANT_TYPES,
    code_challenge_methods_supported: ["S256"],
    token_endpoint_auth_methods_supported: AUTH_METHODS,
    token_endpoint_auth_signing_alg_values_supported: ASSERTION_ALGORITHMS,
    revocation_endpoint_auth_methods_supported: AUTH_METHODS,
    revocation_endpoint_auth_signing_alg_values_supported: ASSERTION_ALGORITHMS,
    introspection_endpoint_auth_methods_supported: confidential,
    introspection_endpoint_auth_signing_alg_values_supported: ASSERTION_ALGORITHMS,
    authorization_response_iss_parameter_supported: true,
    require_pushed_authorization_requests: false,
    request_parameter_supported: false,
    request_uri_parameter_supported: false,
    ui_locales_supported: LANGUAGES,
    subject_types_supported: ["public"],
  }
}
