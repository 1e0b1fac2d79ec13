/** noVNC: a desktop in the browser, by a WebSocket that stays open for hours. */
import { expect, it } from 'vitest'
import { zoe } from '../people.ts'
import { freePort } from '../../../tools/stage/process.ts'
import { useGuard } from './stage.ts'

const guard = useGuard({
  sees: 'its own host',
  site: { routes: [{ path: '/', access: 'signed-in' }] },
  async start({ port }) {
    const vnc = await freePort()
    return [
      // The display's number only names its lock file; the port is chosen.
      {
        command: `Xtigervnc :${vnc} -rfbport ${vnc} -localhost -SecurityTypes None`.split(' '),
      },
      {
        command:
          `/usr/bin/websockify --web /usr/share/novnc 127.0.0.1:${port} 127.0.0.1:${vnc}`.split(
            ' ',
          ),
      },
    ]
  },
})

it('shows the desktop, and closes it when its person is disabled', async () => {
  const page = await guard.visit('/vnc_lite.html', zoe)
  const status = () => page.locator('#status').innerText()
  await expect.poll(status, { timeout: 30_000 }).toMatch(/^Connected to /)
  // The desktop's first picture gives the canvas its size.
  const width = await page.evaluate<number>(`document.querySelector('#screen canvas').width`)
  expect(width).toBeGreaterThan(600)

  await guard.gate.command(['user', 'disable', zoe.mail])
  await expect.poll(status, { timeout: 30_000 }).toMatch(/disconnected|went wrong|closed/i)
})
