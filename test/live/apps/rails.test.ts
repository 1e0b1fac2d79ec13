/** Rails: its check against forged forms and Action Cable compare Origin with the host it knows. */
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { zoe } from '../people.ts'
import { useGuard, type App } from './stage.ts'

const hosts: readonly App['sees'][] = ['its own host', 'the public host']

describe.each(hosts)('where it sees %s', (sees) => {
  const guard = useGuard({
    sees,
    site: { routes: [{ path: '/', access: 'signed-in' }] },
    async start({ port, directory, publicUrl }) {
      const { hostname } = new URL(publicUrl)
      const settings =
        sees === 'its own host'
          ? { HOSTS: `${hostname},127.0.0.1`, CABLE_ORIGINS: publicUrl }
          : { HOSTS: hostname, CABLE_ORIGINS: '' }
      const env = {
        RAILS_ENV: 'production',
        PORT: String(port),
        DIRECTORY: directory,
        ...settings,
      }
      const site = join(import.meta.dirname, 'rails', 'site.rb')
      return [{ command: ['/usr/bin/ruby', site], env }]
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
    const status = await page.evaluate(
      `fetch('/', { method: 'POST' }).then(({ status }) => status)`,
    )
    expect(status).toBe(422)
  })

  it('opens a WebSocket of Action Cable', async () => {
    const page = await guard.visit('/', zoe)
    const first = await page.evaluate<string>(`new Promise((resolve, reject) => {
      const socket = new WebSocket('/cable', 'actioncable-v1-json')
      socket.onmessage = ({ data }) => resolve(data)
      socket.onclose = ({ code }) => reject(new Error('closed with ' + code))
    })`)
    expect(JSON.parse(first)).toEqual({ type: 'welcome' })
  })
})
