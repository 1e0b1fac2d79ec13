/** The pages of the console that somebody finds who follows links. */
import type { Page } from 'playwright-core'
import { matchPage } from '../../src/console/match.ts'
import { pages } from '../../src/console/pages.ts'
import { CONSOLE_PATH } from '../../src/lib/paths.ts'

export interface Explored {
  /** Addresses, and the path of the page at each: so many of one page at most. */
  readonly found: ReadonlyMap<string, string>
  /** Where a link leads to no page, or to one that is refused. */
  readonly dead: readonly string[]
}

/** @param loginUrl the host of the console. */
export async function explore(page: Page, loginUrl: string, most: number): Promise<Explored> {
  const found = new Map<string, string>()
  const dead: string[] = []
  const seen = new Set([CONSOLE_PATH])
  const waiting = [CONSOLE_PATH]
  for (let path = waiting.shift(); path !== undefined; path = waiting.shift()) {
    const matched = matchPage(pages, path.replace(/\?.*/, ''))?.page.path
    const known = [...found.values()].filter((each) => each === matched)
    if (known.length === most) continue
    const answer = await page.goto(loginUrl + path)
    if (matched === undefined || answer?.status() !== 200) {
      dead.push(path)
      continue
    }
    found.set(path, matched)
    const links = await page.evaluate<string[]>(
      '[...document.querySelectorAll("a[href]")].map(({ href }) => href)',
    )
    for (const link of links) {
      const { pathname, search } = new URL(link)
      // An export is a file, of the audit or of a person.
      const isPage = pathname.startsWith(CONSOLE_PATH) && !pathname.endsWith('/export')
      if (!isPage || seen.has(pathname)) continue
      seen.add(pathname)
      // Some pages need what the link says, such as whose sign-ins are to end.
      waiting.push(pathname + search)
    }
  }
  return { found, dead }
}
