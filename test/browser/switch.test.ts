/** Another site that would have its visitor signed in as somebody else here. */
import http from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Page, Request } from 'playwright-core'
import { beforeAll, describe, expect, it } from 'vitest'
import {
  choosePerson,
  eventually,
  forgetPerson,
  headingOf,
  postFromElsewhere,
  useStage,
  type Visitor,
} from './stage.ts'

const stage = useStage()
const login = (connection: string) =>
  `${stage.demo.siteUrl}/.gatehouse/login?connection=${connection}&to=%2Fnotes`

beforeAll(() => stage.demo.connect('theirs', { 'display-name': 'Theirs' }))

/** Signed in as Ada so long ago that her login is forgotten, and asked anew by any identity provider. */
async function enter(): Promise<Visitor> {
  const visitor = await stage.visit()
  const { page, context } = visitor
  await page.goto(login('northwind'))
  await choosePerson(page, 'Ada Lovelace')
  await page.waitForURL(`${stage.demo.siteUrl}/notes`)
  await forgetPerson(page, stage.demo)
  await context.clearCookies({ name: /^__Host-gatehouse-login-/ })
  return visitor
}

async function asksFirst(page: Page): Promise<void> {
  await choosePerson(page, 'Grace Hopper')
  await page.getByRole('heading', { name: 'Switch accounts?' }).waitFor()
  const text = await page.locator('main').innerText()
  expect(text).toMatch(/signed in as ada/i)
  expect(text).toMatch(/for grace/i)
  const other = await page.context().newPage()
  await other.goto(`${stage.demo.siteUrl}/`)
  expect(await headingOf(other)).toBe('Hello, Ada Lovelace')
  await other.close()
}

describe('a page of another site that begins a sign-in as somebody else', () => {
  it('by a link: the person is asked, and stays who they are', async () => {
    const { page } = await enter()
    await page.goto('about:blank')
    await page.setContent(`<a href="${login('theirs')}">Win a prize</a>`)
    await page.getByRole('link').click()
    await asksFirst(page)
    await page.getByRole('button', { name: 'Keep my account' }).click()
    await page.waitForURL(`${stage.demo.siteUrl}/notes`)
    await page.goto(`${stage.demo.siteUrl}/`)
    expect(await headingOf(page)).toBe('Hello, Ada Lovelace')
  })

  it('by a form: the person is asked, and may change', async () => {
    const { page } = await enter()
    const fields = { connection: 'theirs', to: '/notes' }
    await postFromElsewhere(page, `${stage.demo.siteUrl}/.gatehouse/login`, fields)
    await asksFirst(page)
    await page.getByRole('button', { name: /^Switch to grace/i }).click()
    await page.waitForURL(`${stage.demo.siteUrl}/notes`)
    await page.goto(`${stage.demo.siteUrl}/`)
    expect(await headingOf(page)).toBe('Hello, Grace Hopper')
  })

  it('by an answer that nobody asked for: the person is asked', async () => {
    const { page } = await enter()
    const acs = `${stage.demo.siteUrl}/.gatehouse/saml/theirs/acs`
    await postFromElsewhere(page, acs, { SAMLResponse: 'x', RelayState: '/notes' })
    await asksFirst(page)
  })

  it('by images: begins nothing', async () => {
    const { page, context } = await stage.visit({ refusals: [403] })
    const images = [1, 2, 3, 4].map((i) => `<img src="${login('theirs')}&go=1&n=${i}">`)
    const body = images.join('')
    // A server of its own: Chromium lets no intercepted page ask this machine.
    const attacker = http.createServer((_, answer) => {
      answer.writeHead(200, { 'Content-Type': 'text/html' }).end(body)
    })
    await new Promise<void>((resolve) => attacker.listen(0, '127.0.0.1', resolve))
    const { port } = attacker.address() as AddressInfo
    const asked: string[] = []
    const note = (request: Request) => {
      if (request.resourceType() === 'image') asked.push(request.url())
    }
    page.on('requestfinished', note)
    page.on('requestfailed', note)
    await page.goto(`http://127.0.0.1:${port}/`)
    await expect
      .poll(() => asked.filter((url) => url.includes('/login')), eventually)
      .toHaveLength(4)
    expect(await context.cookies(stage.demo.siteUrl)).toEqual([])
    attacker.close()
  })
})
