/** What a visitor of a site waits for, and what not: the Worker as a deploy uploads it. */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { bundleOwn, MAIN, weigh, type Bundle, type Weights } from '../cli/bundle.ts'
import { nodesOf } from '../scripts/syntax.ts'

interface Pattern {
  readonly pattern: string
  readonly flags: string
}

/** A literal of a regular expression, in a syntax tree. */
const isPattern = (value: unknown): value is Pattern =>
  typeof value === 'object' && value !== null && 'pattern' in value && 'flags' in value

const isByProperty = ({ pattern, flags }: Pattern): boolean =>
  /\\p\{/i.test(pattern) || flags.includes('v')

/** Those that the modules make by RegExp() while all of them load, in a process of its own. */
function patternsMadeBy({ modules }: Bundle): readonly Pattern[] {
  const folder = mkdtempSync(join(tmpdir(), 'gatehouse-weight-'))
  try {
    for (const { name, text } of modules) writeFileSync(join(folder, name), text)
    writeFileSync(join(folder, 'package.json'), '{ "type": "module" }')
    writeFileSync(join(folder, 'load.mjs'), loading(modules.map(({ name }) => name)))
    return JSON.parse(
      execFileSync(process.execPath, [join(folder, 'load.mjs')], { encoding: 'utf8' }),
    )
  } finally {
    rmSync(folder, { recursive: true })
  }
}

const loading = (names: readonly string[]): string => `
const made = []
const note = (pattern, flags) => made.push({ pattern: String(pattern?.source ?? pattern), flags: flags ?? pattern?.flags ?? '' })
globalThis.RegExp = new Proxy(RegExp, {
  construct: (of, args) => (note(...args), Reflect.construct(of, args)),
  apply: (of, _, args) => (note(...args), of(...args)),
})
for (const name of ${JSON.stringify(names)}) await import('./' + name)
console.log(JSON.stringify(made))
`

let bundle: Bundle
let weights: Weights
beforeAll(async () => {
  bundle = await bundleOwn()
  weights = weigh(bundle)
})

describe('the modules of the gate', () => {
  it('have the gate', () => {
    expect([...weights.gate.sources]).toEqual(
      expect.arrayContaining(['src/app.ts', 'src/proxy/gate.ts', 'src/lib/part.ts']),
    )
  })

  it('have no part that a visitor of a site may never ask for', () => {
    const parts =
      /^src\/(saml|scim|oauth|console|admin|api|login|logout|signals|home|connection|sp|webhook|upkeep|health|attempt)\//
    expect([...weights.gate.sources].filter((file) => parts.test(file))).toEqual([])
  })

  it('have no parser of the config: a deploy has read it', () => {
    const parser =
      /^src\/(parse-config|(proxy|site|policy)\/([a-z-]*config|config-[a-z]*|faults|to-rule))\.ts$/
    expect([...weights.gate.sources].filter((file) => parser.test(file))).toEqual([])
  })

  it('have no page, no text, and of forms, programs and the audit what says that there is one', () => {
    const rooms =
      /^src\/(audit|form|lib\/words|program)\/|\/(pages?|page-style|answers|denied|describe)\.ts$/
    expect([...weights.gate.sources].filter((file) => rooms.test(file)).toSorted()).toEqual([
      ...['fault', 'log', 'trail'].map((file) => `src/audit/${file}.ts`),
      'src/form/sent.ts',
      'src/program/credential.ts',
      'src/program/token.ts',
    ])
  })

  it('have no library but this', () => {
    const libraries = [...weights.gate.sources].flatMap(
      (file) => /node_modules\/([^/]+)/.exec(file)?.[1] ?? [],
    )
    expect([...new Set(libraries)]).toEqual(['valibot'])
  })

  it('are one, beside the one that is asked', () => {
    expect(weights.gate.modules).toBe(2)
  })
})

describe('a part', () => {
  it('loads what it has and nothing else: each by an import() of its own', () => {
    const parts = ['acs', 'admin', 'arrive', 'binding', 'cron', 'form', 'home', 'login', 'logout']
    const more = ['login-deps', 'oauth', 'outbox', 'programs', 'scim', 'signals', 'slo', 'status']
    expect(new Set(weights.parts.keys())).toEqual(
      new Set([
        'src/admin-side.ts',
        'src/answers.ts',
        'src/audit/keep-events.ts',
        'src/attempt/write.ts',
        'src/form/keep.ts',
        'src/lib/brand.ts',
        ...['metadata', 'refused', 'start', 'try'].map((step) => `src/login/${step}.ts`),
        ...['at-idp', 'by-soap'].map((step) => `src/logout/${step}.ts`),
        'src/proxy/refusals.ts',
        'src/sp/keys.ts',
        ...['de', 'es', 'fr', 'it'].map((language) => `src/lib/words/${language}.ts`),
        ...[...parts, ...more].map((part) => `src/parts/${part}.ts`),
      ]),
    )
  })

  const sourcesOf = (...parts: readonly string[]) => [
    ...new Set(parts.flatMap((part) => [...(weights.parts.get(`src/${part}.ts`)?.sources ?? [])])),
  ]

  it('of a page before the IdP, or of a sign-out here, reads and writes no SAML and has no key for it', () => {
    // A connection names how our requests are signed.
    const needed = 'src/saml/outgoing/sign.ts'
    for (const page of ['login', 'arrive', 'logout']) {
      const sources = sourcesOf(`parts/${page}`, 'parts/login-deps')
      expect(sources).toContain('src/login/pending.ts')
      const saml = /^src\/(saml|sp|attempt\/write)|fast-xml/
      expect(sources.filter((file) => saml.test(file) && file !== needed)).toEqual([])
    }
  })

  it('that sends to the IdP reads no answer, and one that takes the answer writes no XML', () => {
    const start = sourcesOf('login/start')
    expect(start).toEqual(expect.arrayContaining(['src/saml/outgoing/authn-request.ts']))
    expect(start.filter((file) => file.startsWith('src/saml/incoming/'))).toEqual([])
    const acs = sourcesOf('parts/acs')
    expect(acs).toEqual(expect.arrayContaining(['src/saml/incoming/response.ts']))
    const others = /fast-xml|saml\/(explain|metadata|incoming\/logout)|^src\/(scim|logout|upkeep)\//
    expect(acs.filter((file) => others.test(file))).toEqual([])
  })

  it('has weight, so that its ceiling means something', () => {
    for (const { gzipped, minified } of weights.parts.values()) {
      expect(gzipped).toBeGreaterThan(1)
      expect(minified).toBeGreaterThan(gzipped)
    }
  })
})

describe('the modules', () => {
  it('name only each other, and the first is the one that is asked', () => {
    expect(bundle.modules[0]?.name).toBe(MAIN)
    const imports = Object.values(bundle.metafile.outputs).flatMap((output) => output.imports)
    expect(imports.length).toBeGreaterThan(50)
    expect(imports.filter(({ external, kind }) => external || kind === 'require-call')).toEqual([])
  })

  it('have no pattern by Unicode property, which V8 reads for long also where it never runs', () => {
    const literals = bundle.modules.flatMap(({ name, text }) =>
      nodesOf(name, text).flatMap(({ regex }) => (isPattern(regex) ? [{ name, ...regex }] : [])),
    )
    expect(literals.length).toBeGreaterThan(200)
    expect(literals.filter(isByProperty)).toEqual([])
  })

  it('make none when they load: the first text that needs it does', () => {
    const made = patternsMadeBy(bundle)
    expect(made.length).toBeGreaterThan(5)
    expect(made.filter(isByProperty)).toEqual([])
  })

  it('are the same bytes whenever they are built', async () => {
    expect((await bundleOwn()).modules).toEqual(bundle.modules)
  })
})
