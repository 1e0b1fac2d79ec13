/** `gatehouse login`, `token`, `curl`, `logout` and git's credential helper, with the real git and curl. */
import { execFile, spawn } from 'node:child_process'
import { chmod, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { keepSecret, leaks } from '../../../tools/stage/evidence.ts'
import { freePort } from '../../../tools/stage/process.ts'
import { openGate, REVOCATION_SECONDS, type Gate } from '../gate.ts'
import type { Idp } from '../idp.ts'
import { zoe } from '../people.ts'
import { connect } from '../stage.ts'
import { startProgramsOrigin, type ProgramsOrigin } from '../programs-origin.ts'
import { answer, openConsent } from './oauth.ts'

const command = resolve(import.meta.dirname, '../../../bin/gatehouse.mjs')
let gate: Gate
let idp: Idp
let origin: ProgramsOrigin
/** The person's own computer: no project, no store. */
let home: string

beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'gatehouse-home-'))
  origin = await startProgramsOrigin(home, await freePort())
  gate = await openGate(
    async () => ({
      site: {
        oauth: true,
        origin: origin.url,
        routes: [{ path: '/', access: 'signed-in' }],
      },
      boundPort: null,
    }),
    undefined,
    [],
    { registration: 'loopback', device: 'on' },
  )
  idp = (await connect(gate, 'samlp', { signs: 'both' })).idp
})
afterAll(async () => {
  await idp.stop()
  await gate.close()
  origin.close()
  await rm(home, { recursive: true, force: true })
})

interface Ran {
  readonly code: number
  readonly out: string
  readonly err: string
}

const environment = () => ({ ...process.env, HOME: home, XDG_CONFIG_HOME: join(home, 'config') })

function run(program: string, args: readonly string[], stdin = ''): Promise<Ran> {
  return new Promise((done) => {
    const options = { cwd: home, env: environment(), timeout: 120_000 }
    const child = execFile(program, args, options, (error, out, err) =>
      done({ code: error ? Number(error.code ?? 1) : 0, out, err }),
    )
    // A command may end before it has read all.
    child.stdin?.on('error', () => undefined)
    child.stdin?.end(stdin)
  })
}

const gatehouse = (args: readonly string[], stdin?: string) =>
  run(process.execPath, [command, ...args], stdin)

/** Starts `gatehouse login`, and does what it asks the person to do. */
async function logIn(
  args: readonly string[],
  act: (said: string) => Promise<unknown>,
): Promise<Ran> {
  const words = [command, 'login', gate.url, '--no-browser', ...args]
  const child = spawn(process.execPath, words, { cwd: home, env: environment() })
  let out = ''
  let err = ''
  const acts: Promise<unknown>[] = []
  child.stdout.setEncoding('utf8').on('data', (text: string) => (out += text))
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    err += text
    const asks = /\n\n {2}\S+(\n {2}\S+)?\n\n/.test(err)
    if (asks && acts.length === 0) acts.push(act(err))
  })
  const code = await new Promise<number>((done) => child.on('close', (given) => done(given ?? 1)))
  await Promise.all(acts)
  return { code, out, err }
}

const byBrowser = (choice: 'allow' | 'refuse') =>
  logIn([], async (said) => {
    const [, url = ''] = /\n\n {2}(\S+)\n/.exec(said) ?? []
    const browser = gate.browser()
    await answer(browser, await openConsent(browser, url, zoe), choice)
  })

const keptFiles = () => readdir(join(home, 'config', 'gatehouse')).catch(() => [])

/** What is on this computer, and where. */
async function readKept(): Promise<{ readonly file: string; readonly fields: Kept }> {
  const [name = ''] = await keptFiles()
  const file = join(home, 'config', 'gatehouse', name)
  const fields: Kept = JSON.parse(await readFile(file, 'utf8'))
  keepSecret(fields.access, fields.refresh)
  return { file, fields }
}
interface Kept {
  readonly access: string
  readonly refresh: string
  readonly accessUntil: number
}

/** As if the access token had expired. */
async function expire(): Promise<Kept> {
  const { file, fields } = await readKept()
  await writeFile(file, JSON.stringify({ ...fields, accessUntil: 0 }))
  return fields
}

