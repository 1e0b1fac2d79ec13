/** The directory by command: who a sign-in is of, what the config names, groups, the guard. */
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { explainReach, explainSubject } from '../../src/admin/join-explain.ts'
import type { Entry } from '../../src/directory/overview-store.ts'
import { createGroup } from '../../src/directory/group-store.ts'
import { findGuard } from '../../src/directory/guard-store.ts'
import { findUsers } from '../../src/directory/sign-in-store.ts'
import { createUser } from '../../src/directory/provisioned-store.ts'
import { toInstant } from '../../src/lib/instant.ts'
import { parseDoc, toGroupWrite, toUserWrite } from '../../src/scim/resource.ts'
import { groupType, userType } from '../../src/scim/schema.ts'
import { createTestIdp, signedResponse, type TestIdp } from '../../tools/signing/saml-signer.ts'
import { connectionOf, now, seedConnection, seedSession, seedUser } from './people.ts'
import { createStage, type Stage } from './run.ts'

let stage: Stage
let idp: TestIdp
let ada: string
let staff: string
const at = new Date('2026-11-24T12:00:00Z')
const docOf = (own: object) => parseDoc(JSON.stringify({ own, extension: {} }))
const edition = (id: string, connection = 'acme') => ({
  connection,
  id,
  version: null,
  writeId: id,
  now: now(),
})
const emails = (...values: string[]) => values.map((value) => ({ value }))

beforeAll(async () => {
  stage = await createStage()
  idp = await createTestIdp()
  const certificate = {
    fingerprint: 'ab'.repeat(32),
    certificate: idp.certificate,
    notBefore: toInstant(0),
    notAfter: toInstant(4e12),
  }
  await stage.withStore(async (db) => {
    const fields = { idpEntityId: idp.entityId, certificates: [certificate], domains: ['acme.com'] }
    await seedConnection(db, connectionOf('acme', { ...fields, provisioning: 'jit+scim' }))
    await seedConnection(db, connectionOf('plain'))
    await seedUser(db, { connection: 'acme', subject: 'bob@acme.com', userName: 'bob' }, 'bob')
    const add = (id: string, own: object) =>
      createUser(db, edition(id), toUserWrite(userType, docOf({ active: true, ...own })))
    ada = (await add('ada', { userName: 'ada@acme.com', emails: emails('ada@acme.com') }))?.id ?? ''
    await add('upn', { userName: 'b.smith@corp.acme.com', emails: emails('bob@acme.com') })
    await add('guest', {
      userName: 'eve_other.com#EXT#@acme.onmicrosoft.com',
      emails: emails('eve@other.com'),
    })
    const group = toGroupWrite(groupType, docOf({ displayName: 'Staff' }))
    staff = (await createGroup(db, edition('g-staff'), group, [ada]))?.group.id ?? ''
    const [user] = await findUsers(db, ada)
    if (user) await seedSession(db, user, 'session-of-ada', ['wiki-admins', 'everyone'])
  })
})
afterAll(() => stage.remove())

