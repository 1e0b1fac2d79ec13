/** Cookies that look like ours, planted in a real browser by a public page and by another host of the domain. */
import type { Browser, BrowserContext } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { signIn } from '../../tools/stage/sign-in.ts'
import { createStage, type Stage } from '../../tools/stage/stage.ts'
import { whiteSpace } from '../support/white-space.ts'
import { launchChromium } from './chromium.ts'

const HOST = 'app.corp.localhost'
const SIBLING = 'http://blog.corp.localhost/'

let stage: Stage
let browser: Browser
beforeAll(async () => {
  stage = await createStage()
  browser = await launchChromium([
    `--host-resolver-rules=MAP app.corp.localhost:80 127.0.0.1:${stage.ports[0]}`,
  ])
})
afterAll(async () => {
  await browser.close()
  await stage.stop()
})

/** What a browser keeps of these for the site's host. */
async function plant(
  context: BrowserContext,
  { page, attributes }: { readonly page: string; readonly attributes: string },
  spaces: readonly string[],
  token: string,
) {
  await context.route(SIBLING, (route) =>
    route.fulfill({ contentType: 'text/html', body: '<title>A blog</title>' }),
  )
  const tab = await context.newPage()
  await tab.goto(page)
  for (const before of spaces) {
    const cookie = `${before}__Host-gatehouse=${token}; Path=/; ${attributes}`
    await tab.evaluate(writing(cookie))
  }
  return (await context.cookies(`http://${HOST}/`)).filter(({ value }) => value === token)
}

/** Reads after it writes, because a write alone may still be under way when the script has ended. */
const writing = (cookie: string) => `document.cookie = ${JSON.stringify(cookie)}; document.cookie`

const tokenOf = (cookie: string) => cookie.slice(cookie.indexOf('=') + 1)
const session = async () => tokenOf((await signIn(stage, '/', {}, HOST)).cookie)

describe.each([
  { by: 'another host of the domain', page: SIBLING, attributes: 'Domain=corp.localhost' },
  { by: 'a public page of the site', page: `http://${HOST}/public`, attributes: '' },
])('a look-alike that $by sets', (from) => {
  it('is kept by the browser, or this would test nothing', async () => {
    const context = await browser.newContext()
    const names = (await plant(context, from, whiteSpace, 'x')).map(({ name }) => name)
    expect(names.length).toBeGreaterThan(15)
    expect(names).toContain('\u2000__Host-gatehouse')
    expect(names).not.toContain('__Host-gatehouse')
    await context.close()
  })

  it('does not make a visitor somebody else', async () => {
    const token = await session()
    for (const space of ['\xa0', '\u1680', '\u2000', '\u2028', '\u3000', '\ufeff']) {
      const context = await browser.newContext()
      expect(await plant(context, from, [space], token)).toHaveLength(1)
      const tab = await context.newPage()
      const answer = await tab.goto(`http://${HOST}/public`)
      expect(await answer?.text()).not.toContain('__Host-')
      const status = "fetch('/page').then(({ status }) => status)"
      expect(await tab.evaluate(status), space).toBe(401)
      await context.close()
    }
  })

  it('does not keep out who has a session', async () => {
    const context = await browser.newContext()
    await plant(context, from, whiteSpace, 'A'.repeat(43))
    const own = { name: '__Host-gatehouse', value: await session(), secure: true, httpOnly: true }
    await context.addCookies([{ ...own, domain: HOST, path: '/', sameSite: 'Lax' }])
    const tab = await context.newPage()
    const answer = await tab.goto(`http://${HOST}/page`)
    expect(answer?.status()).toBe(200)
    const text = (await answer?.text()) ?? ''
    expect(text).toContain('"x-webauth-user":"zoe@example.test"')
    expect(text).not.toContain('__Host-')
    await context.close()
  })
})

describe('our cookie itself', () => {
  const attributes = 'Path=/; Secure'
  const set = (value: string, more = attributes) => writing(`__Host-gatehouse=${value}; ${more}`)
  const open = async (page: string) => {
    const context = await browser.newContext()
    await context.route(SIBLING, (route) =>
      route.fulfill({ contentType: 'text/html', body: '<title>A blog</title>' }),
    )
    const tab = await context.newPage()
    await tab.goto(page)
    const ours = async () =>
      (await context.cookies(`http://${HOST}/`)).flatMap(({ name, value }) =>
        name === '__Host-gatehouse' ? [value] : [],
      )
    return { context, tab, ours }
  }

  it('is set by no other host of the domain', async () => {
    const { context, tab, ours } = await open(SIBLING)
    for (const more of [
      '',
      attributes,
      'Domain=corp.localhost',
      `${attributes}; Domain=corp.localhost`,
    ]) {
      await tab.evaluate(set('x', more))
      expect(await ours(), more).toEqual([])
    }
    await context.close()
  })

  it('is read, replaced and cleared by no script of the site', async () => {
    const { context, tab, ours } = await open(`http://${HOST}/public`)
    const own = { name: '__Host-gatehouse', value: 'own', secure: true, httpOnly: true }
    await context.addCookies([{ ...own, domain: HOST, path: '/', sameSite: 'Lax' }])
    expect(await tab.evaluate('document.cookie')).toBe('')
    for (const more of ['', attributes, `${attributes}; Max-Age=0`]) {
      await tab.evaluate(set('x', more))
      expect(await ours(), more).toEqual(['own'])
    }
    await context.close()
  })

  it('can be set by a script of the site where the browser has none', async () => {
    const { context, tab, ours } = await open(`http://${HOST}/public`)
    const token = await session()
    await tab.evaluate(set(token))
    expect(await ours()).toEqual([token])
    expect(await tab.evaluate("fetch('/page').then(({ status }) => status)")).toBe(200)
    await context.close()
  })

  it('of a script stands beside the real one by Partitioned, lets nobody in, and goes at sign-out', async () => {
    const { context, tab, ours } = await open(`http://${HOST}/public`)
    const own = { name: '__Host-gatehouse', value: await session(), secure: true, httpOnly: true }
    await context.addCookies([{ ...own, domain: HOST, path: '/', sameSite: 'Lax' }])
    const status = "fetch('/page').then(({ status }) => status)"
    expect(await tab.evaluate(status)).toBe(200)
    await tab.evaluate(set(await session(), `${attributes}; Partitioned`))
    expect(await ours()).toHaveLength(2)
    expect(await tab.evaluate(status)).toBe(401)
    await tab.evaluate("fetch('/.gatehouse/logout', { method: 'POST' }).then(() => null)")
    expect(await ours()).toEqual([])
    await context.close()
  })

  it.each([
    ['a script of the site', `http://${HOST}/public`, ''],
    ['another host of the domain', SIBLING, '; Domain=corp.localhost'],
  ])('is pushed out by very many cookies of %s', async (_, page, domain) => {
    const { context, tab, ours } = await open(page)
    const own = { name: '__Host-gatehouse', value: 'own', secure: true, httpOnly: true }
    await context.addCookies([{ ...own, domain: HOST, path: '/', sameSite: 'Lax' }])
    await tab.evaluate(
      `for (let i = 0; i < 1000; i++) document.cookie = 'c' + i + '=1; Path=/; Secure${domain}'`,
    )
    await expect.poll(ours).toEqual([])
    await context.close()
  })
})
