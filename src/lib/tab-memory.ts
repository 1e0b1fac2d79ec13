/** What a tab remembers by itself: where it wanted to go. Its session storage outlives the way by the IdP. */

export const TAB_KEY = 'gatehouse-to'

/** A script: the tab remembers `to`, an expression. Where the browser keeps nothing, it goes home. */
export const rememberInTab = (to: string): string =>
  `try { sessionStorage.setItem('${TAB_KEY}', ${to}) } catch {}`
