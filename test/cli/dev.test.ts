import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { findDevAddress } from '../../cli/dev/address.ts'
import { portOf, toLocal, toLocalUrls } from '../../cli/local.ts'
import { findFreePort } from '../../cli/free-port.ts'
import { readArguments } from '../../cli/arguments.ts'
import { createDevWorker } from '../../cli/dev/worker.ts'
import { defineConfig, type GatehouseConfig } from '../../src/config.ts'
import { gatehouse, vector } from './run.ts'

const root = resolve(import.meta.dirname, '../..')
const address = { scheme: 'http', port: 8787 } as const

describe('a config on this machine', () => {
  it('has its first public site at localhost, the others below it, and local ones as they are', () => {
    const urls = ['https://wiki.example.com', 'https://blog.example.com', 'http://app.localhost:1']
    expect(toLocalUrls(urls, address)).toEqual([
      'http://localhost:8787',
      'http://blog.example.com.localhost:8787',
      'http://app.localhost:8787',
    ])
    expect(toLocalUrls(['http://localhost:8787', 'https://wiki.example.com:444'], address)).toEqual(
      ['http://localhost:8787', 'http://wiki.example.com.localhost:8787'],
    )
    expect(portOf(urls)).toBe(1)
    expect(portOf(['https://wiki.example.com'])).toBe(8787)
  })

  it('keeps everything but the addresses of its sites', () => {
    const config = defineConfig({
      revocationSeconds: 3,
      sites: [
        {
          url: 'https://wiki.example.com',
          origin: { service: 'WIKI' },
          routes: [{ path: '/', access: 'signed-in' }],
          corsOrigins: ['https://app.example.com'],
        },
      ],
    })
    expect(toLocal(config, address)).toEqual({
      ...config,
      sites: [{ ...config.sites[0], url: 'http://localhost:8787', originHost: 'origin' }],
    })
  })
})

describe('the options of npm run dev', () => {
  it('are taken out of those of wrangler, in either form', () => {
    const argv = ['--config', 'a.ts', '--live-reload', '--port=9000', '--var', 'A:1']
    const given = readArguments(argv, ['config', 'port'], ['help'])
    if (!given.ok) throw new Error(given.error)
    expect([...given.value.texts]).toEqual([
      ['config', 'a.ts'],
      ['port', '9000'],
    ])
    expect(given.value.others).toEqual(['--live-reload', '--var', 'A:1'])
  })

  it.each(['--dry-run', '--dryRun'])('are ours in each form that wrangler takes: %s', (word) => {
    const given = readArguments([word, '--minify'], ['env'], ['dry-run'])
    if (!given.ok) throw new Error(given.error)
    expect([...given.value.switches]).toEqual(['dry-run'])
    expect(given.value.others).toEqual(['--minify'])
  })

  it.each(['--help', '-h', '--h'])('ask for help: %s', (word) => {
    const given = readArguments(['--config', 'a.ts', word], ['config'], ['help'])
    if (!given.ok) throw new Error(given.error)
    expect([...given.value.switches]).toEqual(['help'])
    expect(given.value.others).toEqual([])
  })

  it.each([
    [['--config'], '--config needs a value.'],
    [['--config', '--port'], '--config needs a value.'],
    [['--config=a', '--config=b'], '--config is given twice: give it once.'],
    [['--help=yes'], '--help takes no value.'],
    [['-c', 'wrangler.toml'], expect.stringContaining('-c is not taken')],
    [['--c', 'wrangler.toml'], expect.stringContaining('-c is not taken')],
    [['-e', 'staging'], '-e is not taken: write --env <name>.'],
    [['-e=staging'], '-e is not taken: write --env <name>.'],
    [['--e', 'staging'], '-e is not taken: write --env <name>.'],
    [['-estaging'], '-e is not taken: write --env <name>.'],
    [['--prot', '9000'], '--prot is not an option here. Did you mean --port?'],
    [['--dryrun'], '--dryrun is not an option here. Did you mean --dry-run?'],
    [['--dry-rum=yes'], '--dry-rum is not an option here. Did you mean --dry-run?'],
    [['staging'], '"staging" is the value of no option. --help lists the options.'],
    [['--port', '9000', 'a'], '"a" is the value of no option. --help lists the options.'],
    [['--port=9000', 'a'], '"a" is the value of no option. --help lists the options.'],
    [['--dry-run', 'a'], '"a" is the value of no option. --help lists the options.'],
  ])('%j: %s', (argv, error) => {
    expect(readArguments(argv, ['config', 'port'], ['help', 'dry-run'])).toEqual({
      ok: false,
      error,
    })
  })

  it('name an environment for a word alone', () => {
    expect(readArguments(['staging'], ['env'], ['help'])).toEqual({
      ok: false,
      error: '"staging" is the value of no option. An environment is --env staging.',
    })
  })

  // Each is an option of wrangler, and is like one of ours.
  it.each(['--local', '--host=a', '--env-file=a', '--vars', '-l'])(
    'leave %s to wrangler',
    (word) => {
      const ours = ['config', 'port', 'local-protocol', 'persist-to', 'env']
      expect(readArguments([word], ours, ['help'])).toMatchObject({ value: { others: [word] } })
    },
  )
})

