/** Languages of the hosted page; each is one file of texts in `ui/texts` and in every provider. */
export const LANGUAGES = ["en", "nl"] as const

export type Language = (typeof LANGUAGES)[number]
