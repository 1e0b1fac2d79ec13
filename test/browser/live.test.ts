import { describe, expect, it } from 'vitest'
import { toInstant } from '../../src/lib/instant.ts'
import { claimOf, eventually, signIn, useStage } from './stage.ts'
import { endSessionsOf } from '../support/ending.ts'

const stage = useStage({ revocationSeconds: 1 })

describe('a live stream', () => {
  it('flows through the gate event by event, and says who it is for', async () => {
    const { page } = await stage.visit({ refusals: [401] })
    await signIn(page, stage.demo, 'Zoë Ångström', '/live')
    const events = page.locator('#list li')
    await events.nth(2).waitFor()
    expect(await events.last().innerText()).toMatch(/event 1 for Zoë Ångström$/)
  })

  it('is closed when the session is revoked, and the page says so', async () => {
    const { page } = await stage.visit({ refusals: [401] })
    await signIn(page, stage.demo, 'Grace Hopper')
    const user = await claimOf(page, 'sub')
    await page.goto(`${stage.demo.siteUrl}/live`)
    await page.locator('#list li').first().waitFor()
    await endSessionsOf(stage.demo.db, user, toInstant(Date.now()))
    await page.getByText('The stream is over').waitFor()

    await page.getByRole('link', { name: 'Sign in again' }).click()
    await page.waitForURL(`${stage.demo.siteUrl}/live`)
    await page.locator('#list li').first().waitFor()
    await expect
      .poll(() => stage.audit().findLast(({ audit }) => audit === 'session-ended'), eventually)
      .toMatchObject({
        reason: 'revoked',
      })
  })
})
