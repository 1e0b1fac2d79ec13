/** What an export and an erasure of a person have to reach: every column with data of a person. */
import { env } from 'cloudflare:workers'
import { beforeEach, describe, expect, it } from 'vitest'
import document from '../../docs/personal-data.md?raw'
import { userErase, userExport } from '../../src/admin/person-data.ts'
import { personTables } from '../../src/admin/person-tables.ts'
import { serviceTokenCreate } from '../../src/admin/service-token-operations.ts'
import { everyEvent, listEvents } from '../../src/audit/store.ts'
import { plusSeconds, toIso } from '../../src/lib/instant.ts'
import { addProvisioned } from '../support/directory.ts'
import { emptyEverything } from '../support/empty.ts'
import { addRows, columnsOf, connectionRows, personRows } from '../support/rows.ts'
import { everyRow, signIn } from '../support/session.ts'
import { act, context, db, now, refusalOf, valueOf } from './stage.ts'

/** Columns without data of a person. A new column goes here, or into docs/personal-data.md. */
const without: Readonly<Record<string, string>> = {
  admin_links: 'code_hash id created_at expires_at entered_at session_hash ended_at',
  admin_tokens: 'id label scopes hash created_at expires_at last_used_at revoked_at',
  attempts: 'pool nth id kind connection assertion',
  audit: 'share nth kind connection dropped',
  connection_certificates: 'connection fingerprint certificate not_before not_after added_at',
  connection_domains: 'domain connection',
  connection_metadata:
    'connection url edition next_at read_at good_at valid_until etag pinned signer listed leaving waiting fault',
  connections:
    'id display_name enabled idp_entity_id sso_url sso_binding metadata_url provisioning settings created_at updated_at with_directory slo',
  end_warnings: 'connection fingerprint days not_after',
  hand_overs:
    'id connection may_make_token code_hash created_at expires_at opened_at session_hash token ended_at ended_why',
  idempotency_keys: 'id token request claim claimed_until expires_at',
  key_tries: 'wrapped_key tries expires_at',
  logout_requests: 'connection id taken_by asked_at expires_at',
  oauth_access: 'hash grant_id expires_at',
  oauth_clients: 'id name redirects device secret_hash created_at',
  oauth_devices:
    'code_hash user_code_hash client site country network asked_at expires_at polled_at wait_seconds is_hasty refused_at',
  oauth_grants: 'id client_kind code_hash code_expires_at challenge family_hash refresh_hash',
  scim_counts: 'connection kind total removed',
  scim_groups:
    'seq id connection name name_fold external_id doc search version write_id created_at updated_at',
  scim_guards: 'connection active held_at allowed_until',
  scim_held: 'connection',
  scim_keys: 'connection path',
  scim_marks: 'connection kind removed position seq',
  scim_members: '',
  scim_removals: 'connection',
  scim_requests: 'connection nth at method status scim_type token',
  scim_tokens: 'id connection label hash created_at expires_at last_used_at revoked_at',
  scim_users: 'seq connection version write_id',
  service_secrets: 'hash token created_at expires_at',
  service_tokens: 'id group_id sites paths methods created_at rotated_at revoked_at',
  sessions: 'id connection sign_in',
  sign_in_tests: 'code_hash id connection expires_at',
  sign_ins: 'id connection name_id_format',
  signal_streams:
    'id connection issuer delivery audience authorization_hash token remote jwks_url jwks jwks_at jwks_asked_at expected verified_at last_event_at status fault polled_at created_at',
  signals_taken: 'scope jti write_id expires_at',
  signing_keys: 'kid public_jwk sealed_private_key created_at signs_from published_until',
  sp_generations: 'generation state since',
  sp_keys: 'generation kind certificate sealed_private_key created_at',
  taken: 'connection kind id expires_at',
  transfers: 'code_hash sign_in host login expires_at',
  user_words: '',
  users: 'connection',
  webhook_messages:
    'seq id webhook share kind connection dropped omitted state due_at give_up_at attempts tried_at status reason',
  webhooks:
    'id url kinds format secret old_secret old_secret_until created_at waiting omitted failing_since paused_until off_at off_reason',
}

interface Documented {
  readonly table: string
  readonly columns: readonly string[]
  readonly erasure: string
}
const documented: readonly Documented[] = [
  ...document.matchAll(/^\| `(\w+)` +\| ((?:`\w+`(?:, )?)+) *\| (.+?) *\|$/gm),
].map(([, table = '', columns = '', erasure = '']) => ({
  table,
  columns: [...columns.matchAll(/`(\w+)`/g)].map(([, column = '']) => column),
  erasure,
}))

const at = { connection: 'acme', now }
const webhook = [
  'webhooks',
  { id: 'w', url: 'https://hook.example', kinds: '[]', format: 'json', secret: 's', created_at: 0 },
] as const

beforeEach(async () => {
  await emptyEverything()
  await addRows([
    webhook,
    ...connectionRows(at),
    ...personRows('ada', at, 1),
    // Her mark is in every word of Bob's that a search without word borders would find.
    ...personRows('adabob', at, 2),
  ])
})

