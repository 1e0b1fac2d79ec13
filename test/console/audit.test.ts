/** The page of the audit, and its export, as operators see them. */
import { env } from 'cloudflare:workers'
import { beforeEach, describe, expect, it } from 'vitest'
import type { AuditEvent } from '../../src/audit/event.ts'
import { toRow } from '../../src/audit/row.ts'
import { saveEvents } from '../../src/audit/store.ts'
import { plusSeconds, toInstant } from '../../src/lib/instant.ts'
import { addUser } from '../support/session.ts'
import type { Person } from '../login/person.ts'
import { start, type Stage } from '../login/stage.ts'
import {
  auditor,
  CONSOLE,
  createConsole,
  hostile,
  operator,
  owner,
  press,
  rowsOf,
  see,
  visitor,
} from './stage.ts'

let stage: Stage
beforeEach(async () => {
  stage = await createConsole()
})

/** The rows below the head of the table. */
const eventsOf = (page: string): readonly string[] => rowsOf(page).slice(1)
const noon = toInstant(start.getTime())

const save = (event: AuditEvent, ago = 60, request = 'r') => {
  const at = plusSeconds(noon, -ago)
  const row = toRow(event, at, request)
  return saveEvents(env.DB, row.share, { rows: [row], dropped: 0 }, at)
}
const loginOf = (user: string, connection = 'okta') =>
  ({ kind: 'login', site: 'a.example.com', connection, user, session: 's' }) as const
const refusalOf = (facts: Readonly<Record<string, string>>, reason = 'audience') =>
  ({
    kind: 'login-refused',
    site: 'a.example.com',
    connection: 'okta',
    user: null,
    reason,
    facts,
  }) as const

/** Signed in, with an audit that is empty. */
async function begin(person = owner(stage)): Promise<Person> {
  await person.open(CONSOLE)
  await env.DB.exec('DELETE FROM audit')
  return person
}

describe('the page of the audit', () => {
  it('has a sentence for each event, the newest first, with its facts', async () => {
    const olga = await begin()
    await addUser({ subject: 'ada', userName: 'ada' })
    await save(refusalOf({ person: 'bea@example.test', explained: 'Wrong audience.' }), 120, 'r-7')
    await press(olga, 'user disable', { user: 'ada', connection: 'okta' })
    const { page } = await see(olga, '/audit')
    expect(eventsOf(page)).toEqual([
      expect.stringMatching(/UTC Change olga@example\.test disabled .*, in the console.*Details/),
      expect.stringMatching(
        /UTC Refusal bea@example\.test could not sign in to a\.example\.com with "okta": Wrong audience\. .* Kind login-refused Connection okta Request number r-7/,
      ),
    ])
    expect(page).toContain('href="/.gatehouse/admin/sign-ins?request=r-7"')
  })

  it('is filtered by what the operation offers', async () => {
    const olga = await begin()
    const ada = await addUser({ subject: 'ada', userName: 'ada' })
    await save(loginOf(ada.id), 3 * 86_400)
    await save(loginOf('other', 'acme'), 60)
    await save(refusalOf({}, 'expired'), 30, '3d9a2195-fdf1-4445-a705-ec75e18fc56e')
    const found = async (query: string) =>
      eventsOf((await see(olga, `/audit?${query}`)).page).map(
        (row) => /Kind ([\w-]+)(?: Connection (\w+))?/.exec(row)?.slice(1).join(' ') ?? row,
      )
    const [refused, acme, okta] = ['login-refused okta', 'login acme', 'login okta']
    expect(await found('')).toEqual([refused, acme, okta])
    expect(await found('kind=sign-ins')).toEqual([acme, okta])
    expect(await found('kind=login-refused')).toEqual([refused])
    expect(await found('connection=acme&text=')).toEqual([acme])
    expect(await found(`user=${ada.id}`)).toEqual([okta])
    expect(await found('since=1d')).toEqual([refused, acme])
    expect(await found('until=2026-11-23')).toEqual([okta])
    expect(await found('reason=expired')).toEqual([refused])
    expect(await found('request=3d9a2195-fdf1-4445-a705-ec75e18fc56e')).toEqual([refused])
    expect(await found('text=EXPIRED')).toEqual([refused])
    expect(await found('text=%25')).toEqual([])
  })

  it('keeps what was typed, and says what is wrong with it', async () => {
    const olga = await begin()
    const wrong = await see(olga, '/audit?since=yesterday&text=%22%3E%3Cscript%3Ex')
    expect(wrong.status).toBe(422)
    expect(wrong.says).toContain('Since must be a length such as 30m')
    expect(wrong.page).toContain('value="yesterday"')
    expect(wrong.page).not.toMatch(/<script(?! src)/)
    expect((await see(olga, '/audit?user=nobody')).says).toContain('nobody')
    expect((await see(olga, '/audit?kind=nonsense')).says).toContain('has no kind')
    expect((await see(olga, '/audit?cursor=x')).status).toBe(422)
    expect((await see(olga, '/audit?text=zzz')).says).toContain('No event is like this')
  })

  it('says so where nothing has happened', async () => {
    expect((await see(await begin(), '/audit')).says).toContain('Nothing has happened yet')
  })

  it('pages with the filters, each page below 50 KB whatever events say', async () => {
    const olga = await begin()
    for (const text of [hostile, `'"`, '\u{1F600}', 'e']) {
      const facts = Object.fromEntries(
        Array.from({ length: 10 }, (_, i) => [`fact${i}`, text.repeat(60)]),
      )
      const row = toRow(refusalOf({ ...facts, person: text.repeat(60) }), noon, 'r')
      const rows = Array.from({ length: 8 }, () => row)
      await saveEvents(env.DB, 'done', { rows, dropped: 0 }, noon)
    }
    const seen: number[] = []
    let path = '/audit?kind=refusals'
    while (path !== '') {
      const { page } = await see(olga, path)
      expect(new TextEncoder().encode(page).length).toBeLessThan(50_000)
      expect(page).not.toMatch(/<script(?! src)/)
      seen.push(eventsOf(page).length)
      const next = /href="([^"]*)"[^>]*rel="next"/.exec(page)?.[1] ?? ''
      path = next.replaceAll('&amp;', '&').slice('/.gatehouse/admin'.length)
    }
    expect(seen).toEqual([25, 7])
  })

  it.each([
    ['auditor', auditor],
    ['operator', operator],
    ['owner', owner],
  ] as const)('is shown to an %s, and has nothing that changes anything', async (_, roleOf) => {
    const { page, status } = await see(await begin(roleOf(stage)), '/audit')
    expect(status).toBe(200)
    expect(page).not.toContain('/admin/do/')
    expect(page).toContain('href="/.gatehouse/admin/settings">webhook')
  })

  it('is 503 while D1 is down, and so is the export', async () => {
    const olga = await begin()
    await env.DB.exec('ALTER TABLE audit RENAME TO audit_gone')
    try {
      expect((await olga.open(`${CONSOLE}/audit`)).status).toBe(503)
      expect((await olga.open(`${CONSOLE}/audit/export`)).status).toBe(503)
    } finally {
      await env.DB.exec('ALTER TABLE audit_gone RENAME TO audit')
    }
  })
})

