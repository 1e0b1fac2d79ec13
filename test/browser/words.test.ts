/** Every page that visitors see, light and dark, in every language, on a phone. */
import type { Browser, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { languages, type Language } from '../../src/lib/words/language.ts'
import { learn, speechOf } from '../../src/lib/words/speech.ts'
import { toBrand } from '../../src/site/brand-config.ts'
import { pagesOf } from '../support/pages.ts'
import { accessibilityFaults } from './accessibility.ts'
import { bringAxe, violationsOf } from './axe.ts'
import { launchChromium } from './chromium.ts'

const { pages, visitIn } = pagesOf('anna-katharina.freifrau-von-hohenzollern@northwind.example')
const logo = `data:image/svg+xml,${encodeURIComponent(
  '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 900 60"><path fill="#0b57d0" d="M0 0h900v60H0z"/></svg>',
)}`
const brand = toBrand({
  name: 'Northwind Traders',
  logo,
  colours: { light: '#0b57d0' },
  support: 'mailto:it@northwind.example',
  words: { choice: 'Use your company account, not a private one.' },
})

let browser: Browser | null = null
/** What the policy of a page stopped, among others. Its status is no complaint. */
const complaints: string[] = []
beforeAll(async () => {
  browser = await launchChromium()
})
afterEach(() => {
  const found = complaints.splice(0)
  expect(found.filter((text) => !/the server responded with a status of/.test(text))).toEqual([])
})
afterAll(() => browser?.close())

/** The page as it is sent, policy included, but it leads nowhere. */
async function open(page: Page, response: Response): Promise<void> {
  const text = await response.text()
  const headers = Object.fromEntries(response.headers)
  const body = text.replace(/<(script|noscript)\b[^]*?<\/\1>/g, '')
  await page.route(
    'https://pages.example/',
    (route) => route.fulfill({ status: response.status, headers, body }),
    { times: 1 },
  )
  await page.goto('https://pages.example/')
}

async function pagesIn(
  language: Language,
  colorScheme: 'light' | 'dark',
): Promise<readonly [Page, readonly Response[]]> {
  if (!browser) throw new Error('the browser is not started')
  await learn(language)
  const visit = visitIn(speechOf(language), brand)
  const made = Object.values(pages).flatMap((each) => each(visit))
  expect(made.length).toBeGreaterThan(50)
  const page = await browser.newPage({ colorScheme, viewport: { width: 375, height: 667 } })
  page.on('console', (message) => complaints.push(message.text()))
  return [page, await Promise.all(made)]
}

describe.each([{ colorScheme: 'light' }, { colorScheme: 'dark' }] as const)(
  'a page of the gate ($colorScheme)',
  ({ colorScheme }) => {
    // German has the longest words.
    it('passes axe and our own examination in German', async () => {
      const [page, made] = await pagesIn('de', colorScheme)
      await bringAxe(page)
      for (const response of made) {
        await open(page, response)
        const title = await page.title()
        expect([title, ...(await violationsOf(page))]).toEqual([title])
        expect([title, ...(await accessibilityFaults(page))]).toEqual([title])
      }
      await page.close()
    })
  },
)

// Colours change no width.
it.each(languages)('a page of the gate fits the width of a phone in %s', async (language) => {
  const [page, made] = await pagesIn(language, 'light')
  for (const response of made) {
    await open(page, response)
    const [title, width] = await page.evaluate<[string, number]>(
      '[document.title, document.documentElement.scrollWidth]',
    )
    expect([title, width]).toEqual([title, 375])
  }
  await page.close()
})

it('axe finds what is wrong with a page', async () => {
  const page = await browser?.newPage()
  if (!page) throw new Error('the browser is not started')
  await bringAxe(page)
  await page.goto(
    'data:text/html,<p style="color:%23999;background:%23fff">pale</p><img src="data:,">',
  )
  const found = await violationsOf(page)
  for (const id of ['color-contrast', 'image-alt', 'html-has-lang', 'document-title']) {
    expect(found).toContainEqual(expect.stringMatching(new RegExp(`^${id}: `)))
  }
  await page.close()
})
