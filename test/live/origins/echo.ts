/** The answer of the pages that tell what a server says of a request to the site. */

/** What a server tells the site of a request: names as CGI writes them. */
export interface Echo {
  readonly method: string
  readonly url: string
  readonly saw: Readonly<Record<string, unknown>>
  readonly body: string
}

/** @param text the whole answer, as it came. */
export const echoOf = (text: string): Echo | null => {
  const start = text.indexOf('{"method"')
  if (start < 0) return null
  // The body may come in chunks: their sizes stand on lines of their own.
  const json = text.slice(start).replaceAll(/\r\n[0-9a-f]*\r\n/gi, '')
  return JSON.parse(json.slice(0, json.lastIndexOf('}') + 1))
}
