/** What a deploy writes into the Worker in place of the parser of the config. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { build } from 'esbuild'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { configRead, driftIn, faultOfRead } from '../cli/config-read.ts'
import { readConfig } from '../cli/settings.ts'
import { root } from '../cli/project.ts'
import type { Json } from './support/worker.ts'

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'gatehouse-config-'))
})
afterAll(() => rmSync(folder, { recursive: true }))

/** Every config of the documentation that is whole. */
const documented = readdirSync(join(root, 'docs'))
  .filter((file) => file.endsWith('.md'))
  .flatMap((file) =>
    [
      ...readFileSync(join(root, 'docs', file), 'utf8').matchAll(
        /^```ts[ a-z]*\n(export default defineConfig\([^]*?\n {2}sites: [^]*?\n\}\))\n```/gm,
      ),
    ].map(([, code = ''], i) => [`${file}, ${i + 1}`, code] as const),
  )
  .filter(([, code]) => !code.includes('…'))

const everything = `export default defineConfig({
  revocationSeconds: 30,
  bindings: { sessions: 'KV' },
  rules: {
    staff: { anyOf: [{ group: 'staff', connection: 'okta' }, { emailDomain: 'example.com', connection: 'okta' }] },
    careful: { allOf: ['signed-in', { rule: 'staff' }, { not: { country: ['KP'] } }] },
  },
  admins: { owner: { group: 'operations', connection: 'okta' }, besideSite: true },
  brand: { name: 'Ünïcode </script> "quoted" \\\\ __proto__', support: 'mailto:help@example.com' },
  attempts: 'whole',
  signOut: { returnTo: ['https://www.example.com/bye'] },
  oauth: {},
  loginHost: 'https://login.example.com',
  sites: [
    {
      url: 'https://login.example.com',
      origin: { service: 'WIKI', headers: { 'X-Api-Key': { secret: 'WIKI_KEY' } }, timeoutSeconds: 20 },
      routes: [{ path: '/', access: { rule: 'careful' }, maxSessionSeconds: 3600 }],
      session: { absoluteSeconds: 3600, idleSeconds: null },
    },
    {
      url: 'https://*.preview.example.com',
      origin: { url: (label) => (label === 'none' ? null : 'https://' + label + place), path: '/app' },
      routes: [{ path: '/*/edit/**', access: { public: ['GET'], otherwise: { ip: '192.0.2.0/24' } } }],
      headers: { 'X-Mail': 'email' },
      connections: ['okta'],
    },
    {
      url: 'https://*.other.example.com',
      origin: other,
      routes: [{ path: '/', access: 'public' }],
    },
  ],
  sitesElsewhere: [{ url: 'https://else.example.com' }],
})
const place = '.origin.example.net'
function other() { return null }
`

const importing = `import { defineConfig } from ${JSON.stringify(join(root, 'src/config.ts'))}\n`

/** The config as the Worker has it, and as the command line reads it from the same file. */
async function bothWays(code: string) {
  const file = join(folder, `${crypto.randomUUID()}.ts`)
  writeFileSync(file, importing + code)
  const read = await readConfig(file)
  if (!read.ok) throw new Error(read.error.message)
  const { outputFiles, metafile } = await build({
    stdin: {
      contents: `export { default as exported } from ${JSON.stringify(file)}
        export { readConfig } from ${JSON.stringify(join(root, 'src/read-config.ts'))}`,
      resolveDir: root,
    },
    plugins: [configRead(read.value)],
    bundle: true,
    format: 'esm',
    write: false,
    metafile: true,
  })
  const text = outputFiles[0]?.text ?? ''
  const inputs = Object.values(metafile.outputs).flatMap((output) => Object.keys(output.inputs))
  vi.stubGlobal('isDeployed', true)
  const { exported, readConfig: readInWorker } = await import(
    `data:text/javascript,${encodeURIComponent(text)}`
  )
  vi.unstubAllGlobals()
  return { exported, readInWorker, read: read.value.config, inputs }
}

/**
 * A function of the file that was bundled is another than that of the file that was not. Everything
 * else stays what it is, so that a Map, a Date or -0, which JSON would change, is not equal to less.
 */
function withoutFunctions(value: unknown): unknown {
  if (typeof value === 'function') return 'a function'
  if (Array.isArray(value)) return value.map(withoutFunctions)
  if (typeof value !== 'object' || value === null) return value
  if (Object.getPrototypeOf(value) !== Object.prototype) return value
  return Object.fromEntries(
    Object.entries(value).map(([key, each]) => [key, withoutFunctions(each)]),
  )
}

