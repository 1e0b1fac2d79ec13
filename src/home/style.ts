/** What the home page adds to the style of all pages. */
export const homeStyle = `
main { max-width: 46rem; align-self: start; margin-top: 4vh }
h2 { margin: 2.5rem 0 .75rem; font-size: 1.1rem }
.who { margin-bottom: 1.5rem } .who span { display: block }
.search { display: flex; gap: .5rem; align-items: end; margin-bottom: 1rem }
.search div { flex: 1 } .search input { margin: 0 }
main ul { list-style: none; margin: 0; padding: 0 }
.sites { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(19rem, 100%), 1fr)); gap: .75rem }
.sites li { position: relative; display: flex; gap: .9rem; align-items: center; margin: 0; padding: .9rem;
  border: 1px solid var(--line); border-radius: 10px }
.sites li:hover { border-color: var(--brand) }
.sites a { color: inherit; font-weight: 600; text-decoration: none }
.sites a::after { content: ""; position: absolute; inset: 0; border-radius: 10px }
.sites p { margin: 0; font-size: .9rem; line-height: 1.4 }
.icon { flex: none; width: 2.75rem; height: 2.75rem; display: grid; place-items: center;
  font-size: 1.35rem; font-weight: 600; line-height: 1; color: var(--brand); background: var(--paper); border-radius: 9px }
img.icon { object-fit: contain; padding: .35rem }
.sign-ins li { display: flex; flex-wrap: wrap; gap: .5rem 1rem; align-items: center;
  justify-content: space-between; margin: 0; padding: .9rem 0; border-top: 1px solid var(--line) }
.sign-ins div { flex: 1 1 17rem } .sign-ins p { margin: 0; font-size: .9rem }
.here { margin-left: .5rem; padding: .1rem .5rem; font-size: .8rem; font-weight: 600;
  color: var(--on-brand); background: var(--brand); border-radius: 99px; white-space: nowrap }
.all { padding-top: 1.25rem; border-top: 1px solid var(--line) }
`
