/** Signing out, being refused, and one person after another in the same browser. */
import { describe, expect, it } from 'vitest'
import {
  choosePerson,
  claimOf,
  eventually,
  forgetPerson,
  headingOf,
  sessionsOpened,
  signIn,
  useStage,
} from './stage.ts'

const stage = useStage()

describe('signing out', () => {
  it('ends the session: the next protected page asks again', async () => {
    const { page, context, answers } = await stage.visit()
    const { siteUrl } = stage.demo
    await signIn(page, stage.demo, 'Ada Lovelace')
    await page.getByRole('button', { name: 'Sign out' }).click()
    await page.getByRole('heading', { name: 'You are signed out' }).waitFor()
    const cookies = await context.cookies(siteUrl)
    expect(cookies.map(({ name }) => name)).not.toContain('__Host-gatehouse')

    // The provider still knows her, and is to ask all the same: somebody else may sit here now.
    await page.getByRole('button', { name: 'Sign in again' }).click()
    await choosePerson(page, 'Grace Hopper')
    await page.waitForURL(`${siteUrl}/`)
    expect(await headingOf(page)).toBe('Hello, Grace Hopper')
    expect(answers).toHaveLength(2)
  })

  it('leaves no page to the back button: it is asked for anew', async () => {
    const { page, answers } = await stage.visit()
    const { siteUrl } = stage.demo
    await signIn(page, stage.demo, 'Ada Lovelace', '/notes')
    await page.getByRole('button', { name: 'Sign out' }).click()
    await page.getByRole('heading', { name: 'You are signed out' }).waitFor()
    await page.goBack({ waitUntil: 'commit' })
    await expect.poll(() => answers.length, eventually).toBe(2)
    await page.waitForURL(`${siteUrl}/notes`)
  })

  it('cannot be done by another site', async () => {
    const { page } = await stage.visit()
    const { siteUrl } = stage.demo
    await signIn(page, stage.demo, 'Ada Lovelace')
    await page.goto('about:blank')
    await page.setContent(
      `<form method="post" action="${siteUrl}/.gatehouse/logout"><button>Win</button></form>`,
    )
    await page.getByRole('button').click()
    await page.getByRole('heading', { name: 'Sign out?' }).waitFor()
    await page.goto(`${siteUrl}/`)
    expect(await headingOf(page)).toBe('Hello, Ada Lovelace')
  })
})

describe('a page for one group', () => {
  it('opens to who is in the group', async () => {
    const { page } = await stage.visit()
    await signIn(page, stage.demo, 'Ada Lovelace', '/engineering')
    expect(await headingOf(page)).toBe('For engineering only')
  })

  it('is refused to others, who are told as whom they are signed in', async () => {
    const { page } = await stage.visit({ refusals: [403] })
    const { siteUrl } = stage.demo
    await signIn(page, stage.demo, 'Grace Hopper')
    const answer = await page.goto(`${siteUrl}/engineering`)
    expect(answer?.status()).toBe(403)
    expect(await headingOf(page)).toBe("You don't have access to this page")
    const words = await page.getByRole('main').innerText()
    expect(words).toContain('You are signed in as grace@northwind.example')
    const number = await page.locator('footer code').innerText()
    await expect
      .poll(() => stage.audit().at(-1), eventually)
      .toMatchObject({
        audit: 'access-denied',
        requestId: number,
        path: '/engineering',
        reason: 'needs group engineering of connection northwind',
      })
    await page.goto(`${siteUrl}/`)
    expect(await headingOf(page)).toBe('Hello, Grace Hopper')
  })
})

describe('a second person', () => {
  it('is themselves, after the first was refused and signed out', async () => {
    const { page } = await stage.visit({ refusals: [403] })
    const { siteUrl } = stage.demo
    await signIn(page, stage.demo, 'Grace Hopper', '/notes')
    await page.goto(`${siteUrl}/engineering`)
    await page.getByRole('button', { name: 'Sign out' }).click()
    await page.getByRole('button', { name: 'Sign in again' }).click()
    await choosePerson(page, 'Ada Lovelace')
    await page.waitForURL(`${siteUrl}/engineering`)
    expect(await headingOf(page)).toBe('For engineering only')
    await page.goto(`${siteUrl}/`)
    expect(await claimOf(page, 'email')).toBe('ada@northwind.example')
    expect(await claimOf(page, 'groups')).toBe('everyone, engineering')
  })

  it('takes the place of the first, who was refused, without a sign-out', async () => {
    const { page } = await stage.visit({ refusals: [403] })
    const { siteUrl } = stage.demo
    await signIn(page, stage.demo, 'Grace Hopper', '/notes')
    await page.goto(`${siteUrl}/engineering?plan=1#costs`)
    await page.getByRole('button', { name: 'Use another account' }).click()
    await choosePerson(page, 'Ada Lovelace')
    await page.waitForURL(`${siteUrl}/engineering?plan=1`)
    expect(await headingOf(page)).toBe('For engineering only')
  })

  it('takes the place of the first, whose session ends, once they say so', async () => {
    const { page, context } = await stage.visit()
    const { siteUrl } = stage.demo
    await signIn(page, stage.demo, 'Ada Lovelace')
    const [old] = (await context.cookies(siteUrl)).filter(({ name }) => name === '__Host-gatehouse')
    await forgetPerson(page, stage.demo)
    await choosePerson(page, 'Zoë Ångström')
    await page.getByRole('button', { name: 'Northwind Wiki' }).click()
    await page.getByRole('button', { name: 'Switch to zoe@northwind.example' }).click()
    await page.waitForURL(`${siteUrl}/`)
    expect(await headingOf(page)).toBe('Hello, Zoë Ångström')

    const thief = await stage.visit()
    expect(old?.value).toMatch(/^[\w-]{43}$/)
    if (old) await thief.context.addCookies([old])
    await thief.page.goto(`${siteUrl}/`)
    await thief.page.getByRole('heading', { name: 'Who are you?' }).waitFor()
  })

  it('may be signed in at the same time in another browser', async () => {
    const [one, two] = [await stage.visit(), await stage.visit()]
    const opened = await sessionsOpened(stage.demo)
    await signIn(one.page, stage.demo, 'Ada Lovelace')
    await signIn(two.page, stage.demo, 'Grace Hopper')
    await one.page.reload()
    expect(await headingOf(one.page)).toBe('Hello, Ada Lovelace')
    expect(await headingOf(two.page)).toBe('Hello, Grace Hopper')
    expect(await sessionsOpened(stage.demo)).toBe(opened + 2)
  })
})
