/** Operators find events, page by page, and export them. */
import { beforeEach, describe, expect, it } from 'vitest'
import { auditExport, auditList } from '../../src/admin/audit.ts'
import { listPages } from '../../src/admin/audit-export.ts'
import { kindGroups, kindsField } from '../../src/admin/event-kinds.ts'
import type { AuditEvent } from '../../src/audit/event.ts'
import { toRow } from '../../src/audit/row.ts'
import { auditKinds, shareOf } from '../../src/audit/share.ts'
import { everyEvent, saveEvents } from '../../src/audit/store.ts'
import { plusSeconds } from '../../src/lib/instant.ts'
import { denialOf, loginOf, refusal } from '../audit/stage.ts'
import { watched } from '../support/binding.ts'
import {
  act,
  context,
  db,
  emptyStore,
  now,
  refusalOf,
  seedConnection,
  seedUser,
  valueOf,
} from './stage.ts'

const NUMBER = '3d9a2195-fdf1-4445-a705-ec75e18fc56e'

beforeEach(async () => {
  await emptyStore()
  await seedConnection('acme')
})

async function keep(event: AuditEvent, secondsAgo: number, request = 'request-1'): Promise<void> {
  const at = plusSeconds(now, -secondsAgo)
  const rows = [toRow(event, at, request)]
  await saveEvents(db, shareOf(event), { rows, dropped: 0 }, at)
}

interface Listed {
  readonly events: readonly {
    readonly kind: string
    readonly sentence: string
    readonly user: string | null
  }[]
}
const find = async (typed: Readonly<Record<string, string>> = {}) => {
  const { facts, next } = valueOf(await act(auditList, typed))
  const { events } = facts as unknown as Listed
  return { events, next, kinds: events.map(({ kind }) => kind) }
}

const done = {
  kind: 'operator',
  actor: 'cli',
  operator: 'Grace',
  command: 'user disable',
  connection: 'acme',
  user: 'user-1',
  facts: {},
} as const satisfies AuditEvent

describe('audit list', () => {
  it('says what happened, the newest first, with the name of the person', async () => {
    const ada = await seedUser('acme', 'ada')
    await keep({ ...loginOf(ada.id), connection: 'acme' }, 60)
    await keep(refusal, 30, NUMBER)
    const { events, next } = await find()
    expect(next).toBeNull()
    expect(events).toEqual([
      {
        at: '2026-11-25T11:59:30.000Z',
        kind: 'login-refused',
        sentence: 'Somebody could not sign in to app.example.com with "okta": expired.',
        connection: 'okta',
        user: null,
        userName: null,
        requestId: NUMBER,
        facts: { site: 'app.example.com', reason: 'expired' },
        dropped: 0,
      },
      expect.objectContaining({
        user: ada.id,
        userName: 'ada',
        sentence: 'ada signed in to app.example.com with "acme".',
      }),
    ])
  })

  it.each([
    [{ kind: 'login' }, ['login']],
    [{ kind: 'refusals' }, ['access-denied', 'login-refused']],
    [{ kind: 'changes' }, ['operator']],
    [{ kind: 'changes,login' }, ['operator', 'login']],
    [{ kind: 'all' }, ['operator', 'access-denied', 'login-refused', 'login']],
    [{ connection: 'acme' }, ['operator']],
    [{ site: 'app.example.com' }, ['access-denied', 'login-refused', 'login']],
    [{ site: 'app' }, []],
    [{ reason: 'expired' }, ['login-refused']],
    [{ operator: 'Grace' }, ['operator']],
    [{ operator: 'grace' }, []],
    [{ request: NUMBER.toUpperCase() }, ['login-refused']],
    [{ since: '90s' }, ['operator', 'access-denied']],
    [{ since: '2m', until: '2m' }, []],
    [{ since: '179s', until: '2m' }, []],
    [{ since: '3m', until: '90s' }, ['login-refused', 'login']],
    [{ until: '2026-11-25T11:58:00Z' }, ['login']],
    [{ text: 'ADMINS' }, ['access-denied']],
    [{ text: 'ada' }, ['operator', 'login']],
    [{ text: '%' }, []],
    [{ text: NUMBER.slice(0, 8) }, ['login-refused']],
    [{ kind: 'refusals', text: 'ada' }, []],
  ])('finds by %j', async (typed, kinds) => {
    const ada = await seedUser('acme', 'ada')
    await keep(loginOf(ada.id), 180)
    await keep(refusal, 120, NUMBER)
    await keep(denialOf('ben'), 60)
    await keep({ ...done, user: ada.id }, 30)
    expect((await find(typed)).kinds).toEqual(kinds)
  })

  it('has pages that neither repeat nor lose an event while new ones come', async () => {
    for (let i = 0; i < 10; i++) await keep(loginOf(`user-${i}`), 100 - i)
    const seen: (string | null)[] = []
    let cursor: string | null = null
    for (let page = 0; page < 5; page++) {
      const { events, next } = await find({ limit: '3', ...(cursor === null ? {} : { cursor }) })
      seen.push(...events.map(({ user }) => user))
      await keep(loginOf(`late-${page}`), 0)
      cursor = next
      if (cursor === null) break
    }
    expect(seen).toEqual(Array.from({ length: 10 }, (_, i) => `user-${9 - i}`))
  })

  it.each([
    [
      { kind: 'logn' },
      'kind',
      /^has no kind "logn"\. Did you mean login\? There is: all, sign-ins/,
    ],
    [{ since: 'yesterday' }, 'since', /^must be a length such as 30m/],
    [{ until: '2026-11-24T12:00:00' }, 'until', /^must be a length/],
    [{ request: '3d9a2195' }, 'request', /^must be the whole number on the page/],
    [{ cursor: 'x' }, 'cursor', /^is not a cursor of this list/],
    [{ cursor: btoa('["1","nowhere","1"]').replaceAll('=', '') }, null, /^The cursor is not one/],
    [{ cursor: btoa('["1","done","x"]').replaceAll('=', '') }, null, /^The cursor is not one/],
    [{ text: 'a'.repeat(201) }, 'text', /^has 201 characters/],
  ])('refuses %j', async (typed, field, problem) => {
    expect(refusalOf(await act(auditList, typed))).toEqual([
      { field, problem: expect.stringMatching(problem) },
    ])
  })

  it('says who is not known', async () => {
    expect(refusalOf(await act(auditList, { user: 'nobody' }))).toMatchObject({
      reason: 'unknown-user',
    })
    await keep(loginOf('user-gone'), 1)
    expect((await find({ user: 'user-gone' })).kinds).toEqual(['login'])
  })

  it('has a group for every kind', () => {
    const every = kindsField('x').parse(kindGroups)
    expect(every.ok && [...(every.value ?? [])].toSorted()).toEqual([...auditKinds].toSorted())
  })
})

