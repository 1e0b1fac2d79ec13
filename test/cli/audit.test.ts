import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { userInfo } from 'node:os'
import { join, resolve } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { csvCell } from '../../src/admin/audit-export.ts'
import type { AuditEvent } from '../../src/audit/event.ts'
import { toRow } from '../../src/audit/row.ts'
import { everyEvent, listEvents, saveEvents } from '../../src/audit/store.ts'
import { plusSeconds, toInstant, type Instant } from '../../src/lib/instant.ts'
import { connectionOf, seedConnection, seedSession, seedUser } from './people.ts'
import { createStage, vector, type Stage } from './run.ts'

const root = resolve(import.meta.dirname, '../..')
const noon = toInstant(Date.UTC(2026, 10, 24, 12))

let stage: Stage
beforeAll(async () => {
  stage = await createStage()
  await stage.withStore(async (db) => {
    await seedConnection(db, connectionOf('acme'))
    const ada = await seedUser(
      db,
      { userName: 'ada', subject: 'ada', connection: 'acme', email: 'ada@acme.com' },
      'user-ada',
    )
    for (const id of ['session-1', 'session-2', 'session-3']) await seedSession(db, ada, id)
    await keep(db, failure, plusSeconds(noon, -1), number)
    await keep(db, login('user-ada'), noon)
    await keep(db, login('user-gone'), plusSeconds(noon, 1))
    await keep(db, refusal('=cmd|calc!A1'), plusSeconds(noon, 2))
  })
})
afterAll(() => stage.remove())

const login = (user: string): AuditEvent => ({
  kind: 'login',
  site: 'app.example.com',
  connection: 'acme',
  user,
  session: 'session-1',
})

const refusal = (reason: string): AuditEvent => ({
  kind: 'login-refused',
  site: 'app.example.com',
  connection: null,
  user: null,
  reason,
  facts: { explained: 'an answer\u001b[31m of "somebody"' },
})

const number = '3d9a2195-fdf1-4445-a705-ec75e18fc56e'
const failure: AuditEvent = {
  kind: 'origin-failed',
  site: 'app.example.com',
  origin: 'https://origin.example.net',
  reason: 'unreachable',
}

async function keep(
  db: D1Database,
  event: AuditEvent,
  at: Instant,
  request = 'request-1',
): Promise<void> {
  const row = toRow(event, at, request)
  await saveEvents(db, row.share, { rows: [row], dropped: 0 }, at)
}

const operatorEvents = () =>
  stage.withStore((db) =>
    listEvents(
      db,
      { ...everyEvent, kinds: ['operator'] },
      { order: 'oldest-first', after: null, limit: 100 },
    ),
  )

