/** Apache's mod_dav behind the gate: the address in Destination is a second path, judged as one. */
import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { bob, zoe, type Person } from '../people.ts'
import { curl, type Curled } from './curl.ts'
import { CONNECTION, useGuard, type Place } from './stage.ts'

const modules = ['mpm_event', 'authz_core', 'mime', 'dav', 'dav_fs']
const folders = ['files', 'files/mine', 'files/admin', 'locks']

const configOf = ({ port, directory }: Place): string => `
${modules.map((name) => `LoadModule ${name}_module /usr/lib/apache2/modules/mod_${name}.so`).join('\n')}
Listen 127.0.0.1:${port}
ServerName 127.0.0.1
User www-data
Group www-data
TypesConfig /etc/mime.types
PidFile ${directory}/pid
ErrorLog ${directory}/error.log
DocumentRoot ${directory}/files
DavLockDB ${directory}/locks/db
<Directory ${directory}/files>
  Dav On
  Require all granted
</Directory>
`

const guard = useGuard({
  sees: 'its own host',
  site: {
    connections: [CONNECTION],
    routes: [
      { path: '/', access: 'signed-in' },
      { path: '/admin', access: { group: 'admins' } },
    ],
  },
  async start(place) {
    const { directory } = place
    await chmod(directory, 0o755)
    for (const folder of folders) {
      await mkdir(join(directory, folder))
      // Apache gives root's rights away, so others must be able to write here.
      await chmod(join(directory, folder), 0o777)
    }
    await writeFile(join(directory, 'apache.conf'), configOf(place))
    return [{ command: ['apache2', '-f', join(directory, 'apache.conf'), '-X'] }]
  },
})

const fileAt = (path: string): Promise<string> =>
  readFile(join(guard.place.directory, 'files', path), 'utf8').catch(() => 'no such file')

async function dav(
  person: Person,
  method: string,
  path: string,
  args: readonly string[] = [],
): Promise<Curled> {
  return curl(await guard.cookiesOf(person), ['--request', method, ...args, guard.gate.url + path])
}
const to = (url: string): readonly string[] => ['--header', `Destination: ${url}`]
const put = (person: Person, path: string, text: string): Promise<Curled> =>
  dav(person, 'PUT', path, ['--data-binary', text])

describe('COPY and MOVE', () => {
  it('rename by the public address, as WebDAV clients name it', async () => {
    expect((await put(bob, '/mine/draft.txt', 'a plan')).status).toBe(201)
    const { url } = guard.gate
    const moved = await dav(bob, 'MOVE', '/mine/draft.txt', to(`${url}/mine/final.txt`))
    expect(moved.status).toBe(201)
    expect(await fileAt('mine/final.txt')).toBe('a plan')
    expect(await fileAt('mine/draft.txt')).toBe('no such file')
  })

  it.each(['COPY', 'MOVE'])('%s writes nothing where its person may not go', async (method) => {
    await put(bob, `/mine/${method}.txt`, 'mischief')
    const { url } = guard.gate
    const origin = `http://127.0.0.1:${guard.place.port}`
    for (const base of [url, origin, '']) {
      const refused = await dav(
        bob,
        method,
        `/mine/${method}.txt`,
        to(`${base}/admin/${method}.txt`),
      )
      expect([base, refused.status >= 400]).toEqual([base, true])
    }
    expect(await fileAt(`admin/${method}.txt`)).toBe('no such file')
    expect(await fileAt(`mine/${method}.txt`)).toBe('mischief')
  })

  it('writes there for a person who may go there', async () => {
    await put(zoe, '/mine/notice.txt', 'for admins')
    const { url } = guard.gate
    const copied = await dav(zoe, 'COPY', '/mine/notice.txt', to(`${url}/admin/notice.txt`))
    expect(copied.status).toBe(201)
    expect(await fileAt('admin/notice.txt')).toBe('for admins')
  })

  it('goes to no other host', async () => {
    await put(bob, '/mine/own.txt', 'ours')
    const refused = await dav(bob, 'COPY', '/mine/own.txt', to('http://elsewhere.example/mine/x'))
    expect(refused.status).toBeGreaterThanOrEqual(400)
  })
})

it('lists the folder by addresses that the client can ask for', async () => {
  await put(bob, '/mine/listed.txt', 'here')
  const listed = await dav(bob, 'PROPFIND', '/mine/', ['--header', 'Depth: 1'])
  expect(listed.status).toBe(207)
  expect(listed.body).toContain('<D:href>/mine/listed.txt</D:href>')
  expect(listed.body).not.toContain(`127.0.0.1:${guard.place.port}`)
})

it('locks, and writes with the token of the lock', async () => {
  await put(bob, '/mine/locked.txt', 'one')
  const lock = await dav(bob, 'LOCK', '/mine/locked.txt', [
    '--header',
    'Content-Type: text/xml',
    '--data-binary',
    '<?xml version="1.0"?><lockinfo xmlns="DAV:"><lockscope><exclusive/></lockscope><locktype><write/></locktype></lockinfo>',
  ])
  expect(lock.status).toBe(200)
  const [token = ''] = /<opaquelocktoken:[^>]+>/.exec(lock.headers) ?? []
  expect((await put(bob, '/mine/locked.txt', 'two')).status).toBe(423)
  const { url } = guard.gate
  const tagged = `If: <${url}/mine/locked.txt> (${token})`
  const written = await dav(bob, 'PUT', '/mine/locked.txt', [
    '--header',
    tagged,
    '--data-binary',
    'three',
  ])
  expect(written.status).toBe(204)
  const unlock = await dav(bob, 'UNLOCK', '/mine/locked.txt', ['--header', `Lock-Token: ${token}`])
  expect(unlock.status).toBe(204)
  expect(await fileAt('mine/locked.txt')).toBe('three')
})
