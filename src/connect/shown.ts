/** What the summary shows, in one digest: the person's answer is to this, and to nothing newer. */
import { describeRedirectUri } from "../apps/redirect-uri.ts"
import { sha256 } from "../lib/bytes.ts"
import { askedBy } from "./asked-by.ts"
import type { Grant } from "./grant.ts"
import type { PassedVerdict } from "./ready.ts"
import type { Visit } from "./visit.ts"

/** Gives the digest of a summary, whenever its verdict was reached. */
export async function digestOf(
  { app, request, provider }: Pick<Visit, "app" | "request" | "provider">,
  { verdict, grant }: { readonly verdict: PassedVerdict; readonly grant: Grant },
): Promise<string> {
  const shown = [
    provider.id,
    app.clientName,
    app.credentialsAccess,
    describeRedirectUri(request.redirectUri),
    askedBy(request) ?? null,
    grant,
    { ...verdict, at: 0 },
  ]
  return await sha256(JSON.stringify(shown))
}