const exported = async (user: string) =>
  valueOf(await act(userExport, { user })).facts as unknown as {
    readonly tables: Readonly<Record<string, readonly Readonly<Record<string, unknown>>[]>>
    readonly sessionsInKv: readonly object[] | null
  }
const erase = (user: string, more = {}) => act(userErase, { user, yes: '', ...more })

/** Rows of a table in which any value has the mark as a word. */
async function rowsWith(mark: string): Promise<Readonly<Record<string, number>>> {
  const word = new RegExp(`(?<![a-z\\d])${mark}(?![a-z\\d])`, 'i')
  const tables = JSON.parse(await everyRow()) as [string, object[]][]
  return Object.fromEntries(
    tables
      .map(([table, rows]) => [table, rows.filter((row) => word.test(JSON.stringify(row))).length])
      .filter(([, rows]) => rows !== 0),
  ) as Readonly<Record<string, number>>
}

describe('the list of columns with data of a person', () => {
  it('names every column of the schema, either there or among those without', async () => {
    const schema = Array.from(await columnsOf(env.DB), ([table, columns]) =>
      columns.map((column) => `${table}.${column}`),
    ).flat()
    const named = [
      ...documented.flatMap(({ table, columns }) => columns.map((each) => `${table}.${each}`)),
      ...Object.entries(without).flatMap(([table, columns]) =>
        columns.split(' ').flatMap((column) => (column === '' ? [] : `${table}.${column}`)),
      ),
    ]
    const neither = schema.filter((column) => !named.includes(column))
    expect(
      neither,
      'say whether it can hold data of a person: in docs/personal-data.md (then `user export` and `user erase` must reach it, src/admin/person-tables.ts), or in the list of this test',
    ).toEqual([])
    expect(named.filter((column) => !schema.includes(column))).toEqual([])
    expect(new Set(named).size).toBe(named.length)
  })

  it('has each table that is exported, and only tables that expire are not', () => {
    const notExported = documented
      .filter(({ table }) => personTables.every((each) => each.table !== table))
      .map(({ erasure }) => erasure)
    expect(notExported.length).toBeGreaterThan(0)
    expect(notExported.every((erasure) => erasure.startsWith('expires'))).toBe(true)
    expect(
      personTables.filter(({ table }) => documented.every((each) => each.table !== table)),
    ).toEqual([])
  })

  it('has columns that the rows of this test fill, so that nothing below passes by being empty', async () => {
    const all = JSON.parse(await everyRow()) as [string, Readonly<Record<string, unknown>>[]][]
    const rows = new Map(all)
    const empty = documented
      .filter(({ table }) => personTables.some((each) => each.table === table))
      .flatMap(({ table, columns }) =>
        columns
          .filter((column) => (rows.get(table) ?? []).every((row) => row[column] === null))
          .map((column) => `${table}.${column}`),
      )
    // A sign-in or a session that goes on has not ended.
    expect(empty).toEqual(['sign_ins.ended_at', 'sign_ins.ended_why', 'sessions.revoked_at'])
  })
})

describe('user export', () => {
  it('gives every column with data of the person, of every table, and nothing of another person', async () => {
    const { tables } = await exported('id-ada')
    const hidden = new Set<string>(
      personTables.flatMap((each) => ('hides' in each ? each.hides : [])),
    )
    for (const { table } of personTables) {
      const columns = documented.find((each) => each.table === table)?.columns ?? []
      expect([table, tables[table]?.length]).not.toEqual([table, 0])
      const missing = columns.filter(
        (column) => !hidden.has(column) && tables[table]?.every((row) => !(column in row)),
      )
      expect([table, missing]).toEqual([table, []])
    }
    expect(JSON.stringify(tables)).not.toContain('adabob')
    expect(JSON.stringify(tables)).not.toContain('hash-ada')
    const rowsOfAda = await rowsWith('ada')
    const given = Object.entries(tables).map(([table, { length }]) => [table, length])
    expect(Object.fromEntries(given)).toEqual(rowsOfAda)
  })

  it('reads times and JSON', async () => {
    const { tables } = await exported('id-ada')
    expect(tables['users']?.[0]).toMatchObject({
      created_at: new Date(now - 70 * 3_600_000).toISOString(),
      active: 1,
    })
    expect(tables['attempts']?.find((row) => row['id'] === 'attempt-ada')).toMatchObject({
      findings: [{ says: 'ada' }],
    })
  })

  it('gives what KV has of open sessions, where KV can be asked', async () => {
    expect((await exported('id-ada')).sessionsInKv).toBeNull()
    await addRows(connectionRows({ connection: 'okta', now }))
    const { user } = await signIn({ groups: ['night shift'] })
    const done = await act(userExport, { user: user.id }, { by: { ...context, kv: env.SESSIONS } })
    expect(valueOf(done).facts).toMatchObject({
      sessionsInKv: [{ userId: user.id, groups: ['night shift'] }],
    })
  })
})