describe('audit tail', () => {
  it('shows the newest, the last one last, and lets no event command the terminal', async () => {
    const { code, out, err } = await stage.run(['audit', 'tail', '--limit', '2'])
    expect([code, err]).toEqual([0, ''])
    const [first, second, ...others] = out.trimEnd().split('\n')
    expect(first).toBe(
      '2026-11-24T12:00:01.000Z  login              connection=acme user=user-gone site=app.example.com session=session-1 request=request-1',
    )
    expect(second).toContain(
      'login-refused      explained="an answer\\u001b[31m of \\"somebody\\""',
    )
    expect(others).toEqual([])
  })

  it('finds by user, kind, connection and time, as JSON too', async () => {
    const ada = await stage.json(['audit', 'tail', '--user', 'ADA@acme.com'])
    expect(ada).toEqual({
      code: 0,
      json: {
        events: [
          {
            at: '2026-11-24T12:00:00.000Z',
            kind: 'login',
            connection: 'acme',
            user: 'user-ada',
            userName: 'ada',
            requestId: 'request-1',
            sentence: 'ada signed in to app.example.com with "acme".',
            facts: { site: 'app.example.com', session: 'session-1' },
            dropped: 0,
          },
        ],
      },
    })
    const filtered = await stage.json([
      'audit',
      'tail',
      '--kind',
      'login',
      '--since',
      '2026-11-24T12:00:01Z',
    ])
    expect(filtered.json).toMatchObject({ events: [{ user: 'user-gone' }] })
    const none = await stage.run(['audit', 'tail', '--connection', 'acme', '--kind', 'logout'])
    expect(none).toMatchObject({ code: 0, out: 'There is no such event.\n' })
  })

  it('finds what became of a request by the number on its page, and says where else to look', async () => {
    const found = await stage.run(['audit', 'tail', '--request', ` ${number.toUpperCase()}`])
    expect(found.out).toBe(
      `2026-11-24T11:59:59.000Z  origin-failed      site=app.example.com origin=https://origin.example.net reason=unreachable request=${number}\n`,
    )
    const none = await stage.run(['audit', 'tail', '--request', number.replace('3', '4')])
    expect(none).toMatchObject({ code: 0, err: '' })
    expect(none.out).toContain('Some events are only in the log')
    const half = await stage.run(['audit', 'tail', '--request', number.slice(0, 8)])
    expect(half.code).toBe(2)
    expect(half.err).toContain('the whole number on the page')
  })

  it('is followed by a list in plain English, page by page', async () => {
    const first = await stage.run(['audit', 'list', '--limit', '2', '--kind', 'sign-ins'])
    expect([first.code, first.err]).toEqual([0, ''])
    expect(first.out).toMatch(/^AT +EVENT +REQUEST\n/)
    expect(first.out).toContain(
      '2026-11-24 12:00 UTC  ada signed in to app.example.com with "acme".',
    )
    const one = await stage.json(['audit', 'list', '--limit', '1', '--kind', 'login'])
    expect(one.json).toMatchObject({ events: [{ user: 'user-gone' }], next: expect.any(String) })
    const next = String(Object.entries(one.json as object).find(([name]) => name === 'next')?.[1])
    const two = await stage.json([
      'audit',
      'list',
      '--limit',
      '1',
      '--kind',
      'login',
      '--cursor',
      next,
    ])
    expect(two.json).toMatchObject({ events: [{ userName: 'ada' }] })
  })

  it('finds who is gone by id, and says when there is nobody of that name', async () => {
    const gone = await stage.json(['audit', 'tail', '--user', 'user-gone'])
    expect(gone.json).toMatchObject({ events: [{ user: 'user-gone' }] })
    const nobody = await stage.run(['audit', 'tail', '--user', 'user-gon'])
    expect(nobody).toMatchObject({ code: 1, out: '' })
    expect(nobody.err).toContain('Nobody is called "user-gon".')
  })

  it('follows until Ctrl-C, and leaves nothing out', async () => {
    const config = join(stage.directory, 'gatehouse.config.ts')
    const follow = ['audit', 'tail', '--follow', '--limit', '1', '--json', '--config', config]
    const store = ['--local', '--persist-to', join(stage.directory, 'state')]
    const child = spawn(
      process.execPath,
      [join(root, 'bin/gatehouse.mjs'), ...follow, ...store],
      // A group of its own: a terminal interrupts all of it.
      { detached: true, stdio: ['ignore', 'pipe', 'inherit'] },
    )
    let printed = ''
    child.stdout.setEncoding('utf8').on('data', (text: string) => (printed += text))
    const linesNow = () => printed.split('\n').slice(0, -1)
    const until = (count: number) =>
      expect.poll(() => linesNow().length).toBeGreaterThanOrEqual(count)
    await until(1)
    await stage.withStore(async (db) => {
      await keep(db, login('user-new'), plusSeconds(noon, 5))
      await keep(db, refusal('late'), plusSeconds(noon, 4))
    })
    await until(3)
    process.kill(-(child.pid ?? 0), 'SIGINT')
    const [code] = await once(child, 'close')
    expect(code).toBe(130)
    const [, ...arrived] = linesNow().map((line): unknown => JSON.parse(line))
    expect(arrived).toHaveLength(2)
    expect(arrived).toContainEqual(expect.objectContaining({ user: 'user-new' }))
    expect(arrived).toContainEqual(expect.objectContaining({ kind: 'login-refused' }))
  })
})

