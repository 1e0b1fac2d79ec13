/**
 * From every earlier schema: a database with the rows that the Worker of that time wrote is migrated,
 * and the Worker of today goes on with it.
 */
import { env } from 'cloudflare:workers'
import { describe, expect, it, vi } from 'vitest'
import { enableUser } from '../../src/admin/people.ts'
import type { Connection } from '../../src/connection/connection.ts'
import { hashToken, toSessionToken, type SessionToken } from '../../src/session/token.ts'
import { context } from '../admin/stage.ts'
import { addToken } from '../scim/stage.ts'
import { emptyAt, migrateOn, numberOf } from '../support/empty.ts'
import { requestWith } from '../support/session.ts'
import {
  addRows,
  columnsOf,
  connectionRows,
  personRows,
  type Row,
  type Rows,
} from '../support/rows.ts'
import { createStage, SITE, start, today, type Build, type Stage } from '../login/stage.ts'

const now = start.getTime()
const HOUR = 3_600_000
const at = { connection: 'okta', now }

/** Migrations that are older than sign-ins have sessions with fewer facts in KV. */
const SIGN_INS = 13
const DIRECTORY = 3

/** The settings that the first version wrote. Later ones added some, and read these with defaults. */
const firstSettings = JSON.stringify({
  nameIdFormat: null,
  forceAuthn: false,
  authnContext: null,
  subject: { from: 'name-id' },
  attributes: { email: null, userName: null, displayName: null, groups: null },
  clockSkewSeconds: 60,
  allowSha1Until: null,
  allowWeakRsaUntil: null,
})

const firstConnection = (connection: Connection): Rows => [
  ...connectionRows(at).map(([table, row]): readonly [string, Row] => [
    table,
    table === 'connections'
      ? {
          ...row,
          with_directory: 0,
          idp_entity_id: connection.idpEntityId,
          sso_url: connection.ssoUrl,
          settings: firstSettings,
        }
      : row,
  ]),
  ...connection.certificates.map((each): readonly [string, Row] => [
    'connection_certificates',
    {
      connection: connection.id,
      fingerprint: each.fingerprint,
      certificate: each.certificate,
      not_before: each.notBefore,
      not_after: each.notAfter,
      added_at: now,
    },
  ]),
]

const then: Build = {
  ...today,
  saveConnection: async (db, connection) => addRows(firstConnection(connection), db),
}

/** A session of that time. */
async function openThen(mark: string, schema: number): Promise<SessionToken> {
  const token = toSessionToken(crypto.getRandomValues(new Uint8Array(32)))
  const older = {
    id: `session-${mark}`,
    site: 'app.example.com',
    connection: 'okta',
    userId: `id-${mark}`,
    userName: `${mark}@okta.com`,
    email: `${mark}@okta.com`,
    displayName: null,
    groups: ['engineering'],
    attributes: {},
    nameId: `${mark}@okta.com`,
    nameIdFormat: null,
    sessionIndex: null,
    openedAt: now - HOUR,
    expiresAt: now + 8 * HOUR,
    idleSeconds: null,
  }
  const since = {
    signIn: `sign-in-${mark}`,
    signedInAt: now - HOUR,
    authnInstant: now - HOUR,
    authnContext: null,
  }
  await env.SESSIONS.put(
    `session:${await hashToken(token)}`,
    JSON.stringify(schema < SIGN_INS ? older : { ...older, ...since }),
  )
  return token
}

/** A person of that time with a session. Before there was a directory, nobody was sent by one. */
async function personThen(mark: string, nth: number, schema: number): Promise<SessionToken> {
  const token = await openThen(mark, schema)
  const hash = await hashToken(token)
  const own: Readonly<Record<string, Row>> = {
    users: schema < DIRECTORY ? { source: 'jit' } : {},
    sign_ins: { id: `sign-in-${mark}` },
    transfers: { sign_in: `sign-in-${mark}` },
    sessions: {
      id: `session-${mark}`,
      site: 'app.example.com',
      token_hash: hash,
      sign_in: `sign-in-${mark}`,
      asserted_groups: '["engineering"]',
      bound_at: null,
      device_key: null,
      proved_at: null,
    },
  }
  const rows = personRows(mark, at, nth).map(([table, row]): readonly [string, Row] => [
    table,
    { ...row, ...own[table] },
  ])
  await addRows(rows)
  return token
}

const disable = async (id: string, schema: number): Promise<void> => {
  const set = schema < DIRECTORY ? 'active = 0' : 'active = 0, barred = 1'
  await env.DB.prepare(`UPDATE users SET ${set} WHERE id = ?1`).bind(id).run()
}

