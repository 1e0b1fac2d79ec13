import { spawn } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { faultsOfDeploy, isUnreachable } from '../../cli/deploy/faults.ts'
import { findDeployed, keepDeployed } from '../../cli/policy/deployed.ts'
import { parseConfig } from '../../src/config.ts'
import { ACCOUNT, startApi, TOKEN, type Api } from './cloudflare.ts'
import { connectionOf, seedConnection } from './people.ts'
import { createStage, type Ran, type Stage } from './run.ts'

const root = resolve(import.meta.dirname, '../..')
const bound = { kv: ['SESSIONS'], d1: ['DB'], services: ['WIKI'] }

describe('what cannot work once it is deployed', () => {
  // RFC 6890 §2.2, RFC 6761 §6.3, RFC 6762 §3, RFC 8375 §3.
  it.each([
    'localhost',
    'wiki.localhost',
    '127.0.0.1',
    '127.9.9.9',
    '0.0.0.0',
    '10.1.2.3',
    '172.31.255.1',
    '192.168.0.10',
    '169.254.169.254',
    '100.64.0.1',
    '[::1]',
    '[::]',
    '[fd12:3456::1]',
    '[fe80::1]',
    '[::ffff:127.0.0.1]',
    'intranet',
    'nas.local',
    'wiki.corp.internal',
    'router.home.arpa',
  ])('an origin at %s is reachable from here only', (host) => {
    expect(isUnreachable(new URL(`http://${host}/`))).toBe(true)
  })

  it.each(['wiki.example.net', '172.32.0.1', '11.0.0.1', '100.128.0.1', '[2606:4700::1111]'])(
    'an origin at %s may be reachable',
    (host) => expect(isUnreachable(new URL(`http://${host}/`))).toBe(false),
  )

  const faultsOf = (url: string, origin: string | { service: string }, has = bound) => {
    const config = parseConfig({
      sites: [{ url, origin, routes: [{ path: '/', access: 'public' }] }],
    })
    if (!config.ok) throw new Error('the config has faults of its own')
    return faultsOfDeploy(config.value, has)
  }

  it('names a service that is not bound, a store that is not, and a site of this machine', () => {
    expect(faultsOf('https://app.example.com', { service: 'WIKI' })).toEqual([])
    expect(faultsOf('https://app.example.com', { service: 'BLOG' })).toEqual([
      expect.stringContaining('no service binding "BLOG"'),
    ])
    expect(faultsOf('https://localhost:8787', 'https://origin.example.net')).toEqual([
      expect.stringContaining('https://localhost:8787 is an address of this machine'),
    ])
    const none = { kv: [], d1: [], services: [] }
    expect(faultsOf('https://app.example.com', 'https://origin.example.net', none)).toEqual([
      expect.stringContaining('no KV namespace "SESSIONS"'),
      expect.stringContaining('no D1 database "DB"'),
    ])
  })
})

