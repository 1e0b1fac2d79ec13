/** Verdaccio: its page and its packages name addresses of its own, which npm follows. */
import { execFile } from 'node:child_process'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { createServer, request as httpRequest } from 'node:http'
import { once } from 'node:events'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'
import { freePort } from '../../../tools/stage/process.ts'
import { zoe } from '../people.ts'
import { curl } from './curl.ts'
import { installed } from './installed.ts'
import { useGuard, type App } from './stage.ts'

const configOf = (directory: string): string => `
storage: ${directory}/storage
auth: { htpasswd: { file: ${directory}/htpasswd, max_users: 10 } }
uplinks: {}
packages: { '**': { access: $all, publish: $authenticated } }
log: { type: stdout, format: pretty, level: warn }
`

/**
 * A proxy for npm, which sends no cookies of its own: it adds those of a person, and asks for names
 * below .localhost at this machine.
 */
async function openCookieProxy(cookies: string): Promise<{
  readonly url: string
  /** The hosts that were asked for. */
  readonly hosts: ReadonlySet<string>
  readonly close: () => Promise<unknown>
}> {
  const hosts = new Set<string>()
  const server = createServer((incoming, outgoing) => {
    const url = new URL(incoming.url ?? '')
    hosts.add(url.host)
    const headers = { ...incoming.headers, host: url.host, cookie: cookies }
    const { method = 'GET' } = incoming
    const path = url.pathname + url.search
    const onward = httpRequest({ host: '127.0.0.1', port: url.port, method, path, headers })
    onward.on('response', (answer) => {
      outgoing.writeHead(answer.statusCode ?? 502, answer.headers)
      answer.pipe(outgoing)
    })
    onward.on('error', () => outgoing.writeHead(502).end())
    incoming.pipe(onward)
  })
  const port = await freePort()
  server.listen(port, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${port}`,
    hosts,
    close: () => {
      server.closeAllConnections()
      return new Promise((resolve) => server.close(resolve))
    },
  }
}

const apps: readonly (Pick<App, 'sees'> & { readonly tells: boolean })[] = [
  { sees: 'its own host', tells: true },
  { sees: 'the public host', tells: false },
]

describe.each(apps)('where it sees $sees', ({ sees, tells }) => {
  const guard = useGuard({
    sees,
    site: { routes: [{ path: '/', access: 'signed-in' }] },
    async start({ port, directory, publicUrl }) {
      const config = join(directory, 'config.yaml')
      await writeFile(config, configOf(directory))
      const verdaccio = [process.execPath, installed('verdaccio/bin/verdaccio')]
      const args = ['--config', config, '--listen', `127.0.0.1:${port}`]
      const env = tells ? { VERDACCIO_PUBLIC_URL: publicUrl } : {}
      return [{ command: [...verdaccio, ...args], env }]
    },
  })

  it('npm publishes a package, its page shows it, and npm installs it, all at the public address', async () => {
    const { url } = guard.gate
    const { host } = new URL(url)
    const cookies = await guard.cookiesOf(zoe)
    const account = JSON.stringify({ name: 'zoe', password: 'only for this test' })
    const json = ['--header', 'Content-Type: application/json', '--data-binary', account]
    const user = `${url}/-/user/org.couchdb.user:zoe`
    const made = await curl(cookies, ['--request', 'PUT', ...json, user])
    expect(made.status).toBe(201)
    const { token } = JSON.parse(made.body)

    const proxy = await openCookieProxy(cookies)
    const place = guard.place.directory
    const npm = async (directory: string, args: readonly string[]) => {
      const config = join(place, 'npmrc')
      await writeFile(config, `//${host}/:_authToken=${token}\n`)
      const options = {
        registry: `${url}/`,
        proxy: proxy.url,
        noproxy: '',
        userconfig: config,
        cache: join(place, 'npm-cache'),
        'fetch-retries': '0',
        audit: 'false',
        fund: 'false',
        'update-notifier': 'false',
      }
      const more = Object.entries(options).map(([name, value]) => `--${name}=${value}`)
      // What this machine says of proxies is not for this one.
      const env = { ...process.env, NO_PROXY: '', no_proxy: '' }
      const how = { cwd: directory, env, timeout: 60_000 }
      return promisify(execFile)('npm', [...args, ...more], how)
    }
    try {
      const source = join(place, 'source')
      await mkdir(source)
      const manifest = { name: 'six-times-seven', version: '1.0.0', main: 'index.js' }
      await writeFile(join(source, 'package.json'), JSON.stringify(manifest))
      await writeFile(join(source, 'index.js'), 'module.exports = 42\n')
      await npm(source, ['publish'])

      const project = join(place, 'project')
      await mkdir(project)
      await writeFile(join(project, 'package.json'), '{ "private": true }')
      await npm(project, ['install', 'six-times-seven'])
      const file = join(project, 'node_modules', 'six-times-seven', 'index.js')
      expect(await readFile(file, 'utf8')).toBe('module.exports = 42\n')
      const { versions } = JSON.parse((await curl(cookies, [`${url}/six-times-seven`])).body)
      const tarball = '/six-times-seven/-/six-times-seven-1.0.0.tgz'
      expect(versions['1.0.0'].dist.tarball).toBe(url + tarball)
      expect([...proxy.hosts]).toEqual([host])
    } finally {
      await proxy.close()
    }

    const page = await guard.visit('/', zoe)
    const asked = new Set<string>()
    page.on('request', (request) => asked.add(new URL(request.url()).origin))
    await page.reload()
    await page.getByText('six-times-seven').first().waitFor()
    expect([...asked]).toEqual([url])
  })
})
