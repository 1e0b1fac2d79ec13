/** The least that a proxy does, beside which the gate is measured. */

/** Put in by the bundler. */
declare const ORIGIN_URL: string

export default {
  fetch(request) {
    const { pathname, search } = new URL(request.url)
    return fetch(new Request(ORIGIN_URL + pathname + search, request))
  },
} satisfies ExportedHandler
