/** Cockpit: its WebSocket answers 403 where Origin and Host differ. */
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { zoe } from '../people.ts'
import { useGuard, type App, type AppProcess, type Place } from './stage.ts'

const cockpit = async (
  { port, directory }: Place,
  settings: readonly string[],
): Promise<readonly AppProcess[]> => {
  await mkdir(join(directory, 'cockpit'))
  const config = ['[WebService]', 'AllowUnencrypted = true', ...settings, '']
  await writeFile(join(directory, 'cockpit', 'cockpit.conf'), config.join('\n'))
  const args = `--no-tls --port ${port} --address 127.0.0.1 --local-session=cockpit-bridge`
  return [
    {
      command: ['/usr/lib/cockpit/cockpit-ws', ...args.split(' ')],
      env: { XDG_CONFIG_DIRS: directory, HOME: directory },
    },
  ]
}

const apps: readonly App[] = [
  {
    sees: 'the public host',
    site: { routes: [{ path: '/', access: 'signed-in' }] },
    start: (place) => cockpit(place, []),
  },
  {
    sees: 'its own host',
    site: { routes: [{ path: '/', access: 'signed-in' }] },
    start: (place) =>
      cockpit(place, [`Origins = ${place.publicUrl}`, 'ProtocolHeader = X-Forwarded-Proto']),
  },
]

describe.each(apps)('where it sees $sees', (app) => {
  const guard = useGuard(app)

  it('opens its WebSocket and shows the machine', async () => {
    const page = await guard.visit('/', zoe)
    await page.waitForURL((url) => url.pathname === '/system')
    expect(await page.title()).toContain('@')
  })
})
