/** What is left of a person who was removed. */
import { env } from 'cloudflare:workers'
import { beforeEach, expect, it } from 'vitest'
import { saveAttempt } from '../../src/attempt/store.ts'
import { everyEvent, listEvents, saveEvents } from '../../src/audit/store.ts'
import { toRow } from '../../src/audit/row.ts'
import { removeConnection } from '../../src/connection/store.ts'
import { setUserActive } from '../../src/directory/sign-in-store.ts'
import { listPeople } from '../../src/directory/people-store.ts'
import { MOST_GROUPS } from '../../src/lib/most-groups.ts'
import { addConnection, emptyStores, everyRow } from '../support/session.ts'
import { addGroup, addProvisioned, removeProvisioned, renameGroup } from '../support/directory.ts'
import { noon } from '../support/site.ts'

beforeEach(async () => {
  await emptyStores()
  await env.DB.exec('DELETE FROM attempts; DELETE FROM audit')
  await addConnection('okta', 'scim')
  await addConnection('entra', 'scim')
})

const attempt = (user: string | null, person: string, connection = 'okta') =>
  saveAttempt(env.DB, {
    pool: 'done',
    assertion: null,
    attempt: {
      id: crypto.randomUUID(),
      at: noon,
      kind: 'sign-in',
      host: 'app.example.com',
      connection,
      reason: user === null ? 'not-provisioned' : null,
      user,
      person,
      facts: {},
      findings: [],
      document: `<saml:NameID>${person}</saml:NameID>`,
    },
  })
const people = async () => {
  const { results } = await env.DB.prepare('SELECT person FROM attempts ORDER BY person').all()
  return results.map(({ person }) => person)
}

it.each([
  ['', false],
  [', also one whom the operator disabled', true],
])('the attempts of a person go with the person%s', async (_, isBarred) => {
  const ada = await addProvisioned({ userName: 'Ada@Acme.com' })
  const bob = await addProvisioned({ userName: 'bob@acme.com' })
  await attempt(ada, 'ada@acme.com')
  await attempt(null, 'ADA@acme.com')
  await attempt(bob, 'bob@acme.com')
  await attempt(null, 'Ada@Acme.com', 'entra')
  if (isBarred) await setUserActive(env.DB, ada, false, noon)
  expect(await removeProvisioned(ada)).toBe(true)
  // The connection of entra has a person of this name of its own.
  expect(await people()).toEqual(['Ada@Acme.com', 'bob@acme.com'])
})

it('with a connection go the attempts to sign in by it', async () => {
  await attempt(null, 'ada@acme.com')
  await attempt(null, 'bob@acme.com', 'entra')
  expect(await removeConnection(env.DB, 'okta')).toBe(true)
  expect(await removeConnection(env.DB, 'okta')).toBe(false)
  expect(await people()).toEqual(['bob@acme.com'])
  expect(await everyRow()).not.toContain('ada@acme.com')
})

it('the audit names a person who was removed as the event of the removal does', async () => {
  const ada = await addProvisioned({ userName: 'ada@acme.com' })
  const events = [
    { kind: 'login', site: 's', connection: 'okta', user: ada, session: 'x' },
    {
      kind: 'directory-changed',
      connection: 'okta',
      token: 't',
      change: 'user-removed',
      id: ada,
      name: 'ada@acme.com',
      unknownMembers: 0,
    },
    { kind: 'login', site: 's', connection: 'okta', user: 'gone before', session: 'y' },
  ] as const
  for (const event of events) {
    const row = toRow(event, noon, null)
    await saveEvents(env.DB, row.share, { rows: [row], dropped: 0 }, noon)
  }
  await removeProvisioned(ada)
  const page = { order: 'oldest-first', after: null, limit: 9 } as const
  const names = (await listEvents(env.DB, everyEvent, page)).map(({ user, userName }) =>
    user === ada ? userName : [user, userName],
  )
  expect(names).toHaveLength(3)
  expect(new Set(names)).toEqual(new Set(['ada@acme.com', ['gone before', null]]))
})

it('as many groups of a person are read for everybody as count for a session', async () => {
  const ada = await addProvisioned({ userName: 'ada' })
  const numbers = `WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?1)`
  await env.DB.batch([
    env.DB.prepare(
      `${numbers} INSERT INTO scim_groups (id, connection, name, name_fold, doc, search, version,
         write_id, created_at, updated_at)
       SELECT 'g' || i, 'okta', 'Group ' || i, 'group ' || i, '{}', '{}', 1, 'w', 0, 0 FROM n`,
    ).bind(MOST_GROUPS + 6),
    env.DB.prepare(
      `INSERT INTO scim_members (group_id, user_id) SELECT id, ?1 FROM scim_groups`,
    ).bind(ada),
  ])
  const [person] = await listPeople(env.DB, { after: null, id: ada, limit: 1 })
  expect(person?.groups).toHaveLength(MOST_GROUPS)
  expect(person?.groups?.[0]?.displayName).toBe('Group 1')
})

it('the audit names a group as the directory does now, and one that was removed as its removal does', async () => {
  const staff = await addGroup('Staff')
  const changed = { kind: 'directory-changed', connection: 'okta', token: 't' } as const
  const command = { kind: 'operator', actor: 'cli', connection: 'okta', user: null } as const
  const events = [
    { ...changed, change: 'group-created', id: staff, unknownMembers: 0 },
    { ...changed, change: 'group-removed', id: 'gone', group: 'Admins', unknownMembers: 0 },
    { ...changed, change: 'group-changed', id: 'gone before', unknownMembers: 0 },
    {
      ...command,
      operator: 'Grace',
      command: 'service-token create',
      facts: { name: 'ci', ownerId: staff },
    },
  ] as const
  for (const event of events) {
    const row = toRow(event, noon, null)
    await saveEvents(env.DB, row.share, { rows: [row], dropped: 0 }, noon)
  }
  await renameGroup(staff, 'All staff')
  const { results } = await env.DB.prepare('SELECT facts FROM audit').all()
  expect(JSON.stringify(results)).not.toMatch(/staff/i)
  const page = { order: 'oldest-first', after: null, limit: 9 } as const
  const named = (await listEvents(env.DB, everyEvent, page)).map(({ facts }) => [
    facts['id'] ?? facts['ownerId'],
    facts['group'],
  ])
  expect(named).toHaveLength(4)
  expect(named).toEqual(
    expect.arrayContaining([
      [staff, 'All staff'],
      ['gone', 'Admins'],
      ['gone before', undefined],
      [staff, 'All staff'],
    ]),
  )
  const found = await listEvents(env.DB, { ...everyEvent, text: 'all STAFF' }, page)
  expect(found).toHaveLength(2)
})
