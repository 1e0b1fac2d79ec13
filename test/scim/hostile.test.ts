/** What is meant to break the service: a clear refusal, soon, and nothing changed. */
import { env } from 'cloudflare:workers'
import fc from 'fast-check'
import { beforeEach, describe, expect, it } from 'vitest'
import { background } from '../support/background.ts'
import { createDirectory, type Directory, type Json } from './stage.ts'

let scim: Directory
let id: string
let group: string
beforeEach(async () => {
  scim = await createDirectory()
  id = await scim.user({ userName: 'ada', title: 'Dr' })
  group = await scim.group({ displayName: 'Staff', members: [id] })
})

const state = async () => {
  const tables = ['users', 'scim_users', 'scim_groups', 'scim_members', 'scim_keys', 'scim_counts']
  const rows = await Promise.all(
    tables.map(async (table) => (await env.DB.prepare(`SELECT * FROM ${table}`).all()).results),
  )
  return JSON.stringify(rows)
}

const injections = [
  "'; DROP TABLE users; --",
  '" OR 1=1 --',
  "') UNION SELECT hash FROM scim_tokens --",
  '$."x"',
  "x' || (SELECT hash FROM scim_tokens) || '",
  '%',
  '_',
  '\\',
  '?1',
  '${x}',
]

describe('SQL in a text', () => {
  it.each(injections)('is a text: %s', async (text) => {
    const made = await scim.post('/Users', {
      userName: text,
      externalId: text,
      emails: [{ value: text, type: text }],
      name: { givenName: text },
      department: text,
    })
    expect(made.status).toBe(201)
    expect(made.body).toMatchObject({ userName: text, emails: [{ value: text, type: text }] })
    const json = JSON.stringify(text)
    for (const filter of [
      `userName eq ${json}`,
      `externalId eq ${json}`,
      `emails[type eq ${json} and value eq ${json}]`,
      `name.givenName co ${json} and userName ew ${json} and userName sw ${json}`,
    ]) {
      const found = await scim.find('Users', filter)
      expect(found.body.Resources.map((each: Json) => each.id)).toEqual([made.body.id])
    }
    const patched = await scim.patch(`/Users/${made.body.id}`, {
      op: 'replace',
      path: `emails[type eq ${json}].value`,
      value: text + text,
    })
    expect(patched.body.emails).toEqual([{ value: text + text, type: text }])
    expect(
      (await scim.patch(`/Groups/${group}`, { op: 'add', path: 'members', value: text })).status,
    ).toBe(204)
    expect((await scim.get(`/Users/${encodeURIComponent(text)}`)).status).toBe(404)
    expect((await scim.get('/Users')).body.totalResults).toBe(2)
  })

  it('where a name is due, is no name', async () => {
    for (const text of injections) {
      const query = encodeURIComponent(text)
      expect((await scim.find('Users', `${text} eq "x"`)).status).toBe(400)
      expect((await scim.get(`/Users?sortBy=${query}`)).status).toBe(400)
      expect((await scim.get(`/Users?attributes=${query}`)).status).toBe(200)
      expect((await scim.get(`/Users?cursor=${query}`)).status).toBe(400)
      const path = { op: 'add', path: text, value: 'x' }
      expect((await scim.patch(`/Users/${id}`, path)).status).toBe(400)
    }
  })
})

