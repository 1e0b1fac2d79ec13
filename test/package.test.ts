/** A stranger's way: an empty folder, the two packages as npm would serve them, and no clone. */
import { execFile, spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { cp, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { request, type IncomingMessage } from 'node:http'
import { tmpdir } from 'node:os'
import { delimiter, join, resolve } from 'node:path'
import { text as readText } from 'node:stream/consumers'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { idps } from '../create-gatehouse/src/answers.ts'
import { filesOf, versions } from '../create-gatehouse/src/files.ts'
import { knownIdps } from '../src/connection/labels.ts'
import { startDemo, type Demo } from '../demo/demo.ts'
import { defaults } from '../demo/options.ts'
import { findFreePort } from '../cli/free-port.ts'
import { listen, type Server } from '../demo/server.ts'

const root = resolve(import.meta.dirname, '..')
const manifestOf = async (folder: string) =>
  JSON.parse(await readFile(join(folder, 'package.json'), 'utf8'))

interface Ran {
  readonly code: number
  readonly out: string
  readonly err: string
}

// What this process loads of the command line makes wrangler say less.
const { WRANGLER_LOG: _quiet, ...inherited } = process.env

/** Nobody's login to Cloudflare, and nothing of this repository but its Node. */
const env = {
  ...inherited,
  PATH: [join(root, 'node_modules', 'node', 'bin'), process.env['PATH']].join(delimiter),
  CLOUDFLARE_API_TOKEN: 'nobody',
  CLOUDFLARE_API_BASE_URL: 'http://127.0.0.1:1',
  CLOUDFLARE_ACCOUNT_ID: 'nobody',
  WRANGLER_SEND_METRICS: 'false',
  npm_config_update_notifier: 'false',
}

const run = (cwd: string, command: string, ...args: readonly string[]): Promise<Ran> =>
  new Promise((done) => {
    const child = execFile(command, args, { cwd, env, maxBuffer: 1e8 }, (error, out, err) =>
      done({ code: error ? Number(error.code ?? 1) : 0, out, err }),
    )
    child.stdin?.end()
  })

async function must(cwd: string, command: string, ...args: readonly string[]): Promise<string> {
  const { code, out, err } = await run(cwd, command, ...args)
  if (code !== 0) throw new Error(`${command} ${args.join(' ')}: ${code}\n${out}\n${err}`)
  return out
}

const installing = ['install', '--prefer-offline', '--no-audit', '--no-fund', '--loglevel=error']
const packing = ['pack', '--json', '--ignore-scripts', '--pack-destination']

interface Packed {
  readonly file: string
  readonly size: number
  readonly unpackedSize: number
  readonly files: readonly { readonly path: string }[]
}

async function pack(cwd: string, to: string): Promise<Packed> {
  const told: unknown = JSON.parse(await must(cwd, 'npm', ...packing, to))
  const [packed] = Object.values(told as Record<string, Packed & { readonly filename: string }>)
  if (!packed) throw new Error('npm packed nothing')
  return { ...packed, file: join(to, packed.filename) }
}

let folder: string
let worker: Packed
let creator: Packed
let boot: string

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gatehouse-package-'))
  await must(root, 'npm', 'run', 'build')
  worker = await pack(root, folder)
  creator = await pack(join(root, 'create-gatehouse'), folder)
  boot = join(folder, 'boot')
  await mkdir(boot)
  await writeFile(join(boot, 'package.json'), '{"private":true}')
  await must(boot, 'npm', ...installing, creator.file)
})
afterAll(() => rm(folder, { recursive: true, force: true, maxRetries: 5 }))

describe('the tarball', () => {
  it('stays within its budget of files and bytes', () => {
    expect(worker.files.length).toBeLessThan(2100)
    expect(worker.size).toBeLessThan(2_600_000)
    expect(worker.unpackedSize).toBeLessThan(9_500_000)
    expect(creator.files.length).toBeLessThan(8)
    expect(creator.size).toBeLessThan(12_000)
  })

  it('has what it needs and nothing of this repository beside', async () => {
    const paths = worker.files.map(({ path }) => path)
    const migrations = await readdir(join(root, 'migrations'))
    expect(paths).toEqual(expect.arrayContaining(migrations.map((name) => `migrations/${name}`)))
    const tops = new Set(paths.map((path) => path.split('/')[0] ?? ''))
    expect([...tops].toSorted()).toEqual([
      'CHANGELOG.md',
      'LICENSE',
      'README.md',
      'assets',
      'bin',
      'dist',
      'docs',
      'migrations',
      'package.json',
    ])
    expect(paths.filter((path) => /gatehouse\.config|\/worker\.(js|ts)$/.test(path))).toEqual([
      'dist/cli/dev/worker.js',
    ])
  })

  it('is created with the versions that are tested here', async () => {
    const [own, created] = await Promise.all([
      manifestOf(root),
      manifestOf(join(root, 'create-gatehouse')),
    ])
    expect(created.version).toBe(own.version)
    expect(versions).toEqual({
      gatehouse: `^${own.version}`,
      workersTypes: own.peerDependencies['@cloudflare/workers-types'],
      typescript: `^${own.devDependencies.typescript}`,
      wrangler: own.peerDependencies.wrangler,
    })
  })
})

