import { beforeEach, describe, expect, it } from 'vitest'
import type { AuditRow } from '../../src/audit/row.ts'
import { KEPT_DAYS, shareLimits } from '../../src/audit/share.ts'
import {
  hasEventsOf,
  listEvents,
  removeOldEvents,
  saveEvents,
  type Place,
} from '../../src/audit/store.ts'
import { plusSeconds, type Instant } from '../../src/lib/instant.ts'
import { noon } from '../support/site.ts'
import {
  db,
  denialOf,
  explained,
  emptyAudit,
  everything,
  kept,
  loginOf,
  refusal,
  rowOf,
} from './stage.ts'

const later = (seconds: number): Instant => plusSeconds(noon, seconds)
const save = (row: AuditRow, ...rest: AuditRow[]) =>
  saveEvents(db, row.share, { rows: [row, ...rest], dropped: 0 }, row.at)
const usersOf = (events: readonly { readonly user: string | null }[]) =>
  events.map(({ user }) => user)

beforeEach(() => emptyAudit())

describe('events', () => {
  it('are read as they were written', async () => {
    const row = rowOf({ ...refusal, facts: { list: ['a', 'b'], n: 1, yes: true, none: null } })
    expect(await saveEvents(db, 'anybody', { rows: [row], dropped: 3 }, noon)).toBe(1)
    expect(await kept()).toEqual([{ ...row, nth: 1, userName: null, dropped: 3 }])
  })

  it('of SCIM in one request are one statement for each 200, in their order', async () => {
    const rows = Array.from({ length: 450 }, (_, i) => rowOf(loginOf(`user-${i}`)))
    expect(await saveEvents(db, 'done', { rows, dropped: 0 }, noon)).toBe(450)
    expect(usersOf(await kept())).toEqual(usersOf(rows))
  })

  it('stay in order, and are all there, when many are written at once', async () => {
    await Promise.all(Array.from({ length: 30 }, (_, i) => save(rowOf(loginOf(`u${i}`), later(i)))))
    expect(usersOf(await kept())).toEqual(Array.from({ length: 30 }, (_, i) => `u${i}`))
  })

  it('are found by user, kind, connection and time', async () => {
    await save(rowOf(loginOf('ada')), rowOf(loginOf('ben'), later(1)))
    await save(rowOf(denialOf('ada'), later(2)))
    await save(rowOf({ ...refusal, connection: 'entra' }, later(3)))
    expect((await kept({ user: 'ada' })).map(({ kind }) => kind)).toEqual([
      'login',
      'access-denied',
    ])
    expect(usersOf(await kept({ kinds: ['login'] }))).toEqual(['ada', 'ben'])
    expect((await kept({ connection: 'entra' })).map(({ kind }) => kind)).toEqual(['login-refused'])
    expect(await kept({ since: later(2) })).toHaveLength(2)
    expect(await kept({ user: 'ada', kinds: ['login'], since: later(1) })).toEqual([])
    const other = { ...rowOf(loginOf('cid'), later(4)), requestId: 'request-2' }
    await save(other)
    expect(usersOf(await kept({ request: 'request-2' }))).toEqual(['cid'])
    expect(await hasEventsOf(db, 'ada')).toBe(true)
    expect(await hasEventsOf(db, 'a')).toBe(false)
  })

  it.each(['newest-first', 'oldest-first'] as const)(
    'are paged through %s without loss or repeat, though many are of one moment',
    async (order) => {
      for (const [i, event] of [loginOf('a'), denialOf('b'), refusal].entries()) {
        const rows = [0, 0, 1, 2, 2].map((seconds) => rowOf(event, later(seconds + (i % 2))))
        await saveEvents(db, rowOf(event).share, { rows, dropped: 0 }, noon)
      }
      const whole = await listEvents(db, everything, { order, after: null, limit: 100 })
      expect(whole).toHaveLength(15)
      const paged: Place[] = []
      for (let after: Place | null = null; ; after = paged.at(-1) ?? null) {
        const page = await listEvents(db, everything, { order, after, limit: 4 })
        paged.push(...page)
        if (page.length < 4) break
      }
      expect(paged).toEqual(whole)
      const times = whole.map(({ at }) => at)
      const sorted = times.toSorted((a, b) => (order === 'oldest-first' ? a - b : b - a))
      expect(times).toEqual(sorted)
    },
  )
})

