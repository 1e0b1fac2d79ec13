/** Somebody cannot sign in, reads out the number on the page, and an operator finds out why. */
import { readFile } from 'node:fs/promises'
import type { Page } from 'playwright-core'
import { describe, expect, it } from 'vitest'
import { CONSOLE_PATH as CONSOLE } from '../../src/lib/paths.ts'
import { accessibilityFaults } from './accessibility.ts'
import { choosePerson, press, useStage, visitConsole } from './stage.ts'

const stage = useStage({ revocationSeconds: 1 })

const switchUser = (page: Page, name: 'Disable' | 'Enable'): Promise<void> =>
  page.getByRole('button', { name: new RegExp(`^${name} `) }).click()

/** Ada tries to sign in while she is disabled. @returns the number on her page. */
async function refuseAda(operator: Page): Promise<string> {
  await operator.goto(`${stage.demo.siteUrl}${CONSOLE}/people/ada`)
  await switchUser(operator, 'Disable')
  await operator.getByRole('status').filter({ hasText: 'disabled' }).waitFor()
  const { page } = await stage.visit({ refusals: [403] })
  await page.goto(stage.demo.siteUrl)
  await choosePerson(page, 'Ada Lovelace')
  await page.waitForURL(/\/acs$/)
  const number = await page.locator('footer code').innerText()
  await switchUser(operator, 'Enable')
  await operator.getByRole('status').filter({ hasText: 'enabled' }).waitFor()
  return number
}

describe('a person who cannot sign in', () => {
  it('is found by the number on the page, tested for, and seen in the audit', async () => {
    const operator = await visitConsole(stage)
    const number = await refuseAda(operator)
    await operator.goto(`${stage.demo.siteUrl}${CONSOLE}/sign-ins`)
    await operator.getByLabel('Search', { exact: true }).fill(number.slice(0, 8))
    await expect.poll(() => operator.getByRole('row').count()).toBe(2)
    expect(await operator.getByRole('row').last().innerText()).toContain('Refused')
    await operator.getByLabel('Search', { exact: true }).fill(number)
    await operator.getByText('This user is disabled').first().waitFor()
    expect(await operator.locator('.message.problem').innerText()).toContain('user-disabled')
    const failed = operator.locator('ol.steps li.failed')
    expect(await failed.innerText()).toContain('The user may sign in')

    await operator.getByRole('button', { name: /^Test the connection/ }).click()
    const opened = operator.waitForEvent('popup')
    await operator.getByRole('link', { name: 'Begin the test' }).click()
    const tab = await opened
    await press(tab, 'Start the test')
    await tab.getByRole('heading', { name: 'The test is done' }).waitFor()
    await tab.getByRole('link').filter({ hasText: /check/i }).click()
    await tab.getByText('This was a test: nobody was signed in.').waitFor()
    await tab.getByRole('button', { name: /^Try again/ }).waitFor()

    await operator.goto(`${stage.demo.siteUrl}${CONSOLE}/audit?kind=refusals`)
    const refused = operator.getByRole('row').filter({ hasText: 'This user is disabled' })
    await refused.getByText('Details').click()
    await refused.getByRole('link', { name: number }).click()
    await operator.getByText('This user is disabled').first().waitFor()

    await operator.goto(`${stage.demo.siteUrl}${CONSOLE}/audit?kind=refusals`)
    const download = operator.waitForEvent('download')
    await operator.getByRole('link', { name: 'CSV' }).click()
    const file = await download
    expect(file.suggestedFilename()).toMatch(/^gatehouse-audit-\d{4}-\d\d-\d\d\.csv$/)
    const text = await readFile(await file.path(), 'utf8')
    expect(text).toContain(number)
    expect(text).not.toContain('"login"')
  })

  it('is found without JavaScript', async () => {
    const operator = await visitConsole(stage)
    const number = await refuseAda(operator)
    const { page, context } = await stage.visit({ javaScript: false })
    await context.addCookies(await operator.context().cookies())
    await page.goto(`${stage.demo.siteUrl}${CONSOLE}/sign-ins`)
    await page.getByLabel('Search', { exact: true }).fill(number)
    await press(page, 'Search')
    await page.getByText('This user is disabled').first().waitFor()
    await page.goto(`${stage.demo.siteUrl}${CONSOLE}/audit`)
    await page.getByText('More filters').click()
    await page.getByLabel('Request number').fill(number)
    await press(page, 'Search')
    await expect.poll(() => page.getByRole('row').count()).toBe(2)
  })
})

describe('the pages of sign-ins and of the audit', () => {
  it.each(['light', 'dark'] as const)(
    'can be used by everybody, in the %s theme',
    async (colorScheme) => {
      const page = await visitConsole(stage, '', { colorScheme })
      const number = await refuseAda(page)
      for (const path of [
        '/sign-ins',
        `/sign-ins/${number}`,
        '/sign-ins?search=nobody-at-all',
        '/sign-ins?refused=on&connection=northwind',
        '/audit?kind=refusals',
        '/audit?reason=none-at-all',
      ]) {
        await page.goto(stage.demo.siteUrl + CONSOLE + path)
        expect([path, await accessibilityFaults(page)]).toEqual([path, []])
      }
      await page.goto(`${stage.demo.siteUrl}${CONSOLE}/audit?kind=login-refused`)
      // A click would have Tab begin there.
      await page.evaluate(
        `for (const each of document.querySelectorAll('details')) each.open = true`,
      )
      expect(await accessibilityFaults(page)).toEqual([])
    },
  )
})
