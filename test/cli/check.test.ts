/** What a config names beside connections that are there, disabled, or not. */
import { describe, expect, it } from 'vitest'
import { sumUp } from '../../src/admin/drift.ts'
import { assessConfig, type Finding } from '../../src/admin/drift-rules.ts'
import { parseConfig, type AccessConfig } from '../../src/config.ts'
import type { Connection } from '../../src/connection/connection.ts'
import type { GroupEntry } from '../../src/directory/overview-store.ts'
import { toInstant } from '../../src/lib/instant.ts'
import { connectionOf } from './people.ts'

const staff: GroupEntry = {
  id: 'g-staff',
  connection: 'acme',
  displayName: 'Staff',
  externalId: null,
  members: 1,
  createdAt: toInstant(0),
  updatedAt: toInstant(0),
}
const empty: GroupEntry = { ...staff, id: 'g-empty', displayName: 'Leavers', members: 0 }
const acme = (fields: Partial<Connection> = {}) =>
  connectionOf('acme', { provisioning: 'scim', domains: ['acme.com'], ...fields })

/** @param looked the names that are looked up are added to it. */
async function judge(
  access: AccessConfig,
  connections: readonly Connection[],
  looked: string[] = [],
) {
  const config = parseConfig({
    sites: [
      {
        url: 'https://app.example.com',
        origin: 'https://origin.example.net',
        routes: [{ path: '/', access }],
        trust: 'every-connection',
      },
    ],
  })
  if (!config.ok) throw new Error('the config has a fault')
  const findings = await assessConfig(config.value, connections, {
    find: async (text) => {
      looked.push(text)
      return [staff, empty].filter(({ id, displayName }) => [id, displayName].includes(text))
    },
    names: async () => [staff, empty].map(({ displayName }) => displayName),
  })
  return findings.map(({ what, outcome, says }) => `${what}: ${outcome}: ${says}`)
}

describe('a disabled connection', () => {
  const off = acme({ enabled: false })
  const other = connectionOf('other', { provisioning: 'scim' })

  it.each<[string, AccessConfig]>([
    ['group "Staff"', { group: 'Staff' }],
    ['group id g-staff', { groupId: 'g-staff' }],
    ['email ada@acme.com', { email: 'ada@acme.com' }],
    ['email domain acme.com', { emailDomain: 'acme.com' }],
  ])('makes %s a warning, because it admits nobody', async (what, access) => {
    expect(await judge(access, [off, other])).toEqual([
      `${what}: warning: This admits nobody: acme is disabled.`,
    ])
    expect(await judge(access, [acme(), connectionOf('other', { enabled: false })])).toEqual([
      expect.stringMatching(new RegExp(`^${what}: ok: `)),
    ])
  })

  it('costs no second look at the groups', async () => {
    const looked: string[] = []
    await judge({ group: 'Staff' }, [off, other], looked)
    await judge({ groupId: 'g-staff' }, [off, other], looked)
    await judge({ email: 'ada@acme.com' }, [off, other], looked)
    expect(looked).toEqual(['Staff', 'g-staff'])
  })

  it('does not hide that a name matches nothing', async () => {
    expect(await judge({ group: 'staff' }, [off, other])).toEqual([
      expect.stringContaining('group "staff": matches nothing'),
    ])
  })

  it('is no way in, where there is no other', async () => {
    expect(await judge('signed-in', [off])).toEqual([
      expect.stringMatching(/^sign-in: warning: No connection of the site is enabled/),
    ])
    expect(await judge('public', [off])).toEqual([])
    expect(await judge('signed-in', [acme()])).toEqual([])
  })
})

it('a store without a connection is one that is not set up yet, not one of wrong names', async () => {
  expect(await judge({ group: 'Staff', connection: 'acme' }, [])).toEqual([
    expect.stringContaining('sign-in: warning'),
    'group "Staff" of connection acme: not judged: There is no connection yet.',
  ])
})

describe('the last line', () => {
  const report = (...outcomes: readonly Finding['outcome'][]) =>
    sumUp(outcomes.map((outcome) => ({ at: '', what: '', outcome, says: null, see: null })))

  it.each([
    [[], 'Everything that the rules name is there.'],
    [['ok', 'warning'], 'Everything that the rules name is there.'],
    [['ok', 'not judged'], '1 name was not judged. Everything else that the rules name is there.'],
    [['not judged', 'matches nothing'], '1 name that matches nothing.'],
    [['matches nothing', 'matches nothing'], '2 names that match nothing.'],
  ] as const)('after %j is: %s', (outcomes, says) => {
    expect(report(...outcomes)).toBe(says)
  })
})

describe('a group', () => {
  it('that nobody is in is a warning', async () => {
    expect(await judge({ group: 'Leavers' }, [acme()])).toEqual([
      'group "Leavers": warning: Nobody is in this group.',
    ])
  })

  it('that is not there is named with the nearest that is', async () => {
    expect(await judge({ group: 'Staf' }, [acme()])).toEqual([
      'group "Staf": matches nothing: No directory has a group of this display name. Did you mean "Staff"?',
    ])
    expect(await judge({ group: 'Engineering' }, [acme()])).toEqual([
      'group "Engineering": matches nothing: No directory has a group of this display name.',
    ])
  })
})

describe('a rule that can never hold', () => {
  it('is found before a deploy', async () => {
    const access = { allOf: [{ country: 'DE' }, { country: ['FR', 'AT'] }] }
    expect(await judge(access, [acme()])).toEqual([
      'the rule: matches nothing: It can never hold: no request has several countries at once.',
    ])
  })
})
