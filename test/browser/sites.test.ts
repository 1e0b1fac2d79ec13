/** Three sites on three hosts under one sign-in, in a real browser. */
import type { Page } from 'playwright-core'
import { describe, expect, it } from 'vitest'
import { accessibilityFaults } from './accessibility.ts'
import { choosePerson, eventually, press, signIn, useStage, type Visitor } from './stage.ts'

const stage = useStage({ revocationSeconds: 2 })
const [shop, lab] = [0, 1].map((i) => () => stage.demo.moreSites[i]?.url ?? '')
const heading = (page: Page) => page.getByRole('heading', { level: 1 }).textContent()
const signInsOf = async (name: string) => {
  const { results } = await stage.demo.db
    .prepare(
      `SELECT si.id, si.ended_why AS why FROM sign_ins si JOIN users u ON u.id = si.user_id
       WHERE u.user_name = ?1 ORDER BY si.opened_at`,
    )
    .bind(name)
    .all()
  return results
}
const urlOf = (site: (() => string) | undefined) => site?.() ?? ''

describe('three sites', () => {
  it('open with one sign-in, by links and in tabs, and keep the fragment', async () => {
    const { page, context, answers } = await stage.visit()
    await signIn(page, stage.demo, 'Ada')
    await page.getByRole('link', { name: 'Northwind Shop' }).click()
    await page.waitForURL(`${urlOf(shop)}/`)
    expect(await heading(page)).toBe('Northwind Shop')
    expect(await page.textContent('main')).toContain('You are here as Ada Lovelace')
    const tab = await context.newPage()
    await tab.goto(`${urlOf(lab)}/?q=1#part`)
    await tab.waitForURL(`${urlOf(lab)}/?q=1#part`)
    expect(await heading(tab)).toBe('Northwind Lab')
    expect(answers).toHaveLength(1)
    // Back leads to the page before, not into the sign-in.
    await page.goBack()
    await page.waitForURL(`${stage.demo.siteUrl}/`)
    const cookies = (await context.cookies()).filter(({ name }) => name === '__Host-gatehouse')
    expect(new Set(cookies.map(({ domain }) => domain))).toEqual(
      new Set(['localhost', 'shop.localhost', 'lab.localhost']),
    )
    expect(new Set(cookies.map(({ value }) => value)).size).toBe(3)
  })

  it('begin at whichever: the person comes back to the site that they opened', async () => {
    const { page, answers } = await stage.visit()
    await page.goto(`${urlOf(shop)}/?page=2#end`)
    await choosePerson(page, 'Grace')
    await page.waitForURL(`${urlOf(shop)}/?page=2#end`)
    await page.goto(`${stage.demo.siteUrl}/notes`)
    await page.waitForURL(`${stage.demo.siteUrl}/notes`)
    expect(answers).toHaveLength(1)
  })

  it('decide by themselves: a site for a group is closed to others, who stay signed in', async () => {
    const { page } = await stage.visit({ refusals: [403] })
    await signIn(page, stage.demo, 'Grace')
    await page.goto(`${urlOf(lab)}/`)
    await page.waitForURL(`${urlOf(lab)}/`)
    expect(await heading(page)).toBe("You don't have access to this page")
    await page.goto(`${urlOf(shop)}/`)
    await page.getByRole('heading', { name: 'Northwind Shop' }).waitFor()
  })

  it('close to a person who loses the group, within revocationSeconds, and the others stay open', async () => {
    const { page } = await stage.visit({ refusals: [403] })
    await signIn(page, stage.demo, 'Ada')
    await page.goto(`${urlOf(lab)}/`)
    await page.getByRole('heading', { name: 'Northwind Lab' }).waitFor()
    const { db } = stage.demo
    const members = 'group_id IN (SELECT id FROM scim_groups WHERE name = ?1)'
    const { results } = await db
      .prepare(`DELETE FROM scim_members WHERE ${members} RETURNING group_id, user_id`)
      .bind('engineering')
      .all()
    await new Promise((resolve) => setTimeout(resolve, 2000))
    expect((await page.reload())?.status()).toBe(403)
    await page.goto(`${urlOf(shop)}/`)
    await page.getByRole('heading', { name: 'Northwind Shop' }).waitFor()
    const back = db.prepare('INSERT INTO scim_members (group_id, user_id) VALUES (?1, ?2)')
    await db.batch(results.map((row) => back.bind(row['group_id'], row['user_id'])))
    expect(results.length).toBeGreaterThan(0)
  })

  it('open without scripts', async () => {
    const { page } = await stage.visit({ javaScript: false })
    await page.goto(`${urlOf(shop)}/`)
    await choosePerson(page, 'Ada')
    await page.getByRole('button', { name: 'Continue' }).click()
    await page.getByRole('heading', { name: 'Northwind Shop' }).waitFor()
    await page.goto(`${urlOf(lab)}/`)
    await page.getByRole('heading', { name: 'Northwind Lab' }).waitFor()
  })

  it('know nothing of a private window', async () => {
    const { page } = await stage.visit()
    await signIn(page, stage.demo, 'Ada')
    const other = await stage.visit()
    await other.page.goto(`${urlOf(shop)}/`)
    await other.page.getByRole('heading', { name: 'Who are you?' }).waitFor()
  })
})