beforeEach(() => rm(join(home, 'config'), { recursive: true, force: true }))

describe('signing in', () => {
  it('by the browser keeps the secret in a file for its owner only, and prints none', async () => {
    const { code, out, err } = await byBrowser('allow')
    expect([code, out]).toEqual([0, expect.stringContaining(`You are signed in at ${gate.url}.`)])
    const { file, fields } = await readKept()
    expect((await stat(file)).mode & 0o777).toBe(0o600)
    expect((await stat(join(file, '..'))).mode & 0o777).toBe(0o700)
    expect(fields.refresh).toMatch(/^gh_rt_/)
    expect(out + err).not.toContain(fields.refresh)
    expect(out + err).not.toContain(fields.access)
    expect(await keptFiles()).toHaveLength(1)
  })

  it('says that the person refused', async () => {
    const { code, out, err } = await byBrowser('refuse')
    expect([code, out]).toEqual([1, ''])
    expect(err).toContain('Access was refused, by you or by the rules of the site.')
    expect(await keptFiles()).toEqual([])
  })

  it('works on a machine without a browser, for a client that the operator made', async () => {
    const made = await gate.command(['client', 'add', 'Command line', '--device'])
    const id = /"id":"([^"]+)"/.exec(JSON.stringify(made))?.[1] ?? ''
    const { code, err } = await logIn(['--device', '--client', id], async (said) => {
      const [, url = '', userCode = ''] = /\n\n {2}(\S+)\n {2}(\S+)\n/.exec(said) ?? []
      const browser = gate.browser()
      await browser.visit(url, zoe)
      const entered = await browser.submit(url, url, { user_code: userCode })
      await answer(browser, entered, 'allow')
    })
    expect([code, err]).toEqual([0, expect.stringContaining('enter the code')])
    const { code: fetched, out } = await gatehouse(['curl', `${gate.url}/hello`, '--silent'])
    expect([fetched, out]).toEqual([0, 'hello'])
    expect(origin.received.at(-1)).toContain('"zoe"')
    expect(origin.received.at(-1)).toContain(`"oauth ${id}"`)
  })

  it.each([
    ['that is no address', 'ftp://x', 'is no address of a site'],
    ['by http over the internet', 'http://app.example.com', 'is no address of a site'],
  ])('at a site %s says so', async (_, at, says) => {
    const { code, out, err } = await gatehouse(['login', at])
    expect([code, out]).toEqual([2, ''])
    expect(err).toContain(says)
  })

  it('at a site that is not reachable says so', async () => {
    const { code, err } = await gatehouse(['login', `http://127.0.0.1:${await freePort()}`])
    expect([code, err]).toEqual([1, expect.stringContaining('does not answer (ECONNREFUSED)')])
  })

  it('at a site without OAuth says so', async () => {
    const { code, err } = await gatehouse(['login', gate.loginUrl])
    expect([code, err]).toEqual([1, expect.stringContaining('oauth is off there')])
  })
})

