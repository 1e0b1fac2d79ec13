/** The demo, and visitors with real browsers before it. */
import type { Browser, BrowserContext, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, expect } from 'vitest'
import { startDemo, type Demo } from '../../demo/demo.ts'
import { defaults, type DemoOptions } from '../../demo/options.ts'
import { CONSOLE_PATH } from '../../src/lib/paths.ts'
import { launchChromium } from './chromium.ts'

export interface Stage {
  readonly demo: Demo
  /** Lines that the gate logged, oldest first. */
  readonly audit: () => readonly Record<string, unknown>[]
  visit(options?: VisitOptions): Promise<Visitor>
}

export interface VisitOptions {
  readonly javaScript?: boolean
  readonly colorScheme?: 'light' | 'dark'
  /** Statuses that the visitor's browser may complain of; it does so of every failed request. */
  readonly refusals?: readonly number[]
  /** What else the browser may complain of. */
  readonly complaint?: RegExp
}

export interface Visitor {
  readonly context: BrowserContext
  /** Of their first tab. */
  readonly page: Page
  /** Requests of all their tabs that posted an answer to the gate. */
  readonly answers: readonly string[]
}

/** How long to wait for what should come: a machine may be busy. */
export const eventually = { timeout: 120_000 }

/** For a test file: one demo and one browser, begun before its tests and ended after them. */
export function useStage(options: Partial<DemoOptions> = {}): Stage {
  let demo: Demo | null = null
  let browser: Browser | null = null
  const lines: string[] = []
  const complaints: string[] = []
  const contexts: BrowserContext[] = []

  beforeAll(async () => {
    demo = await startDemo({
      ...defaults,
      ports: { site: 0, idp: 0, origin: 0 },
      log: (line) => void lines.push(line),
      ...options,
    })
    browser = await launchChromium()
  })

  // Of every page that any test sees: no error in the console, nothing that a policy had to stop.
  afterEach(async ({ task }) => {
    if (task.result?.state === 'fail') console.error(await describeEnd(contexts, lines))
    for (const context of contexts.splice(0)) await context.close()
    expect(complaints.splice(0)).toEqual([])
  })

  afterAll(async () => {
    await browser?.close()
    await demo?.stop()
  })

  return {
    get demo() {
      if (!demo) throw new Error('the demo is not started')
      return demo
    },
    audit: () =>
      lines.filter((line) => line.startsWith('{"audit"')).map((line) => JSON.parse(line)),
    async visit({ javaScript = true, colorScheme = 'light', refusals = [], complaint } = {}) {
      if (!browser) throw new Error('the browser is not started')
      const context = await browser.newContext({ javaScriptEnabled: javaScript, colorScheme })
      contexts.push(context)
      const answers: string[] = []
      context.on('request', (request) => {
        if (request.method() === 'POST' && request.url().endsWith('/acs')) {
          answers.push(request.postData() ?? '')
        }
      })
      context.on('weberror', (error) => complaints.push(error.error().message))
      context.on('console', (message) => {
        const [, status] = /the server responded with a status of (\d+)/.exec(message.text()) ?? []
        if (message.type() !== 'error' && message.type() !== 'warning') return
        if (status !== undefined && refusals.includes(Number(status))) return
        if (complaint?.test(message.text())) return
        complaints.push(`${message.location().url}: ${message.text()}`)
      })
      await context.addInitScript(`document.addEventListener('securitypolicyviolation', (event) =>
        console.error(event.violatedDirective + ' stopped ' + event.blockedURI))`)
      return { context, page: await context.newPage(), answers }
    },
  }
}

/** What a test that failed has left in the tabs, and what the gate logged last. */
export async function describeEnd(
  contexts: readonly BrowserContext[],
  lines: readonly string[],
): Promise<string> {
  const tabs = contexts.flatMap((context) => context.pages())
  const shown = tabs.map(async (tab) => {
    const { origin, pathname } = new URL(tab.url())
    const headings = await tab.getByRole('heading').allInnerTexts()
    return `${origin}${pathname}: ${headings.join(' | ')}`
  })
  const ends = await Promise.allSettled(shown)
  const texts = ends.map((end) => (end.status === 'fulfilled' ? end.value : String(end.reason)))
  return ['Tabs when the test failed:', ...texts, 'Logged last:', ...lines.slice(-5)].join('\n  ')
}

