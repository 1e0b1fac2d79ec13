/** Django: its addresses and its check against forged forms go by the Host that it is sent. */
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { zoe } from '../people.ts'
import { useGuard, type App, type AppProcess, type Place } from './stage.ts'

const django = (
  { port, directory, publicUrl }: Place,
  sees: App['sees'],
): readonly AppProcess[] => {
  const env = {
    PUBLIC_HOST: new URL(publicUrl).hostname,
    USE_X_FORWARDED_HOST: sees === 'its own host' ? 'yes' : '',
    DATABASE: join(directory, 'db.sqlite3'),
    LISTEN: `127.0.0.1:${port}`,
  }
  return [{ command: ['/usr/bin/python3', join(import.meta.dirname, 'django', 'site.py')], env }]
}

const hosts: readonly App['sees'][] = ['the public host', 'its own host']

describe.each(hosts)('where it sees %s', (sees) => {
  const guard = useGuard({
    sees,
    site: { routes: [{ path: '/', access: 'signed-in' }] },
    start: async (place) => django(place, sees),
  })

  it('knows the person and the public address, and takes a form of its own', async () => {
    const page = await guard.visit('/', zoe)
    expect(await page.locator('body').innerText()).toContain(`${zoe.mail} ${guard.gate.url}/`)
    await page.getByRole('button', { name: 'Send' }).click()
    await page.waitForURL(`${guard.gate.url}/sent`)
    expect(await page.locator('body').innerText()).toBe(`sent by ${zoe.mail}`)
  })

  it('refuses a form without its token', async () => {
    const page = await guard.visit('/', zoe)
    const status = await page.evaluate(
      `fetch('/', { method: 'POST' }).then(({ status }) => status)`,
    )
    expect(status).toBe(403)
  })
})
