import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import {
  acsUrl,
  choosePerson,
  claimOf,
  eventually,
  fieldsOf,
  headingOf,
  postFromElsewhere,
  sessionsOpened,
  signIn,
  useStage,
} from './stage.ts'

const stage = useStage()

interface ScriptAnswer {
  readonly status: number
  readonly type: string | null
  readonly body: { readonly loginUrl: string }
}

describe('signing in', () => {
  it('leads to the page asked for, with its query and fragment', async () => {
    const { page } = await stage.visit()
    const { siteUrl, idpUrl } = stage.demo
    await page.goto(`${siteUrl}/notes?draft=2&of=a%26b#risks`)
    await page.waitForURL(`${idpUrl}/sso?**`)
    await choosePerson(page, 'Ada Lovelace')
    await page.waitForURL(`${siteUrl}/notes?draft=2&of=a%26b#risks`)
    expect(await page.locator('.lead code').innerText()).toBe('/notes?draft=2&of=a%26b')
    expect(await page.locator(':target h2').innerText()).toBe('Risks')
  })

  it('tells the site who it is, and keeps its own cookie to itself', async () => {
    const { page, context } = await stage.visit()
    const { siteUrl } = stage.demo
    await signIn(page, stage.demo, 'Zoë Ångström')
    await page.reload()
    expect(await headingOf(page)).toBe('Hello, Zoë Ångström')
    expect(await claimOf(page, 'groups')).toBe('everyone')
    expect(await claimOf(page, 'X-Forwarded-Preferred-Username')).toBe('zo%C3%AB')
    // The browser sends both; only the site's own arrives.
    const cookies = await context.cookies(siteUrl)
    expect(cookies.map(({ name }) => name)).toContain('__Host-gatehouse')
    expect(await claimOf(page, 'Cookie')).toBe('northwind-visits=1')
  })

  it('keeps its cookies from scripts, other paths and the clear', async () => {
    const { page, context } = await stage.visit()
    await signIn(page, stage.demo, 'Ada Lovelace')
    const cookies = await context.cookies(stage.demo.siteUrl)
    const ours = cookies.filter(({ name }) => name.startsWith('__Host-gatehouse'))
    expect(ours.map(({ name, sameSite }) => [name, sameSite])).toEqual(
      expect.arrayContaining([
        ['__Host-gatehouse', 'Lax'],
        [expect.stringMatching(/^__Host-gatehouse-login-/), 'None'],
      ]),
    )
    expect(ours.every(({ httpOnly, secure, path }) => httpOnly && secure && path === '/')).toBe(
      true,
    )
    expect(await page.evaluate('document.cookie')).not.toContain('gatehouse')
  })

  it('shows times to an auditor by the line of docs/monitoring.md, and to nobody else', async () => {
    const [, line = ''] = /```js\n(.*)\n```/.exec(readFileSync('docs/monitoring.md', 'utf8')) ?? []
    expect(line).toContain('__Host-gatehouse-timing')
    const timesOf = async (name: string) => {
      const { page, context } = await stage.visit()
      await signIn(page, stage.demo, name)
      await page.evaluate(line)
      const cookies = await context.cookies(stage.demo.siteUrl)
      expect(cookies.map((cookie) => cookie.name)).toContain('__Host-gatehouse-timing')
      await page.reload()
      expect(await headingOf(page)).toBe(`Hello, ${name}`)
      return page.evaluate<readonly string[]>(
        "performance.getEntriesByType('navigation')[0].serverTiming.map(({ name }) => name)",
      )
    }
    expect(await timesOf('Ada Lovelace')).toEqual(
      expect.arrayContaining(['gatehouse-origin', 'gatehouse-total', 'gatehouse-request']),
    )
    expect(await timesOf('Zoë Ångström')).toEqual([])
  })

  it('works in two tabs begun before either is finished, in either order', async () => {
    for (const order of [
      [0, 1],
      [1, 0],
    ]) {
      const { page, context } = await stage.visit()
      const { siteUrl } = stage.demo
      const tabs = [page, await context.newPage()]
      const asked = [`${siteUrl}/notes?tab=1#people`, `${siteUrl}/notes?tab=2#risks`]
      for (const [i, tab] of tabs.entries()) {
        await tab.goto(asked[i] ?? '')
        await tab.getByRole('heading', { name: 'Who are you?' }).waitFor()
      }
      for (const i of order) {
        const tab = tabs[i] ?? page
        await choosePerson(tab, 'Ada Lovelace')
        await tab.waitForURL(asked[i] ?? '')
      }
      for (const tab of tabs) {
        await tab.goto(`${siteUrl}/`)
        expect(await headingOf(tab)).toBe('Hello, Ada Lovelace')
      }
    }
  })

  it('is not undone or repeated by the back button', async () => {
    const { page, answers } = await stage.visit()
    const { siteUrl, idpUrl } = stage.demo
    const asked = `${siteUrl}/notes?draft=2#risks`
    await page.goto(asked)
    await choosePerson(page, 'Ada Lovelace')
    await page.waitForURL(asked)
    const opened = await sessionsOpened(stage.demo)

    // The provider's page is the entry before. It knows her by now, and answers the old request again.
    const passedBy = page.waitForRequest((request) => request.url().startsWith(`${idpUrl}/sso`))
    await page.goBack({ waitUntil: 'commit' })
    await passedBy
    await expect.poll(() => answers.length, eventually).toBe(2)
    await page.waitForURL(asked)
    expect(await headingOf(page)).toBe('Launch notes')
    expect(await sessionsOpened(stage.demo)).toBe(opened)
    await page.goto(`${siteUrl}/`)
    expect(await headingOf(page)).toBe('Hello, Ada Lovelace')
  })

  it('takes an answer once, and only in the browser that asked', async () => {
    const { page, answers } = await stage.visit()
    const { siteUrl } = stage.demo
    await signIn(page, stage.demo, 'Ada Lovelace', '/notes')
    const answer = fieldsOf(answers[0])
    expect(Object.keys(answer)).toEqual(['SAMLResponse', 'RelayState'])
    const opened = await sessionsOpened(stage.demo)

    await postFromElsewhere(page, acsUrl(stage.demo), answer)
    await page.waitForURL(`${siteUrl}/notes`)
    const other = await stage.visit({ refusals: [400] })
    await postFromElsewhere(other.page, acsUrl(stage.demo), answer)
    await other.page.getByRole('heading', { name: 'Start again' }).waitFor()
    await expect
      .poll(() => stage.audit().at(-1), eventually)
      .toMatchObject({ audit: 'login-refused', reason: 'unknown-login' })
    expect(await sessionsOpened(stage.demo)).toBe(opened)
  })

  it('needs no JavaScript', async () => {
    const { page } = await stage.visit({ javaScript: false })
    const { siteUrl } = stage.demo
    await page.goto(`${siteUrl}/notes?draft=2`)
    await choosePerson(page, 'Grace Hopper')
    await page.getByRole('button', { name: 'Continue' }).click()
    await page.waitForURL(`${siteUrl}/notes?draft=2`)
    await page.goto(`${siteUrl}/`)
    expect(await headingOf(page)).toBe('Hello, Grace Hopper')
  })

  it('is asked of a script by 401 and where to go, not by a page', async () => {
    const { page } = await stage.visit({ refusals: [401] })
    const { siteUrl } = stage.demo
    await page.goto(`${siteUrl}/public`)
    const answer = await page.evaluate<ScriptAnswer>(`fetch('/me').then(async (response) => ({
      status: response.status,
      type: response.headers.get('Content-Type'),
      body: await response.json(),
    }))`)
    expect(answer).toMatchObject({
      status: 401,
      type: expect.stringContaining('application/json'),
      body: {
        error: 'login-required',
        loginUrl: `${siteUrl}/.gatehouse/login?to=%2Fpublic`,
      },
    })
    await page.goto(answer.body.loginUrl)
    await choosePerson(page, 'Ada Lovelace')
    await page.waitForURL(`${siteUrl}/public`)
    const claims = await page.evaluate(`fetch('/me').then((response) => response.json())`)
    expect(claims).toMatchObject({ name: 'Ada Lovelace', iss: siteUrl, aud: siteUrl })
  })
})