describe('audit export', () => {
  it('gives every event once, the oldest first, over as many pages as it takes', async () => {
    await stage.withStore(async (db) => {
      const rows = Array.from({ length: 1203 }, (_, i) =>
        toRow(login(`user-${i}`), plusSeconds(noon, 60 + Math.floor(i / 300)), null),
      )
      await saveEvents(db, 'done', { rows, dropped: 0 }, noon)
    })
    const since = ['--since', '2026-11-24T12:01:00Z', '--kind', 'login']
    const { code, out, err } = await stage.run(['audit', 'export', ...since])
    expect([code, err]).toEqual([0, ''])
    const users = out
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line).user)
    expect(users).toEqual(Array.from({ length: 1203 }, (_, i) => `user-${i}`))
    const { json } = await stage.json(['audit', 'export', ...since])
    expect(json).toMatchObject({ events: { length: 1203 } })
  })

  it('as CSV has no cell that a spreadsheet would compute', async () => {
    const { code, out } = await stage.run(['audit', 'export', '--csv', '--kind', 'login-refused'])
    expect(code).toBe(0)
    const [head, first] = out.split('\r\n')
    expect(head).toBe(
      'at,kind,sentence,connection,user,userName,site,reason,country,network,requestId,dropped,facts',
    )
    expect(first).toBe(
      `"2026-11-24T12:00:02.000Z","login-refused","Somebody could not sign in to app.example.com with an unknown connection: an answer\ufffd[31m of ""somebody"".","","","","app.example.com","'=cmd|calc!A1","","","request-1","0","{""explained"":""an answer\\u001b[31m of \\""somebody\\""""}"`,
    )
  })

  it.each(['=1', '+1', '-1', '@x', '|x', '%x', '  =1', '\t=1', '\r=1', '＝1', '\n@x', '\u00a0=1'])(
    'makes text of %j',
    (text) => expect(csvCell(text)).toMatch(/^"'/),
  )

  it('leaves other text as it is, its quotes doubled', () => {
    expect(csvCell('a "b", =c')).toBe('"a ""b"", =c"')
    expect(csvCell('')).toBe('""')
  })
})

describe('what an operator does', () => {
  it('is in the audit, with what came of it', async () => {
    const certificate = ['--certificate', vector('certificates/rsa-2048.pem')]
    const idp = [
      '--entity-id',
      'https://idp.example.com',
      '--sso-url',
      'https://idp.example.com/sso',
    ]
    for (const command of [
      ['session', 'revoke', 'session-1'],
      ['sign-in', 'end', 'ada', '--yes'],
      ['user', 'disable', 'ada'],
      ['user', 'disable', 'ada'],
      ['user', 'enable', 'ada'],
      ['connection', 'add', 'other', ...idp, ...certificate],
      ['connection', 'update', 'other', '--disable'],
      ['connection', 'remove', 'other', '--yes'],
    ]) {
      expect(await stage.run(command)).toMatchObject({ code: 0, err: '' })
    }
    const ofAda = { connection: 'acme', user: 'user-ada' }
    const ofOther = { connection: 'other', user: null }
    const facts = (command: string, more: object) => ({ facts: { actor: 'cli', command, ...more } })
    expect(await operatorEvents()).toMatchObject([
      { user: 'user-ada', ...facts('session revoke', { session: 'session-1' }) },
      { ...ofAda, ...facts('sign-in end', { of: 'user', signIns: 2, users: 1 }) },
      { ...ofAda, ...facts('user disable', { sessions: 0 }) },
      { ...ofAda, ...facts('user enable', {}) },
      {
        ...ofOther,
        ...facts('connection add', { enabled: true, certificates: [expect.any(String)] }),
      },
      { ...ofOther, ...facts('connection update', { enabled: false }) },
      { ...ofOther, ...facts('connection remove', { users: 0, sessions: 0 }) },
    ])
    expect((await operatorEvents()).at(-2)?.facts).toEqual({
      actor: 'cli',
      operator: userInfo().username,
      command: 'connection update',
      enabled: false,
    })
    const seen = await stage.json([
      'audit',
      'tail',
      '--user',
      'ada',
      '--kind',
      'operator',
      '--since',
      '1h',
    ])
    expect(seen.json).toMatchObject({ events: { length: 4 } })
  })

  it('names the operator that --as names, who is one line', async () => {
    const as = (name: string) => stage.run(['user', 'disable', 'ada', '--as', name])
    expect(await as('Grace Hopper')).toMatchObject({ code: 0, err: '' })
    expect((await operatorEvents()).at(-1)).toMatchObject({
      facts: { actor: 'cli', operator: 'Grace Hopper', command: 'user disable' },
    })
    expect(await as('a\nb')).toMatchObject({
      code: 2,
      err: expect.stringContaining('--as must be one line of 1 to 100 visible characters'),
    })
    await stage.run(['user', 'enable', 'ada'])
  })

  it('is done though it cannot be kept, and that is said; who asks for events is told why', async () => {
    await stage.withStore((db) => db.exec('DROP TABLE audit'))
    const { code, out, err } = await stage.run(['user', 'disable', 'ada'])
    expect(code).toBe(0)
    expect(out).toContain('ada is disabled')
    expect(err).toContain(
      'The change was made, but the audit could not record it. The database was made by an older Gatehouse.',
    )
    const tail = await stage.run(['audit', 'tail'])
    expect(tail).toMatchObject({ code: 1, out: '' })
    expect(tail.err).toContain('npx wrangler d1 migrations apply DB --local')
  })
})
