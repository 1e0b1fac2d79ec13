/**
 * The tab remembers in its session storage where it wanted to go. Session storage survives the
 * visit to the IdP.
 */

export const TAB_KEY = 'gatehouse-to'

/** Where the tab keeps a sealed form that waits for sign-in (src/form), and the field's name. */
export const FORM_KEY = 'gatehouse-form'

/**
 * A script that stores the value of `to`, a JavaScript expression. If the browser's storage is off,
 * the tab later goes to the home page.
 */
export const rememberInTab = (to: string): string =>
  `try { sessionStorage.setItem('${TAB_KEY}', ${to}) } catch {}`

/** The same for the address of the page itself. */
export const rememberHere = rememberInTab('location.pathname + location.search + location.hash')
