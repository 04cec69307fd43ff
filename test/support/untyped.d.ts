/** The little that tests and examples use of packages that bring no types. */

declare module "express" {
  import type { IncomingMessage, Server, ServerResponse } from "node:http"

  export interface Request extends IncomingMessage {
    readonly url: string
    readonly query: Readonly<Record<string, string | undefined>>
  }
  export interface Response extends ServerResponse {
    cookie(name: string, value: string, options: { httpOnly: boolean; sameSite: "lax" }): this
    json(body: unknown): this
    redirect(status: number, url: string): void
  }
  type Handler = (request: Request, response: Response) => unknown
  interface Application {
    get(path: string, handler: Handler): this
    post(path: string, handler: Handler): this
    listen(port: number, host: string): Server
  }
  export default function express(): Application
}

declare module "simple-oauth2" {
  export interface AccessToken {
    readonly token: Readonly<Record<string, unknown>>
    expired(): boolean
    refresh(): Promise<AccessToken>
    revokeAll(): Promise<void>
  }
  interface Configuration {
    readonly client: { readonly id: string; readonly secret: string }
    readonly auth: {
      readonly tokenHost: string
      readonly tokenPath?: string
      readonly authorizePath?: string
      readonly revokePath?: string
    }
  }
  export class AuthorizationCode {
    constructor(configuration: Configuration)
    authorizeURL(parameters: { redirect_uri: string; scope: string; state: string }): string
    getToken(parameters: { code: string; redirect_uri: string }): Promise<AccessToken>
  }
  export class ClientCredentials {
    constructor(configuration: Configuration)
    getToken(parameters: Readonly<Record<string, string>>): Promise<AccessToken>
  }
}

declare module "passport-oauth2" {
  type Done = (error: Error | null, user?: unknown) => void
  interface Options {
    readonly authorizationURL: string
    readonly tokenURL: string
    readonly clientID: string
    readonly clientSecret: string
    readonly callbackURL: string
    readonly scope: string
    readonly state?: boolean
    readonly pkce?: boolean
  }
  /** What passport calls; a strategy answers by one of the functions that passport puts on it. */
  export default class OAuth2Strategy {
    constructor(
      options: Options,
      verify: (
        accessToken: string,
        refreshToken: string,
        parameters: Readonly<Record<string, unknown>>,
        profile: unknown,
        done: Done,
      ) => void,
    )
    authenticate(request: object, options?: object): void
  }
}
