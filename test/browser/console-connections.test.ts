/** An operator begins a connection, and the people who run its identity provider do the rest by a hand-over link. */
import type { Page } from 'playwright-core'
import { describe, expect, it } from 'vitest'
import { CONSOLE_PATH as CONSOLE } from '../../src/lib/paths.ts'
import { accessibilityFaults } from './accessibility.ts'
import { press, useStage, visitConsole } from './stage.ts'

const stage = useStage({ revocationSeconds: 1 })

/** Begins a draft, and goes on to its set-up page. */
async function begin(page: Page, id: string): Promise<void> {
  await page.goto(`${stage.demo.siteUrl}${CONSOLE}/connections/new?for=generic`)
  await page.locator('#field-id').fill(id)
  await page.locator('#field-display-name').fill(`Name of ${id}`)
  await press(page, 'Go on to the set-up page')
  await page.getByRole('heading', { name: `Set up Name of ${id}` }).waitFor()
}

async function makeLink(page: Page, id: string): Promise<string> {
  await page.goto(`${stage.demo.siteUrl}${CONSOLE}/connections/${id}`)
  await page.getByText('Make a link', { exact: true }).click()
  await page.getByLabel('For', { exact: true }).fill('Ada at Acme')
  await page.getByLabel('They may make one SCIM token').check()
  await press(page, 'Make the link')
  return (await page.getByRole('status').locator('code').textContent()) ?? ''
}

const metadata = async (): Promise<string> => (await fetch(`${stage.demo.idpUrl}/metadata`)).text()
const doneSteps = (page: Page): Promise<readonly string[]> =>
  page.locator('ol.steps li.done a').allTextContents()

describe('the pages of connections', () => {
  it.each(['light', 'dark'] as const)(
    'can be used by everybody, in the %s theme',
    async (theme) => {
      const page = await visitConsole(stage, '/connections', { colorScheme: theme })
      await begin(page, `look-${theme}`)
      const link = await makeLink(page, `look-${theme}`)
      for (const path of [
        '/connections',
        '/connections/new',
        '/connections/new?for=okta',
        '/connections/northwind',
        `/connections/look-${theme}`,
        '/connections/northwind/set-up',
        `/connections/look-${theme}/set-up?for=google`,
      ]) {
        await page.goto(stage.demo.siteUrl + CONSOLE + path)
        expect([path, await accessibilityFaults(page)]).toEqual([path, []])
      }
      const other = await stage.visit({ colorScheme: theme })
      await other.page.goto(link)
      expect(await accessibilityFaults(other.page)).toEqual([])
      await press(other.page, 'Open')
      await other.page.getByRole('heading', { name: /^Set up/ }).waitFor()
      expect(await accessibilityFaults(other.page)).toEqual([])
    },
  )
})

describe('a hand-over', () => {
  it('leads the people who run the identity provider to a tested connection', async () => {
    const operator = await visitConsole(stage)
    await begin(operator, 'acme')
    const link = await makeLink(operator, 'acme')
    await operator.goto(`${stage.demo.siteUrl}${CONSOLE}/connections/acme/set-up`)
    expect(await doneSteps(operator)).toEqual([])

    const { page } = await stage.visit({ refusals: [403] })
    await page.goto(link)
    await press(page, 'Open')
    await page.getByLabel('Text', { exact: true }).fill(await metadata())
    await press(page, 'Give metadata')
    await page.getByText('The metadata is taken. Now test a sign-in.').waitFor()
    // The operator's page shows it without being loaded again.
    await operator.locator('ol.steps li.done').filter({ hasText: 'Give the metadata' }).waitFor()

    await press(page, 'Test a sign-in')
    const opened = page.waitForEvent('popup')
    await page.getByRole('link', { name: 'Begin the test' }).click()
    const tab = await opened
    await press(tab, 'Start the test')
    await tab.getByRole('button', { name: /Ada Lovelace/ }).click()
    await tab.getByRole('heading', { name: 'The test is done' }).waitFor()
    await page.locator('ol.steps li.done').filter({ hasText: 'Sign in' }).waitFor()
    await page.goto(`${stage.demo.siteUrl}/.gatehouse/hand-over`)
    expect(await doneSteps(page)).toContain('Sign in')
    await page.getByRole('table', { name: 'Checks of the answer' }).waitFor()
    expect(await page.content()).not.toContain('ada@')

    await press(page, 'Make the token')
    const token = (await page.getByRole('status').locator('code').textContent()) ?? ''
    const answer = await fetch(`${stage.demo.siteUrl}/.gatehouse/scim/acme/v2/Users`, {
      headers: { Authorization: `Bearer ${token}` },
    })
    expect(answer.status).toBe(200)
    await page
      .locator('ol.steps li.done')
      .filter({ hasText: 'Let the directory send people' })
      .waitFor()
    await press(page, 'I am done')
    await page.getByRole('heading', { name: 'Thank you' }).waitFor()
    await page.goto(link)
    await page.getByRole('heading', { name: 'This link no longer works' }).waitFor()
    await operator.goto(`${stage.demo.siteUrl}${CONSOLE}/connections/acme`)
    await operator.getByText('Done', { exact: true }).waitFor()
  })

  it('does so without JavaScript', async () => {
    const operator = await visitConsole(stage)
    await begin(operator, 'plain')
    const link = await makeLink(operator, 'plain')
    const { page } = await stage.visit({ javaScript: false })
    await page.goto(link)
    await press(page, 'Open')
    const file = { name: 'idp.xml', mimeType: 'text/xml', buffer: Buffer.from(await metadata()) }
    await page.getByLabel('File', { exact: true }).setInputFiles(file)
    await press(page, 'Give metadata')
    await page.getByText('The metadata is taken. Now test a sign-in.').waitFor()
    await page.getByRole('link', { name: 'Look again' }).click()
    await expect.poll(() => doneSteps(page)).toEqual(['Give the metadata'])
  })
})
