/**
 * Whether a page of this very origin sent the request. `Origin` is compared, because every browser
 * sends it with a POST; `Sec-Fetch-Site` must not contradict it.
 *
 * @param origin scheme and host, as `https://login.example.com`.
 */
export function isSameOrigin({ headers }: Request, origin: string): boolean {
  const fetchSite = headers.get('Sec-Fetch-Site')
  return headers.get('Origin') === origin && (fetchSite === null || fetchSite === 'same-origin')
}

/** Whether a page of this site sent the request. No other site may sign its visitor out. */
export function isFromSite({ headers }: Request, siteUrl: string): boolean {
  const fetchSite = headers.get('Sec-Fetch-Site')
  return fetchSite === null ? headers.get('Origin') === siteUrl : fetchSite === 'same-origin'
}

/**
 * Whether a person opens this address in a tab or window, according to the browser (Fetch Metadata
 * §2): no image, no frame, no script, and nothing that the browser loads in advance.
 */
export function isNavigation({ headers }: Request): boolean {
  const mode = headers.get('Sec-Fetch-Mode')
  if (mode === null) return true
  const isDocument = mode === 'navigate' && headers.get('Sec-Fetch-Dest') === 'document'
  return isDocument && !headers.get('Sec-Purpose')?.includes('prefetch')
}
