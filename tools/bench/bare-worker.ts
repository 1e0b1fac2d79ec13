/** A Worker that only passes requests on: the baseline for the gate. */

/** Set by the bundler. */
declare const ORIGIN_URL: string

export default {
  fetch(request) {
    const { pathname, search } = new URL(request.url)
    return fetch(new Request(ORIGIN_URL + pathname + search, request))
  },
} satisfies ExportedHandler