describe('names that objects have', () => {
  it('are no attributes, whether in a body, a filter, a path or a list', async () => {
    const before = await state()
    for (const name of ['__proto__', 'constructor', 'prototype', 'toString', 'valueOf']) {
      const made = await scim.post(
        '/Users',
        `{"userName":"${name}","${name}":{"admin":true},"name":{"${name}":"x"}}`,
      )
      expect(Object.keys(made.body)).toEqual([
        'schemas',
        'id',
        'active',
        'userName',
        'groups',
        'meta',
      ])
      await scim.remove(`/Users/${made.body.id}`)
      expect((await scim.find('Users', `${name} eq "x"`)).status).toBe(400)
      expect((await scim.find('Users', `name.${name} pr`)).status).toBe(400)
      expect((await scim.get(`/Users?attributes=${name}&sortBy=userName`)).status).toBe(200)
      expect((await scim.get(`/${name}`)).status).toBe(404)
      expect((await scim.get(`/Schemas/${name}`)).status).toBe(404)
    }
    expect(Object.prototype).not.toHaveProperty('admin')
    expect((await state()).replace(/"removed":5/, '"removed":0')).toBe(
      before.replace(/"removed":5/, '"removed":0'),
    )
  })
})

describe('JSON that is deep, huge, or not one', () => {
  it.each([
    ['lists in lists', '['.repeat(400_000) + ']'.repeat(400_000)],
    ['objects in objects', '{"a":'.repeat(150_000) + '1' + '}'.repeat(150_000)],
    ['an unclosed text full of escapes', `{"a":"${'\\"'.repeat(500_000)}`],
    [
      'many names, one of them twice',
      `{${Array.from({ length: 90_000 }, (_, i) => `"a${i % 89_999}":1`).join(',')}}`,
    ],
    ['a list of nothing', `[${'null,'.repeat(200_000)}null]`],
    ['a byte order mark', '\ufeff{"userName":"x"}'],
    ['two documents', '{"userName":"x"}{"userName":"y"}'],
    ['a comment', '{"userName":"x"/* */}'],
    ['NaN', '{"userName":NaN}'],
  ])('%s: 400 invalidSyntax', async (_, body) => {
    const before = await state()
    for (const [method, path] of [
      ['POST', '/Users'],
      ['PUT', `/Users/${id}`],
      ['PATCH', `/Users/${id}`],
      ['POST', '/Users/.search'],
      ['POST', '/Bulk'],
    ] as const) {
      const reply = await scim.ask(method, path, body)
      expect([reply.status, reply.body.scimType]).toEqual([400, 'invalidSyntax'])
    }
    expect(await state()).toBe(before)
  })

  it('bytes that are no UTF-8: 400', async () => {
    const url = 'https://app.example.com/.gatehouse/scim/okta/v2/Users'
    const request = new Request(url, {
      method: 'POST',
      headers: { Authorization: `Bearer ${scim.token}`, 'Content-Type': 'application/json' },
      body: new Uint8Array([0x7b, 0x22, 0xff, 0x22, 0x7d]),
    })
    const bindings = { ...env, ORIGIN: { fetch: () => new Response() } }
    const reply = await scim.worker.fetch(request, bindings, background)
    expect([reply.status, Object(await reply.json())['scimType']]).toEqual([400, 'invalidSyntax'])
  })

  it('more than a thousand values of one attribute: refused, however they come', async () => {
    const values = (from: number, count: number) =>
      Array.from({ length: count }, (_, i) => `r${from + i}`)
    const path = `/Users/${await scim.user({ roles: values(0, 1000) })}`
    const more = [
      await scim.post('/Users', { userName: 'many', emails: values(0, 100_000) }),
      await scim.put(path, { userName: 'many', roles: values(0, 1001) }),
      await scim.patch(path, { op: 'replace', path: 'roles', value: values(0, 1001) }),
      await scim.patch(path, { op: 'add', path: 'roles', value: values(1, 1000) }),
      await scim.patch(path, { op: 'add', path: 'roles[value eq "x"].display', value: 'y' }),
    ]
    for (const { status, body } of more) {
      expect([status, body.scimType, body.detail]).toEqual([
        400,
        'invalidValue',
        expect.stringMatching(/^(emails|roles) has more than 1000 values/),
      ])
    }
    expect((await scim.get(path)).body.roles).toHaveLength(1000)
    expect((await scim.get(path)).body.meta.version).toBe('W/"1"')
  })

  it('more comparisons than one request may have: refused, alone and within a bulk request', async () => {
    const roles = Array.from({ length: 1000 }, (_, i) => `r${i}`)
    const path = `/Users/${await scim.user({ roles })}`
    const before = await state()
    const terms = Array.from({ length: 21 }, (_, i) => `value eq "${i}"`).join(' or ')
    const costly = { op: 'remove', path: `roles[${terms}]` }
    const all = roles.map((value) => ({ value }))
    for (const [operation, times] of [
      [costly, 1000],
      [{ op: 'replace', path: 'roles[value pr or display pr].display', value: 'x' }, 1000],
      [{ op: 'add', path: 'roles', value: 'r1' }, 1000],
      [{ op: 'remove', path: 'roles', value: all.map((value) => `x${value.value}`) }, 3],
    ] as const) {
      const reply = await scim.patch(path, ...Array.from({ length: times }, () => operation))
      expect([times, reply.status, reply.body.scimType]).toEqual([times, 400, 'tooMany'])
    }
    const Operations = Array.from({ length: 40 }, () => costly)
    const one = { method: 'PATCH', path, data: { Operations } }
    const bulk = await scim.post('/Bulk', { Operations: Array.from({ length: 20 }, () => one) })
    const statuses = bulk.body.Operations.map(({ status }: Json) => status)
    expect(statuses).toEqual(['200', ...Array(19).fill('400')])
    expect(before).toContain('r999')
    const long = `/Users/${await scim.user({ roles: ['x'.repeat(60_000)] })}`
    const short = { op: 'remove', path: `roles[${Array(40).fill('value co "a"').join(' or ')}]` }
    const many = await scim.patch(long, ...Array.from({ length: 1000 }, () => short))
    expect([many.status, many.body.scimType]).toEqual([400, 'tooMany'])
    const few = await scim.patch(path, ...Array.from({ length: 36 }, () => costly))
    expect(few.status).toBe(200)
  })

  it('a person of more than 64 KB: 413, in letters of any length, and a row is far below D1’s 2 MB', async () => {
    const path = `/Users/${await scim.user()}`
    for (const text of ['\u20ac'.repeat(22_000), '\u0130'.repeat(33_000), 'a'.repeat(66_000)]) {
      expect((await scim.post('/Users', { userName: 'x', title: text })).status).toBe(413)
      const { status } = await scim.patch(path, { op: 'add', path: 'displayName', value: text })
      expect(status).toBe(413)
    }
    const most = await scim.patch(path, {
      op: 'add',
      path: 'displayName',
      value: '\u0130'.repeat(32_000),
    })
    expect(most.status).toBe(200)
    const bytes = await env.DB.prepare(
      `SELECT sum(octet_length(doc) + octet_length(search) + octet_length(display)
         + octet_length(display_fold) + octet_length(name) * 2) AS bytes
       FROM scim_users WHERE display <> name`,
    ).first<number>('bytes')
    expect(bytes).toBeGreaterThan(300_000)
    expect(bytes).toBeLessThan(500_000)
  })

  it('most of a million members, and more than that: refused, and the group is as it was', async () => {
    const before = await state()
    const ids = Array.from({ length: 700_000 }, (_, i) => `"${i}"`).join(',')
    const small = await scim.ask(
      'PATCH',
      `/Groups/${group}`,
      `{"Operations":[{"op":"add","path":"members","value":[${ids}]}]}`,
    )
    expect([small.status, small.body.scimType]).toEqual([400, 'tooMany'])
    const objects = Array.from({ length: 1_000_000 }, (_, i) => `{"value":"${i}"}`).join(',')
    const large = await scim.put(`/Groups/${group}`, `{"displayName":"x","members":[${objects}]}`)
    expect(large.status).toBe(413)
    expect(await state()).toBe(before)
  })
})

