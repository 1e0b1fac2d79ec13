/**
 * `npm run reproduce`: builds the last commit twice, from clones in folders of other names, in other
 * time zones, languages and years. It fails where a file differs, and prints the hash of each.
 * `-- --out <folder>` keeps the packages and the SBOM.
 */
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { parseArgs } from 'node:util'
import { root } from '../cli/project.ts'
import { complain, say } from '../cli/terminal.ts'

const { values } = parseArgs({ options: { out: { type: 'string' } } })

/** Within the project: packages are hard links, which work within one file system. */
mkdirSync(join(root, '.wrangler'), { recursive: true })
const folder = mkdtempSync(join(root, '.wrangler', 'reproduce-'))
const clock = join(folder, 'clock.mjs')
writeFileSync(
  clock,
  `const by = Number(process.env.LATER_DAYS) * 86_400_000
const { now } = Date
globalThis.Date = class extends Date {
  constructor(...args) {
    if (args.length === 0) super(now() + by)
    else super(...args)
  }
  static now() {
    return now() + by
  }
}
`,
)

const ways = [
  { name: 'a', env: { TZ: 'UTC', LC_ALL: 'C', LATER_DAYS: '0' } },
  {
    name: join('deeper', 'another folder'),
    env: { TZ: 'Pacific/Auckland', LC_ALL: 'C.UTF-8', LATER_DAYS: '400' },
  },
] as const

function run(cwd: string, env: Readonly<Record<string, string>>, ...command: readonly string[]) {
  const [file = '', ...args] = command
  const { status, stdout, stderr } = spawnSync(file, args, {
    cwd,
    encoding: 'utf8',
    env: { ...process.env, ...env },
    maxBuffer: 64 * 1024 * 1024,
  })
  if (status !== 0) throw new Error(`${command.join(' ')}: ${status}\n${stdout}\n${stderr}`)
  return stdout
}

/** The files of a release by name, each with its SHA-512 as npm writes it. */
function buildIn(at: string, env: Readonly<Record<string, string>>): ReadonlyMap<string, string> {
  mkdirSync(dirname(at), { recursive: true })
  run(root, {}, 'git', 'clone', '--quiet', '--no-hardlinks', '--no-local', root, at)
  linkPackages(at)
  const bin = join(at, 'node_modules', 'node', 'bin')
  const own = {
    ...env,
    NODE_OPTIONS: `--import=${pathToFileURL(clock).href}`,
    PATH: `${bin}:${process.env['PATH']}`,
  }
  const release = join(at, '.wrangler', 'release')
  mkdirSync(release, { recursive: true })
  run(at, own, 'npm', 'run', 'build')
  for (const each of ['.', './create-gatehouse']) {
    run(at, own, 'npm', 'pack', each, '--ignore-scripts', '--pack-destination', release)
  }
  const write = `import { writeWorker } from './cli/bundle.ts'
    import { readConfig } from './cli/settings.ts'
    const { value: read } = await readConfig('gatehouse.config.ts')
    const [project, outdir] = [process.cwd(), process.argv[1]]
    await writeWorker({ entry: 'worker.ts', read, project, outdir })`
  run(at, own, 'node', '--input-type=module', '-e', write, release)
  run(at, own, 'npm', 'run', 'sbom', '--', '--out', release)
  const files = readdirSync(release).filter((file) => /\.(tgz|js|json)$/.test(file))
  return new Map(files.map((file) => [file, integrityOf(join(release, file))]))
}

/** Hard links of all packages; the workspace of this repository is a link to the clone's own. */
function linkPackages(at: string): void {
  const to = join(at, 'node_modules')
  mkdirSync(to)
  const from = join(root, 'node_modules')
  const names = readdirSync(from)
  for (let i = 0; i < names.length; i += 50) {
    const some = names.slice(i, i + 50).map((name) => join(from, name))
    run(root, {}, 'cp', '-al', ...some, to)
  }
}

const integrityOf = (file: string): string =>
  `sha512-${createHash('sha512').update(readFileSync(file)).digest('base64')}`

/** Not the Worker: it is a bundle with code of others, whose notices it would need. */
function keep(clone: string, to: string, names: readonly string[]): void {
  mkdirSync(to, { recursive: true })
  for (const name of names.filter((each) => !each.endsWith('.js'))) {
    copyFileSync(join(clone, '.wrangler', 'release', name), join(to, name))
  }
}

try {
  const [one, other] = ways.map(({ name, env }) => buildIn(join(folder, name), env))
  if (!one || !other || one.size < 4) throw new Error('Nothing was built.')
  const names = [...new Set([...one.keys(), ...other.keys()])].toSorted()
  const different = names.filter((name) => one.get(name) !== other.get(name))
  for (const name of names) say(`${one.get(name) ?? 'missing'}  ${name}`)
  for (const name of different) complain(`${name} is not the same twice.`)
  if (different.length > 0) process.exitCode = 1
  else {
    say('The same bytes twice.')
    if (values.out !== undefined) keep(join(folder, ways[0].name), resolve(root, values.out), names)
  }
} finally {
  rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
}
