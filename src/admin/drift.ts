/** `access drift`: which names in the rules of the config match nothing in the store. */
import * as v from 'valibot'
import { listConnections } from '../connection/store.ts'
import { findGroups, listGroups } from '../directory/overview-store.ts'
import { err, ok } from '../lib/result.ts'
import type { DeployedConfig } from './context.ts'
import { assessConfig, type Finding } from './drift-rules.ts'
import { defineOperation, refusal } from './operation.ts'
import { count, sentence } from './view.ts'

/** Among so many groups the name is looked for that a mistyped one may mean. */
const MOST_NAMES = 5000

export async function findDrift(
  db: D1Database,
  config: Pick<DeployedConfig, 'sites'>,
): Promise<readonly Finding[]> {
  return assessConfig(config, await listConnections(db), {
    find: (text) => findGroups(db, text),
    names: async () => {
      const groups = await listGroups(db, {
        connection: null,
        search: null,
        after: null,
        limit: MOST_NAMES,
      })
      return groups.map(({ displayName }) => displayName)
    },
  })
}

export const findingFacts = ({ at, what, outcome, says }: Finding) => ({
  at,
  what,
  outcome,
  says,
})

/** The last line of a report. */
export function sumUp(findings: readonly Finding[]): string {
  const { length: bad } = findings.filter(({ outcome }) => outcome === 'matches nothing')
  const { length: open } = findings.filter(({ outcome }) => outcome === 'not judged')
  if (bad > 0) return `${count(bad, 'name')} that ${bad === 1 ? 'matches' : 'match'} nothing.`
  return open === 0
    ? 'Everything that the rules name is there.'
    : `${count(open, 'name')} ${open === 1 ? 'was' : 'were'} not judged. Everything else that the rules name is there.`
}

export const accessDrift = defineOperation({
  name: 'access drift',
  summary: 'which names in the rules of the config match nothing',
  details:
    'Groups of connections without a directory come with each sign-in, so they cannot be looked up and are not judged.',
  examples: [{ says: 'after a change at the identity provider', input: {} }],
  subject: null,
  fields: {},
  changes: false,
  scope: 'read',
  isDangerous: false,
  http: { method: 'GET', path: '/access-drift' },
  result: v.object({
    findings: v.array(
      v.object({
        at: v.string(),
        what: v.string(),
        outcome: v.picklist(['ok', 'not judged', 'matches nothing', 'warning']),
        says: v.nullable(v.string()),
      }),
    ),
    matchNothing: v.number(),
  }),
  judge: null,
  run: async ({ db, config }) =>
    config ? ok(await findDrift(db, config)) : err('no-config' as const),
  show: (findings) => {
    const { length: bad } = findings.filter(({ outcome }) => outcome === 'matches nothing')
    return {
      facts: { findings: findings.map(findingFacts), matchNothing: bad },
      view: [
        ...findings.map(({ at, what, outcome, says, see }) =>
          sentence(`${outcome.padEnd(15)}  ${at}: ${what}${says === null ? '' : `. ${says}`}`, see),
        ),
        sentence(sumUp(findings)),
      ],
    }
  },
  undo: null,
  explain: (reason) =>
    refusal('conflict', reason, 'The config of this Gatehouse is not known here.'),
})
