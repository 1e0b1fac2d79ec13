/** The visitor's language and the operator's brand, from the request to the page. */
import { afterEach, describe, expect, it, vi } from 'vitest'
import type { Browser } from '../support/browser.ts'
import { emptyStores } from '../support/session.ts'
import { configOf, createStage, SITE, type Stage } from './stage.ts'

const german = {
  'Accept-Language': 'de-AT, de;q=0.9, en;q=0.5',
  Accept: 'text/html',
  'Sec-Fetch-Mode': 'navigate',
  'Sec-Fetch-Dest': 'document',
}
const ask = (path: string, headers: Record<string, string> = german) =>
  new Request(SITE + path, { headers })

/** With the cookies of a browser that has signed in. */
const askAs = (
  stage: Stage,
  { cookies }: Browser,
  path: string,
  headers: Record<string, string> = german,
): Promise<Response> => {
  const Cookie = [...cookies].map(([name, { value }]) => `${name}=${value}`).join('; ')
  return stage.send(ask(path, { ...headers, Cookie }))
}

afterEach(async () => {
  vi.useRealTimers()
  await emptyStores()
})

describe('the language of the visitor', () => {
  it('is that of every page: of sign-in, sign-out, and of a refusal', async () => {
    const stage = await createStage()
    for (const [path, words] of [
      ['/.gatehouse/login', 'Sie werden angemeldet'],
      ['/.gatehouse/logout', 'Abmelden?'],
      ['/.gatehouse/nothing', 'Seite nicht gefunden'],
      ['/public/..%2fadmin', 'Diese Adresse lässt sich nicht öffnen'],
      ['/.gatehouse/signed-in', 'Sie sind angemeldet'],
    ] as const) {
      const page = await stage.send(ask(path))
      expect(await page.text()).toContain(`<h1>${words}</h1>`)
      expect(page.headers.get('Content-Language')).toBe('de')
    }
    const elsewhere = await stage.send(
      new Request('https://elsewhere.example/', { headers: german }),
    )
    expect(await elsewhere.text()).toContain('<h1>Website nicht gefunden</h1>')
  })

  it('is English for programs, whatever they ask for', async () => {
    const stage = await createStage()
    const answer = await stage.send(
      ask('/api', { ...german, 'Sec-Fetch-Mode': 'cors', 'Sec-Fetch-Dest': 'empty' }),
    )
    expect(answer.status).toBe(401)
    expect(await answer.json()).toMatchObject({ message: expect.stringMatching(/^Sign in first/) })
    const lost = await stage.send(ask('/.gatehouse/nothing', { 'Accept-Language': 'de' }))
    expect(await lost.json()).toMatchObject({
      error: 'not-found',
      message: 'There is no page at this address. Check the spelling.',
    })
  })

  it('does not change what the audit says', async () => {
    const stage = await createStage()
    const browser = stage.browser()
    await stage.signIn(browser)
    const page = await askAs(stage, browser, '/engineers')
    expect(page.status).toBe(403)
    expect(await page.text()).toContain('Sie haben keinen Zugriff auf diese Seite')
    expect(stage.audit().at(-1)).toMatchObject({
      audit: 'access-denied',
      reason: 'needs group engineering of connection okta',
    })
  })
})

describe('a rule that is not met', () => {
  it('is in the language of the visitor on the page, and in English for a program', async () => {
    const stage = await createStage(configOf({ denied: { rule: 'shown' } }))
    const browser = stage.browser()
    await stage.signIn(browser)
    const page = await askAs(stage, browser, '/engineers')
    expect(await page.text()).toContain(
      'Diese Seite erfordert: Gruppe engineering der Verbindung okta.',
    )
    const script = { ...german, 'Sec-Fetch-Mode': 'cors', 'Sec-Fetch-Dest': 'empty' }
    const answer = await askAs(stage, browser, '/engineers', script)
    expect(await answer.json()).toMatchObject({
      message: expect.stringMatching(/It needs group engineering of connection okta\.$/),
    })
  })
})

describe("the operator's words", () => {
  const words = {
    choice: { de: 'Nehmen Sie Ihr Firmenkonto.', en: 'Use your company account.' },
    denied: { de: 'Fragen Sie die IT.', en: 'Ask IT.' },
  }
  const brand = { words, support: 'https://help.example.com/' }

  it('are on the page without access in their language, with the way to help', async () => {
    const stage = await createStage({ ...configOf(), brand: { ...brand, languages: ['en', 'de'] } })
    const browser = stage.browser()
    await stage.signIn(browser)
    const page = await askAs(stage, browser, '/engineers')
    const text = await page.text()
    expect(text).toContain('<p>Fragen Sie die IT.</p>')
    expect(text).toContain('<a href="https://help.example.com/">Hilfe erhalten</a>')
    const other = await askAs(stage, browser, '/engineers', { ...german, 'Accept-Language': 'fr' })
    expect(await other.text()).toContain('<p>Ask IT.</p>')
  })

  it('give way to those of the site', async () => {
    const own = { de: 'Fragen Sie Ada.', en: 'Ask Ada.' }
    const stage = await createStage({
      ...configOf({ denied: { words: own } }),
      brand: { ...brand, languages: ['en', 'de'] },
    })
    const browser = stage.browser()
    await stage.signIn(browser)
    const text = await (await askAs(stage, browser, '/engineers')).text()
    expect(text).toContain('<p>Fragen Sie Ada.</p>')
    expect(text).not.toContain('Fragen Sie die IT.')
  })
})
