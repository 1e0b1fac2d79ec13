/** Several tabs of one browser that sign in at the same time. */
import { env } from 'cloudflare:workers'
import { beforeEach, describe, expect, it } from 'vitest'
import { locationOf } from '../support/browser.ts'
import { emptyStores } from '../support/session.ts'
import { createStage, refusals, SITE } from './stage.ts'

beforeEach(async () => {
  await emptyStores()
  await env.DB.exec('DELETE FROM taken')
})

const pages = Array.from({ length: 20 }, (_, i) => `/tab/${i}?of=20`)

describe('twenty tabs that are opened together', () => {
  it.each(['together', 'one after the other'])(
    'all end where they were to go, where they are answered %s',
    async (order) => {
      const stage = await createStage()
      const browser = stage.browser()
      const asked = await Promise.all(pages.map((page) => stage.begin(browser, page)))
      const answers: Response[] = []
      const finish = async ({ id, relayState }: (typeof asked)[number]) =>
        void answers.push(await stage.post(browser, await stage.respond({ id }), relayState))
      if (order === 'together') await Promise.all(asked.map(finish))
      else for (const each of asked.toReversed()) await finish(each)
      expect(answers.map(locationOf).toSorted()).toEqual(
        pages.map((page) => SITE + page).toSorted(),
      )
      expect(refusals(stage)).toEqual([])
      expect((await browser.go(`${SITE}/`)).status).toBe(200)
    },
  )

  it('leave a browser with cookies of 12,000 bytes at most', async () => {
    const stage = await createStage()
    const browser = stage.browser()
    const long = `/${'x'.repeat(1000)}`
    for (let i = 0; i < 12; i++) {
      await browser.go(`${SITE}/.gatehouse/login?go=1&to=${encodeURIComponent(long + i)}`)
    }
    const asked = await stage.begin(browser, '/last')
    const sent = [...browser.cookies].map(([name, { value }]) => `${name}=${value}`).join('; ')
    expect(sent.length).toBeLessThanOrEqual(12_000)
    const back = await stage.post(browser, await stage.respond(asked), asked.relayState)
    expect(locationOf(back)).toBe(`${SITE}/last`)
  })
})
