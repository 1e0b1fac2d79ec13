/** Headers of a request or an answer: their names are read once. */

/** What changing headers needs of `Headers`. */
export type KnownHeaders = Pick<
  Headers,
  'get' | 'has' | 'set' | 'append' | 'delete' | 'keys' | 'getSetCookie'
>

/**
 * The same headers. The runtime takes as long to look for a header that is not there as for one that
 * is, so it is asked only for those that are there. Nothing else may change them in the meantime.
 */
export function knowNames(headers: Headers): KnownHeaders {
  const names = new Set(headers.keys())
  return {
    keys: () => names.keys(),
    has: (name) => names.has(name.toLowerCase()),
    get: (name) => (names.has(name.toLowerCase()) ? headers.get(name) : null),
    getSetCookie: () => (names.has('set-cookie') ? headers.getSetCookie() : []),
    set(name, value) {
      names.add(name.toLowerCase())
      headers.set(name, value)
    },
    append(name, value) {
      names.add(name.toLowerCase())
      headers.append(name, value)
    },
    delete(name) {
      if (names.delete(name.toLowerCase())) headers.delete(name)
    },
  }
}
