/** The page that shows a kept form before it is sent. */
import { env } from 'cloudflare:workers'
import { beforeEach, describe, expect, it } from 'vitest'
import { emptyStores } from '../support/session.ts'
import { configOf, createStage, SITE, type Stage } from '../login/stage.ts'

beforeEach(async () => {
  await emptyStores()
  await env.DB.exec('DELETE FROM taken')
})

const navigation = {
  'Sec-Fetch-Mode': 'navigate',
  'Sec-Fetch-Dest': 'document',
  'Sec-Fetch-Site': 'same-origin',
}

async function keep(
  stage: Stage,
  body: BodyInit,
  path = '/save?a=1&b=%22',
  cookie = '',
): Promise<string> {
  const headers = { ...navigation, Referer: `${SITE}/edit?x="y"`, Cookie: cookie }
  const answer = await stage.send(new Request(SITE + path, { method: 'POST', body, headers }))
  return /name="gatehouse-form" value="([\w-]+)"/.exec(await answer.text())?.[1] ?? ''
}

/** Signed in, and shown the form. */
async function show(body: BodyInit, path?: string): Promise<{ page: string; sealed: string }> {
  const stage = await createStage(configOf())
  const sealed = await keep(stage, body, path)
  const browser = stage.browser()
  await stage.signIn(browser)
  const answer = await browser.submit(`${SITE}/.gatehouse/form`, { 'gatehouse-form': sealed })
  expect(answer.status).toBe(200)
  expect(answer.headers.get('Cache-Control')).toBe('no-store')
  return { page: await answer.text(), sealed }
}

const shown = (page: string): readonly string[] =>
  Array.from(
    page.matchAll(/<dt>([^]*?)<\/dt>\s*<dd>([^]*?)<\/dd>/g),
    ([, name, value]) => `${name}=${value}`,
  )

describe('a form of the person who is signed in', () => {
  it('says who is signed in, where it goes and what it says, and sends only by a click', async () => {
    const { page, sealed } = await show(new URLSearchParams({ title: 'Plan', text: 'One\r\nTwo' }))
    expect(page).toContain('signed in as <strong>zoe@example.test</strong>')
    expect(page).toContain(`<strong>${SITE}/save?a=1&amp;b=%22</strong>`)
    expect(shown(page)).toEqual(['title=Plan', 'text=One\r\nTwo'])
    expect(page).toMatch(
      new RegExp(`action="${SITE}/save\\?a=1&amp;b=%22"\\s+enctype="text/plain"`),
    )
    expect(page).toContain(`value="${sealed}"`)
    expect(page).toContain(`href="${SITE}/edit?x=%22y%22"`)
    expect(page).not.toMatch(/submit\(\)/)
  })

  it('shows the names and sizes of files, and not what is in them', async () => {
    const form = new FormData()
    form.set('photo', new File(['<svg onload=alert(1)>'], 'me"><b>.svg'))
    form.set('note', 'Hello')
    const { page } = await show(form)
    expect(shown(page)).toEqual([
      expect.stringMatching(/^photo=me.*\.svg \(21 bytes\)$/),
      'note=Hello',
    ])
    expect(page).not.toMatch(/<b>|onload/)
  })

  it.each([
    ['<script>alert(1)</script>', '"><img src=x onerror=alert(1)>'],
    ["'--></style></dl><h1>", '</dd><form action="https://evil.example">'],
    ['&lt;script&gt;', '${7*7}{{7*7}}'],
  ])('shows a name and a value as they are, and runs nothing of them: %s', async (name, value) => {
    const { page } = await show(new URLSearchParams({ [name]: value }))
    expect(page).not.toContain(name)
    expect(page.match(/<h1>|<script|<form|<img|<style/g)?.toSorted()).toEqual([
      '<form',
      '<h1>',
      '<script',
      '<style',
    ])
  })

  it('shows text that would hide or reorder what is around it as such', async () => {
    const { page } = await show(new URLSearchParams({ to: 'a\u202egro.elpmaxe\u200b', ok: '1\n2' }))
    expect(shown(page)).toEqual(['to=a\ufffdgro.elpmaxe\ufffd', 'ok=1\n2'])
  })

  it('covers passwords and tokens', async () => {
    const { page } = await show(
      new URLSearchParams({
        new_password: 'hunter2',
        'csrf-token': 'kept-from-view',
        passage: 'x',
      }),
    )
    expect(page).not.toMatch(/hunter2|kept-from-view/)
    expect(shown(page)[0]).toBe('new_password=••••••')
  })

  it('shows a long form in part, and says how much is left', async () => {
    const many = new URLSearchParams(Array.from({ length: 5000 }, (_, i) => [`n${i}`, 'v']))
    const { page } = await show(many)
    expect(shown(page)).toHaveLength(30)
    expect(page).toContain('And 4970 more fields.')
  })

  it('shows a long text in part', async () => {
    const { page: long } = await show(new URLSearchParams({ text: 'x'.repeat(60_000) }))
    expect(shown(long)[0]).toBe(`text=${'x'.repeat(400)} …`)
  })

  it('shows a form of several parts that cannot be read by its size', async () => {
    const body = new Blob(['not parts'], { type: 'multipart/form-data; boundary=x' })
    expect(shown((await show(body)).page)).toEqual(['Form=9 bytes'])
  })

  it('cannot be led to another host by its path', async () => {
    const { page } = await show('a=b', '//evil.example/x')
    expect(page).toContain(`action="${SITE}//evil.example/x"`)
  })
})

