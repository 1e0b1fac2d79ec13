/** What a visitor of a site waits for, and what not: the Worker as a deploy uploads it. */
import { join, resolve } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { bundleWorker, MAIN, weigh, type Bundle, type Weights } from '../cli/bundle.ts'

const root = resolve(import.meta.dirname, '..')
let bundle: Bundle
let weights: Weights
beforeAll(async () => {
  bundle = await bundleWorker(join(root, 'worker.ts'))
  weights = weigh(bundle)
})

describe('the modules of the gate', () => {
  it('have the gate', () => {
    expect([...weights.sources]).toEqual(
      expect.arrayContaining(['src/app.ts', 'src/proxy/gate.ts', 'src/lib/part.ts']),
    )
  })

  it('have no part that a visitor of a site may never ask for', () => {
    const parts =
      /^src\/(saml|scim|oauth|console|admin|api|login|logout|signals|home|connection|sp|webhook|upkeep|health|attempt)\//
    expect([...weights.sources].filter((file) => parts.test(file))).toEqual([])
  })

  it('have no page, no text, and of forms, programs and the audit what says that there is one', () => {
    const rooms =
      /^src\/(audit|form|lib\/words|program)\/|\/(pages?|page-style|answers|denied|describe)\.ts$/
    expect([...weights.sources].filter((file) => rooms.test(file)).toSorted()).toEqual([
      ...['fault', 'log', 'trail'].map((file) => `src/audit/${file}.ts`),
      'src/form/sent.ts',
      // The config has languages.
      'src/lib/words/language.ts',
      'src/program/credential.ts',
      'src/program/token.ts',
    ])
  })

  it('have no library but this', () => {
    const libraries = [...weights.sources].flatMap(
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
    const parts = ['admin', 'binding', 'cron', 'form', 'home', 'login', 'login-deps', 'logout']
    const more = ['oauth', 'outbox', 'programs', 'scim', 'signals', 'status']
    expect(new Set(weights.parts.keys())).toEqual(
      new Set([
        'src/admin-side.ts',
        'src/answers.ts',
        'src/audit/keep-events.ts',
        'src/form/keep.ts',
        'src/lib/brand.ts',
        'src/proxy/refusals.ts',
        ...['de', 'es', 'fr', 'it'].map((language) => `src/lib/words/${language}.ts`),
        ...[...parts, ...more].map((part) => `src/parts/${part}.ts`),
      ]),
    )
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

  it('are the same bytes whenever they are built', async () => {
    expect((await bundleWorker(join(root, 'worker.ts'))).modules).toEqual(bundle.modules)
  })
})