describe('the export', () => {
  const addMany = (count: number) =>
    env.DB.prepare(
      `INSERT INTO audit (share, nth, at, kind, connection, user_id, request_id, dropped, facts)
       WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?1)
       SELECT 'done', i, ?2 + i, iif(i % 3 = 0, 'logout', 'login'), 'okta', 'u' || i, NULL, 0,
         json_object('site', 'a.example.com', 'session', 's' || i) FROM n`,
    )
      .bind(count, noon)
      .run()

  it('has 3,000 events as lines of JSON, each once, the oldest first', async () => {
    const aude = await begin(auditor(stage))
    await addMany(3000)
    const response = await aude.open(`${CONSOLE}/audit/export?format=jsonl&text=`)
    expect(response.headers.get('Content-Type')).toBe('application/x-ndjson; charset=utf-8')
    expect(response.headers.get('Content-Disposition')).toBe(
      'attachment; filename="gatehouse-audit-2026-11-24.jsonl"',
    )
    expect(response.headers.get('Cache-Control')).toBe('no-store')
    const lines = new TextDecoder()
      .decode(await response.bytes())
      .trimEnd()
      .split('\n')
    const users = lines.map((line): unknown => JSON.parse(line)).map((each) => userOf(each))
    expect(users).toEqual(Array.from({ length: 3000 }, (_, i) => `u${i + 1}`))
  })
  const userOf = (event: unknown): unknown =>
    typeof event === 'object' && event !== null && 'user' in event ? event.user : null

  /** The body as it comes: a browser of these tests reads it to its end at once. */
  function stream(person: Person): Promise<Response> {
    const cookie = Array.from(
      person.at(CONSOLE).cookies,
      ([name, { value }]) => `${name}=${value}`,
    ).join('; ')
    const headers = { Cookie: cookie, 'CF-Connecting-IP': '203.0.113.7' }
    return stage.send(new Request(`${CONSOLE}/audit/export`, { headers }))
  }

  it('reads a page only when the browser takes it', async () => {
    const aude = await begin(auditor(stage))
    await addMany(3000)
    const response = await stream(aude)
    const reader = response.body?.getReader()
    await reader?.read()
    await env.DB.exec('DELETE FROM audit WHERE nth > 2000')
    let text = ''
    for (let part = await reader?.read(); part && !part.done; part = await reader?.read()) {
      text += new TextDecoder().decode(part.value)
    }
    expect(text.trimEnd().split('\n')).toHaveLength(2000)
  })

  it('breaks off where D1 fails, so a part is not taken for the whole', async () => {
    const aude = await begin(auditor(stage))
    await addMany(3000)
    const response = await stream(aude)
    await env.DB.exec('ALTER TABLE audit RENAME TO audit_gone')
    try {
      await expect(response.bytes().then(({ length }) => length)).rejects.toThrow()
    } finally {
      await env.DB.exec('ALTER TABLE audit_gone RENAME TO audit')
    }
  })

  it('has what the filters find, as CSV without formulas', async () => {
    const aude = await begin(auditor(stage))
    await addMany(30)
    await save(refusalOf({ person: '=HYPERLINK("x")' }))
    const path = '/audit/export?format=csv&kind=refusals&cursor=x&limit=1'
    const csv = await (await aude.open(CONSOLE + path)).text()
    const [head, ...lines] = csv.trimEnd().split('\r\n')
    expect(head).toMatch(/^at,kind,sentence/)
    expect(lines).toHaveLength(1)
    expect(lines[0]).toContain(`"'=HYPERLINK(""x"")`)
    const page = await see(aude, '/audit?kind=refusals&cursor=')
    expect(page.page).toContain('/admin/audit/export?kind=refusals&amp;format=csv"')
  })

  it('leads back to the page where a filter is wrong', async () => {
    const aude = await begin(auditor(stage))
    for (const query of ['since=x', 'user=nobody', 'format=xml']) {
      const { page } = await see(aude, `/audit/export?${query}`)
      expect(page).toContain('<h1>Audit</h1>')
    }
  })

  it('is for people with a role only', async () => {
    await begin()
    await addMany(3)
    const response = await visitor(stage).open(`${CONSOLE}/audit/export`)
    expect(response.status).toBe(403)
    expect(await response.text()).not.toContain('u1')
  })
})
