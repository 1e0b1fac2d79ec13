/** The operator's folder: where its files are found, and which of wrangler's forms they may have. */
import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { parseConfig } from '../../src/config.ts'
import { parseEnv } from '../../src/env.ts'
import { faultsOfDeploy } from '../../cli/deploy/faults.ts'
import { wranglerCommand } from '../../cli/project.ts'
import { gatehouse } from './run.ts'

const root = resolve(import.meta.dirname, '../..')
const site = {
  url: 'https://wiki.example.com',
  origin: 'https://wiki-origin.example.net',
  routes: [{ path: '/', access: 'signed-in' }],
}
const configText = (bindings: object): string =>
  `export default ${JSON.stringify({ bindings, sites: [site] })}\n`
const publicConfig = configText({})
const stores = (database: string) => ({
  kv_namespaces: [{ binding: 'GATE_SESSIONS' }],
  d1_databases: [
    { binding: 'OTHER', database_name: 'other' },
    { binding: database, database_name: 'gate', migrations_dir: join(root, 'migrations') },
  ],
})
const wrangler = {
  name: 'gate',
  main: 'src/index.ts',
  compatibility_date: '2026-11-17',
  ...stores('GATE_DB'),
  env: { staging: stores('STAGING_DB') },
}
const toml = `name = "gate"
compatibility_date = "2026-11-17"
[[d1_databases]]
binding = "DB"
database_name = "gate"
migrations_dir = ${JSON.stringify(join(root, 'migrations'))}
`

let folder: string
const at = async (name: string, files: Readonly<Record<string, string>>): Promise<string> => {
  const directory = join(folder, name)
  await mkdir(directory, { recursive: true })
  await Promise.all(
    Object.entries(files).map(([file, text]) => writeFile(join(directory, file), text)),
  )
  return directory
}
const list = ['connection', 'list', '--local', '--json']

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gatehouse-project-'))
  // As npm lays it out: a project's wrangler is beside what needs it.
  await symlink(join(root, 'node_modules'), join(folder, 'node_modules'))
})
afterAll(() => rm(folder, { recursive: true, force: true, maxRetries: 5 }))

describe('a project', () => {
  it('is found from a folder below it, with wrangler.toml', async () => {
    const cwd = await at('toml', {
      'wrangler.toml': toml,
      'gatehouse.config.ts': configText({}),
    })
    const below = join(cwd, 'src', 'deep')
    await mkdir(below, { recursive: true })
    const { code, out, err } = await gatehouse(list, { cwd: below })
    expect([code, JSON.parse(out)]).toEqual([0, { connections: [] }])
    expect(err).toContain('The dev store is new')
    expect((await gatehouse(list, { cwd })).err).toBe('')
    // wrangler knows the tables that the command made, and would not make them again.
    const pending = [wranglerCommand(), 'd1', 'migrations', 'list', 'DB', '--local']
    const env = { ...process.env, WRANGLER_LOG: 'log' }
    const { stdout } = await promisify(execFile)(process.execPath, pending, { cwd, env })
    expect(stdout).toContain('No migrations to apply')
  })

  it.each(['wrangler.json', 'wrangler.jsonc'])(
    'may have %s, and a database whose binding has another name',
    async (file) => {
      const text = JSON.stringify(wrangler)
      const cwd = await at(file, {
        [file]: file.endsWith('c') ? `// the gate\n${text.slice(0, -1)},\n}` : text,
        'gatehouse.config.ts': configText({ sessions: 'GATE_SESSIONS', database: 'GATE_DB' }),
      })
      const { code, out } = await gatehouse(list, { cwd })
      expect([code, JSON.parse(out)]).toEqual([0, { connections: [] }])
    },
  )

  it('has environments: --env says which, and another database is another store', async () => {
    const cwd = await at('environments', {
      'wrangler.json': JSON.stringify(wrangler),
      'gatehouse.config.ts': configText({ database: 'GATE_DB' }),
      'staging.config.ts': configText({ database: 'STAGING_DB' }),
    })
    const staging = [...list, '--env', 'staging', '--config', join(cwd, 'staging.config.ts')]
    expect((await gatehouse(staging, { cwd })).err).toContain('The dev store is new')
    expect((await gatehouse(staging, { cwd })).err).toBe('')
    // The top of the file has no such binding.
    const astray = await gatehouse(staging.toSpliced(4, 2), { cwd })
    expect(astray.code).toBe(1)
    expect(JSON.parse(astray.out).error.message).toBe(
      'wrangler.json has no D1 database with the binding "STAGING_DB". Add it, or name yours in gatehouse.config.ts: bindings: { database: \'…\' }.',
    )
  })
})

describe('the file of wrangler', () => {
  // Each reads it in another place.
  const commands = ['user list --local', 'user list --remote', 'deploy', 'dev']
  const env = { CLOUDFLARE_API_TOKEN: 'a', CLOUDFLARE_API_BASE_URL: 'http://127.0.0.1:1' }

  it.each(commands)('is asked for where there is none: %s', async (command) => {
    const cwd = await at('none', { 'gatehouse.config.ts': publicConfig })
    const { code, out, err } = await gatehouse(command.split(' '), { cwd, env })
    expect([code, out]).toEqual([1, ''])
    expect(err).toMatch(/^(Nothing was deployed: )?There is no \S+none\/wrangler\.toml\. Run /)
  })

  it.each(commands)('is told with the line that is wrong: %s', async (command) => {
    const files = { 'gatehouse.config.ts': publicConfig, 'wrangler.toml': 'name = "a"\nb = = c\n' }
    const cwd = await at('broken', files)
    const { code, out, err } = await gatehouse(command.split(' '), { cwd, env })
    expect([code, out]).toEqual([1, ''])
    expect(err).toMatch(
      /^(Nothing was deployed: )?wrangler\.toml cannot be read: .* \(line 2\)\.\n$/,
    )
  })
})

describe('the names of the bindings', () => {
  const parsed = parseConfig({
    bindings: { sessions: 'GATE_SESSIONS', database: 'GATE_DB' },
    sites: [site],
  })
  if (!parsed.ok) throw new Error('the config has faults of its own')
  const config = parsed.value

  it('are SESSIONS and DB where the config says nothing', () => {
    const usual = parseConfig({ sites: [site] })
    expect(usual.ok && usual.value.bindings).toEqual({
      sessions: 'SESSIONS',
      database: 'DB',
      assets: 'ASSETS',
      limits: 'LIMITS',
      metrics: 'METRICS',
    })
  })

  it('are where the Worker looks', () => {
    const [kv, db] = [{ get: () => null }, { prepare: () => null }]
    const secret = { GATEHOUSE_SECRET: btoa('a secret of thirty-two bytes, ok') }
    const env = parseEnv({ ...secret, GATE_SESSIONS: kv, GATE_DB: db }, config)
    expect(env.ok && [env.value.kv, env.value.db]).toEqual([kv, db])
    const without = parseEnv({ ...secret, SESSIONS: kv, DB: db }, config)
    expect(without.ok ? [] : without.error.map((fault) => fault.at)).toEqual([
      'GATE_SESSIONS',
      'GATE_DB',
    ])
  })

  it('are what a deploy asks for', () => {
    expect(
      faultsOfDeploy(config, { kv: ['GATE_SESSIONS'], d1: ['GATE_DB'], services: [] }),
    ).toEqual([])
    expect(faultsOfDeploy(config, { kv: ['SESSIONS'], d1: ['DB'], services: [] })).toEqual([
      expect.stringContaining('no KV namespace "GATE_SESSIONS"'),
      expect.stringContaining('no D1 database "GATE_DB"'),
    ])
  })
})
