/** Cockpit: its WebSocket answers 403 where Origin and Host differ. */
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { zoe } from '../people.ts'
import { useGuard } from './stage.ts'

const guard = useGuard({
  sees: 'the public host',
  site: { routes: [{ path: '/', access: 'signed-in' }] },
  async start({ port, directory }) {
    await mkdir(join(directory, 'cockpit'))
    await writeFile(
      join(directory, 'cockpit', 'cockpit.conf'),
      '[WebService]\nAllowUnencrypted = true\n',
    )
    return [
      {
        command:
          `/usr/lib/cockpit/cockpit-ws --no-tls --port ${port} --address 127.0.0.1 --local-session=cockpit-bridge`.split(
            ' ',
          ),
        env: { XDG_CONFIG_DIRS: directory, HOME: directory },
      },
    ]
  },
})

it('opens its WebSocket and shows the machine', async () => {
  const page = await guard.visit('/', zoe)
  await page.waitForURL((url) => url.pathname === '/system', { timeout: 30_000 })
  expect(await page.title()).toContain('@')
})