describe('user erase', () => {
  it('asks first', async () => {
    const before = await everyRow()
    expect(refusalOf(await act(userErase, { user: 'id-ada' }))).toMatchObject({
      reason: 'unconfirmed',
      message: expect.stringContaining('The directory sent this person'),
    })
    expect(await everyRow()).toBe(before)
  })

  it('leaves nothing of the person but what expires, and everything of everybody else', async () => {
    const others = await rowsWith('adabob')
    const { tables } = await exported('id-adabob')
    valueOf(await erase('id-ada'))
    expect(await rowsWith('ada')).toEqual({ logout_requests: 1 })
    expect(await rowsWith('adabob')).toEqual(others)
    expect((await exported('id-adabob')).tables).toEqual(tables)
  })

  it('keeps what operators did on record, without the names', async () => {
    valueOf(await erase('id-ada'))
    const events = await listEvents(
      db,
      { ...everyEvent, kinds: ['operator'] },
      { order: 'oldest-first', after: null, limit: 50 },
    )
    expect(
      events.map(({ user, facts }) => [facts['command'], facts['operator'], user]).slice(0, 2),
    ).toEqual([
      ['user disable', 'Olga', null],
      ['user disable', 'Olga', 'id-adabob'],
    ])
    expect(events.map(({ facts }) => facts['operator'])).toContain('erased')
    expect(events.at(-1)).toMatchObject({
      user: null,
      connection: 'acme',
      facts: { command: 'user erase', operator: 'Grace', auditKept: false },
    })
  })

  it('leaves the audit where a legal claim needs it, and no other trace', async () => {
    const before = (await rowsWith('ada'))['audit']
    valueOf(await erase('id-ada', { 'keep-audit': '' }))
    expect(await rowsWith('ada')).toEqual({ audit: before, logout_requests: 1 })
  })

  it('counts the messages that wait for a webhook as before', async () => {
    valueOf(await erase('id-ada'))
    const row = await db
      .prepare(
        `SELECT waiting, (SELECT count(*) FROM webhook_messages WHERE state = 'waiting') AS found
         FROM webhooks`,
      )
      .first<{ waiting: number; found: number }>()
    expect(row?.waiting).toBe(row?.found)
    expect(row?.found).toBeGreaterThan(0)
  })

  it('revokes the tokens of the API that the person made', async () => {
    valueOf(await erase('id-ada'))
    const { results } = await db
      .prepare('SELECT id, revoked_at IS NULL AS counts, made_by FROM admin_tokens ORDER BY id')
      .all()
    expect(results).toEqual([
      { id: 'token-1', counts: 0, made_by: 'erased' },
      { id: 'token-2', counts: 1, made_by: 'adabob@acme.com' },
    ])
  })

  it('leaves no id of the owner in what the audit has of a service token', async () => {
    const terms = {
      name: 'ci',
      site: ['app.example.com'],
      expires: toIso(plusSeconds(now, 86_400)),
    }
    valueOf(await act(serviceTokenCreate, { ...terms, user: 'id-ada' }))
    valueOf(await erase('id-ada'))
    expect(await rowsWith('ada')).toEqual({ logout_requests: 1 })
  })

  it('deletes the service tokens that the person owns, and takes the maker’s name from others', async () => {
    valueOf(await erase('id-ada'))
    const { results } = await db
      .prepare('SELECT id, maker, made_by FROM service_tokens ORDER BY id')
      .all()
    expect(results).toEqual([
      { id: 'made-1', maker: null, made_by: 'erased' },
      { id: 'made-2', maker: 'id-adabob', made_by: 'adabob@acme.com' },
      { id: 'owned-2', maker: null, made_by: 'Grace' },
    ])
  })

  it('deletes the sessions in KV, where KV can be reached, and no others', async () => {
    await addRows(connectionRows({ connection: 'okta', now }))
    const [ada, bob] = [
      await signIn(),
      await signIn({}, { subject: 'bob', userName: 'bob', email: null }),
    ]
    const by = { ...context, kv: env.SESSIONS }
    const done = await act(userErase, { user: ada.user.id, yes: '' }, { by })
    expect(valueOf(done).facts).toMatchObject({ kvErased: true })
    const { keys } = await env.SESSIONS.list()
    expect(keys.map(({ name }) => name)).toEqual([`session:${bob.hash}`])
  })

  it('gives the groups of the person a new version, so that a directory sees the change', async () => {
    const versionOf = () => db.prepare('SELECT version FROM scim_groups').first<number>('version')
    const before = await versionOf()
    valueOf(await erase('id-ada'))
    expect(await versionOf()).toBe((before ?? 0) + 1)
  })

  it('is not stopped by the name of a person that is also a word of an event', async () => {
    const id = await addProvisioned({ userName: 'operator' }, 'acme')
    const before = (await rowsWith('ada'))['audit']
    valueOf(await erase(id))
    expect((await rowsWith('ada'))['audit']).toBe(before)
  })
})
