/** draft-ietf-httpapi-idempotency-key-header-07 */
import { beforeEach, describe, expect, it } from 'vitest'
import { KEYS_ALLOWED } from '../../src/api/idempotency-store.ts'
import { tidyApi } from '../../src/api/routes.ts'
import { plusSeconds } from '../../src/lib/instant.ts'
import { failsToAnswer, slowly } from '../support/binding.ts'
import { db, emptyStore, now, seedConnection, seedUser } from '../admin/stage.ts'
import { createIsolate, problemOf, programWith, type Asking } from './stage.ts'
import type { Reply } from '../support/worker.ts'

const DAY = 86_400
const KEY = '"8e03978e-40d5-43dd-bc93-6894a57f9324"'

beforeEach(async () => {
  await emptyStore()
  await seedConnection('acme')
})

const making = (label: string, key = KEY): Asking => ({
  body: { label, scopes: ['read'] },
  headers: { 'Idempotency-Key': key },
})

const tokensMade = () =>
  db.prepare("SELECT count(*) AS n FROM admin_tokens WHERE label <> 'test'").first<number>('n')

describe('a request that is sent again with its key', () => {
  it('is done once, and gets the first answer again, the secret included', async () => {
    const program = await programWith(['all'])
    const first = await program.ask('POST', '/admin-tokens', making('a'))
    const soon = await program.ask('POST', '/admin-tokens', {
      // The same request in other bytes, by a client that does not quote its key.
      body: ' {"scopes": ["read"], "label": "a"}',
      headers: { 'Idempotency-Key': KEY.slice(1, -1) },
      isolate: createIsolate(),
    })
    expect([first.status, soon.status]).toEqual([201, 201])
    expect(soon.text).toBe(first.text)
    expect([first, soon].map(({ headers }) => headers.get('Idempotent-Replayed'))).toEqual([
      null,
      'true',
    ])
    expect(await tokensMade()).toBe(1)
  })

  it('is known for a day, and is another request afterwards', async () => {
    const program = await programWith(['all'], { ends: plusSeconds(now, 2 * DAY) })
    const first = await program.ask('POST', '/admin-tokens', making('a'))
    const late = { ...making('a'), at: plusSeconds(now, DAY - 1) }
    expect((await program.ask('POST', '/admin-tokens', late)).text).toBe(first.text)
    const after = { ...making('a'), at: plusSeconds(now, DAY) }
    expect((await program.ask('POST', '/admin-tokens', after)).text).not.toBe(first.text)
    expect(await tokensMade()).toBe(2)
    await tidyApi(db, plusSeconds(now, 2 * DAY))
    expect(await db.prepare('SELECT count(*) AS n FROM idempotency_keys').first('n')).toBe(0)
  })

  it('is refused where it asks for something else', async () => {
    const program = await programWith(['all'])
    await seedUser('acme', 'ada')
    await program.ask('POST', '/admin-tokens', making('a'))
    const other = await program.ask('POST', '/admin-tokens', making('b'))
    expect(problemOf(other)).toEqual([422, 'idempotency-key-reused'])
    const elsewhere = await program.ask('POST', '/users/ada/disable', {
      headers: { 'Idempotency-Key': KEY },
    })
    expect(problemOf(elsewhere)).toEqual([422, 'idempotency-key-reused'])
    expect(await tokensMade()).toBe(1)
  })

  it('is refused while the first is under way, and done anew when that one never ended', async () => {
    const program = await programWith(['all'])
    await program.ask('GET', '/users')
    const replies: Reply[] = []
    const again = async (asking: Asking) =>
      void replies.push(await program.ask('POST', '/admin-tokens', { ...making('a'), ...asking }))
    const meanwhile = async () => {
      if (replies.length > 0) return
      await again({})
      await again({ at: plusSeconds(now, 299) })
      await again({ at: plusSeconds(now, 300) })
    }
    const stuck = createIsolate({ db: slowly(db, 'run', meanwhile) })
    await program.ask('POST', '/admin-tokens', { ...making('a'), isolate: stuck })
    const [first, second, taken] = replies
    for (const reply of [first, second]) {
      expect(reply && problemOf(reply)).toEqual([409, 'idempotency-key-under-way'])
      expect(reply?.headers.get('Retry-After')).toBe('2')
    }
    expect(taken?.status).toBe(201)
    // The late one keeps no answer under a key that is no longer its own.
    await again({ at: plusSeconds(now, 301) })
    expect(replies.at(-1)?.text).toBe(taken?.text)
  })

  it('is tried again after a refusal, and after a failure of storage', async () => {
    const program = await programWith(['all'])
    const asking = { headers: { 'Idempotency-Key': KEY } }
    expect((await program.ask('POST', '/users/ada/disable', asking)).status).toBe(404)
    await seedUser('acme', 'ada')
    expect((await program.ask('POST', '/users/ada/disable', asking)).status).toBe(200)
    const failing = createIsolate({ db: failsToAnswer(db, 'run') })
    const other = making('a', '"another"')
    const failed = await program.ask('POST', '/admin-tokens', { ...other, isolate: failing })
    expect(problemOf(failed)).toEqual([503, 'temporarily-unavailable'])
    expect(failed.headers.get('Retry-After')).toBe('5')
    expect((await program.ask('POST', '/admin-tokens', other)).status).toBe(201)
  })

  it('has its answer although it cannot be kept', async () => {
    const program = await programWith(['all'])
    await program.ask('GET', '/users')
    let left = 1
    const second = async () => {
      if (left-- === 0) throw new Error('the answer is lost')
    }
    const failing = createIsolate({ db: slowly(db, 'run', second) })
    const made = await program.ask('POST', '/admin-tokens', { ...making('a'), isolate: failing })
    expect(made.status).toBe(201)
    expect(left).toBeLessThan(0)
  })
})