describe('a transfer', () => {
  /** Stops the browser before it takes the transfer, and gives its address. */
  async function intercept({ page, context }: Visitor, url: string): Promise<string> {
    // Playwright's own routes do not see redirects.
    const devtools = await context.newCDPSession(page)
    await devtools.send('Fetch.enable', { patterns: [{ urlPattern: '*/.gatehouse/arrive?*' }] })
    const address = new Promise<string>((resolve) => {
      devtools.on('Fetch.requestPaused', ({ requestId, request }) => {
        resolve(request.url)
        void devtools.send('Fetch.failRequest', { requestId, errorReason: 'Aborted' })
      })
    })
    void page.goto(url).catch(() => undefined)
    const found = await address
    await devtools.detach()
    return found
  }

  it('that is stolen opens nothing for the thief, and nothing for its owner afterwards', async () => {
    const victim = await stage.visit({ refusals: [400], complaint: /ERR_ABORTED|net::/ })
    await signIn(victim.page, stage.demo, 'Ada')
    const stolen = await intercept(victim, `${urlOf(shop)}/`)
    const thief = await stage.visit({ refusals: [400] })
    const taken = await thief.page.goto(stolen)
    expect(taken?.status()).toBe(400)
    expect(await heading(thief.page)).toBe('Start again')
    const reasons = () => stage.audit().flatMap(({ reason }) => reason ?? [])
    await expect.poll(() => reasons().at(-1), eventually).toBe('transfer-other-browser')
    await thief.page.goto(`${urlOf(shop)}/`)
    await thief.page.getByRole('heading', { name: 'Who are you?' }).waitFor()
    expect((await victim.page.goto(stolen))?.status()).toBe(400)
    // They only have to begin again.
    await victim.page.getByRole('button', { name: 'Try again' }).click()
    await victim.page.getByRole('heading', { name: 'Northwind Shop' }).waitFor()
  })

  it('of an attacker makes nobody the attacker', async () => {
    const attacker = await stage.visit({ complaint: /ERR_ABORTED|net::/ })
    await signIn(attacker.page, stage.demo, 'Grace')
    const address = await intercept(attacker, `${urlOf(shop)}/`)
    const victim = await stage.visit({ refusals: [400] })
    await victim.page.setContent(`<a href="${address}">A nice page</a>`)
    await victim.page.getByRole('link').click()
    await victim.page.getByRole('heading', { name: 'Start again' }).waitFor()
    const cookies = await victim.context.cookies(urlOf(shop))
    expect(cookies.map(({ name }) => name)).not.toContain('__Host-gatehouse')
  })
})

