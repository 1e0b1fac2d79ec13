/** An app of vite-plugin-pwa: its service worker answers each navigation, also without a session. */
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { describe, expect, it } from 'vitest'
import { zoe } from '../people.ts'
import { buildPwa, kinds } from './pwa-app.ts'
import { useGuard } from './stage.ts'

describe.each(kinds)('with the options: %s', (kind) => {
  const guard = useGuard({
    sees: 'its own host',
    site: { routes: [{ path: '/', access: 'signed-in' }] },
    async start({ port, directory }) {
      const source = join(directory, 'app')
      await mkdir(source)
      const built = await buildPwa(kind, source)
      const server = join(import.meta.dirname, 'pwa-server.mjs')
      return [{ command: [process.execPath, server, String(port), built] }]
    },
  })

  /** The app, open in a browser whose session has been revoked. It comes from the worker's cache. */
  async function openSignedOut(): Promise<Page> {
    const page = await guard.visit('/', zoe)
    await page.getByText('Buy milk').waitFor()
    await page.evaluate('navigator.serviceWorker.ready.then(() => null)')
    await page.reload()
    expect(await page.evaluate('navigator.serviceWorker.controller !== null')).toBe(true)
    await guard.gate.command(['sign-in', 'end', zoe.mail, '--yes'])
    const answer = () => page.evaluate(`fetch('/api/notes').then(({ status }) => status)`)
    await expect.poll(answer).toBe(401)
    const navigation = await page.reload()
    expect(navigation?.fromServiceWorker()).toBe(true)
    await page.getByText('You are signed out').waitFor()
    return page
  }

  // The identity provider still knows the person, and answers at once.
  it('lets its person sign in again by a form', async () => {
    const page = await openSignedOut()
    await page.getByRole('button', { name: 'Sign in by a form' }).click()
    await page.waitForURL(`${guard.gate.url}/`)
    await page.getByText('Buy milk').waitFor()
  })

  it(`${kind === 'default' ? 'keeps' : 'does not keep'} a link to sign-in for itself`, async () => {
    const page = await openSignedOut()
    await page.getByRole('link', { name: 'Sign in by a link' }).click()
    if (kind === 'default') {
      await page.waitForURL(/\/\.gatehouse\/login/)
      expect(await page.getByRole('heading').innerText()).toBe('Notes')
      return
    }
    await page.getByText('Buy milk').waitFor()
  })
})
