/** `gatehouse dev` with bindings or secrets that its Worker could not work with: told at the start. */
import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { findFreePort } from '../../cli/free-port.ts'
import { gatehouse } from './run.ts'

const root = resolve(import.meta.dirname, '../..')
const stores = {
  kv_namespaces: [{ binding: 'SESSIONS' }],
  d1_databases: [
    { binding: 'DB', database_name: 'gate', migrations_dir: join(root, 'migrations') },
  ],
}
const secrets = { required: ['GATEHOUSE_SECRET'] }
const wrangler = { name: 'gate', main: 'index.ts', compatibility_date: '2026-11-17' }
const usual = 'https://origin.example.net'
const withKey = { url: usual, headers: { 'X-Api-Key': { secret: 'WIKI_KEY' } } }
const good = Buffer.alloc(32, 7).toString('base64')
const words = 'GATEHOUSE_SECRET must be 32 random bytes in base64: openssl rand -base64 32'

let folder: string
let projects = 0
/** @returns its folder, and what the command said. */
async function dev({
  file = { ...stores, secrets },
  origin = usual,
  files = {},
  args = [],
  env = {},
}: {
  readonly file?: object
  readonly origin?: string | object
  readonly files?: Readonly<Record<string, string>>
  readonly args?: readonly string[]
  readonly env?: Readonly<Record<string, string>>
} = {}) {
  const cwd = join(folder, String(projects++))
  await mkdir(cwd)
  const site = {
    url: 'https://wiki.example.com',
    origin,
    routes: [{ path: '/', access: 'signed-in' }],
  }
  const all = {
    'gatehouse.config.ts': `export default ${JSON.stringify({ sites: [site] })}\n`,
    'wrangler.json': JSON.stringify({ ...wrangler, ...file }),
    ...files,
  }
  for (const [name, text] of Object.entries(all)) await writeFile(join(cwd, name), text)
  const { code, out, err } = await gatehouse(['dev', ...args], { cwd, env })
  return { cwd, code, out, err }
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gatehouse-dev-environment-'))
  await symlink(join(root, 'node_modules'), join(folder, 'node_modules'))
})
afterAll(() => rm(folder, { recursive: true, force: true, maxRetries: 5 }))

describe('npm run dev does not start', () => {
  it.each([
    ['of another alphabet', 'GATEHOUSE_SECRET=not*base64'],
    ['that is empty', 'GATEHOUSE_SECRET='],
  ])('with a secret %s, and says where to correct it', async (_, line) => {
    const { cwd, code, out, err } = await dev({ files: { '.dev.vars': `${line}\n` } })
    const file = join(cwd, '.dev.vars')
    expect([code, out]).toEqual([1, ''])
    expect(err).toContain(
      `Gatehouse cannot start:\n  ${words}\nCorrect GATEHOUSE_SECRET in ${file}.`,
    )
    expect(await readFile(file, 'utf8')).toBe(`${line}\n`)
  })

  it('with a wrong secret of the environment that --env names, or of .env', async () => {
    const own = {
      '.dev.vars': `GATEHOUSE_SECRET=${good}\n`,
      '.dev.vars.staging': 'GATEHOUSE_SECRET=a',
    }
    const file = { env: { staging: { ...stores, secrets } } }
    const staging = await dev({ file, files: own, args: ['--env', 'staging'] })
    expect([staging.code, staging.err]).toEqual([1, expect.stringContaining(words)])
    expect(staging.err).toContain(`in ${join(staging.cwd, '.dev.vars.staging')}.`)
    const dotEnv = await dev({ files: { '.env': 'GATEHOUSE_SECRET=a' } })
    expect(dotEnv.err).toContain('Correct GATEHOUSE_SECRET in .env or the environment.')
  })

  it('without the secret of a header to the origin', async () => {
    const files = { '.dev.vars': `GATEHOUSE_SECRET=${good}\nWIKI_KEY=abc\n` }
    const leftOut = await dev({ origin: withKey, files })
    expect(leftOut.err).toContain('WIKI_KEY must be set')
    expect(leftOut.err).toContain('add it to "required" in [secrets] of wrangler.json')
    const required = ['GATEHOUSE_SECRET', 'WIKI_KEY']
    const file = { ...stores, secrets: { required } }
    const missing = await dev({ file, origin: withKey })
    const vars = join(missing.cwd, '.dev.vars')
    expect(missing.err).toContain(`On this machine, write WIKI_KEY=… into ${vars}.`)
    // What it made all the same is for the next start.
    expect(await readFile(vars, 'utf8')).toMatch(/^GATEHOUSE_SECRET=[\w+/]{43}=\n$/)
  })

  it('without the bindings that the config names: all are told at once', async () => {
    const { code, err } = await dev({ file: { secrets }, origin: { service: 'WIKI' } })
    expect(code).toBe(1)
    for (const name of ['SESSIONS', 'DB', 'WIKI']) expect(err).toContain(`  ${name} is not bound`)
  })

  it('without migrations: what wrangler says comes without its colours, and with a next step', async () => {
    const d1 = [{ binding: 'DB', database_name: 'gate', migrations_dir: 'nowhere' }]
    const file = { ...stores, d1_databases: d1, secrets }
    const { code, err } = await dev({ file, args: ['--port', String(await findFreePort(0))] })
    expect([code, err]).toEqual([
      1,
      expect.stringContaining('cannot be brought up to date: No mig'),
    ])
    expect(err).toContain(
      `migrations_dir in wrangler.json must lead to ${join(root, 'migrations')}`,
    )
    expect(err).not.toMatch(/\[31m|ERROR/)
  })

  it('with an environment that the file of wrangler does not have', async () => {
    const { code, err } = await dev({
      file: { env: { staging: stores } },
      args: ['--env', 'stagin'],
    })
    expect([code, err]).toEqual([1, expect.stringContaining('wrangler.json cannot be read: ')])
    expect(err).toContain('"stagin"')
  })
})