describe('join test', () => {
  it('--all explains who signed in and would match nobody, and whom of the directory to look at', async () => {
    const { code, out } = await stage.run(['join', 'test', 'acme', '--all'])
    expect(code).toBe(1)
    expect(out).toContain('"acme": the NameID is userName of the directory')
    expect(out).toMatch(
      /bob@acme\.com +nobody +b\.smith@corp\.acme\.com +UPN and mail differ: .*join email/,
    )
    expect(out).toMatch(/b\.smith@corp\.acme\.com +look +UPN and mail \(bob@acme\.com\) differ/)
    expect(out).toMatch(/#EXT#@acme\.onmicrosoft\.com +look +a guest/)
  })

  it('--response explains one person, as of when it was issued', async () => {
    const respond = (nameId: string) =>
      signedResponse(idp, {
        spEntityId: 'https://app.example.com/.gatehouse/saml/acme/metadata',
        acsUrl: 'https://app.example.com/.gatehouse/saml/acme/acs',
        inResponseTo: '_x',
        now: at,
        nameId,
      })
    const test = async (nameId: string) =>
      stage.run(['join', 'test', 'acme', '--response', '-', '--json'], await respond(nameId))
    const one = await test('ADA@acme.com')
    expect([one.code, one.err]).toEqual([0, ''])
    expect(JSON.parse(one.out)).toMatchObject({
      rule: { join: 'user-name' },
      people: [{ outcome: 'matches', userName: 'ada@acme.com' }],
    })
    const guest = await test('eve@other.com')
    expect(guest.code).toBe(1)
    expect(JSON.parse(guest.out).people[0].why).toContain('A guest of Entra ID')
  })

  it('wants to know of whom', async () => {
    const { code, err } = await stage.run(['join', 'test', 'acme'])
    expect([code, err.includes('Give --response or --all')]).toEqual([2, true])
  })
})

describe('why a subject is nobody', () => {
  const entry = (fields: Partial<Entry>): Entry => ({
    id: 'x',
    connection: 'acme',
    userName: 'ada',
    externalId: null,
    emails: [],
    active: true,
    updatedAt: toInstant(0),
    lastLoginAt: null,
    ...fields,
  })
  const near = (fields: Partial<Entry>, subject = 'ada@acme.com', rule = 'user-name' as const) =>
    explainSubject(rule, subject, null, [entry(fields)]).why

  it.each<[string, string, Partial<Entry>]>([
    [
      'UPN and mail differ',
      'UPN and mail differ',
      { userName: 'a.l@corp', emails: ['Ada@acme.com'] },
    ],
    ['the external id', 'the externalId of ada', { externalId: 'ada@acme.com' }],
    ['another case', 'has other upper or lower case', { externalId: 'ADA@acme.com' }],
    ['a guest', 'A guest of Entra ID', { userName: 'ada_acme.com#EXT#@x.com' }],
    ['a changed address', 'has changed on one side', { emails: ['ada@old.com'] }],
  ])('%s', (_, says, fields) => {
    expect(near(fields)).toContain(says)
  })

  it('says so where nobody comes near, or several do', () => {
    expect(explainSubject('email', 'x', null, [])).toMatchObject({
      outcome: 'nobody',
      userName: null,
    })
    expect(explainSubject('email', 'x', 'several', []).outcome).toBe('several')
    const out = explainSubject('email', 'x', entry({ active: false }), [])
    expect(out.outcome).toBe('not active')
  })

  it('says of the directory who can never be found', () => {
    const outcomes = (rule: 'external-id' | 'email', ...entries: Entry[]) =>
      explainReach(rule, entries).map(({ outcome }) => outcome)
    const [a, b] = [entry({ id: 'a', externalId: '1' }), entry({ id: 'b' })]
    expect(outcomes('external-id', a, b)).toEqual(['reachable', 'unreachable'])
    const team = { emails: ['team@acme.com'] }
    const own = entry({ id: 'c', emails: ['team@acme.com', 'c@acme.com'] })
    expect(
      outcomes('email', entry({ id: 'a', ...team }), entry({ id: 'b', ...team }), own),
    ).toEqual(['unreachable', 'unreachable', 'reachable'])
  })
})

describe('check', () => {
  const configOf = async (access: unknown, connections: unknown = null) => {
    const file = join(stage.directory, `config-${crypto.randomUUID()}.ts`)
    const site = {
      url: 'https://app.example.com',
      origin: 'https://origin.example.net',
      routes: [{ path: '/', access }],
      ...(connections === null ? {} : { connections }),
      trust: 'every-connection',
    }
    await writeFile(file, `export default ${JSON.stringify({ sites: [site] })}`)
    return file
  }

  it('finds nothing to say of what is there', async () => {
    const rules = [
      { group: 'Staff', connection: 'acme' },
      { groupId: staff },
      { emailDomain: 'acme.com' },
      { connection: 'plain' },
    ]
    const ran = await stage.runWith(await configOf({ anyOf: rules }), ['check'])
    expect([ran.code, ran.err]).toEqual([0, ''])
    expect(ran.out).toContain('Everything that the rules name is there.')
    expect(ran.out).toContain(`group id ${staff}\n${' '.repeat(17)}"Staff"`)
  })

  it('says what matches nothing, and why', async () => {
    const rules = [
      { group: 'staff', connection: 'acme' },
      { group: 'Gone', connection: 'acme' },
      { groupId: 'g-nowhere' },
      { group: 'any', connection: 'plain' },
      { connection: 'nowhere' },
      { emailDomain: 'acme.com' },
      { email: 'a@unowned.com' },
    ]
    const file = await configOf({ anyOf: rules }, ['plain', 'acme', 'missing'])
    const ran = await stage.runWith(file, ['check', '--json'])
    expect(ran.code).toBe(1)
    const { findings, matchNothing } = JSON.parse(ran.out)
    expect(matchNothing).toBe(5)
    expect(findings.map(({ outcome }: { outcome: string }) => outcome)).toEqual([
      'ok',
      'ok',
      'matches nothing',
      'matches nothing',
      'matches nothing',
      'matches nothing',
      'not judged',
      'matches nothing',
      'ok',
      'warning',
    ])
    expect(findings[3].says).toBe('The directory has "Staff": case counts.')
  })

  it('warns of a name of a group that more than one connection may give', async () => {
    const judge = async (connections: unknown) => {
      const file = await configOf({ group: 'Staff' }, connections)
      const ran = await stage.runWith(file, ['check', '--json'])
      const { outcome, says } = JSON.parse(ran.out).findings.at(-1)
      return [ran.code, outcome, says]
    }
    expect(await judge(['acme'])).toEqual([0, 'ok', null])
    expect(await judge(['plain', 'acme'])).toEqual([
      0,
      'warning',
      expect.stringMatching(/^Each of (plain, acme|acme, plain) may name a group so/),
    ])
  })
})

describe('group and user', () => {
  it('group list and show have source, members and last change', async () => {
    const list = await stage.run(['group', 'list'])
    expect(list.out).toMatch(/g-staff +acme +Staff +1 +\d{4}-/)
    const { code, json } = await stage.json(['group', 'show', 'staff'])
    expect([code, json]).toMatchObject([
      0,
      {
        group: { id: staff, source: 'scim', members: 1, updatedAt: expect.any(String) },
        members: [{ id: ada, userName: 'ada@acme.com', active: true }],
      },
    ])
    expect((await stage.run(['group', 'show', 'nobody'])).code).toBe(1)
  })

  it('user show has source, groups, last change and sessions', async () => {
    const { out } = await stage.run(['user', 'show', 'ada@acme.com'])
    expect(out).toMatch(/source: +the directory, by SCIM\n/)
    expect(out).toMatch(/directory groups: +Staff\n/)
    expect(out).toMatch(/asserted groups: +wiki-admins, everyone\nasserted at: +\d{4}-.* UTC\n/)
    expect(out).toMatch(/rules go by: +directory groups\n/)
    expect(out).toMatch(/last change: +\d{4}-/)
    expect(out).toContain('session-of-ada')
    const { json } = await stage.json(['user', 'show', 'bob'])
    expect(json).toMatchObject({
      user: { source: 'jit' },
      directory: null,
      rulesGoBy: 'assertion',
      sessions: [],
    })
  })
})

describe('the removal guard', () => {
  it('is set, shown, told when it holds, and opened', async () => {
    const set = await stage.run(['connection', 'update', 'acme', '--removal-guard', '20%'])
    expect(set.out).toMatch(/removal guard: +20% of the people in an hour\n/)
    await stage.withStore((db) =>
      db.prepare('UPDATE scim_guards SET held_at = ?1').bind(now()).run(),
    )
    const held = await stage.run(['connection', 'show', 'acme'])
    expect(held.out).toContain('npx gatehouse scim allow-removals acme --for 1h')
    const opened = await stage.run(['scim', 'allow-removals', 'acme', '--for', '30m'])
    expect([opened.code, opened.err]).toEqual([0, ''])
    const guard = await stage.withStore((db) => findGuard(db, 'acme', now()))
    expect(guard?.heldAt).toBeNull()
    expect((guard?.allowedUntil ?? 0) - Date.now()).toBeGreaterThan(25 * 60_000)
    const shown = await stage.run(['connection', 'show', 'acme'])
    expect(shown.out).toContain('The removal guard lets all removals through until')
    expect((await stage.run(['scim', 'allow-removals', 'acme', '--for', '2d'])).code).toBe(2)
    expect((await stage.run(['scim', 'allow-removals', 'plain'])).code).toBe(1)
  })
})