describe('npm create gatehouse', () => {
  const create = (...args: readonly string[]) =>
    run(boot, 'node', 'node_modules/create-gatehouse/dist/main.js', ...args)

  it('refuses a folder that is not empty, and changes nothing there', async () => {
    const before = await readdir(boot)
    const { code, err } = await create('.', '--yes')
    expect([code, err]).toEqual([2, expect.stringContaining('is not empty: it has ')])
    expect(await readdir(boot)).toEqual(before)
  })

  it.each([
    [['--site', 'http://wiki.example.com'], 'must begin with https://'],
    [['--site', 'wiki.example.com'], 'must be a URL of scheme and host only'],
    [['--site', "https://wiki.example.com/'x"], 'must be a URL of scheme and host only'],
    [['--origin', 'ftp://files.example.com'], 'The origin must be a URL'],
    [['--origin', 'https://user:word@origin.example.com'], 'The origin must be a URL'],
    [['--idp', 'ping'], 'must be one of okta, onelogin, entra, google, keycloak, generic'],
    [
      ['--site', 'https://wiki.example.com', '--origin', 'https://wiki.example.com'],
      'are both at wiki.example.com',
    ],
    [['--sight', 'x'], "Unknown option '--sight'"],
    [['one', 'two'], '"two" is one word too many'],
  ])('refuses %j, and writes nothing', async (args, why) => {
    const { code, err } = await create(...(args[0] === 'one' ? [] : ['new']), '--yes', ...args)
    expect([code, err]).toEqual([2, expect.stringContaining(why)])
    expect(await readdir(boot)).not.toContain('new')
  })

  it('asks nothing where there is no terminal, and says what is missing', async () => {
    const { code, err } = await create('new', '--site', 'https://wiki.example.com')
    expect([code, err]).toEqual([2, expect.stringContaining('--origin is missing')])
  })

  it('asks at a terminal, and again until an answer is right', async () => {
    const command = 'node node_modules/create-gatehouse/dist/main.js asked'
    // A terminal of its own (util-linux).
    const child = spawn('script', ['-qec', command, '/dev/null'], { cwd: boot, env })
    const answers = ['wiki.example.com', 'https://wiki.example.com', '', 'ping', 'Okta']
    let said = ''
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
      const before = said.split('? [').length
      said += chunk
      if (said.split('? [').length > before) child.stdin.write(`${answers.shift()}\n`)
    })
    const [code] = await once(child, 'close')
    expect([code, answers]).toEqual([0, []])
    expect(said).toContain('it is "wiki.example.com"')
    expect(said).toContain('it is "ping"')
    const config = await readFile(join(boot, 'asked', 'gatehouse.config.ts'), 'utf8')
    expect(config).toContain("url: 'https://wiki.example.com'")
    expect(config).toContain("origin: 'http://127.0.0.1:3000'")
    expect(await readFile(join(boot, 'asked', 'README.md'), 'utf8')).toContain('**Connect Okta**')
  })

  it('knows the identity providers that the command line has labels of', () => {
    expect(idps.toSorted()).toEqual(knownIdps.toSorted())
  })

  it('names commands in the README that the command line has, for each identity provider', async () => {
    const [site, origin] = [new URL('https://a.example.com'), new URL('https://b.example.com')]
    for (const idp of idps) {
      const { 'README.md': readme = '' } = filesOf('wiki', { site, origin, idp })
      const commands = [...readme.matchAll(/^ +npx gatehouse (.*)$/gm)].map(([, words]) => words)
      expect(commands.length).toBe(2)
      for (const words of commands) expect(words).toContain(`--for ${idp} `)
    }
  })
})