describe('a form that is not shown', () => {
  it('is kept on while nobody is signed in', async () => {
    const stage = await createStage(configOf())
    const sealed = await keep(stage, 'text=secret+plan')
    const answer = await stage
      .browser()
      .submit(`${SITE}/.gatehouse/form`, { 'gatehouse-form': sealed })
    expect(answer.status).toBe(401)
    const page = await answer.text()
    expect(page).toContain(sealed)
    expect(page).not.toContain('secret')
  })

  it.each(['cross-site', 'same-site', 'none', ''])(
    'is posted here by a page of another origin: %s',
    async (from) => {
      const stage = await createStage(configOf())
      const sealed = await keep(stage, 'text=secret+plan')
      const browser = stage.browser()
      await stage.signIn(browser)
      const headers = {
        ...navigation,
        'Sec-Fetch-Site': from,
        Cookie: `__Host-gatehouse=${browser.cookies.get('__Host-gatehouse')?.value}`,
      }
      const body = new URLSearchParams({ 'gatehouse-form': sealed })
      const answer = await stage.send(
        new Request(`${SITE}/.gatehouse/form`, { method: 'POST', headers, body }),
      )
      expect(answer.status).toBe(410)
      expect(await answer.text()).not.toMatch(/secret|plan/)
    },
  )

  it.each(['', 'x', 'x'.repeat(300_000)])('is none of ours', async (sealed) => {
    const stage = await createStage(configOf())
    const browser = stage.browser()
    await stage.signIn(browser)
    const answer = await browser.submit(`${SITE}/.gatehouse/form`, { 'gatehouse-form': sealed })
    expect(answer.status).toBe(410)
  })

  it("is another person's, and only that person can send it", async () => {
    const stage = await createStage(configOf())
    const ada = stage.browser()
    await stage.signIn(ada)
    const cookie = `__Host-gatehouse=${ada.cookies.get('__Host-gatehouse')?.value}`
    await env.DB.exec('UPDATE sessions SET revoked_at = 1')
    const sealed = await keep(stage, 'text=secret+plan', '/save', cookie)
    const grace = stage.browser()
    await stage.signIn(grace, '/', { nameId: 'grace@example.test' })
    const answer = await grace.submit(`${SITE}/.gatehouse/form`, { 'gatehouse-form': sealed })
    expect(answer.status).toBe(403)
    const page = await answer.text()
    expect(page).toContain('Another person filled in this form')
    expect(page).not.toMatch(/secret|zoe@/)
  })
})
