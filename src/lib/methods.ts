import { perhaps } from './nearest.ts'

/** All methods that a request to a Worker may have. The runtime refuses every other. */
const requestMethods: readonly string[] = [
  'GET',
  'HEAD',
  'POST',
  'PUT',
  'PATCH',
  'DELETE',
  'OPTIONS',
  'TRACE',
  'QUERY',
  'SEARCH',
  'PURGE',
  'BAN',
  'COPY',
  'MOVE',
  'LOCK',
  'UNLOCK',
  'MKCOL',
  'PROPFIND',
  'PROPPATCH',
  'ACL',
  'REPORT',
  'MERGE',
  'CHECKOUT',
  'MKACTIVITY',
  'NOTIFY',
  'SUBSCRIBE',
  'UNSUBSCRIBE',
  'MSEARCH',
]
/** What is wrong with the method of a request, as the end of a sentence; null: nothing. */
export const requestMethodProblem = (name: string): string | null => judge(name, requestMethods)

/** The same of a method in a rule, where `WEBSOCKET` is a request that opens one. */
export const ruleMethodProblem = (name: string): string | null =>
  judge(name, [...requestMethods, 'WEBSOCKET'])

/** A mistyped method would never come, and `not` of it would let everything pass. */
function judge(name: string, known: readonly string[]): string | null {
  if (!/^[A-Z][A-Z-]*$/.test(name)) return 'must be a method in upper case, such as GET'
  if (known.includes(name)) return null
  const hint = perhaps(name, known) || ` (it takes ${known.join(', ')})`
  return `is not a method that a Worker takes${hint}`
}