describe('audit export', () => {
  const textOf = async (typed: Readonly<Record<string, string>>) => {
    const { facts, next } = valueOf(await act(auditExport, typed))
    return { text: String(facts['text']), next }
  }

  it('gives all pages together, the oldest first, with one head', async () => {
    for (let i = 0; i < 7; i++) await keep(loginOf(`user-${i}`), 100 - i)
    for (const format of ['csv', 'jsonl']) {
      let whole = ''
      let cursor: string | null = null
      do {
        const page: Awaited<ReturnType<typeof textOf>> = await textOf({
          format,
          limit: '3',
          ...(cursor === null ? {} : { cursor }),
        })
        whole += page.text
        cursor = page.next
      } while (cursor !== null)
      const lines = whole.trimEnd().split(/\r?\n/)
      const users = [...whole.matchAll(/user-(\d)(?="?,)/g)].map(([, n]) => n)
      expect([lines.length, users.join('')]).toEqual([format === 'csv' ? 8 : 7, '0123456'])
      expect(lines.filter((line) => line.startsWith('at,kind,sentence'))).toHaveLength(
        format === 'csv' ? 1 : 0,
      )
    }
  })

  it('as CSV is as RFC 4180 has it, and no cell is a formula', async () => {
    await keep({ ...refusal, reason: '=HYPERLINK("https://evil.example")' }, 1)
    await keep(
      { ...refusal, reason: '\t@SUM(1)', facts: { explained: 'two\r\nlines, "quoted"' } },
      0,
    )
    const { text } = await textOf({ format: 'csv' })
    expect(text.endsWith('\r\n')).toBe(true)
    const rows = text.split('\r\n').slice(0, -1)
    const [head = '', ...cells] = rows
    expect(head).toBe(
      'at,kind,sentence,connection,user,userName,site,reason,country,network,requestId,dropped,facts',
    )
    // Every cell is in quotes, and a quote in it is doubled.
    for (const row of cells) {
      expect(row).toMatch(/^"(?:[^"\r\n]|"")*"(?:,"(?:[^"\r\n]|"")*"){12}$/)
    }
    expect(cells[0]).toContain(`"'=HYPERLINK(""https://evil.example"")"`)
    expect(cells[1]).toContain(`"'\ufffd@SUM(1)"`)
  })

  it('reads one page at a time: the next is read when it is asked for', async () => {
    const rows = Array.from({ length: 1100 }, (_, i) => toRow(loginOf(`user-${i}`), now, null))
    await saveEvents(db, 'done', { rows, dropped: 0 }, now)
    const { binding, calls } = watched(db)
    const pages = listPages(binding, everyEvent)
    const sizes: number[] = []
    for await (const page of pages) {
      sizes.push(page.length)
      expect(calls.filter((name) => name === 'prepare')).toHaveLength(sizes.length)
    }
    expect(sizes).toEqual([500, 500, 100])
  })

  it('is for auditors too, and changes nothing', async () => {
    const by = { ...context, operator: { ...context.operator, scopes: ['read'] as const } }
    expect(valueOf(await act(auditExport, {}, { by })).facts).toEqual({ text: '' })
    expect(auditExport.changes).toBe(false)
  })
})
