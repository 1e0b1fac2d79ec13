import { backgrounds } from './backgrounds.ts'
import type { LightAndDark } from './brand.ts'

/** The style of all our pages: one column, light or dark as the visitor prefers. */
export const pageStyle = `
:root { color-scheme: light dark; --ink: #1b1f27; --soft: #59616f; --paper: ${backgrounds.light.paper};
  --card: ${backgrounds.light.card}; --line: #dcd8d0; --on-brand: #fff; --focus: #b8621b }
@media (prefers-color-scheme: dark) { :root { --ink: #e9e6e0; --soft: #a5a9b0;
  --paper: ${backgrounds.dark.paper}; --card: ${backgrounds.dark.card}; --line: #353a41;
  --on-brand: #10201c; --focus: #f0a35e } }
* { box-sizing: border-box }
body { margin: 0; min-height: 100vh; display: grid; grid-template-rows: 1fr auto; gap: 1.5rem;
  padding: 1.5rem; background: var(--paper); color: var(--ink);
  font: 1rem/1.55 system-ui, -apple-system, "Segoe UI", Roboto, sans-serif;
  overflow-wrap: anywhere }
main { align-self: center; justify-self: center; width: 100%; max-width: 28rem; padding: clamp(1.25rem, 6vw, 2rem);
  background: var(--card); border: 1px solid var(--line); border-radius: 12px;
  box-shadow: inset 0 4px var(--brand) }
h1 { margin: 0 0 .75rem; font-size: 1.4rem; line-height: 1.25; text-wrap: balance }
main .brand { margin-bottom: 1.25rem; font-weight: 600; color: var(--soft) }
.brand img { display: block; max-width: 100%; max-height: 2.25rem }
p { margin: 0 0 1rem } p:last-child { margin-bottom: 0 }
form + p { margin-top: 1.5rem }
a { color: var(--brand) }
code { font: .9em ui-monospace, SFMono-Regular, Menlo, monospace }
label { display: block; margin-bottom: .35rem; font-weight: 600 }
input { width: 100%; padding: .65rem .75rem; margin-bottom: 1rem; font: inherit; color: inherit;
  background: var(--paper); border: 1px solid var(--soft); border-radius: 8px }
button, .button { display: inline-block; padding: .65rem 1.25rem; font: inherit; font-weight: 600;
  text-decoration: none; color: var(--on-brand); background: var(--brand); border: 0;
  border-radius: 8px; cursor: pointer }
button.second { color: var(--ink); background: transparent; box-shadow: inset 0 0 0 1px var(--soft) }
.actions { display: flex; flex-wrap: wrap; gap: .75rem; margin-top: 1.5rem }
dl { margin: 0 0 1rem } dt { font-weight: 600 } dd { margin: 0 0 .75rem; white-space: pre-wrap }
ol { margin: 0 0 1rem; padding-left: 1.25rem } ol:last-child { margin-bottom: 0 } li + li { margin-top: .75rem }
ul.choices { list-style: none; margin: 0; padding: 0 }
ul.choices button { width: 100%; text-align: left; color: var(--ink); background: transparent;
  border: 1px solid var(--soft) }
:focus-visible { outline: 3px solid var(--focus); outline-offset: 2px }
.soft { color: var(--soft) } .problem { border-left: 3px solid var(--focus); padding-left: .75rem }
.help { margin-top: 1.5rem }
footer { text-align: center; color: var(--soft); font-size: .85rem } footer p { margin: 0 }
footer code { white-space: nowrap }
`

export const brandStyle = ({ light, dark }: LightAndDark): string =>
  `:root { --brand: ${light} }
@media (prefers-color-scheme: dark) { :root { --brand: ${dark} } }
`
