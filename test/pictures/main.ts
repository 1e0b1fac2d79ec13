/**
 * `npm run pictures` makes the pictures of the console in docs/images anew: of the running demo, in
 * headless Chromium.
 */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { root } from '../../cli/project.ts'
import { startDemo, type Demo } from '../../demo/demo.ts'
import { defaults } from '../../demo/options.ts'
import { knownIdps } from '../../src/connection/labels.ts'
import { CONSOLE_PATH } from '../../src/lib/paths.ts'
import { launchChromium } from '../browser/chromium.ts'
import { beginDrafts, playStory, type Cast } from './story.ts'

const WIDTH = 1200
/** Text stays sharp, and a page takes some 60 KB. */
const QUALITY = 68
const BELOW = 20

interface Picture {
  readonly name: string
  /** Below /.gatehouse/admin. */
  readonly path: string
  /** The title of the last card in the picture. null: the whole page. */
  readonly until: string | null
  /** In pixels, where a list would go on for long. */
  readonly most?: number
  readonly colorScheme?: 'dark'
}

const consolePictures = (story: {
  readonly person: string
  readonly refused: string
}): readonly Picture[] => [
  { name: 'overview', path: '', until: null, most: 1170 },
  { name: 'overview-dark', path: '', until: null, most: 780, colorScheme: 'dark' },
  { name: 'connections', path: '/connections', until: null },
  { name: 'connection', path: '/connections/harbour', until: 'Certificates' },
  { name: 'sign-ins', path: '/sign-ins', until: null, most: 920 },
  { name: 'sign-in', path: `/sign-ins/${story.refused}`, until: 'Checks', most: 1180 },
  { name: 'people', path: '/people', until: null, most: 980 },
  { name: 'person', path: `/people/${story.person}`, until: 'What would open' },
  { name: 'directory', path: '/directory/northwind', until: null, most: 1080 },
  { name: 'audit', path: '/audit', until: null, most: 1000 },
  { name: 'settings', path: '/settings', until: null },
]

/** The identity provider's own order decides what comes first. */
const setUpPictures: readonly Picture[] = knownIdps.map((idp) => ({
  name: `set-up-${idp}`,
  path: `/connections/${idp === 'generic' ? 'acme' : idp}/set-up`,
  until: idp === 'generic' ? 'Enter this at the identity provider' : 'Enter this at ',
}))

/** As the guides name the addresses, in place of the demo's own. */
const addressesOf = ({
  siteUrl,
  moreSites,
  idpUrl,
}: Demo): readonly (readonly [string, string])[] =>
  [
    ...moreSites.map(({ url }): [string, string] => [
      url,
      `https://${new URL(url).hostname.split('.')[0]}.example.com`,
    ]),
    [siteUrl, 'https://wiki.example.com'] as const,
    [idpUrl, 'https://id.northwind.example'] as const,
  ].flatMap(([from, to]) => [
    [from, to],
    [asPattern(from), asPattern(to)],
    [new URL(from).host, new URL(to).host],
  ])

/** As OneLogin wants our ACS URL. */
const asPattern = (url: string): string => url.replace(/[.+/]/g, '\\$&')

/** As text: these are programs of Node, whose types know no `document`. */
const withAddresses = (page: Page, addresses: ReturnType<typeof addressesOf>): Promise<void> =>
  page.evaluate(`{
    const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT)
    while (texts.nextNode()) {
      for (const [from, to] of ${JSON.stringify(addresses)}) {
        texts.currentNode.data = texts.currentNode.data.replaceAll(from, to)
      }
    }
  }`)

/** WebP, which Playwright itself does not make. */
async function capture(page: Page, name: string, height: number): Promise<void> {
  const session = await page.context().newCDPSession(page)
  const { data } = await session.send('Page.captureScreenshot', {
    format: 'webp',
    quality: QUALITY,
    captureBeyondViewport: true,
    clip: { x: 0, y: 0, width: WIDTH, height, scale: 1 },
  })
  const bytes = Buffer.from(data, 'base64')
  writeFileSync(join(root, 'docs', 'images', `${name}.webp`), bytes)
  console.log(`${name}.webp  ${WIDTH} × ${height}, ${Math.ceil(bytes.length / 1024)} KB`)
}

async function take(page: Page, demo: Demo, picture: Picture): Promise<void> {
  const { name, path, until, most = Infinity, colorScheme } = picture
  await page.emulateMedia({ colorScheme: colorScheme ?? 'light' })
  const answer = await page.goto(demo.siteUrl + CONSOLE_PATH + path)
  if (!answer?.ok()) throw new Error(`${path} answers ${answer?.status()}.`)
  await withAddresses(page, addressesOf(demo))
  const card =
    until === null
      ? page.locator('main > *').last()
      : page.locator('main section').filter({ has: page.getByRole('heading', { name: until }) })
  const box = await card.first().boundingBox()
  if (!box) throw new Error(`${path} has no "${until}".`)
  await capture(page, `console-${name}`, Math.min(most, Math.ceil(box.y + box.height + BELOW)))
}

async function takeVisitors({ page, demo }: Cast): Promise<void> {
  await page.setViewportSize({ width: WIDTH, height: 560 })
  await withAddresses(page, addressesOf(demo))
  await capture(page, 'refused', 560)
}

mkdirSync(join(root, 'docs', 'images'), { recursive: true })
const demo = await startDemo({ ...defaults, ports: { site: 0, idp: 0, origin: 0 } })
const browser = await launchChromium()
try {
  const newPage = (): Promise<Page> =>
    browser.newPage({ viewport: { width: WIDTH, height: 900 }, locale: 'en' })
  const operator = await newPage()
  const story = await playStory({ demo, page: operator, newPage })
  await takeVisitors(story.visitor)
  for (const picture of consolePictures(story)) await take(operator, demo, picture)
  await beginDrafts({ demo, page: operator })
  for (const picture of setUpPictures) await take(operator, demo, picture)
} finally {
  await browser.close()
  await demo.stop()
}
