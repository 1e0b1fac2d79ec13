/** A form that is posted after the session has ended: the tab keeps it, and it is sent when the person confirms. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { BrowserContext, Page } from 'playwright-core'
import { afterAll, beforeEach, describe, expect, it } from 'vitest'
import { listen, type Server } from '../../demo/server.ts'
import { accessibilityFaults } from './accessibility.ts'
import {
  choosePerson,
  forgetPerson,
  headingOf,
  untilRefused,
  useStage,
  type VisitOptions,
} from './stage.ts'

const pageOf = (heading: string) => `<!doctype html><html lang="en"><title>Draft</title>
<link rel="icon" href="data:,"><h1>${heading}</h1>
<form method="post" action="/draft?id=7" enctype="multipart/form-data">
<label>Text <textarea name="text"></textarea></label> <label>File <input type="file" name="file"></label>
<input type="hidden" name="csrf_token" value="abc"><button>Save</button></form>`

const saved: { readonly url: string; readonly fields: Readonly<Record<string, string>> }[] = []
async function origin(request: Request): Promise<Response> {
  const headers = { 'Content-Type': 'text/html' }
  if (request.method === 'GET') return new Response(pageOf('Draft'), { headers })
  if (request.headers.get('Content-Type') === 'text/plain') return new Response('What is this?')
  const { pathname, search } = new URL(request.url)
  const data = [...(await request.formData())]
  const fields = await Promise.all(
    data.map(async ([name, value]) => [
      name,
      typeof value === 'string' ? value : await value.text(),
    ]),
  )
  saved.push({ url: pathname + search, fields: Object.fromEntries(fields) })
  return new Response(pageOf('Saved'), { headers })
}
const server: Server = await listen(0, () => origin)
const folder = await mkdtemp(join(tmpdir(), 'kept-form-'))
const photo = join(folder, 'photo.txt')
await writeFile(photo, 'a small photo')
afterAll(async () => {
  await server.stop()
  await rm(folder, { recursive: true })
})
beforeEach(() => void saved.splice(0))

const stage = useStage({ origin: server.url, revocationSeconds: 1 })

const text = 'A long text & more\nin <b>two</b> lines'
const sent = [
  {
    url: '/draft?id=7',
    fields: { text: text.replace('\n', '\r\n'), file: 'a small photo', csrf_token: 'abc' },
  },
]

async function openDraft(
  options: VisitOptions = {},
): Promise<{ page: Page; context: BrowserContext }> {
  const { page, context } = await stage.visit({ refusals: [401, 403, 409, 410], ...options })
  await page.goto(`${stage.demo.siteUrl}/draft`)
  await choosePerson(page, 'Ada Lovelace')
  if (options.javaScript === false) await page.getByRole('button', { name: 'Continue' }).click()
  await page.waitForURL(`${stage.demo.siteUrl}/draft`)
  await page.getByLabel('Text').fill(text)
  await page.getByLabel('File').setInputFiles(photo)
  return { page, context }
}

/** The browser keeps the cookie of a session that was revoked, so the gate knows whose it was. */
async function revokeAll(page: Page): Promise<void> {
  await stage.demo.db.prepare('UPDATE sessions SET revoked_at = ?1').bind(Date.now()).run()
  await untilRefused(page, `${stage.demo.siteUrl}/draft`)
}

/** The browser drops the cookie of a session that has run out. */
const dropCookie = (context: BrowserContext): Promise<void> =>
  context.clearCookies({ name: '__Host-gatehouse' })

const save = (page: Page): Promise<void> => page.getByRole('button', { name: 'Save' }).click()
const seen = (page: Page, name: string): Promise<void> =>
  page.getByRole('heading', { name, exact: true }).waitFor()
/** For a person to look at: SCREENSHOTS=<folder>. */
async function look(page: Page, name: string): Promise<void> {
  expect(await accessibilityFaults(page)).toEqual([])
  const place = process.env['SCREENSHOTS']
  if (place === undefined) return
  const before = page.viewportSize()
  await page.setViewportSize({ width: 390, height: 780 })
  await page.screenshot({ path: join(place, `${name}.png`), fullPage: true })
  if (before) await page.setViewportSize(before)
}

describe.each(['light', 'dark'] as const)('a form posted after the end (%s)', (colorScheme) => {
  it('is shown after sign-in in the same tab, and sent as it was, once', async () => {
    const { page } = await openDraft({ colorScheme })
    await revokeAll(page)
    await save(page)
    await seen(page, 'Sign in to send this form')
    await look(page, `kept-${colorScheme}`)
    expect(saved).toEqual([])

    await page.getByRole('button', { name: 'Sign in', exact: true }).click()
    await seen(page, 'Send this form?')
    await look(page, `confirm-${colorScheme}`)
    const body = await page.locator('main').innerText()
    expect(body).toContain('signed in as ada@northwind.example')
    expect(body).toContain(`${stage.demo.siteUrl}/draft?id=7`)
    expect(body).toContain(text)
    expect(body).toContain('photo.txt (13 bytes)')
    expect(body).not.toContain('abc')
    expect(saved).toEqual([])

    await page.getByRole('button', { name: 'Send' }).click()
    await seen(page, 'Saved')
    expect(page.url()).toBe(`${stage.demo.siteUrl}/draft?id=7`)
    expect(saved).toEqual(sent)
    expect(await page.evaluate(`sessionStorage.getItem('gatehouse-form')`)).toBeNull()

    await page.reload()
    await seen(page, 'This form was already sent')
    expect(await page.locator('main').innerText()).toContain(text)
    await look(page, `sent-${colorScheme}`)
    expect(saved).toEqual(sent)
  })

  it('is neither shown to another person nor sent by them, and waits for the first one', async () => {
    const { page, context } = await openDraft({ colorScheme })
    await revokeAll(page)
    const other = await context.newPage()
    await forgetPerson(other, stage.demo)
    await save(page)
    await page.getByRole('button', { name: 'Sign in', exact: true }).click()
    await choosePerson(page, 'Grace Hopper')
    await seen(page, "This form is another person's")
    await look(page, `other-${colorScheme}`)
    expect(await page.locator('main').innerText()).not.toContain('A long text')
    expect(saved).toEqual([])

    await page.getByRole('button', { name: 'Use another account' }).click()
    await choosePerson(page, 'Ada Lovelace')
    await seen(page, 'Send this form?')
    await page.getByRole('button', { name: 'Send' }).click()
    await seen(page, 'Saved')
    expect(saved).toEqual(sent)
  })
})

