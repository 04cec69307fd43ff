/** The sample app's page: a template tag that escapes whatever is put in, and the frame. */

/** Markup that is safe to send. Only `html` makes it. */
export interface Html {
  readonly markup: string
}

const ENTITIES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
}

/** Makes markup from a template; text put into it is escaped, markup is not escaped again. */
export function html(parts: TemplateStringsArray, ...values: readonly (string | Html)[]): Html {
  const escaped = values.map((value) =>
    typeof value === "string"
      ? value.replace(/[&<>"']/g, (character) => ENTITIES[character] ?? "")
      : value.markup,
  )
  return { markup: String.raw({ raw: parts }, ...escaped) }
}

const STYLE = `
:root { color-scheme: light dark; --ink: #1d2320; --soft: #5b655f; --paper: #fbfaf7;
  --line: #dcdad2; --accent: #14614b; --on-accent: #fff }
@media (prefers-color-scheme: dark) {
  :root { --ink: #e8ebe6; --soft: #a0aaa3; --paper: #171b19; --line: #353c38;
    --accent: #7fd1b3; --on-accent: #10211a } }
* { box-sizing: border-box }
body { margin: 0; background: var(--paper); color: var(--ink);
  font: 17px/1.55 system-ui, sans-serif }
header, main { max-width: 42rem; margin: auto; padding: 1.25rem }
header { display: flex; gap: .6rem; align-items: baseline; border-bottom: 1px solid var(--line) }
header a { color: inherit; font-weight: 700; text-decoration: none }
header span, .small, dt { color: var(--soft) }
h1 { font-size: 1.6rem; line-height: 1.25; margin: 1.5rem 0 .5rem }
a { color: var(--accent) }
.buttons { display: flex; flex-wrap: wrap; gap: .75rem; margin-top: 1.75rem }
button { font: inherit; border: 0; cursor: pointer }
.button { background: var(--accent); color: var(--on-accent); padding: .7rem 1.1rem;
  border-radius: .4rem; text-decoration: none; font-weight: 600 }
koppel-button::part(link) { background: var(--accent); color: var(--on-accent) }
:focus-visible { outline: 3px solid var(--accent); outline-offset: 3px }
.mark { display: inline-block; margin: 1.5rem 0 0; padding: .1rem .7rem; border-radius: 1rem;
  border: 1px solid var(--accent); color: var(--accent); font-size: .9rem }
.mark::before { content: "\\2713\\00a0" }
.mark + h1 { margin-top: .75rem }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .3rem 1.25rem }
dd { margin: 0; overflow-wrap: anywhere }
pre { overflow: auto; padding: 1rem; border: 1px solid var(--line); border-radius: .4rem;
  font-size: .85rem }
summary { cursor: pointer; padding: .6rem 0 }
.small { font-size: .9rem }`

/** Puts content and the page's script into the frame; gives the whole document. */
export function page(content: Html, nonce: string, script: Html): string {
  return html`<!doctype html>
<html lang="en">
<head>
  <meta charset="utf-8">
  <meta name="viewport" content="width=device-width">
  <title>Urenweek</title>
  <link rel="icon" href="data:,">
  <style>${{ markup: STYLE }}</style>
</head>
<body>
  <header><a href="/">Urenweek</a><span>hours for payroll</span></header>
  <main>${content}</main>
  <script nonce="${nonce}">${script}</script>
</body>
</html>
`.markup
}