describe('two requests with one key at the same moment', () => {
  it('make one thing', async () => {
    const program = await programWith(['all'])
    const replies = await Promise.all(
      Array.from({ length: 8 }, () =>
        program.ask('POST', '/admin-tokens', { ...making('a'), isolate: createIsolate() }),
      ),
    )
    const made = replies.filter(({ status }) => status === 201)
    expect(new Set(made.map(({ text }) => text)).size).toBe(1)
    expect(replies.filter(({ status }) => status !== 201 && status !== 409)).toEqual([])
    expect(await tokensMade()).toBe(1)
  })
})

describe('a key', () => {
  it('of one token is no key of another', async () => {
    const [one, other] = [await programWith(['all']), await programWith(['all'])]
    const first = await one.ask('POST', '/admin-tokens', making('a'))
    const second = await other.ask('POST', '/admin-tokens', making('a'))
    expect(second.status).toBe(201)
    expect(second.body.secret).not.toBe(first.body.secret)
    expect(second.headers.has('Idempotent-Replayed')).toBe(false)
  })

  it('brings back nothing once its token is revoked', async () => {
    const program = await programWith(['all'])
    await program.ask('POST', '/admin-tokens', making('a'))
    await program.ask('DELETE', `/admin-tokens/${program.id}`)
    expect((await program.ask('POST', '/admin-tokens', making('a'))).status).toBe(401)
  })

  it.each(['', '""', '"', `"${'k'.repeat(256)}"`, 'a b', '"a', 'a"b', '"a\\"b"', 'é', '"a", "b"'])(
    'must be a string of the right form: %j',
    async (key) => {
      const program = await programWith(['all'])
      const reply = await program.ask('POST', '/admin-tokens', making('a', key))
      expect(problemOf(reply)).toEqual([400, 'invalid-header'])
      expect(await tokensMade()).toBe(0)
    },
  )

  it('is refused for reading', async () => {
    const program = await programWith(['read'])
    const reply = await program.ask('GET', '/users', { headers: { 'Idempotency-Key': KEY } })
    expect(problemOf(reply)).toEqual([400, 'invalid-header'])
  })

  it('does nothing for a request that is not valid', async () => {
    const program = await programWith(['all'])
    const wrong = { ...making('a'), body: { label: 'a', scopes: [] } }
    expect((await program.ask('POST', '/admin-tokens', wrong)).status).toBe(400)
    expect((await program.ask('POST', '/admin-tokens', making('a'))).status).toBe(201)
  })
})

describe('the store', () => {
  it('holds neither the key nor the secret of the answer', async () => {
    const program = await programWith(['all'])
    const { body } = await program.ask('POST', '/admin-tokens', making('a'))
    const rows = await db.prepare('SELECT * FROM idempotency_keys').all()
    const text = JSON.stringify(rows.results)
    expect(rows.results).toHaveLength(1)
    expect(text).not.toContain('8e03978e')
    expect(text).not.toContain(body.secret.slice(16, 59))
  })

  it('gives an answer to no other key, and none under another GATEHOUSE_SECRET', async () => {
    const program = await programWith(['all'])
    await program.ask('POST', '/admin-tokens', making('a'))
    await program.ask('POST', '/admin-tokens', making('a', '"other"'))
    const rotated = { ...making('a'), isolate: createIsolate({ secret: 8 }) }
    expect(problemOf(await program.ask('POST', '/admin-tokens', rotated))).toEqual([
      409,
      'idempotent-answer-lost',
    ])
    // Somebody who may write D1 gives both keys the answer of one.
    await db.exec('UPDATE idempotency_keys SET answer = (SELECT max(answer) FROM idempotency_keys)')
    const replies = [
      await program.ask('POST', '/admin-tokens', making('a')),
      await program.ask('POST', '/admin-tokens', making('a', '"other"')),
    ]
    expect(new Set(replies.map(({ status }) => status))).toEqual(new Set([201, 409]))
    expect(await tokensMade()).toBe(2)
  })

  it('has so many keys of a token, and room for those of another', async () => {
    const [program, other] = [await programWith(['all']), await programWith(['all'])]
    await program.ask('POST', '/admin-tokens', making('a'))
    const fill = `WITH RECURSIVE n (i) AS (SELECT 2 UNION ALL SELECT i + 1 FROM n WHERE i < ?1)
      INSERT INTO idempotency_keys (id, token, request, claim, claimed_until, expires_at)
      SELECT 'key ' || i, ?2, '', '', 0, ?3 FROM n`
    await db.prepare(fill).bind(KEYS_ALLOWED, program.id, plusSeconds(now, 60)).run()
    const full = await program.ask('POST', '/admin-tokens', making('b', '"new"'))
    expect(problemOf(full)).toEqual([429, 'too-many-idempotency-keys'])
    expect((await program.ask('POST', '/admin-tokens', making('a'))).status).toBe(201)
    expect((await other.ask('POST', '/admin-tokens', making('b', '"new"'))).status).toBe(201)
    const later = { ...making('b', '"new"'), at: plusSeconds(now, 60) }
    expect((await program.ask('POST', '/admin-tokens', later)).status).toBe(201)
  })
})
