/** Node-RED: an editor whose debug messages come by a WebSocket. */
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { zoe } from '../people.ts'
import { curl } from './curl.ts'
import { installed } from './installed.ts'
import { useGuard } from './stage.ts'

/** Without the dialogs of a first visit, and without the catalogue on the internet. */
const settings = {
  telemetry: { enabled: false, updateNotification: false },
  editorTheme: { tours: false },
  externalModules: { palette: { allowInstall: false } },
}

const guard = useGuard({
  sees: 'its own host',
  site: { routes: [{ path: '/', access: 'signed-in' }] },
  async start({ port, directory }) {
    const file = join(directory, 'settings.cjs')
    const all = { ...settings, uiHost: '127.0.0.1', uiPort: port, userDir: directory }
    await writeFile(file, `module.exports = ${JSON.stringify(all)}\n`)
    return [{ command: [process.execPath, installed('node-red/red.js'), '--settings', file] }]
  },
})

const inject = {
  id: 'start',
  z: 'tab',
  type: 'inject',
  name: 'start',
  props: [{ p: 'payload' }],
  repeat: '',
  crontab: '',
  once: false,
  onceDelay: 0.1,
  payload: 'six times seven is 42',
  payloadType: 'str',
  x: 200,
  y: 100,
  wires: [['show']],
}
const debug = {
  id: 'show',
  z: 'tab',
  type: 'debug',
  name: 'show',
  active: true,
  tosidebar: true,
  complete: 'payload',
  targetType: 'msg',
  console: false,
  tostatus: false,
  statusVal: '',
  statusType: 'auto',
  x: 500,
  y: 100,
  wires: [],
}

it('runs a flow, shows its message at once, and deploys a change', async () => {
  const { url } = guard.gate
  const cookies = await guard.cookiesOf(zoe)
  const flows = JSON.stringify([{ id: 'tab', type: 'tab', label: 'Sums' }, inject, debug])
  const json = ['--header', 'Content-Type: application/json', '--data-binary', flows]
  expect((await curl(cookies, [...json, `${url}/flows`])).status).toBe(204)

  const page = await guard.visit('/', zoe)
  await page.locator('#start .red-ui-flow-node-button-button').click()
  await page.evaluate(`RED.sidebar.show('debug')`)
  const message = page.locator('.red-ui-debug-msg-payload')
  await message.getByText('six times seven is 42').waitFor()

  await page.evaluate(`RED.actions.invoke('core:add-flow')`)
  await page.locator('#red-ui-header-button-deploy:not(.disabled)').click()
  await page.getByText('Successfully deployed').waitFor()
  const tabs = async () => (await curl(cookies, [`${url}/flows`])).body.match(/"type":"tab"/g)
  expect(await tabs()).toHaveLength(2)
})