describe('a minute', () => {
  const most = shareLimits.anybody.perMinute ?? 0

  it('takes so many of what anybody can cause, from all isolates together, and no more', async () => {
    const written = await Promise.all(Array.from({ length: most + 20 }, () => save(rowOf(refusal))))
    expect(written.reduce((sum, count) => sum + count, 0)).toBe(most)
    expect(await kept()).toHaveLength(most)
    expect(await save(rowOf(refusal, later(59)))).toBe(0)
    expect(await save(rowOf(refusal, later(60)))).toBe(1)
  })

  it('that is full of it keeps no event of another kind out', async () => {
    for (let i = 0; i < most + 1; i++) await save(rowOf(refusal))
    expect(await save(rowOf(denialOf('ada')))).toBe(1)
    expect(await save(rowOf(loginOf('ada')))).toBe(1)
  })

  it('takes all that was done', async () => {
    const rows = Array.from({ length: 200 }, () => rowOf(loginOf('ada')))
    for (let i = 0; i < 5; i++)
      expect(await saveEvents(db, 'done', { rows, dropped: 0 }, noon)).toBe(200)
  })
})

describe('the cron', () => {
  it('removes what is older than is kept, to the millisecond', async () => {
    await save(rowOf(loginOf('ada')), rowOf(loginOf('ben'), later(0.001)))
    await removeOldEvents(db, later(KEPT_DAYS * 86_400))
    expect(usersOf(await kept())).toEqual(['ben'])
  })

  it.each([
    ['anybody', 'login-refused'],
    ['directory', 'directory-changed'],
  ] as const)(
    'removes what is more than the share %s, and nothing of another',
    async (share, kind) => {
      const { rows } = shareLimits[share]
      await save(rowOf(loginOf('ada')))
      await db
        .prepare(
          `INSERT INTO audit
         WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?1)
         SELECT ?3, i, ?2, ?4, NULL, NULL, NULL, 0, '{}' FROM n`,
        )
        .bind(rows + 5, noon, share, kind)
        .run()
      await removeOldEvents(db, later(1))
      const left = await db
        .prepare('SELECT share, count(*) AS n, min(nth) AS first FROM audit GROUP BY share')
        .all()
      expect(left.results).toEqual([
        { share, n: rows, first: 6 },
        { share: 'done', n: 1, first: 1 },
      ])
    },
  )

  it('leaves the numbers going on, so that who follows misses nothing', async () => {
    await save(rowOf(loginOf('ada')))
    await save(rowOf(loginOf('ben'), later(10)))
    await removeOldEvents(db, later(KEPT_DAYS * 86_400 + 5))
    await save(rowOf(loginOf('cid'), later(20)))
    expect((await kept()).map(({ nth }) => nth)).toEqual([2, 3])
  })
})

describe('no statement', () => {
  const filters = [
    everything,
    { ...everything, since: noon },
    { ...everything, kinds: ['login'], connection: 'okta' },
    { ...everything, user: 'ada' },
    { ...everything, request: 'request-1' },
    {
      user: 'ada',
      kinds: ['login', 'logout'],
      connection: 'okta',
      since: noon,
      until: later(9),
      request: 'request-1',
      site: 'app.example.com',
      reason: 'expired',
      operator: 'Grace',
      text: 'ada',
    },
  ]

  it('sorts, or reads the table otherwise than along an index', async () => {
    const { binding, plans } = explained()
    const place: Place = { at: noon, share: 'done', nth: 5 }
    for (const filter of filters) {
      for (const order of ['newest-first', 'oldest-first'] as const) {
        for (const after of [null, place])
          await listEvents(binding, filter, { order, after, limit: 10 })
      }
    }
    await saveEvents(binding, 'anybody', { rows: [rowOf(refusal)], dropped: 0 }, noon)
    await hasEventsOf(binding, 'ada')
    await removeOldEvents(binding, noon)
    const found = await plans()
    expect(found).toHaveLength(6 * 4 + 7)
    const bad = found.filter((plan) => /TEMP B-TREE|SCAN audit(?! USING INDEX)/.test(plan))
    expect(bad).toEqual([])
  })
})
