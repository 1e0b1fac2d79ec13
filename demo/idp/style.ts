/**
 * The style of the demo's identity provider. It differs from the gate's and the site's on purpose.
 */
export const idpStyle = `
:root { color-scheme: light dark; --ink: #211a33; --soft: #655d78; --paper: #efeaf8; --card: #fff;
  --line: #d9d0ea; --edge: #857a9e; --good: #17663f; --bad: #a3243b; --brand: #5b3fc4; --on-brand: #fff; --chip: #ece6fb; --hover: #f6f3fd;
  --focus: #b3470f }
@media (prefers-color-scheme: dark) { :root { --ink: #ece8f6; --soft: #ada4c2; --paper: #14101f;
  --card: #1e1830; --line: #3a3155; --edge: #857ca0; --good: #7fd6a8; --bad: #ff9db0; --brand: #b3a0ff; --on-brand: #1a1230; --chip: #33294f;
  --hover: #28203f; --focus: #f2a25c } }
* { box-sizing: border-box }
body { margin: 0; min-height: 100vh; display: grid; align-content: center; justify-items: center;
  gap: 1.25rem; padding: 1.5rem 1rem; background: var(--paper); color: var(--ink);
  font: 1rem/1.5 system-ui, -apple-system, "Segoe UI", Roboto, sans-serif }
main { width: 100%; max-width: 30rem; min-width: 0 }
.card { padding: 1.75rem 2rem; background: var(--card); border: 1px solid var(--line);
  border-radius: 18px; box-shadow: 0 10px 40px rgb(60 40 120 / .12) }
.top { display: flex; flex-wrap: wrap; align-items: center; justify-content: space-between;
  gap: .35rem 1rem; margin-bottom: 1.25rem }
.brand { display: flex; align-items: center; gap: .55rem; margin: 0; font-weight: 600 }
.top nav { display: flex; flex-wrap: wrap; gap: .25rem .9rem; font-size: .925rem }
nav [aria-current] { color: var(--ink); font-weight: 600; text-decoration: none }
a { color: var(--brand) } code, pre { font-family: ui-monospace, SFMono-Regular, Menlo, Consolas,
  monospace; font-size: .8125rem; overflow-wrap: anywhere }
.brand svg { width: 1.75rem; height: 1.75rem; fill: none; stroke: var(--brand); stroke-width: 2 }
h1 { margin: 0 0 .35rem; font-size: 1.5rem; line-height: 1.25; text-wrap: balance }
h2 { margin: 1.5rem 0 .6rem; font-size: 1rem }
p { margin: 0 0 1.25rem } .soft { color: var(--soft) } 
ul { list-style: none; margin: 0; padding: 0 }
.choices { display: grid; gap: .6rem; margin-bottom: 1.25rem }
form:last-child .choices { margin-bottom: 0 }
button { font: inherit; color: inherit; cursor: pointer }
.choice { width: 100%; display: flex; align-items: center; gap: .9rem; padding: .8rem .9rem;
  text-align: left; background: var(--card); border: 1px solid var(--line); border-radius: 12px }
.choice:hover { background: var(--hover); border-color: var(--brand) }
.choice strong, .choice small { display: block }
.choice .who { flex: 1; min-width: 0; overflow-wrap: anywhere }
small { font-size: .875rem; color: var(--soft) }
.avatar { flex: none; width: 2.75rem; height: 2.75rem; display: grid; place-items: center;
  border-radius: 50%; font-weight: 600; color: var(--on-brand); background: var(--brand) }
.tile .avatar { border-radius: 10px }
.chip { flex: none; padding: .15rem .6rem; font-size: .8125rem; border-radius: 99px;
  background: var(--chip) }
.button { padding: .6rem 1.15rem; font-weight: 600; color: var(--on-brand);
  background: var(--brand); border: 0; border-radius: 10px }
.quiet { padding: .6rem 1.15rem; font-weight: 600; background: transparent; color: var(--brand);
  border: 1px solid var(--line); border-radius: 10px }
:focus-visible { outline: 3px solid var(--focus); outline-offset: 2px }
footer { max-width: 30rem; font-size: .875rem; color: var(--soft); text-align: center }
footer p { margin: 0 }
.unseen { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%);
  white-space: nowrap }
.sheet { max-width: 44rem; display: grid; gap: 1.25rem } .wide { max-width: 72rem }
body:has(.sheet) { align-content: start }
.sheet .top, .sheet h1, .sheet p { margin: 0 } .sheet h1:has(+ .lead) { margin-bottom: -.9rem }
.sheet .card { padding: 1.4rem 1.5rem; border-radius: 14px; box-shadow: none }
.sheet h2 { margin: 0 0 .75rem; font-size: 1.1rem }
.lead { color: var(--soft) } .sheet .card > p { margin-bottom: 1rem }
.sheet .card > form + p { margin-top: 1.25rem }
.card > :last-child, .sheet .card > p:last-child { margin-bottom: 0 }
.columns, .columns > div { display: grid; gap: 1.25rem; align-items: start }
.columns > * { min-width: 0 }
@media (min-width: 60rem) { .columns { grid-template-columns: 3fr 2fr } }
.steps ol { margin: 0; padding-left: 1.25rem; display: grid; gap: .35rem }
.rows { margin-bottom: 1.1rem } .rows:last-child { margin-bottom: 0 }
.rows li { display: flex; flex-wrap: wrap; align-items: center; gap: .6rem .9rem; padding: .7rem 0;
  border-top: 1px solid var(--line) }
.rows li:first-child { border-top: 0; padding-top: 0 }
.rows li:last-child { padding-bottom: 0 }
.rows .who { flex: 1 1 6rem; min-width: 0; overflow-wrap: anywhere }
.rows .who a { font-weight: 600 } .rows small { display: block }
.rows .chip, .rows small .chip { display: inline-block; margin-top: .2rem }
.rows .quiet { min-width: 7.25rem; padding: .4rem .8rem }
.people li { display: grid; grid-template-columns: auto minmax(0, 1fr) auto }
@media (max-width: 36rem) { .people li { grid-template-columns: auto minmax(0, 1fr) }
  .people form { grid-column: 2 } }
.quiet { border-color: var(--edge) } .quiet:hover { background: var(--hover) }
a.button { display: inline-block; text-decoration: none }
.fields { display: grid; gap: .9rem 1.1rem; margin-bottom: 1.25rem }
@media (min-width: 36rem) { .fields { grid-template-columns: 1fr 1fr } }
.field label { display: block; margin-bottom: .2rem; font-weight: 600 }
input { width: 100%; padding: .5rem .7rem; font: inherit; color: inherit; background: var(--card);
  border: 1px solid var(--edge); border-radius: 9px }
.inline { display: flex; flex-wrap: wrap; align-items: end; gap: .75rem }
.inline .field { flex: 1 1 12rem }
.chip.on { color: var(--good) } .chip.off { color: var(--bad) }
.chip.on, .chip.off { font-weight: 600; background: transparent; border: 1px solid currentColor }
.notice { padding: 1.1rem 1.4rem; background: var(--card); border: 1px solid var(--line);
  border-left: 5px solid; border-radius: 12px }
.notice.good { border-left-color: var(--good) } .notice.bad { border-left-color: var(--bad) }
.notice h2 { margin-bottom: .3rem } .notice > p { margin-bottom: .6rem }
.log ol { list-style: none; margin: 0; padding: 0 }
.log li { padding: .75rem 0; border-top: 1px solid var(--line) } .log li:last-child { padding-bottom: 0 }
h3 { margin: 0 0 .25rem; font-size: .9375rem; overflow-wrap: anywhere }
.wire { display: flex; flex-wrap: wrap; align-items: center; gap: .3rem .6rem }
.sheet .wire { margin-bottom: .35rem } .wire code { flex: 1 1 12rem }
details { font-size: .875rem } summary { width: max-content; max-width: 100%; cursor: pointer;
  color: var(--brand); border-radius: 4px }
pre { margin: .5rem 0 0; padding: .7rem .8rem; white-space: pre-wrap; background: var(--paper);
  border-radius: 8px }
@media (max-width: 26rem) { .card, .sheet .card { padding: 1.25rem 1.1rem } .choice { flex-wrap: wrap } .choice .who { flex-basis: 10rem }
  .choice .chip:not(.off) { display: none } .choice .chip { margin-left: 3.65rem } }
`