describe('types that are wrong', () => {
  it('anywhere in a user: taken or refused, never a fault, and refused means unchanged', async () => {
    const names = [
      'userName',
      'active',
      'name',
      'emails',
      'title',
      'schemas',
      'meta',
      'externalId',
      'manager',
    ]
    const body = fc.dictionary(fc.constantFrom(...names, 'x'), fc.jsonValue({ maxDepth: 3 }))
    const property = fc.asyncProperty(body, async (fields) => {
      const before = await state()
      const put = await scim.put(`/Users/${id}`, fields)
      expect([200, 400]).toContain(put.status)
      if (put.status === 400) expect(await state()).toBe(before)
    })
    await fc.assert(property, { numRuns: 150 })
  })

  it('anywhere in a PATCH, of a user and of a group', async () => {
    const value = fc.jsonValue({ maxDepth: 3 })
    const operation = fc.oneof(
      value,
      fc.record(
        {
          op: fc.oneof(fc.constantFrom('add', 'replace', 'remove', 'Add'), value),
          path: fc.oneof(
            fc.constantFrom(
              'members',
              'emails',
              'emails[type eq "x"]',
              'name',
              'members.value',
              '',
            ),
            fc.string({ unit: 'grapheme' }),
            value,
          ),
          value: fc.oneof(value, fc.constantFrom([{ value: 'x' }], { members: ['x'] })),
        },
        { requiredKeys: ['op'] },
      ),
    )
    const property = fc.asyncProperty(fc.array(operation, { maxLength: 4 }), async (Operations) => {
      for (const path of [`/Users/${id}`, `/Groups/${group}`]) {
        const before = await state()
        const reply = await scim.ask('PATCH', path, JSON.stringify({ Operations }))
        expect([200, 204, 400]).toContain(reply.status)
        if (reply.status === 400) expect(await state()).toBe(before)
      }
    })
    await fc.assert(property, { numRuns: 200 })
  })

  it('in any filter: answered or refused, never a fault', async () => {
    const piece = fc.constantFrom(
      'userName',
      'emails',
      'emails.value',
      'groups.display',
      'eq',
      'co',
      'pr',
      'and',
      'or',
      'not',
      '(',
      ')',
      '[',
      ']',
      '"x"',
      '"',
      'true',
      'null',
      '1',
      '.value',
      '\\',
      ' ',
      '"\\u0000"',
      '😀',
    )
    const property = fc.asyncProperty(fc.array(piece, { maxLength: 9 }), async (pieces) => {
      for (const filter of [pieces.join(' '), pieces.join('')]) {
        expect([200, 400]).toContain((await scim.find('Users', filter)).status)
      }
    })
    await fc.assert(property, { numRuns: 300 })
  })
})

describe('letters that fold', () => {
  it('into one another are one name; those that only look alike are two', async () => {
    const taken = async (a: string, b: string) => {
      const made = await scim.post('/Users', { userName: a })
      const status = (await scim.post('/Users', { userName: b })).status
      const { Resources } = (await scim.find('Users', `userName eq ${JSON.stringify(b)}`)).body
      for (const { id: each } of (await scim.get('/Users')).body.Resources) {
        if (each !== id) await scim.remove(`/Users/${each}`)
      }
      expect(made.status).toBe(201)
      expect(Resources).toHaveLength(1)
      return status === 409
    }
    expect(await taken('STRAẞE', 'straße')).toBe(true)
    expect(await taken('straße', 'strasse')).toBe(false)
    expect(await taken('İ', 'i̇')).toBe(true)
    expect(await taken('İ', 'i')).toBe(false)
    expect(await taken('ı', 'I')).toBe(false)
    // The Kelvin sign.
    expect(await taken('\u212a', 'k')).toBe(true)
    expect(await taken('ΟΔΟΣ', 'οδοσ')).toBe(true)
    expect(await taken('ÅNGSTRÖM', 'ångström')).toBe(true)
    expect(await taken('é', 'e\u0301')).toBe(false)
  })
})