describe('a config that cannot be served', () => {
  const sites = [
    { url: 'https://wiki.example.com', origin: 'https://o.example.net', routes: [] },
  ] satisfies GatehouseConfig['sites']
  it.each<[string, () => Promise<{ readonly default?: GatehouseConfig }>]>([
    ['must have at least one route', () => Promise.resolve({ default: { sites } })],
    ['does not load: mine', () => Promise.reject(new Error('mine'))],
    ['has no default export', () => Promise.resolve({})],
  ])('answers 503 and that it %s', async (why, load) => {
    const logged = vi.spyOn(console, 'error').mockReturnValue()
    const worker = await createDevWorker(load, 'my.config.ts', address)
    const { fetch } = worker
    if (!fetch) throw new Error('it has no fetch')
    const answer = await fetch(new Request('http://localhost:8787/'), {}, {} as never)
    const text = await answer.text()
    expect([answer.status, text]).toEqual([503, expect.stringContaining(`my.config.ts`)])
    expect(text).toContain(why)
    expect(text).toContain('Nothing is served until this is corrected and saved.')
    expect(logged.mock.calls.flat().join('')).toContain(why)
    logged.mockRestore()
  })
})

describe('npm run dev', () => {
  let directory: string
  let port: number
  let ended: Promise<unknown>
  let stop: () => void
  let killAll: () => void
  let out = ''
  const config = () => join(directory, 'my.config.ts')
  const save = (access: string) =>
    writeFile(
      config(),
      `export default { sites: [{ url: 'https://wiki.example.com', origin: 'http://127.0.0.1:1', routes: [{ path: '/', access: '${access}' }] }] }`,
    )
  const ask = () => fetch(`http://localhost:${port}/`, { redirect: 'manual' }).catch(() => null)
  const waitFor = (status: number) =>
    vi.waitFor(
      async () => {
        const answer = await ask()
        expect(answer?.status ?? out).toBe(status)
        return answer
      },
      { timeout: 240_000, interval: 300 },
    )

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'gatehouse-dev-'))
    port = await findFreePort(0)
    await save('signed-in')
    const args = ['--config', config(), '--port', String(port), '--persist-to', directory]
    const child = spawn(process.execPath, [join(root, 'scripts/run.mjs'), 'dev', ...args], {
      stdio: ['ignore', 'pipe', 'pipe'],
      // A group of its own, so that what it may leave behind can be ended.
      detached: true,
    })
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => (out += chunk))
    child.stderr.setEncoding('utf8').on('data', (chunk: string) => (out += chunk))
    // Not `close`: wrangler's bundler has been seen to outlive wrangler, with these pipes open.
    ended = new Promise((done) => child.on('exit', done))
    stop = () => child.kill('SIGTERM')
    killAll = () => {
      if (child.pid === undefined) return
      try {
        process.kill(-child.pid, 'SIGKILL')
      } catch {
        // Nothing was left behind.
      }
    }
  })
  afterAll(async () => {
    stop()
    await ended
    killAll()
    await rm(directory, { recursive: true, force: true, maxRetries: 5 })
  })

  it('serves a public site here, says what is wrong with what is saved, and goes on', async () => {
    const answer = await waitFor(401)
    expect(await answer?.json()).toMatchObject({
      loginUrl: `http://localhost:${port}/.gatehouse/login?to=%2F`,
    })
    await expect
      .poll(() => out)
      .toContain(`Gatehouse is at http://localhost:${port}, for https://wiki.example.com`)
    await save('sgned-in')
    const refused = await waitFor(503)
    expect(await refused?.text()).toContain('sites[0].routes[0].access must be')
    // wrangler prints what the Worker logs, and may do so after the answer.
    await expect.poll(() => out).toContain('sites[0].routes[0].access must be')
    await save('signed-in')
    await waitFor(401)
  })

  it('says where a config that is no TypeScript breaks off, and goes on', async () => {
    await save("signed-in' }")
    const refused = await waitFor(503)
    const text = await refused?.text()
    expect(text).toContain('my.config.ts does not load: ')
    expect(text).toMatch(/my\.config\.ts:1:\d+/)
    await save('signed-in')
    await waitFor(401)
  })

  it('is where the addresses are that a command prints, as long as it runs', async () => {
    const store = directory
    const idp = ['--entity-id', 'https://idp.acme.com', '--sso-url', 'https://idp.acme.com/sso']
    const certificate = ['--certificate', vector('certificates/rsa-2048.pem')]
    const where = ['--local', '--persist-to', store, '--config', config()]
    const added = await gatehouse(['connection', 'add', 'acme', ...idp, ...certificate, ...where])
    expect(added.out).toContain(`For http://localhost:${port}. `)
    expect(added.out).toContain(`http://localhost:${port}/.gatehouse/saml/acme/acs`)
    expect(added.out).toContain('connection show acme --site https://wiki.example.com')
    expect(findDevAddress(store)).toEqual({ scheme: 'http', port })

    const kept = join(store, 'gatehouse-dev.json')
    const { pid } = JSON.parse(await readFile(kept, 'utf8'))
    stop()
    await ended
    expect(findDevAddress(store)).toBeNull()
    expect(existsSync(kept)).toBe(false)
    // One that was killed leaves its file.
    await writeFile(kept, JSON.stringify({ scheme: 'http', port, pid }))
    const shown = await gatehouse(['connection', 'show', 'acme', ...where])
    expect(shown.out).toContain('For http://localhost:8787. ')
  })
})