describe('signing out', () => {
  /** The login host is on the way, and its page leads on by itself. */
  const enterShop = async (page: Page) => {
    await page.goto(`${urlOf(shop)}/`)
    await page.getByRole('heading', { name: 'Northwind Shop' }).waitFor()
  }
  const out = (page: Page, url: string) => page.goto(`${url}/.gatehouse/logout`)

  it('of one site leaves the others, and the next visit asks first', async () => {
    const { page, answers } = await stage.visit()
    await signIn(page, stage.demo, 'Zoë')
    await enterShop(page)
    await out(page, urlOf(shop))
    await page.getByRole('button', { name: /^Sign out of shop\.localhost(:\d+)? only$/ }).click()
    await page.getByRole('heading', { name: 'You are signed out' }).waitFor()
    await page.goto(`${stage.demo.siteUrl}/notes`)
    await page.waitForURL(`${stage.demo.siteUrl}/notes`)
    await page.goto(`${urlOf(shop)}/?again`)
    await page.getByRole('heading', { name: 'Sign in again?' }).waitFor()
    await page.getByRole('button', { name: /^Continue as/ }).click()
    await page.waitForURL(`${urlOf(shop)}/?again`)
    expect(answers).toHaveLength(1)
  })

  it('everywhere ends all of them', async () => {
    const { page, context, answers } = await stage.visit()
    await signIn(page, stage.demo, 'Zoë')
    await enterShop(page)
    const before = await signInsOf('zoë')
    await out(page, urlOf(shop))
    await press(page, 'Sign out of all sites')
    await page.getByRole('heading', { name: 'You are signed out' }).waitFor()
    expect((await signInsOf('zoë')).slice(0, before.length).at(-1)).toMatchObject({
      why: 'signed-out',
    })
    await new Promise((resolve) => setTimeout(resolve, 2000))
    const wiki = await context.newPage()
    await wiki.goto(`${stage.demo.siteUrl}/notes`)
    // The identity provider knows the person still, and is asked.
    await wiki.waitForURL(`${stage.demo.siteUrl}/notes`)
    expect(answers).toHaveLength(2)
  })
})

describe('the home page', () => {
  const home = () => `${stage.demo.siteUrl}/.gatehouse/`
  const names = (page: Page) => page.locator('.sites a').allTextContents()

  it.each(['light', 'dark'] as const)(
    'lists what is open, at each site, and can be used by everybody (%s)',
    async (colorScheme) => {
      const { page } = await stage.visit({ colorScheme })
      await signIn(page, stage.demo, 'Ada')
      await page.goto(home())
      expect(await names(page)).toEqual(['Northwind Wiki', 'Northwind Shop', 'Northwind Lab'])
      expect(await accessibilityFaults(page)).toEqual([])
      await page.goto(`${urlOf(shop)}/.gatehouse/`)
      await page.getByRole('heading', { name: 'Your sites' }).waitFor()
      await page.getByRole('link', { name: 'Northwind Lab' }).click()
      await page.getByRole('heading', { name: 'Northwind Lab' }).waitFor()
    },
  )

  it('leaves out what is closed, works without scripts, and ends the sign-in of another browser', async () => {
    // Those of the tests before.
    await stage.demo.db.exec("UPDATE sign_ins SET ended_at = 1, ended_why = 'revoked'")
    const other = await stage.visit()
    await signIn(other.page, stage.demo, 'Grace')
    const { page } = await stage.visit({ javaScript: false })
    await page.goto(home())
    await choosePerson(page, 'Grace')
    await page.getByRole('button', { name: 'Continue' }).click()
    await page.getByRole('heading', { name: 'Your sites' }).waitFor()
    expect(await names(page)).toEqual(['Northwind Wiki', 'Northwind Shop'])
    const row = page.locator('.sign-ins li').filter({ hasNotText: 'This browser' })
    await row.first().getByRole('button').click()
    await expect.poll(() => page.locator('.sign-ins li').count(), eventually).toBe(1)
    await page.goto(home())
    expect(await page.locator('.sign-ins li').count()).toBe(1)
    await new Promise((resolve) => setTimeout(resolve, 2000))
    await other.page.goto(`${stage.demo.siteUrl}/notes`)
    await other.page.waitForURL(`${stage.demo.siteUrl}/notes`)
    // The identity provider signed them in again, without a question of its own.
    expect(other.answers).toHaveLength(2)
  })
})
