/** What the docs say of the code is looked up in the code. */
import { existsSync, globSync, readFileSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { costTables } from '../tools/bench/costs.ts'
import { scaleTable } from '../tools/bench/scale.ts'
import {
  KEPT_DAYS as ATTEMPT_DAYS,
  MOST_IN_ALL,
  MOST_IN_POOL,
  perMinute as attemptsPerMinute,
} from '../src/attempt/pool.ts'
import { KEPT_DAYS, shareLimits } from '../src/audit/share.ts'
import { parseConfig } from '../src/config.ts'

const read = (path: string) => readFileSync(path, 'utf8')
const habits = [
  'CONTRIBUTING.md',
  'SECURITY.md',
  '.github/pull_request_template.md',
  ...globSync('.github/ISSUE_TEMPLATE/*.yml'),
]
const documents = ['README.md', 'CHANGELOG.md', ...habits, ...globSync('docs/**/*.md')]

/** The targets of links in a document, those of references (`[name]: target`) too. */
const targetsIn = (text: string): readonly string[] =>
  [...text.matchAll(/\]\(([^)\s]+)\)|^\[[^\]]+\]: (\S+)$/gm)]
    .map(([, inline, reference]) => inline ?? reference ?? '')
    .filter((target) => !/^https?:/.test(target))

/** As GitHub makes it of a heading. */
const anchorOf = (heading: string): string =>
  heading
    .replace(/^#+ /, '')
    .toLowerCase()
    .replace(/[^\p{L}\p{N} _-]/gu, '')
    .replaceAll(' ', '-')

/** The rows of all tables in a document, without the head of each. */
const rowsOf = (text: string): readonly string[] =>
  [...text.matchAll(/^\|.*\n\|[ |-]+\|\n((?:\|.*(?:\n|$))*)/gm)].flatMap(([, rows = '']) =>
    rows.trimEnd().split('\n'),
  )

/** What a row names in its last column and is not there; the row itself where it names no test. */
function astrayIn(row: string): readonly string[] {
  const [, file = '', titles = ''] = /\| `([^`]+\.test\.ts)`: (.*)\|$/.exec(row) ?? []
  const path = join('test', file)
  if (file === '' || !existsSync(path)) return [row]
  const source = read(path)
  const named = [...titles.matchAll(/`([^`]+)`/g)].map(([, title = '']) => title)
  return named.length === 0 ? [row] : named.filter((title) => !source.includes(title))
}

