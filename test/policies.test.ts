/** The examples of docs/policies.md, each row of their tables. */
import { runInNewContext } from 'node:vm'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { parseConfig } from '../src/config.ts'
import { toInstant } from '../src/lib/instant.ts'
import { parseIp } from '../src/policy/ip.ts'
import { explain } from '../src/policy/explain.ts'
import type { Rule } from '../src/policy/policy.ts'
import { matchRoute } from '../src/site/match.ts'
import { asksOf, friday, listed, personOf } from './support/facts.ts'

const doc = readFileSync(join(import.meta.dirname, '../docs/policies.md'), 'utf8')
const valueOf = (code: string): unknown => runInNewContext(`(${code})`)
/** Objects of the other context look like ours to nobody but a strict comparison. */
const plainOf = (code: string): unknown => JSON.parse(JSON.stringify(valueOf(code)))

const [, firstConfig = ''] =
  /```ts config\nexport default defineConfig\(([\s\S]*?)\)\n```/.exec(doc) ?? []
const config = plainOf(firstConfig) as { rules: object; sites: [object] }

interface Given {
  readonly service?: string | null
  readonly connection?: string
  readonly email?: string | null
  readonly groups?: string[] | null
  readonly groupIds?: string[] | null
  readonly attributes?: Record<string, string[]> | null
  readonly country?: string | null
  readonly ip?: string | null
  readonly methods?: string[]
  readonly authnContext?: string | null
  readonly minutesAgo?: number | null
  readonly isDeviceBound?: boolean | null
  readonly now?: string
}

const examples = [...doc.matchAll(/```json5 rule\n([\s\S]*?)\n```\n\n((?:\|.*\n)+)/g)].map(
  ([, code = '', table = '']) => ({
    code,
    rows: table
      .trim()
      .split('\n')
      .slice(2)
      .map((row) => {
        const [, given = '', says = ''] = /^\| `(.*)` +\| (yes|no|not known) +\|$/.exec(row) ?? []
        if (says === '') throw new Error(`not a row of an example: ${row}`)
        return [given, says] as const
      }),
  }),
)

function ruleOf(access: unknown): Rule {
  const [site] = config.sites
  const sites = [{ ...site, connections: ['okta'], routes: [{ path: '/', access }] }]
  const parsed = parseConfig({ ...config, sites })
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.error))
  const policy = parsed.value.sites[0]?.routes[0]?.policy
  if (policy?.kind === 'rule') return policy.rule
  if (policy?.kind === 'signed-in') return { kind: 'signed-in' }
  throw new Error('not a rule')
}

function answer(rule: Rule, given: Given): string {
  const now = given.now === undefined ? friday : toInstant(Date.parse(given.now))
  const { minutesAgo: minutes = 10 } = given
  const { connection = 'okta', email = 'ada@example.com', groups = ['staff'] } = given
  const person = personOf({
    service: given.service ?? null,
    connection,
    email,
    groups: listed(groups),
    groupIds: listed(given.groupIds === undefined ? [] : given.groupIds),
    attributes: given.attributes === undefined ? {} : given.attributes,
    authnContext: given.authnContext ?? null,
    isDeviceBound: given.isDeviceBound === undefined ? false : given.isDeviceBound,
    authnInstant: minutes === null ? null : toInstant(now - minutes * 60_000),
  })
  const { methods = ['GET'], country = 'DE', ip = '192.0.2.7' } = given
  const asks = asksOf({ methods, country, ip: ip === null ? null : parseIp(ip) })
  const { holds } = explain(rule, { person, asks }, now)
  return holds === null ? 'not known' : holds ? 'yes' : 'no'
}

describe('docs/policies.md', () => {
  it('begins with a config that is accepted', () => {
    const parsed = parseConfig(config)
    expect(parsed.ok || parsed.error).toBe(true)
  })

  const [, lines = ''] = /```text paths\n([\s\S]*?)```/.exec(doc) ?? []
  const paths = lines
    .trim()
    .split('\n')
    .map((line) => line.split(/ {2,}(?:→ )?/))

  it.each(paths)('has %s among %s right', (path = '', among = '', expected = '') => {
    const routes = among.split(', ').map((each) => ({ path: each, access: { group: each } }))
    const [site] = config.sites
    const parsed = parseConfig({ ...config, sites: [{ ...site, routes }] })
    const [parsedSite] = parsed.ok ? parsed.value.sites : []
    expect(parsedSite && matchRoute(parsedSite, path)).toMatchObject({ route: { path: expected } })
  })

  it('has an example of every rule', () => {
    const kinds = new Set(examples.flatMap(({ code }) => kindsIn(ruleOf(plainOf(code)))))
    expect([...kinds].toSorted()).toEqual([
      'all',
      'any',
      'attribute',
      'authn-context',
      'connection',
      'country',
      'device-bound',
      'email',
      'email-domain',
      'group',
      'group-id',
      'has-attribute',
      'hours',
      'ip',
      'method',
      'named',
      'not',
      'service',
      'signed-in',
      'signed-in-within',
    ])
  })

  describe.each(examples)('$code', ({ code, rows }) => {
    it.each(rows)('with %s: %s', (given, says) => {
      expect(answer(ruleOf(plainOf(code)), plainOf(`{${given}}`) as Given)).toBe(says)
    })
  })
})

function kindsIn(rule: Rule): string[] {
  if (rule.kind === 'any' || rule.kind === 'all') return [rule.kind, ...rule.of.flatMap(kindsIn)]
  if (rule.kind === 'not' || rule.kind === 'named') return [rule.kind, ...kindsIn(rule.rule)]
  return [rule.kind]
}