describe('a project', () => {
  let project: string
  let port: number
  let siteUrl: string
  let demo: Demo
  let origin: Server
  let cookie = ''
  const gatehouse = (...args: readonly string[]) => must(project, 'npx', 'gatehouse', ...args)
  const connections = async () =>
    JSON.parse(await gatehouse('connection', 'list', '--local', '--json'))

  beforeAll(async () => {
    demo = await startDemo({ ...defaults, ports: { site: 0, idp: 0, origin: 0 } })
    origin = await listen(
      0,
      () =>
        ({ headers }) =>
          new Response(`the site greets ${emailIn(headers)}`),
    )
    port = await findFreePort(0)
    siteUrl = `http://localhost:${port}`
    project = join(folder, 'wiki')
    const flags = ['--site', siteUrl, '--origin', origin.url, '--idp', 'generic']
    await must(folder, 'node', 'boot/node_modules/create-gatehouse/dist/main.js', 'wiki', ...flags)
  })
  afterAll(async () => {
    await origin.stop()
    await demo.stop()
  })

  it('is six files, and one that keeps its secret out of git', async () => {
    const found = await readdir(project, { recursive: true, withFileTypes: true })
    expect(
      found
        .filter((each) => each.isFile())
        .map(({ name }) => name)
        .toSorted(),
    ).toEqual(
      [
        '.gitignore',
        'README.md',
        'gatehouse.config.ts',
        'index.ts',
        'package.json',
        'tsconfig.json',
        'wrangler.toml',
      ].toSorted(),
    )
    expect((await readFile(join(project, 'src/index.ts'), 'utf8')).trim().split('\n').length).toBe(
      4,
    )
  })

  it('installs from the tarball, without a warning, and its types hold', async () => {
    const { code, err } = await run(project, 'npm', ...installing, '--loglevel=warn', worker.file)
    expect([code, err]).toEqual([0, ''])
    expect(await run(project, 'npx', 'tsc')).toEqual({ code: 0, out: '', err: '' })
    // Where the libraries of others are judged as well.
    expect(await must(project, 'npx', 'tsc', '--skipLibCheck', 'false')).toBe('')
  })

  it('has commands for people, which need neither a project nor wrangler', async () => {
    const hook = `import { registerHooks } from 'node:module'
      registerHooks({ resolve: (name, context, next) => {
        if (name === 'wrangler') throw new Error('wrangler is loaded')
        return next(name, context)
      } })`
    const elsewhere = join(folder, 'elsewhere')
    await mkdir(elsewhere)
    const command = join(project, 'node_modules/@gatehouse/worker/bin/gatehouse.mjs')
    const importing = ['--import', `data:text/javascript,${encodeURIComponent(hook)}`, command]
    const kept = [`XDG_CONFIG_HOME=${elsewhere}`, 'node']
    const token = ['token', 'https://app.example.com']
    expect(await run(elsewhere, 'env', ...kept, ...importing, ...token)).toEqual({
      code: 1,
      out: '',
      err: 'You are not signed in at https://app.example.com here. Run: gatehouse login https://app.example.com\n',
    })
  })

  it('compiles and runs the examples of docs/saml.md', async () => {
    const document = await readFile(join(root, 'docs/saml.md'), 'utf8')
    const examples = Array.from(document.matchAll(/^```ts\n(.*?)^```$/gms), ([, code = '']) => code)
    expect(examples.length).toBe(4)
    const files = examples.map((_, i) => join(project, 'src', `example-${i}.ts`))
    await Promise.all(files.map((file, i) => writeFile(file, examples[i] ?? '')))
    expect(await must(project, 'npx', 'tsc')).toBe('')
    const uses = `
      const [{ begin }, { finish }, { metadata, describe }, { leave }] = await Promise.all(
        [0, 1, 2, 3].map((i) => import('./src/example-' + i + '.ts')),
      )
      const idp = await (await fetch('${demo.idpUrl}/metadata')).text()
      const pem = /<(?:\\w+:)?X509Certificate>([^<]*)</.exec(idp)[1]
      console.log(await begin(idp, '_1', 'handle'))
      console.log(await finish(btoa('<Response/>'), '_1', [pem]))
      console.log(metadata().includes('https://app.example.com/saml/acs'))
      console.log(await describe(pem), '/', await describe('nothing'))
      console.log(await leave('?SAMLRequest=a', { certificates: [pem] }))`
    await writeFile(join(project, 'uses.mjs'), uses)
    const { code, out, err } = await run(project, 'node', 'uses.mjs')
    const [address = '', subject, hasAcs, certificates, left] = out.split('\n')
    expect([code, subject, hasAcs, left]).toEqual([0, 'null', 'true', 'null'])
    expect(address.startsWith(`${demo.idpUrl}/sso?SAMLRequest=`)).toBe(true)
    expect(certificates).toMatch(/^[0-9a-f]{64}, until 20\d\d-.*Z \/ This is no certificate: not-/)
    expect(err).toContain('Response')
    expect(err).toContain('LogoutRequest is not signed')
    await Promise.all([...files, join(project, 'uses.mjs')].map((file) => rm(file)))
  })

  it('is checked, and takes an identity provider', async () => {
    await gatehouse('connection', 'add', 'demo', '--metadata', `${demo.idpUrl}/metadata`, '--local')
    expect(await gatehouse('check', '--local')).toContain(
      'Everything that the rules name is there.',
    )
    expect(await connections()).toMatchObject({ connections: [{ id: 'demo' }] })
  })

  it('signs people in by npm run dev', async () => {
    await whileServed(async () => {
      const visitor = createBrowser()
      expect((await visitor.ask(siteUrl)).status).toBe(401)
      const page = await visitor.signIn(siteUrl)
      const text = 'the site greets ada@northwind.example'
      expect(page).toEqual({ status: 200, url: `${siteUrl}/`, text })
      cookie = visitor.cookiesOf(siteUrl)
      expect(cookie).toContain('__Host-gatehouse=')
    })
  })

  it('builds as it would be deployed, by wrangler and by our command', async () => {
    expect(await must(project, 'npx', 'wrangler', 'deploy', '--dry-run')).toContain(
      '--dry-run: exiting now.',
    )
    const refused = await run(project, 'npm', 'run', 'deploy', '--', '--dry-run')
    expect([refused.code, refused.err]).toEqual([1, expect.stringContaining('of this machine')])
    const config = join(project, 'gatehouse.config.ts')
    const local = await readFile(config, 'utf8')
    await writeFile(
      join(project, 'public.config.ts'),
      local
        .replace(siteUrl, 'https://wiki.example.com')
        .replace(origin.url, 'https://origin.example.net'),
    )
    const dry = ['run', 'deploy', '--', '--dry-run', '--config', 'public.config.ts']
    const out = await must(project, 'npm', ...dry)
    expect(out).toContain('The names in the rules are not checked.')
    expect(out).toContain('--dry-run: exiting now.')

    // The config was read here: the Worker has what it says, and not what reads it.
    const built = join(project, '.wrangler', 'gatehouse', 'worker')
    const modules = (await readdir(built)).filter((file) => file.endsWith('.js'))
    const texts = await Promise.all(modules.map((file) => readFile(join(built, file), 'utf8')))
    const read = /JSON\.parse\([^]{0,4000}https:\/\/origin\.example\.net/
    expect(texts.filter((text) => read.test(text))).toHaveLength(1)
    expect(texts.filter((text) => text.includes('must have at least one route'))).toEqual([])
  })

  it('is upgraded by npm and keeps its data: sessions, connections, secret', async () => {
    const secret = await readFile(join(project, '.dev.vars'), 'utf8')
    const later = join(folder, 'later')
    await mkdir(later)
    for (const part of ['assets', 'bin', 'dist', 'migrations', 'LICENSE']) {
      await cp(join(root, part), join(later, part), { recursive: true })
    }
    const manifest = { ...(await manifestOf(root)), version: '0.999.0' }
    await writeFile(join(later, 'package.json'), JSON.stringify(manifest))
    const migration = 'CREATE TABLE of_a_later_version (id TEXT PRIMARY KEY) STRICT;\n'
    await writeFile(join(later, 'migrations', '9999_later.sql'), migration)
    await must(project, 'npm', ...installing, (await pack(later, folder)).file)
    expect(await gatehouse('--version')).toBe('gatehouse 0.999.0\n')

    await whileServed(async () => {
      const answer = await fetch(siteUrl, { headers: { Cookie: cookie }, redirect: 'manual' })
      expect(await answer.text()).toBe('the site greets ada@northwind.example')
    })
    const query = "SELECT name FROM sqlite_master WHERE name = 'of_a_later_version'"
    const asked = ['wrangler', 'd1', 'execute', 'DB', '--local', '--json', '--command', query]
    expect(await must(project, 'npx', ...asked)).toContain('"of_a_later_version"')
    expect(await connections()).toMatchObject({ connections: [{ id: 'demo' }] })
    expect(digest(await readFile(join(project, '.dev.vars'), 'utf8'))).toBe(digest(secret))
  })

  async function whileServed(use: () => Promise<void>): Promise<void> {
    const child = spawn('npm', ['run', 'dev'], {
      cwd: project,
      env,
      stdio: ['ignore', 'pipe', 'pipe'],
      // A group of its own: npm, gatehouse, wrangler and workerd end together.
      detached: true,
    })
    let said = ''
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => (said += chunk))
    child.stderr.setEncoding('utf8').on('data', (chunk: string) => (said += chunk))
    const ended = new Promise((done) => child.on('exit', done))
    try {
      await vi.waitFor(
        async () => {
          const answer = await fetch(siteUrl, { redirect: 'manual' }).catch(() => null)
          expect(answer?.status ?? said).toBe(401)
        },
        { timeout: 240_000, interval: 300 },
      )
      await use()
    } finally {
      if (child.pid !== undefined) process.kill(-child.pid, 'SIGTERM')
      await ended
    }
  }
})

