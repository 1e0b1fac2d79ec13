/** The look of the demo's identity provider, unlike the gate's and the site's on purpose. */
export const idpStyle = `
:root { color-scheme: light dark; --ink: #211a33; --soft: #655d78; --paper: #efeaf8; --card: #fff;
  --line: #d9d0ea; --brand: #5b3fc4; --on-brand: #fff; --chip: #ece6fb; --hover: #f6f3fd;
  --focus: #b3470f }
@media (prefers-color-scheme: dark) { :root { --ink: #ece8f6; --soft: #ada4c2; --paper: #14101f;
  --card: #1e1830; --line: #3a3155; --brand: #b3a0ff; --on-brand: #1a1230; --chip: #33294f;
  --hover: #28203f; --focus: #f2a25c } }
* { box-sizing: border-box }
body { margin: 0; min-height: 100vh; display: grid; align-content: center; justify-items: center;
  gap: 1.25rem; padding: 1.5rem 1rem; background: var(--paper); color: var(--ink);
  font: 1rem/1.5 system-ui, -apple-system, "Segoe UI", Roboto, sans-serif }
main { width: 100%; max-width: 30rem; padding: 2rem; background: var(--card);
  border: 1px solid var(--line); border-radius: 18px; box-shadow: 0 10px 40px rgb(60 40 120 / .12) }
.brand { display: flex; align-items: center; gap: .55rem; margin: 0 0 1.25rem; font-weight: 600 }
.brand svg { width: 1.75rem; height: 1.75rem; fill: none; stroke: var(--brand); stroke-width: 2 }
h1 { margin: 0 0 .35rem; font-size: 1.5rem; line-height: 1.25; text-wrap: balance }
h2 { margin: 1.5rem 0 .6rem; font-size: 1rem }
p { margin: 0 0 1.25rem } .soft { color: var(--soft) } main > :last-child { margin-bottom: 0 }
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
@media (max-width: 26rem) { main { padding: 1.5rem 1.1rem } .choice .chip { display: none } }
`
