/** noVNC: a desktop in the browser, by a WebSocket that stays open for hours. */
import type { Page } from 'playwright-core'
import { expect, it } from 'vitest'
import { zoe } from '../people.ts'
import { freePort } from '../../../tools/stage/process.ts'
import { useGuard } from './stage.ts'

const IDLE_SECONDS = 8
/** `idleSeconds` are kept to a quarter, and the gate looks every `REVOCATION_SECONDS`: well over both. */
const WORK_SECONDS = 2 * IDLE_SECONDS

const guard = useGuard({
  sees: 'its own host',
  site: {
    session: { idleSeconds: IDLE_SECONDS },
    routes: [{ path: '/', access: 'signed-in' }],
  },
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

const statusOf = (page: Page): Promise<string> => page.locator('#status').innerText()
const connected = /^Connected to /
const closed = /disconnected|went wrong|closed/i

async function openDesktop(): Promise<Page> {
  const page = await guard.visit('/vnc_lite.html', zoe)
  await expect.poll(() => statusOf(page)).toMatch(connected)
  return page
}

/** Moves the mouse over the desktop, twice a second, until `isOver`. */
async function workUntil(page: Page, isOver: () => Promise<boolean>): Promise<void> {
  const until = Date.now() + 60_000
  for (let step = 0; !(await isOver()); step += 1) {
    if (Date.now() > until) throw new Error(`still "${await statusOf(page)}" after 60 s of work`)
    await page.mouse.move(200 + (step % 10) * 10, 300)
    await new Promise((resolve) => setTimeout(resolve, 500))
  }
}

it('shows the desktop, and closes it when its person is disabled, even at work', async () => {
  const page = await openDesktop()
  // The desktop's first picture gives the canvas its size.
  const width = await page.evaluate<number>(`document.querySelector('#screen canvas').width`)
  expect(width).toBeGreaterThan(600)

  await guard.gate.command(['user', 'disable', zoe.mail])
  try {
    await workUntil(page, async () => closed.test(await statusOf(page)))
  } finally {
    await guard.gate.command(['user', 'enable', zoe.mail])
  }
})

it('stays open longer than idleSeconds while its person works, and no longer', async () => {
  const page = await openDesktop()
  const end = Date.now() + WORK_SECONDS * 1000
  await workUntil(page, async () => Date.now() > end)
  expect(await statusOf(page)).toMatch(connected)
  await expect.poll(() => statusOf(page)).toMatch(closed)
})
