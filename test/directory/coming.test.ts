import { env } from 'cloudflare:workers'
import { beforeEach, expect, it } from 'vitest'
import { saveConnection } from '../../tools/stage/connection.ts'
import { setUserActive } from '../../src/directory/sign-in-store.ts'
import { foretell, provision } from '../support/provision.ts'
import { acme } from '../connection/stage.ts'
import { addProvisioned, changeProvisioned } from '../support/directory.ts'
import { noon } from '../support/site.ts'

const { DB: db } = env
const connection = 'okta'
const modes = ['jit', 'scim', 'jit+scim'] as const
const joins = ['user-name', 'external-id'] as const

const personOf = (subject: string) => ({
  connection,
  subject,
  userName: subject,
  email: null,
  displayName: null,
  groups: [],
  attributes: {},
})

/** With a new user for whom there is none. */
const signIn = (
  subject: string,
  mode: (typeof modes)[number],
  join: (typeof joins)[number] = 'user-name',
) => provision(db, personOf(subject), { mode, join, newId: `new ${subject}`, now: noon })

beforeEach(async () => {
  await db.batch(['users', 'connections'].map((table) => db.prepare(`DELETE FROM ${table}`)))
  await saveConnection(db, { ...(await acme()), id: connection }, noon)
  await signIn('jit', 'jit')
  await signIn('jit-out', 'jit')
  await setUserActive(db, 'new jit-out', false, noon)
  await addProvisioned({ userName: 'scim' })
  const out = await addProvisioned({ userName: 'scim-out' })
  await changeProvisioned(out, { active: false })
  const renamed = await addProvisioned({ userName: 'before' })
  await changeProvisioned(renamed, { userName: 'after' })
})

const subjects = ['nobody', 'jit', 'jit-out', 'scim', 'SCIM', 'scim-out', 'before', 'after']

const cases = modes.flatMap((mode) =>
  joins.flatMap((join) => subjects.map((subject) => ({ mode, join, subject }))),
)

it.each(cases)(
  'what is foretold of a sign-in is what becomes of it: $mode, $join, $subject',
  async ({ mode, join, subject }) => {
    const users = () => db.prepare('SELECT * FROM users ORDER BY id').all()
    const before = (await users()).results
    const foretold = await foretell(db, personOf(subject), { mode, join })
    expect((await users()).results).toEqual(before)
    const done = await signIn(subject, mode, join)
    if (!done.ok) return expect(foretold).toEqual(done)
    const id = foretold.ok ? (foretold.value?.id ?? `new ${subject}`) : foretold.error
    expect(id).toBe(done.value.id)
  },
)

it('whom the rule does not find is not provisioned, and only who is not active is disabled', async () => {
  const refused = async (subject: string) => {
    const done = await signIn(subject, 'jit+scim', 'external-id')
    return done.ok ? null : done.error
  }
  expect(await refused('scim')).toBe('not-provisioned')
  expect(await refused('scim-out')).toBe('user-disabled')
})