describe('a config that a deploy has read', () => {
  it('is documented', () => {
    expect(documented.length).toBeGreaterThan(2)
  })

  it.each([...documented, ['with everything', everything] as const])(
    'is what the command line reads: %s',
    async (_, code) => {
      const { exported, readInWorker, read } = await bothWays(code)
      expect(withoutFunctions(readInWorker(exported))).toStrictEqual(withoutFunctions(read))
    },
  )

  it('has the functions of the file, with what they use', async () => {
    const { exported, readInWorker } = await bothWays(everything)
    const [, preview, other] = readInWorker(exported).sites
    expect(preview.origin.url('a')).toBe('https://a.origin.example.net')
    expect(preview.origin.url('none')).toBeNull()
    expect(other.origin.url).toBe(exported.sites[2].origin)
  })

  it('needs no parser', async () => {
    const { inputs } = await bothWays(everything)
    expect(inputs).toContain('src/read-config.ts')
    expect(inputs.filter((path) => /valibot|parse-config/.test(path))).toEqual([])
  })

  it('does not start where the file exports another in the Worker, so that no site gets the origin of another', async () => {
    const site = (name: string, access: string) =>
      `{ url: 'https://*.${name}.example.com', origin: () => 'https://${name}.example.net',
         routes: [{ path: '/', access: '${access}' }] }`
    const ofEach = async (first: string) => {
      const { exported, readInWorker } = await bothWays(`export default defineConfig({
        loginHost: { url: 'https://login.example.com' },
        sites: [${first} ${site('secret', 'signed-in')}, ${site('third', 'signed-in')}],
      })`)
      return () => readInWorker(exported).sites.map(({ origin }: Json) => origin.url('a'))
    }
    const open = site('open', 'public')
    const read = await ofEach('')
    expect(read()).toEqual(['https://secret.example.net', 'https://third.example.net'])
    for (const first of [
      `...(globalThis.isDeployed ? [] : [${open}]),`,
      `...(globalThis.isDeployed ? [${open}] : []),`,
      `{ ...${open}, name: globalThis.isDeployed ? 'One' : 'Other' },`,
    ]) {
      expect(await ofEach(first)).toThrow(/exports another config in the Worker/)
    }
  })

  it.each([
    ['makes it anew each time', "get origin() { return () => 'https://one.example.net' }"],
    ['inherits it', "__proto__: { origin: () => 'https://one.example.net' }"],
  ])(
    'is refused where a function of it cannot be found again, and says which: it %s',
    async (...given) => {
      const [, origin] = given
      const file = join(folder, `${crypto.randomUUID()}.ts`)
      const routes = "routes: [{ path: '/', access: 'signed-in' }]"
      writeFileSync(
        file,
        `export default {
        loginHost: { url: 'https://login.example.com' },
        sites: [{ url: 'https://*.a.example.com', ${routes}, ${origin} }],
      }`,
      )
      const read = await readConfig(file)
      if (!read.ok) throw new Error(read.error.message)
      expect(faultOfRead(read.value)).toMatch(
        /: sites\[0\]\.origin\.url is a function that .* Write it as a plain property/,
      )
      const built = build({
        stdin: {
          contents: `import ${JSON.stringify(join(root, 'src/read-config.ts'))}`,
          resolveDir: root,
        },
        plugins: [configRead(read.value)],
        bundle: true,
        write: false,
        logLevel: 'silent',
      })
      await expect(built).rejects.toThrow(/is a function that/)
    },
  )

  it('is not another one in the Worker, as its runtime says', async () => {
    const { exported, readInWorker } = await bothWays(everything)
    let says = ''
    try {
      readInWorker({ ...exported })
    } catch (error) {
      says = `service main: Uncaught ${String(error)}`
    }
    const file = /Export it from (\S+\.ts),/.exec(says)?.[1] ?? ''
    expect(driftIn(says, join(folder, file))).toMatch(/^createGatehouse was given another config/)
    expect(driftIn(says, join(folder, 'other.ts'))).toBeNull()
    expect(driftIn('service main: Uncaught Error: no binding', join(folder, file))).toBeNull()
  })

  it('is the one that was checked, and no other', async () => {
    const { exported, readInWorker } = await bothWays(everything)
    for (const other of [{ ...exported }, structuredClone({ sites: [] }), null, undefined]) {
      expect(() => readInWorker(other)).toThrow(/another config than the one that was checked/)
    }
  })
})
