/** The style of the demo's site. */
export const siteStyle = `
:root { color-scheme: light dark; --ink: #16202e; --soft: #526072; --paper: #f5f7fa; --card: #fff;
  --line: #d5dde8; --brand: #1d56b8; --on-brand: #fff; --tint: #e8f0fc; --good: #1b6e45;
  --focus: #b3470f }
@media (prefers-color-scheme: dark) { :root { --ink: #e6ebf2; --soft: #9fadbf; --paper: #0f151d;
  --card: #18212c; --line: #303d4d; --brand: #82b4ff; --on-brand: #0d1a2e; --tint: #1c2c44;
  --good: #7ad3a5; --focus: #f2a25c } }
* { box-sizing: border-box }
body { margin: 0; background: var(--paper); color: var(--ink);
  font: 1rem/1.55 system-ui, -apple-system, "Segoe UI", Roboto, sans-serif }
header { background: var(--card); border-bottom: 1px solid var(--line) }
.bar, main, footer { max-width: 62rem; margin: 0 auto; padding: 0 1.25rem }
.bar { display: flex; flex-wrap: wrap; align-items: center; gap: .35rem 1.5rem; padding-block: .7rem }
.brand { display: flex; align-items: center; gap: .5rem; font-weight: 700; color: inherit;
  text-decoration: none }
.brand svg { width: 1.5rem; height: 1.5rem; fill: var(--brand) }
nav ul { display: flex; flex-wrap: wrap; gap: .15rem; list-style: none; margin: 0; padding: 0 }
nav a { display: block; padding: .3rem .7rem; color: var(--soft); text-decoration: none;
  border-radius: 7px }
nav a:hover { color: var(--ink) }
nav a[aria-current] { color: var(--brand); background: var(--tint); font-weight: 600 }
.me { display: flex; align-items: center; gap: .75rem; margin-left: auto }
main { padding-block: 2rem }
h1 { margin: 0 0 .35rem; font-size: 1.75rem; line-height: 1.25; text-wrap: balance }
h2 { margin: 0 0 .75rem; font-size: 1.1rem }
p { margin: 0 0 1rem } .lead { max-width: 44rem; text-wrap: balance; color: var(--soft); font-size: 1.05rem }
.soft { color: var(--soft) } a { color: var(--brand) }
section { margin-top: 1.5rem; padding: 1.4rem 1.5rem; background: var(--card);
  border: 1px solid var(--line); border-radius: 12px }
section > :last-child { margin-bottom: 0 }
.pair { display: grid; gap: 1.5rem; margin-top: 1.5rem }
.pair section { margin-top: 0 }
@media (min-width: 52rem) { .pair { grid-template-columns: 3fr 2fr } }
table { width: 100%; border-collapse: collapse; font-size: .925rem }
th, td { padding: .4rem .75rem .4rem 0; text-align: left; vertical-align: top;
  border-top: 1px solid var(--line); overflow-wrap: anywhere }
th { width: 17rem; font-weight: 500; color: var(--soft) } .pair th { width: 11rem }
thead th, th.kind { color: var(--ink); font-weight: 700 }
thead th, thead td, th.kind { border-top: 0 }
th.kind { padding-top: 1.1rem }
code, td { font-family: ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; font-size: .875rem }
td.prose { font: inherit; color: var(--soft) }
code { padding: .1rem .3rem; background: var(--tint); border-radius: 4px; overflow-wrap: anywhere }
.seal { display: inline-block; margin-bottom: .9rem; padding: .15rem .65rem; font-size: .875rem;
  font-weight: 600; color: var(--good); border: 1px solid currentColor; border-radius: 99px }
.try { margin: 0; padding-left: 1.15rem } .try li { margin-bottom: .55rem }
button, .button { display: inline-block; padding: .4rem .9rem; font: inherit; font-weight: 600;
  color: var(--on-brand); background: var(--brand); border: 0; border-radius: 8px; cursor: pointer;
  text-decoration: none }
section > .note { margin: 1.25rem 0 0; color: var(--soft) }
.events { min-height: 12rem; margin: 0; padding: 0; list-style: none;
  font: .9rem/1.7 ui-monospace, SFMono-Regular, Menlo, Consolas, monospace }
.over { padding: .75rem 1rem; border-left: 4px solid var(--focus); background: var(--tint) }
:focus-visible { outline: 3px solid var(--focus); outline-offset: 2px }
footer { padding-block: 0 2rem; font-size: .9rem; color: var(--soft) }
@media (max-width: 40rem) { th, td { display: block; width: 100%; padding-right: 0 }
  td { border-top: 0; padding-top: 0 } .pair th { width: 100% } thead { display: none }
  section { padding: 1.1rem } }
`