/** At the identity provider's page. */
export const choosePerson = (page: Page, name: string): Promise<void> =>
  page.getByRole('button', { name }).click()

/** From nowhere to a page of the site. */
export async function signIn(
  page: Page,
  { siteUrl }: Pick<Demo, 'siteUrl'>,
  name: string,
  path = '/',
): Promise<void> {
  await page.goto(siteUrl + path)
  await choosePerson(page, name)
  await page.waitForURL(siteUrl + path)
}

/** A page of the console, as Grace, who is an owner. */
export async function visitConsole(
  stage: Stage,
  path = '',
  options: VisitOptions = {},
): Promise<Page> {
  const { siteUrl } = stage.demo
  const { page } = await stage.visit(options)
  // A test may have added another connection to choose.
  const to = encodeURIComponent(CONSOLE_PATH)
  await page.goto(`${siteUrl}/.gatehouse/login?connection=northwind&to=${to}`)
  await choosePerson(page, 'Grace Hopper')
  await page.waitForURL(siteUrl + CONSOLE_PATH)
  if (path !== '') await page.goto(siteUrl + CONSOLE_PATH + path)
  return page
}

export const press = (page: Page, name: string): Promise<void> =>
  page.getByRole('button', { name, exact: true }).click()

/**
 * Waits until a session that was ended opens a page no more. It does not open the page: an answer that
 * is under way at the end is cut off, and Chromium never says that such a page is loaded.
 */
export async function untilRefused(page: Page, url: string): Promise<void> {
  const { host, port, pathname } = new URL(url)
  const context = page.context()
  // Unlike Chromium, Node may not know the names below .localhost.
  const ask = async () => {
    const cookies = await context.cookies(url)
    const Cookie = cookies.map(({ name, value }) => `${name}=${value}`).join('; ')
    const options = { headers: { Host: host, Cookie }, maxRedirects: 0 }
    const answer = await context.request.get(`http://127.0.0.1:${port}${pathname}`, options)
    return answer.status()
  }
  await expect.poll(ask, eventually).not.toBe(200)
}

/** At the identity provider, not at the site. */
export async function forgetPerson(page: Page, { idpUrl }: Pick<Demo, 'idpUrl'>): Promise<void> {
  await page.goto(idpUrl)
  await page.getByRole('button', { name: 'Sign in as somebody else' }).click()
  await page.getByRole('heading', { name: 'Who are you?' }).waitFor()
}

/** As a page of a third site does it, which sees to it that only cookies of SameSite=None come along. */
export async function postFromElsewhere(
  page: Page,
  url: string,
  fields: Readonly<Record<string, string>>,
): Promise<void> {
  const inputs = Object.entries(fields).map(
    ([name, value]) => `<input type="hidden" name="${name}" value="${value}">`,
  )
  await page.goto('about:blank')
  await page.setContent(
    `<form method="post" action="${url}">${inputs.join('')}<button>Win a prize</button></form>`,
  )
  await page.getByRole('button').click()
}

export const acsUrl = ({ siteUrl }: Pick<Demo, 'siteUrl'>): string =>
  `${siteUrl}/.gatehouse/saml/northwind/acs`

/** What a form posted. */
export const fieldsOf = (body: string | undefined): Readonly<Record<string, string>> =>
  Object.fromEntries(new URLSearchParams(body))

export const headingOf = async (page: Page): Promise<string> =>
  (await page.locator('h1').innerText()).trim()

/** Who the site behind was told is asking, by its own page. */
export const claimOf = async (page: Page, claim: string): Promise<string> =>
  (
    await page
      .getByRole('row', { name: new RegExp(`^${claim} `) })
      .locator('td')
      .innerText()
  ).trim()

export const sessionsOpened = async ({ db }: Demo): Promise<number> =>
  (await db.prepare('SELECT count(*) AS opened FROM sessions').first<number>('opened')) ?? 0
