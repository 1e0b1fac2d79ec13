/** WordPress: each address on its pages is its own word, and it redirects who comes by another. */
import { cp, mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { zoe } from '../people.ts'
import { useGuard, type App } from './stage.ts'

const PASSWORD = 'only for these tests, editor'

const hosts: readonly App['sees'][] = ['its own host', 'the public host']

describe.each(hosts)('where it sees %s', (sees) => {
  const guard = useGuard({
    sees,
    site: { routes: [{ path: '/', access: 'signed-in' }] },
    async start({ port, directory, publicUrl }) {
      const files = join(import.meta.dirname, 'wordpress')
      const site = join(directory, 'site')
      await cp('/usr/share/wordpress', site, { recursive: true, dereference: true })
      await cp(join(files, 'wp-config.php'), join(site, 'wp-config.php'))
      const data = join(directory, 'database')
      await mkdir(data)
      const socket = join(directory, 'socket')
      const database = [
        `--no-defaults --skip-networking --skip-grant-tables --datadir=${data}`,
        `--socket=${socket} --pid-file=${join(directory, 'pid')}`,
        ...(process.getuid?.() === 0 ? ['--user=root'] : []),
      ]
      const serve = `php "$0" "$1" && exec php -S 127.0.0.1:${port} -t "$1"`
      const env = { PUBLIC_URL: publicUrl, SOCKET: socket, PASSWORD }
      return [
        { command: ['/usr/sbin/mariadbd', ...database.join(' ').split(' ')] },
        { command: ['/bin/sh', '-c', serve, join(files, 'install.php'), site], env },
      ]
    },
  })

  it('has its pages, its sign-in and its settings at the public address', async () => {
    const { url } = guard.gate
    const page = await guard.visit('/', zoe)
    const asked = new Set<string>()
    page.on('request', (request) => asked.add(new URL(request.url()).origin))
    await page.reload()
    expect(await page.title()).toBe('Sums')
    await page.getByRole('link', { name: 'Hello world!' }).first().click()
    await page.getByRole('heading', { name: 'Hello world!', exact: true }).waitFor()

    await page.goto(`${url}/wp-admin/options-general.php`)
    expect(new URL(page.url()).pathname).toBe('/wp-login.php')
    // The page moves the focus to the name a little after it has loaded.
    await page.waitForFunction(`document.activeElement.id === 'user_login'`)
    await page.getByLabel('Username or Email Address').fill('editor')
    await page.getByLabel('Password', { exact: true }).fill(PASSWORD)
    await page.getByRole('button', { name: 'Log In' }).click()
    await page.waitForURL(`${url}/wp-admin/options-general.php`)
    await page.getByLabel('Site Title').fill('Products')
    await page.getByRole('button', { name: 'Save Changes' }).click()
    await page.getByText('Settings saved.').waitFor()
    await page.goto(url)
    expect(await page.title()).toBe('Products')
    expect([...asked]).toEqual([url])
  })
})
