/** Jupyter Notebook: it compares Origin with Host, for its WebSockets and for each save. */
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { zoe } from '../people.ts'
import { useGuard } from './stage.ts'

const notebook = {
  nbformat: 4,
  nbformat_minor: 4,
  metadata: { kernelspec: { name: 'python3', display_name: 'Python 3', language: 'python' } },
  cells: [
    {
      cell_type: 'code',
      execution_count: null,
      metadata: {},
      outputs: [],
      source: `print('six times seven is', 6 * 7)`,
    },
  ],
}

const guard = useGuard({
  sees: 'the public host',
  site: { routes: [{ path: '/', access: 'signed-in' }] },
  async start({ port, directory }) {
    await writeFile(join(directory, 'sums.ipynb'), JSON.stringify(notebook))
    const options = {
      ip: '127.0.0.1',
      port: String(port),
      notebook_dir: directory,
      token: '',
      allow_root: 'True',
      allow_remote_access: 'True',
      open_browser: 'False',
    }
    const args = Object.entries(options).map(([name, value]) => `--NotebookApp.${name}=${value}`)
    const env = { HOME: directory, JUPYTER_CONFIG_DIR: directory, JUPYTER_RUNTIME_DIR: directory }
    return [{ command: ['/usr/bin/python3', '/usr/bin/jupyter-notebook', ...args], env }]
  },
})

it('runs a cell in its kernel, and saves', async () => {
  const page = await guard.visit('/notebooks/sums.ipynb', zoe)
  await page.locator('#kernel_indicator_icon[title="Kernel Idle"]').waitFor()
  await page.locator('.cell.code_cell').click()
  await page.keyboard.press('Control+Enter')
  const output = page.locator('.output_stdout')
  await expect.poll(() => output.innerText()).toContain('six times seven is 42')

  await page.keyboard.press('Escape')
  await page.keyboard.press('s')
  const file = join(guard.place.directory, 'sums.ipynb')
  await expect
    .poll(() => readFile(file, 'utf8'), { timeout: 30_000 })
    .toContain('six times seven is 42')
})
