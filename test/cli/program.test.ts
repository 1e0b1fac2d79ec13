/** What the commands of people read and keep, without a gate. test/live/apps/command-line.test.ts has all of it for real. */
import { once } from 'node:events'
import {
  chmod,
  mkdtemp,
  readdir,
  rename,
  rm,
  stat,
  symlink,
  utimes,
  writeFile,
} from 'node:fs/promises'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { judgeArguments } from '../../cli/program/curl.ts'
import { gitAnswer, readGitQuestion } from '../../cli/program/git.ts'
import { inTurn, readKept, saveKept, type Kept } from '../../cli/program/kept.ts'
import { signInByBrowser } from '../../cli/program/login.ts'
import { findServer, parseSite, type Server } from '../../cli/program/site.ts'

const SITE = 'https://app.example.com'

describe('the address of a site', () => {
  it.each([
    ['app.example.com', SITE],
    ['https://app.example.com/a/path?x=1', SITE],
    ['https://APP.example.com:443', SITE],
    ['http://localhost:8787', 'http://localhost:8787'],
  ])('may be written %s', (text, site) => {
    expect(parseSite(text)).toEqual({ ok: true, value: site })
  })

  it.each([
    'http://app.example.com',
    'ftp://app.example.com',
    'https://ada:secret@app.example.com',
    'https://ada@app.example.com',
    '',
    'https://',
  ])('is not %j', (text) => {
    expect(parseSite(text)).toMatchObject({ ok: false, error: { kind: 'usage' } })
  })
})

describe('the arguments of curl', () => {
  it.each([
    [['--fail', '--silent', '-X', 'POST', '--data', '@file', '--output', '-o']],
    [['https://app.example.com/another']],
    [['--referer', 'https://elsewhere.example/']],
    [['--data=https://elsewhere.example/', '--location']],
  ])('may be %j', (args) => {
    expect(judgeArguments(SITE, args)).toBeNull()
  })

  it.each([
    [['https://elsewhere.example/']],
    [['HTTPS://elsewhere.example/']],
    [['http://app.example.com/']],
    [['https://app.example.com.elsewhere.example/']],
    [['https://app.example.com@elsewhere.example/']],
    [['--url', 'https://elsewhere.example/']],
    [['--url=https://elsewhere.example/']],
    [['--location-trusted']],
    [['--next']],
    [['-:']],
    [['--config', 'file']],
    [['-K', 'file']],
    [['-Kfile']],
  ])('that could give the token to another host are refused: %j', (args) => {
    expect(judgeArguments(SITE, args)).toMatchObject({
      ok: false,
      error: { message: expect.stringContaining('another host could get your token') },
    })
  })

  it.each([
    [['-d', '@-']],
    [['-d@-']],
    [['--data=@-']],
    [['-T', '-']],
    [['-T-']],
    [['-F', 'a=<-']],
  ])('that read standard input are refused: %j', (args) => {
    expect(judgeArguments(SITE, args)).toMatchObject({
      ok: false,
      error: { message: expect.stringContaining('Put what you send into a file') },
    })
  })
})

describe('the question of git', () => {
  it('names a site, and the password that was refused', () => {
    const text = 'protocol=https\nhost=app.example.com\npath=x.git\npassword=a=b\n\n'
    expect(readGitQuestion(text)).toEqual({ site: SITE, password: 'a=b' })
  })

  it.each([
    '',
    'protocol=https\n',
    'protocol=ssh\nhost=app.example.com\n',
    'protocol=https\nhost=app.example.com/x\n',
    'protocol=https\nhost=a@app.example.com\n',
    `protocol=https\nhost=${'a'.repeat(20_000)}\n`,
  ])('is none: %j', (text) => {
    expect(readGitQuestion(text)).toBeNull()
  })

  it('is answered with a password that has an end', () => {
    expect(gitAnswer('gh_at_x', 1_800_000_000_999)).toBe(
      'username=gatehouse\npassword=gh_at_x\npassword_expiry_utc=1800000000\n',
    )
  })
})