describe('docs', () => {
  it.each(documents)('%s links to what is there', (document) => {
    const paths = targetsIn(read(document)).map((target) => target.replace(/#.*/, ''))
    expect(paths.filter((to) => !existsSync(join(dirname(document), to)))).toEqual([])
  })

  it.each(documents)('%s links to headings that are there', (document) => {
    const astray = targetsIn(read(document)).filter((target) => {
      const [to = '', anchor] = target.split('#')
      if (anchor === undefined) return false
      const headings = read(to === '' ? document : join(dirname(document), to)).match(/^#+ .*$/gm)
      return !headings?.map(anchorOf).includes(anchor)
    })
    expect(astray).toEqual([])
  })

  it('are there where a message or a comment names them', () => {
    const sources = globSync(
      '{bin,cli,client,create-gatehouse/src,demo,scripts,src}/**/*.{mjs,ts,tsx}',
    )
    const named = sources.flatMap((file) =>
      Array.from(read(file).matchAll(/docs\/[\w/-]+\.md/g), ([path]) => ({ file, path })),
    )
    expect(named.length).toBeGreaterThan(20)
    expect(named.filter(({ path }) => !existsSync(path))).toEqual([])
  })

  it.each(documents)('%s gives each command that is to be typed a store', (document) => {
    // The gate itself, commands for people, and the expectations for CI have no store.
    const without = /npx gatehouse (dev|deploy|login|token|curl|credential|logout|test|--version)\b/
    const blocks = read(document).matchAll(/^( *)```sh\n(.*?)^\1```$/gms)
    const commands = [...blocks].flatMap(([, , text = '']) =>
      text.split('\n').filter((line) => line.includes('npx gatehouse ') && !without.test(line)),
    )
    // In a sentence, a command without arguments is only named. The change log names all.
    const text = read(document).replace(/^( *)```.*?^\1```$/gms, '')
    const inSentences =
      document === 'CHANGELOG.md'
        ? []
        : Array.from(text.matchAll(/`(npx gatehouse [^`]+)`/g), ([, line = '']) => line).filter(
            (line) => /[<@"]| --(?!help)/.test(line) && !without.test(line),
          )
    const typed = [...commands, ...inSentences]
    expect(typed.filter((line) => !/ --(local|remote)\b/.test(line))).toEqual([])
  })

  it('shows each picture somewhere, says what is to be seen, and is not heavy', () => {
    const shown = documents.flatMap((document) =>
      Array.from(
        read(document).matchAll(/!\[([^\]]*)\]\(([^)\s]+)\)/g),
        ([, alt = '', to = '']) => ({
          alt,
          file: join(dirname(document), to),
        }),
      ),
    )
    expect(shown.filter(({ alt }) => alt.length < 30)).toEqual([])
    const pictures = globSync('docs/images/*')
    const files = shown.map(({ file }) => file)
    expect(pictures.filter((file) => !files.includes(file))).toEqual([])
    const sizes = globSync('docs/images/*.webp').map((file) => statSync(file).size)
    expect(Math.max(...sizes)).toBeLessThan(90 * 1024)
    expect(sizes.reduce((all, size) => all + size, 0)).toBeLessThan(1.5 * 1024 * 1024)
  })

  it.each(documents)('%s runs only npm scripts that are there', (document) => {
    const { scripts } = JSON.parse(read('package.json'))
    const names = [...read(document).matchAll(/\bnpm run ([\w:-]+)/g)].map(([, name = '']) => name)
    expect(names.filter((name) => !Object.hasOwn(scripts, name))).toEqual([])
  })

  it.each(habits)('%s names only files and folders that are there', (document) => {
    const paths = [
      ...read(document).matchAll(
        /`((?:src|test|tools|docs|demo|cli|scripts|migrations|\.ci)\/[\w./-]*|[\w.-]+\.(?:md|json|toml|config\.ts))`/g,
      ),
    ].map(([, path = '']) => path)
    expect(paths.filter((path) => !existsSync(path))).toEqual([])
  })

  it.each(globSync('.github/ISSUE_TEMPLATE/*.yml'))('%s is a form as GitHub takes it', (form) => {
    const text = read(form)
    expect(text).toMatch(/^name: \S.*\ndescription: \S.*\nlabels: \[[\w-]+\]\nbody:\n {2}- type: /)
    const fields = text.split(/^ {2}- /m).slice(1)
    const ids = fields.map((field) => /^ {4}id: ([\w-]+)$/m.exec(field)?.[1] ?? null)
    expect(new Set(ids).size).toBe(ids.length)
    for (const [at, field] of fields.entries()) {
      const type = /^type: (markdown|textarea|input|checkboxes)\n/.exec(field)?.[1]
      expect(type).toBeDefined()
      expect(field).toMatch(/^ {4}attributes:\n/m)
      expect(ids[at] === null).toBe(type === 'markdown')
      expect(field).toMatch(type === 'markdown' ? /^ {6}value: \|\n/m : /^ {6}label: \S/m)
    }
  })

  it('.editorconfig asks for the width that prettier makes', () => {
    const { printWidth } = JSON.parse(read('.prettierrc.json'))
    expect(read('.editorconfig')).toContain(`\nmax_line_length = ${printWidth}\n`)
  })

  it.each([
    ['conformance', 40],
    ['claims', 100],
    ['faults', 30],
  ])('%s.md names a test that is there in each row', (name, least) => {
    const [tested = '', untested = ''] = read(`docs/${name}.md`).split(
      '\n## Claims without a test\n',
    )
    const rows = rowsOf(tested)
    expect(rows.length).toBeGreaterThan(least)
    expect(rows.flatMap(astrayIn)).toEqual([])
    expect(rowsOf(untested).filter((row) => !/^\|[^|]+\| +\w[^|]+\|$/.test(row))).toEqual([])
    // Nothing comes after that section, so no other row is without a test.
    expect(untested).not.toMatch(/^#/m)
  })

  it.each(['threat-model', 'origin', 'storage'])('claims.md has a section of %s.md', (name) => {
    expect(read('docs/claims.md')).toMatch(new RegExp(`^## .*\\(${name}\\.md\\)$`, 'm'))
    expect(read(`docs/${name}.md`)).toContain('(claims.md)')
  })

  it('upgrading.md is right that migrations since 0.2 only add', () => {
    const LAST_OF_0_1 = 'migrations/0007_audit_share.sql'
    const migrations = globSync('migrations/*.sql').filter((file) => file > LAST_OF_0_1)
    expect(migrations.length).toBeGreaterThan(1)
    const statements = migrations.flatMap((file) =>
      read(file)
        .replace(/--.*$/gm, '')
        .split(';')
        .map((statement) => `${file}: ${statement.trim().replace(/\s+/g, ' ')}`),
    )
    // SQLite fills a new column of rows that are there, and of those that an older Worker writes, by
    // its default only.
    const takesAway =
      /: (DROP TABLE|ALTER TABLE \S+ (DROP|RENAME|ADD COLUMN (?!.*DEFAULT).*NOT NULL))/i
    expect(statements.filter((statement) => takesAway.test(statement))).toEqual([])
  })

  it('interop.md names the version of samlp that is installed, and only tests that are there', () => {
    const interop = read('docs/interop.md')
    const { version } = JSON.parse(read('node_modules/samlp/package.json'))
    expect(interop).toContain(`samlp ${version}.`)
    const files = [...interop.matchAll(/^\[\w\]: \.\.\/(\S+)$/gm)].map(([, file = '']) => file)
    expect(files.length).toBeGreaterThan(0)
    expect(files.filter((file) => !existsSync(file))).toEqual([])
  })

  it('apps/README.md names the versions that the live tests install from npm', () => {
    const apps = read('docs/apps/README.md')
    const { devDependencies: own } = JSON.parse(read('package.json'))
    const { devDependencies: installed } = JSON.parse(read('test/live/apps/npm/package.json'))
    const rows = [
      ['Verdaccio', installed.verdaccio],
      ['Node-RED', installed['node-red']],
      ['`vite-plugin-pwa`', installed['vite-plugin-pwa']],
      ['Express', own.express],
    ]
    const astray = rows.filter(
      ([name, version]) => !new RegExp(`^\\| ${name} .*\\| ${version} +\\|`, 'm').test(apps),
    )
    expect(astray).toEqual([])
  })

  it('storage.md has every table, and every cookie and key that the source names', () => {
    const storage = read('docs/storage.md')
    const tables = globSync('migrations/*.sql').flatMap((file) =>
      [...read(file).matchAll(/CREATE TABLE (\w+)/g)].map(([, table = '']) => table),
    )
    const names = globSync('src/**/*.ts').flatMap((file) =>
      [...read(file).matchAll(/'(__Host-[\w-]+)'|`(\w+:)\$\{hash\}`/g)].map(
        ([, cookie, key]) => cookie ?? key ?? '',
      ),
    )
    expect([tables.length > 20, names.length > 5]).toEqual([true, true])
    expect([...tables, ...names].filter((name) => !storage.includes(name))).toEqual([])
  })

  it('storage.md and threat-model.md have the numbers that bound the audit', () => {
    const storage = read('docs/storage.md')
    for (const [share, limits] of Object.entries(shareLimits)) {
      const { rows, perMinute, perIsolateMinute } = limits
      const row = new RegExp(`^\\| \`${share}\`.*$`, 'm').exec(storage)?.[0] ?? ''
      const cells = row.split('|').map((cell) => cell.trim())
      expect(cells.slice(3, 5)).toEqual([rows.toLocaleString('en'), String(perMinute ?? 'all')])
      expect(cells[5]).toMatch(new RegExp(`^${perIsolateMinute ?? 'all'}`))
    }
    expect(storage).toContain(`All of it is kept for ${KEPT_DAYS} days at most`)
    const { perMinute, perIsolateMinute } = shareLimits.anybody
    const model = read('docs/threat-model.md')
    expect(model).toContain(
      `written ${perIsolateMinute} times a minute by one isolate and ${perMinute} times by all`,
    )
    expect(model).toContain(
      `refuses the ${Number(perMinute) + 1}st row of that share within a minute, and an isolate does not ask after its ${perIsolateMinute}th`,
    )
  })

  it('storage.md has the numbers that bound attempts to sign in', () => {
    const storage = read('docs/storage.md')
    for (const [pool, minute] of Object.entries(attemptsPerMinute)) {
      const row = new RegExp(`^\\| \`${pool}( <connection>)?\` .*\\| ${minute} +\\|.*$`, 'm')
      const kept = storage.slice(storage.indexOf('`attempts` has pools')).match(row)?.[0] ?? ''
      expect(kept.split('|')[3]?.trim()).toBe(String(MOST_IN_POOL))
    }
    expect(storage).toContain(`have ${MOST_IN_ALL.toLocaleString('en')} rows together`)
    expect(storage).toMatch(new RegExp(`\\| \`attempts\` .*\\| ${ATTEMPT_DAYS} days, `))
  })

  const cellsOf = (document: string) =>
    read(document)
      .split('\n')
      .filter((line) => line.startsWith('|'))
      .map((line) =>
        line
          .slice(1, -1)
          .split('|')
          .map((cell) => cell.trim())
          .join(' | '),
      )

  it('performance.md has what requests ask for and cost as it is computed', () => {
    const rows = cellsOf('docs/performance.md')
    const missing = costTables()
      .map((cells) => cells.join(' | '))
      .filter((row) => !rows.includes(row))
    expect(missing).toEqual([])
  })

  it('scale.md has what a company asks of D1 as it is simulated', () => {
    const rows = cellsOf('docs/scale.md')
    expect(scaleTable().filter((row) => !rows.includes(row.join(' | ')))).toEqual([])
  })

  it('dependencies.md has every package, and no other', () => {
    const manifest = JSON.parse(read('package.json'))
    const packages = Object.keys({ ...manifest.dependencies, ...manifest.devDependencies })
    const listed = [...read('docs/dependencies.md').matchAll(/^\| (.*?) \|/gm)].flatMap(
      ([, cell = '']) => [...cell.matchAll(/`([^`]+)`/g)].map(([, name = '']) => name),
    )
    expect(listed.toSorted()).toEqual(packages.toSorted())
  })

  it('dependencies.md is right that the types of the runtime are no newer than its date', () => {
    const { devDependencies } = JSON.parse(read('package.json'))
    const [types = ''] = /\d{8}/.exec(devDependencies['@cloudflare/workers-types']) ?? []
    const [, date = ''] = /^compatibility_date = "(.*)"$/m.exec(read('wrangler.toml')) ?? []
    expect(types).toMatch(/^20/)
    expect(Number(types)).toBeLessThanOrEqual(Number(date.replaceAll('-', '')))
  })

  it('apps/README.md and origin.md have headers, and an origin, that the config takes', () => {
    const site = {
      url: 'https://wiki.example.com',
      origin: 'https://origin.example.com',
      routes: [{ path: '/', access: 'signed-in' }],
      connections: ['okta'],
    }
    const valueOf = (text: string): unknown =>
      JSON.parse(
        text
          .replaceAll("'", '"')
          .replace(/(\w+): /g, '"$1": ')
          .replace(/,(\s*\})/g, '$1'),
      )
    const origins = [...read('docs/origin.md').matchAll(/^origin: (\{.*?^\})/gms)]
    const headers = ['docs/apps/README.md', 'docs/origin.md'].flatMap((file) => [
      ...read(file).matchAll(/(?<!  )headers: (\{[^`]*?\n?\})(?=`|\n)/g),
    ])
    expect([origins.length, headers.length > 2]).toEqual([1, true])
    const sites = [
      ...origins.map(([, text = '']) => ({ ...site, origin: valueOf(text) })),
      ...headers.map(([, text = '']) => ({ ...site, headers: valueOf(text) })),
    ]
    for (const each of sites) expect(parseConfig({ sites: [each] })).toMatchObject({ ok: true })
  })

  it('operating.md explains every event of the log and every option of the config', () => {
    const operating = read('docs/operating.md')
    const events = [...read('src/audit/event.ts').matchAll(/kind: '([\w-]+)'/g)].map(
      ([, kind = '']) => kind,
    )
    const options = [
      'admins',
      'revocationSeconds',
      'loginHost',
      'sitesElsewhere',
      'absoluteSeconds',
      'idleSeconds',
      'tokenSeconds',
      'corsOrigins',
      'preflights',
      'announceSessionEnd',
      'choice',
      'signOutClears',
      'headers',
      'connections',
      'trust',
      'originHost',
      'routes',
      'origin',
      'url',
    ]
    expect(events.length).toBeGreaterThan(7)
    expect(
      [...events, ...options].filter((name) => !new RegExp(`[\`.]${name}\``).test(operating)),
    ).toEqual([])
  })
})
