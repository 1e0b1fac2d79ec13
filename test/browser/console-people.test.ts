/** People, groups and their directory in the console, with a real browser. */
import type { Page } from 'playwright-core'
import { describe, expect, it } from 'vitest'
import { accessibilityFaults } from './accessibility.ts'
import { choosePerson, eventually, headingOf, signIn, useStage, visitConsole } from './stage.ts'

const stage = useStage()
const console = () => `${stage.demo.siteUrl}/.gatehouse/admin`

const follow = async (page: Page, path: string, name: string): Promise<void> => {
  await page.goto(console() + path)
  await page.getByRole('link', { name, exact: true }).click()
  expect(await headingOf(page)).toBe(name)
}

describe('an operator', () => {
  it('finds a person while typing, ends their sign-in, disables them, and takes it back', async () => {
    const ada = await stage.visit()
    await signIn(ada.page, stage.demo, 'Ada Lovelace')
    const page = await visitConsole(stage)
    await page.getByRole('link', { name: 'People', exact: true }).click()
    // The script that hears the key runs before the page is loaded.
    await page.waitForURL(`${console()}/people`)
    await page.keyboard.press('/')
    await page.keyboard.type('ada love')
    const rows = page.locator('[data-results] tbody tr')
    // A part of the words may be searched for first.
    await page.waitForURL(`${console()}/people?*search=ada+love*`)
    await expect.poll(() => rows.count(), eventually).toBe(1)
    expect(await page.getByRole('status').textContent()).toBe('1 person.')

    await page.getByRole('link', { name: 'Ada Lovelace' }).click()
    await page.getByRole('button', { name: /^End the sign-in of ada with/ }).click()
    await page.getByText('This person is not signed in anywhere.').waitFor()

    await page.getByRole('button', { name: 'Disable ada', exact: true }).click()
    await page.getByText('Disabled', { exact: true }).waitFor()
    await page.getByRole('button', { name: 'Undo' }).click()
    await page.getByText('This person may sign in.').waitFor()
    await page.getByRole('cell', { name: /Grace.* disabled Ada Lovelace|disabled Ada/ }).waitFor()
  })

  it('makes a token that the directory can use, sees its requests, and revokes it', async () => {
    const page = await visitConsole(stage, '/directory/northwind')
    const base = await page.locator('.copy code').first().textContent()
    await page.getByText('Make a token').click()
    await page.getByLabel('Label').fill('From a test')
    await page.getByRole('button', { name: 'Make the token' }).click()
    const token = await page.locator('.message .copy code').textContent()
    const answer = await fetch(`${base}/Users/nobody`, {
      headers: { Authorization: `Bearer ${token}` },
    })
    expect(answer.status).toBe(404)
    await expect
      .poll(async () => {
        await page.reload()
        return page.getByRole('row', { name: 'GET /Users/nobody 404' }).count()
      }, eventually)
      .toBe(1)
    expect(await page.content()).not.toContain(token)
    await page.getByLabel('Revoke From a test', { exact: true }).click()
    await page.getByRole('button', { name: 'Revoke it: From a test' }).click()
    await page.getByRole('row', { name: /From a test revoked/ }).waitFor()
  })

  it('does without JavaScript', async () => {
    const { page } = await stage.visit({ javaScript: false })
    await page.goto(`${console()}/people`)
    await choosePerson(page, 'Grace Hopper')
    await page.getByRole('button', { name: 'Continue' }).click()
    await page.getByRole('searchbox').fill('zo')
    await page.getByRole('button', { name: 'Search' }).click()
    await expect.poll(() => page.locator('[data-results] tbody tr').count(), eventually).toBe(1)
  })
})

describe.each([{ colorScheme: 'light' }, { colorScheme: 'dark' }] as const)(
  'a page ($colorScheme)',
  ({ colorScheme }) => {
    it('can be read by all, used without a mouse, and fits a phone', async () => {
      const page = await visitConsole(stage, '', { colorScheme, refusals: [404] })
      const end = '/end-sign-ins?everybody=true'
      for (const path of ['/people', '/people?search=zz', '/groups', '/directory/northwind', end]) {
        await page.goto(console() + path)
        expect([path, await accessibilityFaults(page)]).toEqual([path, []])
      }
      await follow(page, '/people', 'Ada Lovelace')
      expect(await accessibilityFaults(page)).toEqual([])
      await follow(page, '/groups', 'engineering')
      expect(await accessibilityFaults(page)).toEqual([])
      await page.goto(`${console()}/people/nobody`)
      expect(await headingOf(page)).toBe('There is no such person')
      expect(await accessibilityFaults(page)).toEqual([])
    })
  },
)
