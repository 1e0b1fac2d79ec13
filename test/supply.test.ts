/** What goes into a release: licences, known vulnerabilities, and the steps of the workflows. */
import { globSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { readAudit, type Waiver } from '../scripts/advisories.ts'
import { packagesInWorker } from '../scripts/licences.ts'
import { isAllowed, packagesIn, refuseLicence, staleStatements } from '../scripts/spdx.ts'

const read = (path: string) => readFileSync(path, 'utf8')
const packages = packagesIn(JSON.parse(read('package-lock.json')))

describe('licences', () => {
  it('of all packages are allowed, and what we say of some is of packages that are here', () => {
    expect(packages.length).toBeGreaterThan(300)
    expect(packages.filter((each) => refuseLicence(each) !== null)).toEqual([])
    expect(staleStatements(packages)).toEqual([])
  })

  it.each([
    ['MIT', true],
    ['GPL-3.0-only', false],
    ['mit', false],
    ['', false],
    ['MIT OR GPL-3.0-only', true],
    ['GPL-3.0-only OR MIT', true],
    ['MIT AND GPL-3.0-only', false],
    ['MIT AND ISC', true],
    ['GPL-3.0-only AND ISC OR MIT', true],
    ['GPL-3.0-only AND (ISC OR MIT)', false],
    ['(MIT OR GPL-3.0-only) AND ISC', true],
    ['MIT ISC', false],
    ['(MIT', false],
    ['MIT OR', false],
    ['GPL-2.0-only WITH Classpath-exception-2.0', false],
  ])('of the expression %j are allowed: %s', (expression, expected) => {
    expect(isAllowed(expression, ['MIT', 'ISC'])).toBe(expected)
  })

  it('of what is shipped are fewer than those of tools, and one that is not stated is none', () => {
    const lock = (license: string | null, dev: boolean) =>
      packagesIn({
        packages: {
          '': { version: '1.0.0' },
          'node_modules/a/node_modules/@b/c': {
            version: '2.0.0',
            dev,
            ...(license === null ? {} : { license }),
          },
        },
      }).map(refuseLicence)
    expect(lock('MPL-2.0', true)).toEqual([null])
    expect(lock('MPL-2.0', false)).toEqual(['has MPL-2.0, which is not allowed for the package'])
    expect(lock('AGPL-3.0-only', true)).toEqual([
      'has AGPL-3.0-only, which is not allowed for tools',
    ])
    expect(lock(null, true)).toEqual(['states no licence'])
  })

  it('of all that is in the Worker are known: it has nothing but what the package depends on', async () => {
    const shipped = new Set(packages.filter(({ isShipped }) => isShipped).map(({ name }) => name))
    const bundled = await packagesInWorker()
    expect(bundled).toEqual(expect.arrayContaining(['fast-xml-parser', 'hono', 'valibot']))
    expect(bundled.filter((name) => !shipped.has(name))).toEqual([])
  })
})

describe('packages', () => {
  it('have an exact version and a hash each, and three alone may run a script', () => {
    const manifest = JSON.parse(read('package.json'))
    const wanted = { ...manifest.dependencies, ...manifest.devDependencies }
    const loose = Object.entries(wanted).filter(
      ([, version]) => !/^\d+\.\d+\.\d+/.test(String(version)),
    )
    expect(loose).toEqual([])
    const locked: Readonly<
      Record<string, { integrity?: string; link?: boolean; hasInstallScript?: boolean }>
    > = JSON.parse(read('package-lock.json')).packages
    const unhashed = Object.entries(locked).filter(
      ([path, { integrity, link }]) =>
        path.startsWith('node_modules/') && !link && !integrity?.startsWith('sha512-'),
    )
    expect(unhashed.map(([path]) => path)).toEqual([])
    const scripted = Object.entries(locked).filter(([, { hasInstallScript }]) => hasInstallScript)
    expect(scripted.map(([path]) => path)).toEqual(
      ['esbuild', 'node', 'workerd'].map((name) => `node_modules/${name}`),
    )
    expect(manifest.allowScripts).toEqual({ node: true, esbuild: true, workerd: true })
  })
})

describe('known vulnerabilities', () => {
  /** As npm 11 prints them: `b` is affected by way of `a`. */
  const report = {
    auditReportVersion: 2,
    vulnerabilities: {
      a: {
        name: 'a',
        severity: 'high',
        isDirect: false,
        via: [
          {
            source: 1096470,
            name: 'a',
            dependency: 'a',
            title: 'a does too much',
            url: 'https://github.com/advisories/GHSA-aaaa-bbbb-cccc',
            severity: 'high',
            cwe: ['CWE-1333'],
            cvss: { score: 7.5, vectorString: null },
            range: '<2.0.0',
          },
        ],
        effects: ['b'],
        range: '<2.0.0',
        nodes: ['node_modules/a'],
        fixAvailable: true,
      },
      b: { name: 'b', severity: 'high', isDirect: true, via: ['a'], effects: [], range: '*' },
    },
    metadata: { vulnerabilities: { high: 2, total: 2 } },
  }
  const none = { auditReportVersion: 2, vulnerabilities: {}, metadata: {} }
  const waiver: Waiver = {
    id: 'GHSA-aaaa-bbbb-cccc',
    package: 'a',
    reason: 'only a test uses it',
    until: '2026-12-31',
  }
  const faultsOf = (given: unknown, waivers: readonly Waiver[], today = '2026-12-01') => {
    const verdict = readAudit(given, waivers, today)
    return verdict.kind === 'judged' ? verdict.faults : verdict.kind
  }

  it('are told once each, where nobody waived them', () => {
    expect(faultsOf(report, [])).toEqual(['a: a does too much (high, GHSA-aaaa-bbbb-cccc)'])
    expect(faultsOf(none, [])).toEqual([])
  })

  it('may be waived until a day, and no longer', () => {
    expect(faultsOf(report, [waiver])).toEqual([])
    expect(faultsOf(report, [waiver], '2026-12-31')).toEqual([])
    expect(faultsOf(report, [waiver], '2027-01-01')).toEqual([
      'The waiver of GHSA-aaaa-bbbb-cccc (a) ended on 2026-12-31.',
      'a: a does too much (high, GHSA-aaaa-bbbb-cccc)',
    ])
  })

  it.each<[string, Partial<Waiver>, string]>([
    ['of another package', { package: 'b' }, 'is for nothing that was found'],
    ['of another advisory', { id: 'GHSA-xxxx-bbbb-cccc' }, 'is for nothing that was found'],
    ['without an end', { until: 'never' }, 'has no day at which it ends'],
    ['for longer than 90 days', { until: '2027-03-02' }, 'reaches further than 90 days'],
    ['without a reason', { reason: ' ' }, 'has no reason'],
  ])('are not waived by a waiver %s', (_, change, said) => {
    expect(faultsOf(report, [{ ...waiver, ...change }])).toContainEqual(
      expect.stringContaining(said),
    )
  })

  it('are unknown, and not none, where the registry gives no report', () => {
    const refused = { message: '405 Method Not Allowed', statusCode: 405, error: {} }
    for (const given of [refused, null, {}, [], 'x', { ...none, auditReportVersion: 1 }]) {
      expect(faultsOf(given, [])).toBe('unknown')
    }
    expect(faultsOf({ ...none, vulnerabilities: { a: { via: [null] } } }, [])).toBe('unknown')
  })

  it('are waived in the file of this repository by whole entries only', () => {
    const waivers: readonly Waiver[] = JSON.parse(read('.github/audit-waivers.json'))
    const expected = Object.fromEntries(Object.keys(waiver).map((key) => [key, expect.any(String)]))
    expect(waivers).toEqual(waivers.map(() => expected))
  })
})

describe('workflows', () => {
  const files = globSync('.github/workflows/*.yml')

  it('are two', () => {
    expect(files.toSorted()).toEqual(['.github/workflows/ci.yml', '.github/workflows/release.yml'])
  })

  it.each(files)('%s runs no action by a name that can be moved, and may read only', (file) => {
    const text = read(file)
    const used = [...text.matchAll(/uses: (.*)/g)].map(([, action = '']) => action)
    expect(used.filter((action) => !/^[\w-]+\/[\w-]+@[0-9a-f]{40} # v\d/.test(action))).toEqual([])
    expect(used.length).toBeGreaterThan(0)
    expect(text).toContain('\npermissions:\n  contents: read\n\n')
    expect(text).not.toMatch(/pull_request_target|\$\{\{ *(github\.(event|head_ref)|secrets)/)
  })

  it('publish only what passed every check, and was the same twice', () => {
    const text = read('.github/workflows/release.yml')
    const steps = [
      'run audit',
      'run licences',
      'run check',
      'run reproduce',
      'attest-build-',
      'publish',
    ]
    const places = steps.map(
      (step) => text.indexOf(`npm ${step}`) + text.indexOf(`actions/${step}`),
    )
    expect(places.every((place) => place > 0)).toBe(true)
    expect(places).toEqual(places.toSorted((a, b) => a - b))
    expect(text.match(/npm publish .*/g)).toHaveLength(2)
    expect(
      text.match(/npm publish \.\/release\/\S+\.tgz --provenance --access public/g),
    ).toHaveLength(2)
  })

  it('run only npm scripts that are there', () => {
    const { scripts } = JSON.parse(read('package.json'))
    const names = files.flatMap((file) =>
      [...read(file).matchAll(/\bnpm run ([\w:-]+)/g)].map(([, name = '']) => name),
    )
    expect(names.filter((name) => !Object.hasOwn(scripts, name))).toEqual([])
  })
})
