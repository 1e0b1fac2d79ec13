import { readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { describe, expect, it } from 'vitest'
import { withDrawings } from '../scripts/drawing.ts'
import { folderOf, importsOf, inside, readSources } from '../scripts/imports.ts'
import { isNode, nameIn, nodesOf } from '../scripts/syntax.ts'

const root = resolve(import.meta.dirname, '..')
const src = join(root, 'src')

/** Folder → the folders it may import; docs/architecture.md has the reasons. */
const mayImport: Record<string, readonly string[]> = {
  lib: [],
  saml: ['lib'],
  session: ['directory', 'lib'],
  directory: ['lib'],
  audit: ['lib'],
  metrics: ['audit', 'lib'],
  webhook: ['audit', 'lib'],
  attempt: ['saml', 'session', 'audit', 'lib'],
  policy: ['session', 'lib'],
  site: ['policy', 'lib'],
  identity: ['session', 'site', 'lib'],
  connection: ['saml', 'directory', 'lib'],
  sp: ['saml', 'lib'],
  scim: ['directory', 'session', 'audit', 'lib'],
  form: ['site', 'session', 'lib'],
  binding: ['site', 'session', 'audit', 'lib'],
  program: ['directory', 'session', 'lib'],
  proxy: ['site', 'session', 'policy', 'identity', 'program', 'form', 'audit', 'lib'],
  health: ['site', 'lib'],
  home: ['oauth', 'policy', 'site', 'session', 'identity', 'lib'],
  api: ['admin', 'site', 'audit', 'lib'],
  admin: [
    'saml',
    'sp',
    'connection',
    'directory',
    'session',
    'program',
    'scim',
    'audit',
    'webhook',
    'attempt',
    'policy',
    'site',
    'upkeep',
    'signals',
    'oauth',
    // Asks what a request would reach, by the code of the gate.
    'proxy',
    'lib',
  ],
  console: [
    'oauth',
    'attempt',
    'signals',
    'admin',
    'session',
    'policy',
    'site',
    'audit',
    'connection',
    'directory',
    'webhook',
    'lib',
  ],
  // What the folders make, each for the whole isolate.
  parts: [
    'admin',
    'attempt',
    'audit',
    'binding',
    'connection',
    'directory',
    'form',
    'health',
    'home',
    'identity',
    'login',
    'logout',
    'oauth',
    'program',
    'proxy',
    'scim',
    'session',
    'signals',
    'site',
    'sp',
    'upkeep',
    'webhook',
    'lib',
  ],
  upkeep: ['saml', 'sp', 'connection', 'audit', 'lib'],
  signals: ['saml', 'connection', 'site', 'audit', 'upkeep', 'lib'],
  login: [
    'saml',
    'sp',
    'connection',
    'binding',
    'site',
    'directory',
    'session',
    'audit',
    'attempt',
    'lib',
  ],
  oauth: ['program', 'directory', 'upkeep', 'policy', 'site', 'session', 'audit', 'lib'],
  logout: ['login', 'upkeep', 'saml', 'sp', 'connection', 'site', 'session', 'audit', 'lib'],
}
const top = [
  'index.ts',
  'admin-entry.ts',
  'admin-side.ts',
  'answers.ts',
  'app.ts',
  'config.ts',
  'env.ts',
  'http.ts',
  'own.ts',
  'parse-config.ts',
  'prepare.ts',
  'read-config.ts',
]

const texts = readSources(src)
const files = [...texts.keys()]
const textOf = (file: string): string => texts.get(file) ?? ''
const imports = [...texts].flatMap(([file, text]) => importsOf(file, text))
const ownImports = imports.filter((entry) => entry.to.startsWith('.'))

describe('the import ranks', () => {
  it('has a rank for every folder, and no file at the top that is not known', () => {
    expect(files.length).toBeGreaterThan(30)
    const unknown = files.filter((file) => {
      const folder = folderOf(file)
      return folder === '' ? !top.includes(file) : !(folder in mayImport)
    })
    expect(unknown).toEqual([])
  })

  it('lets a folder import downwards only', () => {
    const upwards = ownImports.filter((entry) => {
      const [from, to] = [folderOf(entry.from), folderOf(inside(entry))]
      return from !== '' && from !== to && !(mayImport[from] ?? []).includes(to)
    })
    expect(upwards.map((entry) => `${entry.from} → ${entry.to}`)).toEqual([])
  })

  it('lets only the app, and what it prepares, read the config, only the SAML core parse XML, and nothing use Node', () => {
    const readers = ownImports.filter(
      (e) => /^([a-z]+-)?(config|env)\.ts$/.test(inside(e)) && !e.typeOnly,
    )
    expect(new Set(readers.map((entry) => `${entry.from} → ${inside(entry)}`))).toEqual(
      new Set([
        'app.ts → read-config.ts',
        // A deploy writes this module anew, without the parser.
        'read-config.ts → parse-config.ts',
        'prepare.ts → env.ts',
        // For projects: defineConfig, and the types.
        'index.ts → config.ts',
        'config.ts → parse-config.ts',
      ]),
    )
    const parsers = ownImports.filter((entry) => inside(entry) === 'saml/xml/scanner.ts')
    expect(parsers.map((entry) => entry.from)).toEqual(['saml/xml/reader.ts'])
    expect(imports.filter((entry) => entry.to === 'saxes')).toEqual([])
    expect(imports.filter((entry) => entry.to.startsWith('node:'))).toEqual([])
    expect(files.filter((file) => /XMLParser|XMLValidator/.test(textOf(file)))).toEqual([])
  })

  it('has no operation, console or API in the gate; of SCIM, operations know the token', () => {
    const reached = new Set(['app.ts'])
    for (const file of reached) {
      for (const entry of ownImports) {
        if (entry.from === file && !entry.typeOnly) reached.add(inside(entry))
      }
    }
    expect(reached.size).toBeGreaterThan(100)
    const side = [...reached].filter((file) => ['admin', 'console', 'api'].includes(folderOf(file)))
    expect(side).toEqual([])
    const known = ownImports.filter(
      (entry) => folderOf(entry.from) === 'admin' && folderOf(inside(entry)) === 'scim',
    )
    expect(new Set(known.map(inside))).toEqual(new Set(['scim/token.ts']))
  })

  it('takes nothing from outside: it is a library, and the config is the project that uses it', () => {
    const outside = ownImports.filter((entry) => inside(entry).startsWith('..'))
    expect(outside.map((entry) => `${entry.from} → ${inside(entry)}`)).toEqual([])
  })

  it('keeps the rooms of the SAML core apart: each imports only the room that reads and writes XML', () => {
    const roomOf = (file: string): string => /^saml\/(\w+)\//.exec(file)?.[1] ?? ''
    expect(new Set(files.map(roomOf))).toEqual(
      new Set(['', 'xml', 'incoming', 'outgoing', 'metadata']),
    )
    const astray = ownImports.filter((entry) => {
      const [from, to] = [roomOf(entry.from), roomOf(inside(entry))]
      return from !== '' && to !== '' && to !== from && to !== 'xml'
    })
    expect(astray.map((entry) => `${entry.from} → ${entry.to}`)).toEqual([])
  })

  it('has no circle', () => {
    const edges = new Map(files.map((file) => [file, new Set<string>()]))
    for (const entry of ownImports) edges.get(entry.from)?.add(inside(entry))
    const finished = new Set<string>()
    const circles: string[] = []
    const visit = (file: string, path: readonly string[]): void => {
      if (path.includes(file)) circles.push([...path, file].join(' → '))
      if (finished.has(file) || path.includes(file)) return
      for (const next of edges.get(file) ?? []) visit(next, [...path, file])
      finished.add(file)
    }
    for (const file of files) visit(file, [])
    expect(circles).toEqual([])
  })
})

/** Top folder → the top folders that it may import. Tests import everything, and nothing imports tests. */
const mayUse: Record<string, readonly string[]> = {
  src: [],
  cli: ['src'],
  tools: ['src', 'cli'],
  demo: ['src', 'cli', 'tools'],
  scripts: ['src', 'cli'],
  'create-gatehouse': [],
  client: [],
}

describe('docs/architecture.md', () => {
  it('has its drawings as the source is: npm run drawing makes them anew', () => {
    const document = readFileSync(join(root, 'docs', 'architecture.md'), 'utf8')
    const isUpToDate = withDrawings(document, texts) === document
    expect(isUpToDate, 'Run `npm run drawing`, and commit docs/architecture.md.').toBe(true)
  })
})

describe('what surrounds src', () => {
  it.each(Object.entries(mayUse))('%s imports %j and no other folder', (folder, allowed) => {
    const own = everything.filter(([file]) => file.startsWith(`${folder}/`))
    expect(own.length).toBeGreaterThan(0)
    const astray = own
      .flatMap(([file, text]) => importsOf(file, text))
      .filter(({ to }) => to.startsWith('.'))
      .map((entry) => ({ ...entry, target: inside(entry) }))
      .filter(({ target }) => target.includes('/'))
      .filter(({ target }) => ![folder, ...allowed].includes(target.split('/')[0] ?? ''))
      .map(({ from, target }) => `${from} → ${target}`)
    expect(astray).toEqual([])
  })

  it('has rooms in tools that form no circle', () => {
    const roomOf = (path: string): string => path.split('/')[1] ?? ''
    const between = everything
      .filter(([file]) => file.startsWith('tools/'))
      .flatMap(([file, text]) => importsOf(file, text))
      .map((entry) => ({ from: entry.from, to: inside(entry) }))
      .filter(({ to }) => to.startsWith('tools/'))
    const rooms = [...new Set(between.map(({ from }) => roomOf(from)))]
    expect(rooms.length).toBeGreaterThan(4)
    const edges = rooms.map((room): [string, Set<string>] => {
      const own = between.filter(({ from }) => roomOf(from) === room)
      const targets = own.map(({ to }) => roomOf(to))
      return [room, new Set(targets.filter((target) => target !== room))]
    })
    let left = edges
    for (const _ of rooms) {
      left = left.filter(([, to]) => left.some(([room]) => to.has(room)))
    }
    expect(left.map(([room]) => room)).toEqual([])
  })
})

/** Every file but tests, by its path in the repository. */
const everything = Object.keys(mayUse).flatMap((folder) =>
  Array.from(readSources(join(root, folder)), ([file, text]): [string, string] => [
    `${folder}/${file}`,
    text,
  ]).filter(([file]) => !/node_modules|\/dist\//.test(file)),
)

/** Every function that has a name, and the text of the type that it returns. */
const functionsIn = (file: string, text: string) =>
  nodesOf(file, text).flatMap((node) => {
    const made = node.type === 'VariableDeclarator' ? node['init'] : node
    const name = nameIn(node['id'])
    if (name === null || !isNode(made) || !/Function/.test(made.type)) return []
    const { returnType } = made
    const gives = isNode(returnType) ? text.slice(returnType.start, returnType.end) : ''
    return [{ file, name, gives }]
  })

describe('the code', () => {
  it('makes the brand Verified in one file', () => {
    const makers = files.filter((file) => /as (unknown as )?Verified\b/.test(textOf(file)))
    expect(makers).toEqual(['saml/incoming/signature.ts'])
  })

  it('has no file over 300 lines', () => {
    const long = files.filter((file) => textOf(file).split('\n').length > 301)
    expect(long).toEqual([])
  })

  it('takes one object where a function would take five values or more', () => {
    const lists = everything.flatMap(([file, text]) =>
      nodesOf(file, text).flatMap(({ start, params }) =>
        Array.isArray(params) ? [{ at: `${file}:${start}`, count: params.length }] : [],
      ),
    )
    expect(lists.length).toBeGreaterThan(2000)
    expect(lists.filter(({ count }) => count > 4)).toEqual([])
  })

  it('speaks SQL to D1 in stores only', () => {
    const speakers = files.filter((file) => /\.prepare\(/.test(textOf(file)))
    expect(speakers.length).toBeGreaterThan(10)
    expect(speakers.filter((file) => !/(^|[/-])store\.ts$/.test(file))).toEqual([])
  })

  it('has one meaning of judge: the fault or null, or a list of faults', () => {
    const judges = everything
      .flatMap(([file, text]) => functionsIn(file, text))
      .filter(({ name }) => /^judge([A-Z]|$)/.test(name))
    expect(judges.length).toBeGreaterThan(20)
    expect(judges.filter(({ gives }) => !/(\| null|\[\])>?$/.test(gives))).toEqual([])
  })

  it('names no command and no option: what shows a message, such as the command line, adds them', () => {
    // A custom property of CSS has a colon behind it, or stands in var().
    const named = /npx gatehouse|[ `]--[a-z][a-z-]*(?![a-z-]*:)/
    // The pages of the console show messages, so they may.
    const silent = files.filter((file) => folderOf(file) !== 'console')
    expect(silent.filter((file) => named.test(textOf(file)))).toEqual([])
  })

  it('never lets a request past a failed Worker', () => {
    expect(files.filter((file) => textOf(file).includes('passThroughOnException'))).toEqual([])
  })

  it('reads the clock and rolls dice only at the edges', () => {
    const edge = /(^|\/)(app|routes|api|store|forward|websocket|gate)\.tsx?$/
    const impure = files.filter(
      (file) => !edge.test(file) && /Date\.now\(\)|new Date\(\)|Math\.random/.test(textOf(file)),
    )
    expect(impure).toEqual([])
  })
})