/** Every row, by table, with the columns that the schema had then. */
async function everything(
  columns: ReadonlyMap<string, readonly string[]>,
): Promise<ReadonlyMap<string, readonly string[]>> {
  const found = new Map<string, readonly string[]>()
  for (const [table, names] of columns) {
    const { results } = await env.DB.prepare(`SELECT ${names.join(', ')} FROM ${table}`).all()
    found.set(table, results.map((row) => JSON.stringify(row)).toSorted())
  }
  return found
}

const ask = async (stage: Stage, token: SessionToken, path = '/'): Promise<number> => {
  const response = await stage.send(requestWith(token, SITE + path))
  await response.text()
  return response.status
}

const visit = async (stage: Stage, path: string): Promise<number> => {
  const response = await stage.browser().go(SITE + path)
  await response.text()
  return response.status
}

const schemas = env.TEST_MIGRATIONS.map(({ name }) => numberOf(name))
/** As it was before the newest migration. */
const earlier = schemas.slice(0, -1)

it('has every earlier schema', () => {
  expect(earlier.length).toBeGreaterThanOrEqual(20)
  expect(earlier).toEqual(earlier.toSorted((a, b) => a - b))
})

describe.each(earlier)('from schema %i', (schema) => {
  it('without migrations nobody gets in who may not; with them the rows stay, the sessions go on, and a disabled person stays out', async () => {
    await emptyAt(schema)
    const stage = await createStage(undefined, {}, {}, then)
    const ada = await personThen('ada', 1, schema)
    const bob = await personThen('bob', 2, schema)
    await disable('id-bob', schema)

    // A deploy that left the migrations out. What needs them is 503, the rest is as with them.
    const stays = await ask(stage, ada)
    expect([200, 503]).toContain(stays)
    expect([401, 503]).toContain(await ask(stage, bob))
    expect([200, 503]).toContain(await visit(stage, '/.gatehouse/login?to=%2F'))
    expect(await visit(stage, '/public')).toBe(200)
    expect(stage.origin).toHaveLength(stays === 200 ? 2 : 1)
    stage.play(then)

    const columns = await columnsOf(env.DB)
    const before = await everything(columns)
    expect(before.get('users')).toHaveLength(2)
    expect(before.get('sessions')).toHaveLength(2)

    await migrateOn()
    const after = await everything(columns)
    expect(Object.fromEntries(after)).toEqual(Object.fromEntries(before))

    // A session that was opened then is still one, in its groups too.
    expect(await ask(stage, ada)).toBe(200)
    const mayPass = schema < DIRECTORY ? 200 : 403 // Since then the directory has their groups.
    expect(await ask(stage, ada, '/engineers')).toBe(mayPass)
    expect(await ask(stage, bob)).not.toBe(200)

    // Disabled then means disabled by an operator, until an operator says otherwise.
    expect(
      await env.DB.prepare("SELECT barred FROM users WHERE id = 'id-bob'").first('barred'),
    ).toBe(1)
    await enableUser(context, { text: 'id-bob', connection: null })
    expect(
      await env.DB.prepare("SELECT active FROM users WHERE id = 'id-bob'").first('active'),
    ).toBe(1)

    // What came later is made of what was there.
    const { results: words } = await env.DB.prepare(
      "SELECT word FROM user_words WHERE user_id = 'id-ada' ORDER BY word",
    ).all()
    expect(words.map(({ word }) => word)).toEqual(['ada', 'ada@okta.com', 'lovelace'])
    const sent = schema < DIRECTORY ? 0 : 2
    const token = await addToken('okta')
    const list = await stage.send(
      new Request(`${SITE}/.gatehouse/scim/okta/v2/Users`, {
        headers: { Authorization: `Bearer ${token}` },
      }),
    )
    expect(await list.json()).toMatchObject({ totalResults: sent })
    const guarded = await env.DB.prepare('SELECT active FROM scim_guards').first('active')
    expect(guarded).toBe(sent === 0 ? null : sent)

    // Signing in and out, and cron.
    const browser = stage.browser()
    expect((await stage.signIn(browser, '/', { nameId: 'cyd@okta.com' })).status).toBe(303)
    await stage.cron()
    const leave = requestWith(ada, `${SITE}/.gatehouse/logout`, {
      method: 'POST',
      headers: { Origin: SITE, 'Sec-Fetch-Site': 'same-origin' },
    })
    await (await stage.send(leave)).text()
    vi.setSystemTime(now + 60_000)
    expect(await ask(stage, ada)).not.toBe(200)
    const revoked = await env.DB.prepare(
      "SELECT count(*) AS n FROM sessions s LEFT JOIN sign_ins si ON si.id = s.sign_in WHERE s.id = 'session-ada' AND coalesce(s.revoked_at, si.ended_at) IS NOT NULL",
    ).first('n')
    expect(revoked).toBe(1)
  })
})
