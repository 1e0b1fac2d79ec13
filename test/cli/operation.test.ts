/** An operation that is added to src/admin, in one file and a line of the list, is a command. */
import { execFile } from 'node:child_process'
import { cp, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Ran } from './run.ts'

const root = resolve(import.meta.dirname, '../..')

const ADDED = `
import * as v from 'valibot'
import { listConnections } from '../connection/store.ts'
import { err, ok } from '../lib/result.ts'
import { limitField, onOff, requiredText } from './field.ts'
import { defineOperation, refusal } from './operation.ts'
import { tableOf } from './view.ts'

export const domainWeigh = defineOperation({
  name: 'domain weigh',
  summary: 'how long the name of a domain is',
  details: 'Letters and dots count.',
  examples: [{ says: 'a short one', input: { domain: 'acme.com', limit: '5' } }],
  subject: 'domain',
  fields: { domain: requiredText('domain', 'an email domain'), limit: limitField(10), twice: onOff('count each letter twice') },
  changes: false,
  scope: 'read',
  isDangerous: false,
  http: { method: 'GET', path: '/domains/{domain}/weight' },
  result: v.object({ domain: v.string(), length: v.number() }),
  judge: ({ domain }) => (domain.includes('.') ? null : 'A domain has a dot.'),
  run: async ({ db }, { domain, limit, twice }) => {
    const connections = await listConnections(db)
    return domain.length > limit
      ? err({ domain, connections: connections.length })
      : ok({ domain, length: domain.length * (twice ? 2 : 1) })
  },
  show: (done) => ({
    facts: done,
    view: [tableOf([done], { domain: ({ domain }) => domain, 'letters': ({ length }) => length })],
  }),
  undo: null,
  explain: ({ domain }) =>
    refusal('conflict', 'too-long', \`\${domain} is too long.\`, { operation: 'connection list', asks: null }),
})
`

let copy: string
beforeAll(async () => {
  copy = await mkdtemp(join(tmpdir(), 'gatehouse-operation-'))
  for (const part of ['src', 'cli', 'migrations', 'package.json', 'wrangler.toml']) {
    await cp(join(root, part), join(copy, part), { recursive: true })
  }
  await cp(join(root, 'gatehouse.config.ts'), join(copy, 'gatehouse.config.ts'))
  await symlink(join(root, 'node_modules'), join(copy, 'node_modules'))
  await writeFile(join(copy, 'src/admin/domain-weights.ts'), ADDED)
  const list = join(copy, 'src/admin/operations.ts')
  const added = (await readFile(list, 'utf8')).replace(/= \[\n/, '= [domainWeigh,\n')
  await writeFile(list, `import { domainWeigh } from './domain-weights.ts'\n${added}`)
})
afterAll(() => rm(copy, { recursive: true, force: true }))

const gatehouse = (...args: string[]): Promise<Ran> =>
  new Promise((done) => {
    const command = ['--disable-warning=ExperimentalWarning', join(copy, 'cli/main.ts'), ...args]
    execFile(process.execPath, command, { cwd: copy }, (error, out, err) =>
      done({ code: error ? Number(error.code) : 0, out, err }),
    )
  })

describe('an operation in a new file of src/admin that the list has', () => {
  it('is in the help of everything', async () => {
    const { out } = await gatehouse('--help')
    expect(out).toContain('\ndomain\n  domain weigh <domain>  how long the name of a domain is\n')
  })

  it('has a help page with its fields, details and examples', async () => {
    const { code, out } = await gatehouse('domain', 'weigh', '--help')
    expect(code).toBe(0)
    expect(out).toContain('Usage: npx gatehouse domain weigh <domain> [options]')
    expect(out).toMatch(/ <domain> +an email domain\n/)
    expect(out).toMatch(/ --limit <number> +how many at most \(default 10, at most 1000\)\n/)
    expect(out).toMatch(/ --twice +count each letter twice\n/)
    expect(out).toContain('\nLetters and dots count.\n')
    expect(out).toContain('npx gatehouse domain weigh acme.com --limit 5 --remote\n')
    expect(out).not.toContain('--as <name>')
  })

  it('refuses wrong input before the store is opened', async () => {
    const refusals = [
      [['domain', 'weigh'], '<domain> is missing: an email domain.'],
      [['domain', 'weigh', 'a.com', '--limit', '0'], '--limit must be 1 to 1000; it is "0".'],
      [['domain', 'weigh', 'acme'], 'A domain has a dot.'],
      [['domain', 'weigh', 'a.com', '--twice=1'], '--twice takes no value.'],
      [['domain', 'weigh', 'a.com', '--lmit', '1'], 'Did you mean --limit?'],
      [['domain', 'wiegh'], 'Did you mean "domain weigh"?'],
    ] as const
    for (const [args, says] of refusals) {
      const { code, out, err } = await gatehouse(...args)
      expect([args, code, out]).toEqual([args, 2, ''])
      expect(err).toContain(says)
    }
  })

  it('shows its result as a table and as JSON, and its refusal with the command that helps', async () => {
    const text = await gatehouse('domain', 'weigh', 'acme.com', '--local')
    expect(text).toMatchObject({ code: 0, out: 'DOMAIN    LETTERS\nacme.com  8\n' })
    const json = await gatehouse('domain', 'weigh', 'acme.com', '--twice', '--local', '--json')
    expect(JSON.parse(json.out)).toEqual({ domain: 'acme.com', length: 16 })
    const long = await gatehouse('domain', 'weigh', 'a.example.com', '--local')
    expect(long).toEqual({
      code: 1,
      out: '',
      err: 'a.example.com is too long: `npx gatehouse connection list --local`\n',
    })
    const asJson = await gatehouse('domain', 'weigh', 'a.example.com', '--local', '--json')
    expect(JSON.parse(asJson.out)).toMatchObject({
      error: { kind: 'refused', reason: 'too-long' },
    })
  })
})
