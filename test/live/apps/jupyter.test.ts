/** Jupyter Notebook: it compares Origin with Host, for its WebSockets and for each save. */
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { zoe } from '../people.ts'
import { useGuard, type App, type AppProcess, type Place } from './stage.ts'

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

const jupyter = async (
  { port, directory }: Place,
  setting: Readonly<Record<string, string>>,
): Promise<readonly AppProcess[]> => {
  await writeFile(join(directory, 'sums.ipynb'), JSON.stringify(notebook))
  const options = {
    ip: '127.0.0.1',
    port: String(port),
    notebook_dir: directory,
    token: '',
    allow_root: 'True',
    open_browser: 'False',
    ...setting,
  }
  const args = Object.entries(options).map(([name, value]) => `--NotebookApp.${name}=${value}`)
  const env = { HOME: directory, JUPYTER_CONFIG_DIR: directory, JUPYTER_RUNTIME_DIR: directory }
  return [{ command: ['/usr/bin/python3', '/usr/bin/jupyter-notebook', ...args], env }]
}

const apps: readonly App[] = [
  {
    sees: 'the public host',
    site: { routes: [{ path: '/', access: 'signed-in' }] },
    start: (place) => jupyter(place, { allow_remote_access: 'True' }),
  },
  {
    sees: 'its own host',
    site: { routes: [{ path: '/', access: 'signed-in' }] },
    start: (place) => jupyter(place, { allow_origin: place.publicUrl }),
  },
]

describe.each(apps)('where it sees $sees', (app) => {
  const guard = useGuard(app)

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
    await expect.poll(() => readFile(file, 'utf8')).toContain('six times seven is 42')
  })
})