describe('where a site says that tokens are to be had', () => {
  let url = ''
  let told: Readonly<Record<string, unknown>> = {}
  const site = createServer((request, response) => {
    const { [request.url ?? '']: answer } = told
    response.writeHead(answer === undefined ? 404 : 200).end(JSON.stringify(answer ?? {}))
  })
  beforeAll(async () => {
    site.listen(0, '127.0.0.1')
    await once(site, 'listening')
    const address = site.address()
    url = `http://127.0.0.1:${typeof address === 'object' && address ? address.port : 0}`
  })
  afterAll(() => void site.close())

  const good = () => ({
    resource: { resource: url, authorization_servers: [url] },
    server: {
      issuer: url,
      authorization_endpoint: `${url}/authorize`,
      token_endpoint: `${url}/token`,
      revocation_endpoint: `${url}/revoke`,
    },
  })
  const tell = ({ resource, server }: Readonly<Record<string, unknown>>) => {
    told = {
      '/.well-known/oauth-protected-resource': resource,
      '/.well-known/oauth-authorization-server': server,
    }
    return findServer(url)
  }

  it('is believed where all of it fits together', async () => {
    expect(await tell(good())).toEqual({
      ok: true,
      value: {
        issuer: url,
        authorize: `${url}/authorize`,
        token: `${url}/token`,
        revoke: `${url}/revoke`,
        register: null,
        device: null,
      },
    })
  })

  it.each<[string, (to: ReturnType<typeof good>) => Readonly<Record<string, unknown>>, string]>([
    ['nothing', () => ({}), 'oauth is off there'],
    [
      'another site’s name',
      ({ resource }) => ({ resource: { ...resource, resource: 'https://bank.example' } }),
      'says that it is another site',
    ],
    [
      'a login host by http over the internet',
      ({ resource }) => ({
        resource: { ...resource, authorization_servers: ['http://login.example.com'] },
      }),
      'names no login host that can be used',
    ],
    [
      'a login host with a path',
      ({ resource }) => ({ resource: { ...resource, authorization_servers: [`${url}/x`] } }),
      'names no login host that can be used',
    ],
    [
      'a login host that is another (mix-up)',
      ({ server }) => ({ server: { ...server, issuer: 'https://login.example.com' } }),
      'does not describe itself as the login host',
    ],
    [
      'a login host whose tokens are made elsewhere',
      ({ server }) => ({ server: { ...server, token_endpoint: 'https://evil.example/token' } }),
      'does not describe itself as the login host',
    ],
  ])('is not believed: %s', async (_, change, says) => {
    const fitting = good()
    const changed = change(fitting)
    const outcome = await tell(Object.keys(changed).length === 0 ? {} : { ...fitting, ...changed })
    expect(outcome).toMatchObject({ ok: false, error: { message: expect.stringContaining(says) } })
  })
})

describe('the file with the tokens', () => {
  let folder = ''
  const kept: Kept = {
    site: SITE,
    issuer: SITE,
    client: 'cli',
    token: `${SITE}/token`,
    revoke: `${SITE}/revoke`,
    refresh: 'a refresh token',
    access: 'an access token',
    accessUntil: 0,
  }
  const file = () => join(folder, 'gatehouse', `${encodeURIComponent(SITE)}.json`)
  const whyNot = async () => {
    const read = await readKept(SITE)
    return read.ok ? read.value : read.error.message
  }
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'gatehouse-kept-'))
    vi.stubEnv('XDG_CONFIG_HOME', folder)
    await saveKept(kept)
  })
  afterEach(async () => {
    vi.unstubAllEnvs()
    await rm(folder, { recursive: true })
  })

  it('is read as it was written, and is for its owner alone', async () => {
    expect(await whyNot()).toEqual(kept)
    expect((await stat(file())).mode & 0o777).toBe(0o600)
    expect((await stat(join(folder, 'gatehouse'))).mode & 0o777).toBe(0o700)
  })

  it.each([0o640, 0o604, 0o660, 0o602])('is not read with mode %o', async (mode) => {
    await chmod(file(), mode)
    expect(await whyNot()).toContain('chmod 600')
  })

  it('is not read through a link, damaged, or for another site', async () => {
    const real = join(folder, 'real')
    await rename(file(), real)
    await symlink(real, file())
    expect(await whyNot()).toContain('is no plain file')
    await rm(file())
    await saveKept({ ...kept, access: '' })
    await writeFile(file(), '{"site":')
    expect(await whyNot()).toContain('is damaged')
    await writeFile(file(), JSON.stringify({ ...kept, site: 'https://elsewhere.example' }))
    expect(await whyNot()).toContain('is damaged')
  })

  it('is changed by one command at a time, also where one failed or was killed', async () => {
    const now: string[] = []
    const work = (name: string) => async () => {
      now.push(`${name} begins`)
      await new Promise((resolve) => setTimeout(resolve, 20))
      now.push(`${name} ends`)
      if (name === 'b') throw new Error('it failed')
    }
    await Promise.allSettled(['a', 'b', 'c'].map((name) => inTurn(SITE, work(name))))
    expect(now).toHaveLength(6)
    for (const [at, says] of now.entries()) {
      if (says.endsWith('begins')) expect(now[at + 1]).toBe(says.replace('begins', 'ends'))
    }
    const lock = `${file()}.lock`
    await writeFile(lock, '')
    const long = new Date(Date.now() - 120_000)
    await utimes(lock, long, long)
    expect(await inTurn(SITE, async () => 'done')).toBe('done')
    expect(await readdir(join(folder, 'gatehouse'))).toHaveLength(1)
  })
})