describe('a person who has signed in', () => {
  beforeEach(async () => {
    expect((await byBrowser('allow')).code).toBe(0)
    await readKept()
  })

  it('gets a token for scripts, and another when it has expired, also from eight commands at once', async () => {
    const first = await gatehouse(['token', gate.url])
    expect(first.out).toBe(`${(await readKept()).fields.access}\n`)
    const { access } = await expire()
    const all = await Promise.all(Array.from({ length: 8 }, () => gatehouse(['token', gate.url])))
    const { fields } = await readKept()
    expect(fields.access).not.toBe(access)
    expect(new Set(all.map(({ out }) => out))).toEqual(new Set([`${fields.access}\n`]))
    expect(await keptFiles()).toHaveLength(1)
  })

  it('runs curl, which sends the token to the site only, and shows it to nobody on the computer', async () => {
    const at = `${gate.url}/hello`
    const { code, out } = await gatehouse(['curl', at, '--silent', '--request', 'POST'])
    expect([code, out]).toEqual([0, 'hello'])
    expect(origin.received.at(-1)).toMatch(/"oauth gh_lc_/)
    // A program in the place of curl shows what others on the computer see of it.
    const { access } = (await readKept()).fields
    const fake = join(home, 'curl')
    await writeFile(fake, '#!/bin/sh\ntr "\\0" " " </proc/$$/cmdline; cat\n')
    await chmod(fake, 0o755)
    const words = [command, 'curl', at, '--fail']
    const { PATH } = process.env
    const seen = await run('env', [`PATH=${home}:${PATH}`, process.execPath, ...words])
    await rm(fake)
    const [arguments_ = ''] = seen.out.split('header = ')
    expect(arguments_).toContain('--fail')
    expect(arguments_).not.toContain('gh_at_')
    expect(seen.out).toContain(`header = "Authorization: Bearer ${access}"`)
    for (const more of [
      ['http://evil.example/'],
      ['--url', 'http://evil.example/'],
      ['--location-trusted'],
      ['--data', '@-'],
    ]) {
      expect((await gatehouse(['curl', at, ...more])).code).toBe(2)
    }
  })

  it('gives git the token: clone and push work, and a refused one is renewed', async () => {
    const git = (args: readonly string[]) => run('git', args)
    await git(['init', '--bare', '--initial-branch=main', 'code.git'])
    await git(['-C', 'code.git', 'config', 'http.receivepack', 'true'])
    const helper = `!'${process.execPath}' '${command}' credential`
    await git(['config', '--global', `credential.${gate.url}.helper`, helper])
    const cloned = await git(['clone', `${gate.url}/git/code.git`, 'work'])
    expect([cloned.code, cloned.err]).toEqual([0, expect.stringContaining('Cloning into')])
    const identity = ['-c', 'user.name=Zoe', '-c', 'user.email=zoe@example.com']
    await git(['-C', 'work', ...identity, 'commit', '--allow-empty', '-m', 'first'])
    const pushed = await git(['-C', 'work', 'push', 'origin', 'HEAD:main'])
    expect([pushed.code, pushed.err]).toEqual([0, expect.stringContaining('main')])
    expect(origin.received.join().toLowerCase()).not.toMatch(/"authorization"|gh_at_/)
    // git tells the helper of a password that the site refused.
    const { file, fields } = await readKept()
    await writeFile(file, JSON.stringify({ ...fields, access: `${fields.access.slice(0, -1)}_` }))
    expect((await git(['-C', 'work', 'fetch'])).code).not.toBe(0)
    expect((await git(['-C', 'work', 'fetch'])).code).toBe(0)
    await readKept()
    const elsewhere = 'protocol=https\nhost=elsewhere.example\n\n'
    expect((await gatehouse(['credential', 'get'], elsewhere)).out).toBe('')
  })

  it('is told that others may read the file, and nothing is sent', async () => {
    const { file } = await readKept()
    await chmod(file, 0o644)
    const { code, out, err } = await gatehouse(['token', gate.url])
    expect([code, out]).toEqual([1, ''])
    expect(err).toContain(`chmod 600 '${file}'`)
  })

  it('signs out: the file is gone, and the tokens count no more', async () => {
    const { fields } = await readKept()
    expect((await gatehouse(['logout', gate.url])).code).toBe(0)
    expect(await keptFiles()).toEqual([])
    await new Promise((done) => setTimeout(done, REVOCATION_SECONDS * 1000))
    const headers = { Authorization: `Bearer ${fields.access}` }
    expect((await fetch(`${gate.url}/hello`, { headers })).status).toBe(401)
    const { code, err } = await gatehouse(['token', gate.url])
    expect([code, err]).toEqual([1, expect.stringContaining(`gatehouse login ${gate.url}`)])
  })

  it('is told when the access has ended, and the file goes', async () => {
    await expire()
    await gate.command(['user', 'disable', zoe.uid])
    const { code, out, err } = await gatehouse(['token', gate.url])
    await gate.command(['user', 'enable', zoe.uid])
    expect([code, out]).toEqual([1, ''])
    expect(err).toContain(`Your access to ${gate.url} by programs has ended`)
    expect(await keptFiles()).toEqual([])
  })
})

it('no token is in a log of the gate', () => {
  expect(gate.audit().map(({ audit }) => audit)).toContain('grant-made')
  // Their number only: what this prints is a log, too.
  expect(leaks().length).toBe(0)
})
