/** Sessions that end by themselves. */
import { describe, expect, it } from 'vitest'
import { eventually, forgetPerson, headingOf, signIn, useStage } from './stage.ts'

/** Short, but KV and D1 are the real ones, and so is the clock. */
const stage = useStage({
  session: { absoluteSeconds: 6, idleSeconds: null },
  revocationSeconds: 1,
})

const me = `fetch('/me').then((response) => response.status)`

describe('a session that has run out', () => {
  it('leads through the provider, which asks nothing, back to the page', async () => {
    const { page, answers } = await stage.visit({ refusals: [401] })
    const asked = `${stage.demo.siteUrl}/notes?draft=2#risks`
    await signIn(page, stage.demo, 'Ada Lovelace', '/notes?draft=2#risks')
    await expect.poll(() => page.evaluate(me), eventually).toBe(401)
    const before = answers.length

    await page.reload()
    await expect.poll(() => answers.length, eventually).toBeGreaterThan(before)
    await page.waitForURL(asked)
    expect(await headingOf(page)).toBe('Launch notes')
    expect(await page.locator(':target h2').innerText()).toBe('Risks')
  })

  it('asks who somebody is where the provider has forgotten them', async () => {
    const { page } = await stage.visit({ refusals: [401] })
    await signIn(page, stage.demo, 'Ada Lovelace', '/notes')
    await forgetPerson(page, stage.demo)
    await page.goto(`${stage.demo.siteUrl}/public`)
    await expect.poll(() => page.evaluate(me), eventually).toBe(401)
    await page.goto(`${stage.demo.siteUrl}/notes`)
    await page.getByRole('heading', { name: 'Who are you?' }).waitFor()
  })

  it('tells a script that sends 30 MB that it must sign in, and not that the network failed', async () => {
    const { page } = await stage.visit({ refusals: [401] })
    await signIn(page, stage.demo, 'Ada Lovelace', '/notes')
    await expect.poll(() => page.evaluate(me), eventually).toBe(401)
    const sent = page.evaluate(
      `fetch('/notes', { method: 'POST', body: new Blob([new Uint8Array(30 * 1024 * 1024)]) })
        .then(async (response) => [response.status, (await response.json()).error], String)`,
    )
    expect(await sent).toEqual([401, 'login-required'])
  })

  it('takes its live stream along, and the page says so', async () => {
    const { page } = await stage.visit({ refusals: [401] })
    await signIn(page, stage.demo, 'Grace Hopper', '/live')
    await page.locator('#list li').first().waitFor()
    await page.getByText('The stream is over').waitFor()
    await expect
      .poll(() => stage.audit().findLast(({ audit }) => audit === 'session-ended'), eventually)
      .toMatchObject({
        reason: 'expired',
      })
  })
})