describe('the answer that the browser brings', () => {
  const ISSUER = 'https://login.example.com'
  const server: Server = {
    issuer: ISSUER,
    authorize: `${ISSUER}/authorize`,
    token: 'http://127.0.0.1:1/token',
    revoke: `${ISSUER}/revoke`,
    register: null,
    device: null,
  }

  /** A sign-in that waits for the browser. */
  async function begin() {
    const written = vi.spyOn(process.stderr, 'write').mockReturnValue(true)
    const done = signInByBrowser(SITE, server, { client: 'cli', opensBrowser: false })
    const url = await vi.waitFor(() => {
      const text = written.mock.calls.map(([chunk]) => String(chunk)).join('')
      return new URL(/https:\S+/.exec(text)?.[0] ?? '')
    })
    written.mockRestore()
    const redirect = url.searchParams.get('redirect_uri') ?? ''
    const state = url.searchParams.get('state') ?? ''
    const bring = async (fields: string) => (await fetch(`${redirect}?${fields}`)).status
    return { url, done, state, bring }
  }

  it('counts only with the state of this sign-in, and once', async () => {
    const { url, done, state, bring } = await begin()
    expect(url.searchParams.get('code_challenge_method')).toBe('S256')
    expect(url.searchParams.get('resource')).toBe(`${SITE}/`)
    const good = `code=x&iss=${encodeURIComponent(ISSUER)}`
    expect(await bring(good)).toBe(404)
    expect(await bring(`${good}&state=another`)).toBe(404)
    expect(await bring(`${good}&state=${state}&state=${state}`)).toBe(404)
    expect(await bring(`${good}&state=${state}`)).toBe(200)
    // It went on to ask for tokens.
    expect(await done).toMatchObject({
      ok: false,
      error: { message: expect.stringContaining('127.0.0.1:1 does not answer') },
    })
  })

  it.each([
    ['without iss (mix-up)', 'code=x', 'not from the login host'],
    ['of another server (mix-up)', 'code=x&iss=https://evil.example', 'not from the login host'],
    ['that names two servers', `code=x&iss=${ISSUER}&iss=${ISSUER}`, 'not from the login host'],
    ['that the person refused', `error=access_denied&iss=${ISSUER}`, 'Access was refused'],
    [
      'with another error',
      `error=server_error&error_description=No+luck&iss=${ISSUER}`,
      'did not give access: No luck',
    ],
    ['with two codes', `code=x&code=y&iss=${ISSUER}`, 'it gave no code'],
  ])('gives no token %s', async (_, fields, says) => {
    const { done, state, bring } = await begin()
    expect(await bring(`${fields}&state=${state}`)).toBe(200)
    expect(await done).toMatchObject({
      ok: false,
      error: { message: expect.stringContaining(says) },
    })
  })
})
