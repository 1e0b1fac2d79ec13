/** Several tabs of one browser, tabs that lose their login, and addresses that are too long for a cookie. */
import { describe, expect, it } from 'vitest'
import { choosePerson, headingOf, sessionsOpened, signIn, useStage } from './stage.ts'

const stage = useStage()

describe('twenty tabs that are opened together', () => {
  it('all end where they were to go', async () => {
    const { page, context } = await stage.visit()
    const { siteUrl, idpUrl } = stage.demo
    // The identity provider knows her already, so that it answers each at once.
    await page.goto(idpUrl)
    await choosePerson(page, 'Ada Lovelace')
    const asked = Array.from({ length: 20 }, (_, i) => `${siteUrl}/notes?tab=${i}#risks`)
    const tabs = await Promise.all(asked.map(() => context.newPage()))
    await Promise.all(tabs.map((tab, i) => tab.goto(asked[i] ?? '', { waitUntil: 'commit' })))
    await Promise.all(tabs.map((tab, i) => tab.waitForURL(asked[i] ?? '')))
    for (const tab of tabs) expect(await headingOf(tab)).toBe('Launch notes')
    expect(stage.audit().filter(({ audit }) => audit === 'login-refused')).toEqual([])
  })
})

describe('a tab whose login is gone', () => {
  it('goes on to where it wanted, when another tab has signed in meanwhile', async () => {
    const { page, context } = await stage.visit()
    const { siteUrl } = stage.demo
    const asked = `${siteUrl}/notes?draft=2&of=a%26b#risks`
    await page.goto(asked)
    await page.getByRole('heading', { name: 'Who are you?' }).waitFor()
    await context.clearCookies({ name: /^__Host-gatehouse-login-/ })
    const other = await context.newPage()
    await signIn(other, stage.demo, 'Ada Lovelace')
    const opened = await sessionsOpened(stage.demo)
    await choosePerson(page, 'Ada Lovelace')
    await page.waitForURL(asked)
    expect(await page.locator(':target h2').innerText()).toBe('Risks')
    expect(await sessionsOpened(stage.demo)).toBe(opened)
  })

  it('signs in once more where none has, and then goes on to where it wanted', async () => {
    const { page, context } = await stage.visit({ refusals: [400] })
    const { siteUrl } = stage.demo
    await page.goto(`${siteUrl}/notes?draft=3#risks`)
    await page.getByRole('heading', { name: 'Who are you?' }).waitFor()
    await context.clearCookies({ name: /^__Host-gatehouse-login-/ })
    await choosePerson(page, 'Ada Lovelace')
    await page.getByRole('heading', { name: 'Start again' }).waitFor()
    await page.getByRole('button', { name: 'Try again' }).click()
    await page.waitForURL(`${siteUrl}/notes?draft=3#risks`)
  })
})

describe('an address that is too long for a cookie', () => {
  it('is kept by the tab, with its fragment', async () => {
    const { page } = await stage.visit({ refusals: [401] })
    const { siteUrl } = stage.demo
    const asked = `${siteUrl}/notes?q=${'x%22'.repeat(1500)}#risks`
    await page.goto(asked)
    await choosePerson(page, 'Ada Lovelace')
    await page.waitForURL(asked)
    expect(await page.locator(':target h2').innerText()).toBe('Risks')
  })

  it('is kept though only its fragment makes it too long', async () => {
    const { page } = await stage.visit()
    const { siteUrl } = stage.demo
    const asked = `${siteUrl}/notes#${'x'.repeat(2000)}`
    await page.goto(asked)
    await choosePerson(page, 'Ada Lovelace')
    await page.waitForURL(asked)
  })

  it('is said to be too long where no script can keep it, with a way to open it', async () => {
    const { page, context } = await stage.visit({ javaScript: false, refusals: [401] })
    const { siteUrl } = stage.demo
    const asked = `${siteUrl}/notes?q=${'x'.repeat(3000)}`
    await page.goto(asked)
    await page.getByText('too long to keep for you without JavaScript').waitFor()
    const opening = context.waitForEvent('page')
    await page.getByRole('button', { name: 'Sign in in a new tab' }).click()
    const tab = await opening
    await choosePerson(tab, 'Ada Lovelace')
    await tab.getByRole('button', { name: 'Continue' }).click()
    await tab.getByRole('heading', { name: 'You are signed in' }).waitFor()
    await page.goto(asked)
    expect(await headingOf(page)).toBe('Launch notes')
  })

  it.each([
    'https://evil.example/',
    '//evil.example/',
    '/\\evil.example/',
    '/\t/evil.example/',
    'javascript:alert(1)',
    '/.gatehouse/logout',
  ])(
    'leads nowhere else, whatever a script of the site made the tab remember: %s',
    async (planted) => {
      const { page } = await stage.visit()
      const { siteUrl } = stage.demo
      await signIn(page, stage.demo, 'Ada Lovelace')
      await page.evaluate(`sessionStorage.setItem('gatehouse-to', ${JSON.stringify(planted)})`)
      await page.goto(`${siteUrl}/.gatehouse/back`, { waitUntil: 'commit' })
      await page.waitForURL(`${siteUrl}/`)
      expect(await headingOf(page)).toBe('Hello, Ada Lovelace')
    },
  )
})
