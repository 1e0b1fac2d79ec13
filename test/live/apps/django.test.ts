/** Django: its addresses and its check against forged forms go by the Host that it is sent. */
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { zoe } from '../people.ts'
import { useGuard } from './stage.ts'

const guard = useGuard({
  sees: 'the public host',
  site: { routes: [{ path: '/', access: 'signed-in' }] },
  async start({ port, directory, publicUrl }) {
    const env = {
      PUBLIC_HOST: new URL(publicUrl).hostname,
      DATABASE: join(directory, 'db.sqlite3'),
      LISTEN: `127.0.0.1:${port}`,
    }
    return [{ command: ['/usr/bin/python3', join(import.meta.dirname, 'django', 'site.py')], env }]
  },
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
  const status = await page.evaluate(`fetch('/', { method: 'POST' }).then(({ status }) => status)`)
  expect(status).toBe(403)
})