describe('npm run deploy', () => {
  let stage: Stage
  beforeAll(async () => {
    stage = await createStage('wrangler')
    await stage.withStore(async (db) => {
      await seedConnection(db, connectionOf('acme'))
      await db.prepare("DELETE FROM d1_migrations WHERE name LIKE '0007%'").run()
    })
  })
  afterAll(() => stage.remove())

  async function deploy(api: Api, config: string, ...args: readonly string[]): Promise<Ran> {
    const file = join(stage.directory, 'deployed.config.ts')
    await writeFile(file, config)
    return new Promise((done) => {
      const child = spawn(
        process.execPath,
        [join(root, 'scripts/run.mjs'), 'deploy', '--config', file, ...args],
        {
          env: {
            ...process.env,
            CLOUDFLARE_API_BASE_URL: api.url,
            CLOUDFLARE_API_TOKEN: TOKEN,
            CLOUDFLARE_ACCOUNT_ID: ACCOUNT,
          },
        },
      )
      let [out, err] = ['', '']
      child.stdout.setEncoding('utf8').on('data', (chunk: string) => (out += chunk))
      child.stderr.setEncoding('utf8').on('data', (chunk: string) => (err += chunk))
      child.on('close', (code) => done({ code, out, err }))
    })
  }
  const configOf = (origin: string, access: string): string =>
    `export default { sites: [{ url: 'https://app.example.com', origin: '${origin}', routes: [{ path: '/', access: ${access} }] }] }`
  const withApi = (use: (api: Api, db: D1Database) => Promise<void>): Promise<void> =>
    stage.withStore(async (db) => {
      const api = await startApi(db)
      await use(api, db).finally(api.stop)
    })
  /** Nothing was asked that could have changed anything. */
  const expectOnlyRead = ({ calls, statements }: Api) => {
    expect(calls.filter((call) => !/^GET |^POST .*\/query$/.test(call))).toEqual([])
    expect(statements.filter((sql) => !/^\s*SELECT\b/.test(sql))).toEqual([])
  }

  it('--dry-run checks, builds, says which migrations are to come, and writes nothing', () =>
    withApi(async (api, db) => {
      const { code, out, err } = await deploy(
        api,
        configOf('https://origin.example.net', "'signed-in'"),
        '--dry-run',
      )
      expect([code, err]).toEqual([0, ''])
      expect(out).toContain('Migrations to apply: 0007_audit_share.sql.')
      expect(out).toContain('Everything that the rules name is there.')
      expect(out).toContain('--dry-run: exiting now.')
      expectOnlyRead(api)
      expect(api.statements.length).toBeGreaterThan(2)
      const applied = db.prepare("SELECT 1 FROM d1_migrations WHERE name LIKE '0007%'")
      expect(await applied.first()).toBeNull()
    }))

  it('says who gains and who loses what, by the config that the last deploy kept', () =>
    withApi(async (api) => {
      const origin = 'https://origin.example.net'
      const config = configOf(origin, "'signed-in'")
      const first = await deploy(api, config, '--dry-run')
      expect(first.out).toContain('No deploy has kept its config yet.')
      const was = {
        sites: [
          { url: 'https://app.example.com', origin, routes: [{ path: '/', access: 'public' }] },
        ],
      }
      api.values.set('config:deployed', JSON.stringify(was))
      const { code, out } = await deploy(api, config, '--dry-run')
      expect(code).toBe(0)
      expect(out).toContain('- GET https://app.example.com/\n    1 lose it: nobody\n')
      expectOnlyRead(api)
      api.values.set('config:deployed', config)
      expect((await deploy(api, config, '--dry-run')).out).toContain(
        'cannot be read by this version',
      )
    }))

  it('keeps the config, as the file exports it', () =>
    withApi(async (api) => {
      vi.stubEnv('CLOUDFLARE_API_BASE_URL', api.url)
      vi.stubEnv('CLOUDFLARE_API_TOKEN', TOKEN)
      vi.stubEnv('CLOUDFLARE_ACCOUNT_ID', ACCOUNT)
      const config = {
        sites: [
          {
            url: 'https://app.example.com',
            origin: 'https://o.example.net',
            routes: [{ path: '/', access: 'public' }],
          },
        ],
      }
      expect(await keepDeployed(config, 'SESSIONS')).toEqual({ ok: true, value: null })
      expect(JSON.parse(api.values.get('config:deployed') ?? '')).toEqual(config)
      const parsed = parseConfig(config)
      if (!parsed.ok) throw new Error('the config has a fault')
      expect(await findDeployed(parsed.value)).toEqual({ ok: true, value: parsed.value })
      expect(await keepDeployed(config, 'OTHER')).toMatchObject({
        error: { message: 'The deployed Worker has no KV namespace "OTHER".' },
      })
      vi.unstubAllEnvs()
    }))

  it('asks nobody about an origin of this machine, and refuses it', () =>
    withApi(async (api) => {
      const { code, err } = await deploy(api, configOf('http://127.0.0.1:3000', "'signed-in'"))
      expect(code).toBe(1)
      expect(err).toContain('The origin http://127.0.0.1:3000 of https://app.example.com')
      expect(api.calls).toEqual([])
    }))

  it('refuses a rule that matches nothing, before anything is written', () =>
    withApi(async (api) => {
      const config = configOf('https://origin.example.net', "{ connection: 'okta' }")
      const { code, out, err } = await deploy(api, config)
      expect(code).toBe(1)
      expect(out).toContain('matches nothing  https://app.example.com/: connection okta')
      expect(err).toContain('--despite-check')
      expectOnlyRead(api)
    }))

  it('deploys no Worker over a database that could not be migrated', () =>
    withApi(async (api) => {
      // The API here refuses what wrangler sends: several statements in one text.
      const { code, err } = await deploy(api, configOf('https://origin.example.net', "'signed-in'"))
      expect(code).toBe(1)
      expect(err).toContain('Nothing was deployed, because the migrations failed')
      expect(api.calls.at(-1)).toMatch(/^POST .*\/query$/)
      expect(api.calls.filter((call) => /^(PUT|POST) .*\/workers\//.test(call))).toEqual([])
    }))
})