/** Of the token that every request of a signed-in person has. Whether it verifies is tested elsewhere. */
function emailIn(headers: Headers): string {
  const [, payload = ''] = (headers.get('X-Gatehouse-Jwt-Assertion') ?? '').split('.')
  if (payload === '') return 'nobody'
  return String(JSON.parse(Buffer.from(payload, 'base64url').toString()).email)
}

/** Compared in a failure's place, so that no secret is printed. */
const digest = (text: string): string => createHash('sha256').update(text).digest('hex')

interface Page {
  readonly status: number | undefined
  readonly url: string
  readonly text: string
}

/** Redirects, links and forms, with the cookies of each host: what a sign-in takes of a browser. */
function createBrowser() {
  const jars = new Map<string, Map<string, string>>()
  const jarOf = (url: string) => {
    const { host } = new URL(url)
    const jar = jars.get(host) ?? new Map<string, string>()
    jars.set(host, jar)
    return jar
  }
  const cookiesOf = (url: string) =>
    [...jarOf(url)].map(([name, value]) => `${name}=${value}`).join('; ')

  /** By hand: `fetch` says of itself that it does not navigate. */
  async function ask(url: string, headers = {}, form: URLSearchParams | null = null) {
    const asked = request(url, {
      method: form ? 'POST' : 'GET',
      headers: {
        ...headers,
        ...(form ? { 'Content-Type': 'application/x-www-form-urlencoded' } : {}),
        Cookie: cookiesOf(url),
      },
    })
    asked.end(form?.toString())
    const [answer]: IncomingMessage[] = await once(asked, 'response')
    if (!answer) throw new Error('unreachable: a response has come')
    for (const header of answer.headers['set-cookie'] ?? []) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(header) ?? []
      jarOf(url).set(name, value)
    }
    const location = answer.headers.location ?? null
    return { status: answer.statusCode, location, text: await readText(answer) }
  }

  async function signIn(start: string): Promise<Page> {
    const navigation = {
      Accept: 'text/html',
      'Sec-Fetch-Mode': 'navigate',
      'Sec-Fetch-Dest': 'document',
    }
    let [url, form]: [string, URLSearchParams | null] = [`${start}/`, null]
    for (let step = 0; step < 20; step++) {
      const origin = form ? { Origin: new URL(url).origin } : {}
      const { status, location, text: html } = await ask(url, { ...navigation, ...origin }, form)
      const link = /id="onward" href="([^"]*)"/.exec(html)?.[1]
      const action = /<form method="post" action="([^"]*)"/.exec(html)?.[1]
      const isDone = new URL(url).origin === new URL(start).origin && location === null && !link
      if (isDone && !new URL(url).pathname.startsWith('/.gatehouse')) {
        return { status, url, text: html }
      }
      const next = location ?? link?.replaceAll('&amp;', '&') ?? action
      if (next === undefined) throw new Error(`${url} leads nowhere: ${status} ${html}`)
      form = location === null && link === undefined ? fieldsOf(html) : null
      url = new URL(next, url).href
    }
    throw new Error('the sign-in does not end')
  }

  return { ask, signIn, cookiesOf }
}

/** Hidden fields, and the first person to choose. */
function fieldsOf(html: string): URLSearchParams {
  const fields = new URLSearchParams()
  for (const [, name = '', value = ''] of html.matchAll(
    /<input type="hidden" name="([^"]*)" value="([^"]*)"/g,
  )) {
    fields.append(name, value.replaceAll('&amp;', '&').replaceAll('&#43;', '+'))
  }
  const person = /name="person" value="([^"]*)"/.exec(html)?.[1]
  if (person !== undefined) fields.append('person', person)
  return fields
}