it.each(['light', 'dark'] as const)(
  'the page for a form that is too old can be read by all (%s)',
  async (colorScheme) => {
    const { page } = await openDraft({ colorScheme })
    await page.evaluate(`const form = document.createElement('form')
    Object.assign(form, { method: 'post', action: '/.gatehouse/form' })
    document.body.append(form)
    form.submit()`)
    await seen(page, "This form can't be sent any more")
    await look(page, `spoilt-${colorScheme}`)
  },
)

describe('without JavaScript', () => {
  it('the page itself keeps the form, while the person signs in in another tab', async () => {
    const { page, context } = await openDraft({ javaScript: false })
    await dropCookie(context)
    await save(page)
    await seen(page, 'Sign in to send this form')
    await look(page, 'kept-without-script')
    const opening = context.waitForEvent('page')
    await page.getByRole('button', { name: 'Sign in in a new tab' }).click()
    const tab = await opening
    await tab.getByRole('button', { name: 'Continue' }).click()
    await seen(tab, 'You are signed in')
    await page.getByRole('button', { name: 'Continue with the form' }).click()
    await seen(page, 'Send this form?')
    await page.getByRole('button', { name: 'Send' }).click()
    await seen(page, 'Saved')
    expect(saved).toEqual(sent)
  })
})

describe('a kept form', () => {
  it('need not be sent: the person goes back to its page', async () => {
    const { page, context } = await openDraft()
    await dropCookie(context)
    await save(page)
    await page.getByRole('button', { name: 'Sign in', exact: true }).click()
    await page.getByRole('link', { name: "Don't send it" }).click()
    await page.waitForURL(`${stage.demo.siteUrl}/draft`)
    expect(await headingOf(page)).toBe('Draft')
    expect(saved).toEqual([])
  })

  it('of each tab is its own', async () => {
    const { page, context } = await openDraft()
    const tab = await context.newPage()
    await tab.goto(`${stage.demo.siteUrl}/draft`)
    await tab.getByLabel('Text').fill('Second')
    await dropCookie(context)
    for (const each of [page, tab]) {
      await save(each)
      await seen(each, 'Sign in to send this form')
    }
    for (const each of [page, tab]) {
      await each.getByRole('button', { name: 'Sign in', exact: true }).click()
      await seen(each, 'Send this form?')
      await each.getByRole('button', { name: 'Send' }).click()
      await seen(each, 'Saved')
    }
    expect(saved.map(({ fields }) => fields['text'])).toEqual([sent[0]?.fields.text, 'Second'])
  })

  it('is sealed for the scripts of the site', async () => {
    const { page, context } = await openDraft()
    await dropCookie(context)
    await save(page)
    await seen(page, 'Sign in to send this form')
    const kept = await page.evaluate<string>(`JSON.stringify({ ...sessionStorage })`)
    expect(kept).toMatch(/"gatehouse-form":"[\w-]{300,}"/)
    expect(kept).not.toContain('long text')
    expect(
      Buffer.from(JSON.parse(kept)['gatehouse-form'], 'base64url').toString('latin1'),
    ).not.toContain('text')
  })

  it('cannot be sent by a page of another site, whoever made it', async () => {
    const { page, context } = await openDraft()
    await dropCookie(context)
    await save(page)
    const sealed = await page.locator('[name=gatehouse-form]').inputValue()
    await page.goto(`${stage.demo.siteUrl}/draft`)
    await seen(page, 'Draft')
    const elsewhere = await listen(
      0,
      () => () =>
        new Response(
          `<!doctype html><title>Prize</title><link rel="icon" href="data:,">
        ${['/draft?id=7', '/.gatehouse/form']
          .map(
            (path) => `<form method="post" action="${stage.demo.siteUrl}${path}"
            enctype="${path.startsWith('/.') ? 'application/x-www-form-urlencoded' : 'text/plain'}">
            <input type="hidden" name="gatehouse-form" value="${sealed}"><button>${path}</button></form>`,
          )
          .join('')}`,
          { headers: { 'Content-Type': 'text/html' } },
        ),
    )
    try {
      // A host of the same domain sends the session's cookie along, and another site does not.
      for (const url of [
        `http://localhost:${elsewhere.port}`,
        `http://127.0.0.1:${elsewhere.port}`,
      ]) {
        for (const path of ['/draft?id=7', '/.gatehouse/form']) {
          await page.goto(url)
          await page.getByRole('button', { name: path }).click()
          await page.waitForURL((to) => to.origin === stage.demo.siteUrl)
          // A page that leads on by itself is read when it has arrived.
          await expect.poll(() => page.content()).not.toContain('A long text')
        }
      }
      expect(saved).toEqual([])
    } finally {
      await elsewhere.stop()
    }
  })
})
