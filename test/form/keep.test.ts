/** A form that is posted after the session has ended, and sent again after sign-in. */
import { env } from 'cloudflare:workers'
import { beforeEach, describe, expect, it } from 'vitest'
import { utf8 } from '../../src/lib/bytes.ts'
import { plusSeconds } from '../../src/lib/instant.ts'
import { revokeSession } from '../../src/session/revoke-store.ts'
import { createGate, navigation } from '../support/gate.ts'
import { addConnection, emptyStores, signIn, stores } from '../support/session.ts'
import { noon } from '../support/site.ts'

const site = {
  routes: [
    { path: '/', policy: { kind: 'signed-in' } },
    {
      path: '/admin',
      policy: { kind: 'rule', rule: { kind: 'email', email: 'root@x.test', connection: null } },
    },
    { path: '/public', policy: { kind: 'public' } },
  ],
} as const
const SITE = 'https://app.example.com'
const KB64 = 64 * 1024

interface Post {
  readonly path?: string
  readonly body?: string | Uint8Array
  readonly type?: string
  readonly from?: string
  readonly token?: string
  readonly length?: string
}

/** As a browser posts a form that a person sends. */
const post = ({
  path = '/save?draft=2',
  body = 'text=secret+plan',
  type,
  from,
  token,
}: Post = {}) =>
  new Request(SITE + path, {
    method: 'POST',
    body,
    headers: {
      ...navigation,
      'Sec-Fetch-Site': from ?? 'same-origin',
      'Content-Type': type ?? 'application/x-www-form-urlencoded',
      'Content-Length': String(typeof body === 'string' ? utf8(body).length : body.length),
      Referer: `${SITE}/edit?draft=2`,
      ...(token === undefined ? {} : { Cookie: `__Host-gatehouse=${token}` }),
    },
  })
/** As our page sends the kept form. */
const send = (sealed: string, token: string, more: Post = {}) =>
  post({ body: `gatehouse-form=${sealed}\r\n`, type: 'text/plain', token, ...more })

const sealedIn = async (answer: Response): Promise<string | null> => {
  expect(answer.status).toBe(401)
  return /name="gatehouse-form" value="([\w-]+)"/.exec(await answer.text())?.[1] ?? null
}

type Gate = ReturnType<typeof createGate>
/** Posts the form without a session, or with one that has ended. */
const keep = async (gate: Gate, form: Post = {}): Promise<string> => {
  const sealed = await sealedIn(await gate.ask(post(form)))
  if (sealed === null) throw new Error('not kept')
  return sealed
}

const signInAs = (name: string) =>
  signIn({}, { subject: name, userName: name, email: `${name}@x.test` })

beforeEach(async () => {
  await emptyStores()
  await env.DB.exec('DELETE FROM taken')
  await addConnection('okta')
})

describe('a form of the site that is posted without a session', () => {
  it('is kept in the page, sealed, and nothing is stored', async () => {
    const gate = createGate({ site })
    const answer = await gate.ask(post())
    expect(answer.status).toBe(401)
    expect(answer.headers.get('Cache-Control')).toBe('no-store')
    const page = await answer.text()
    expect(page).toContain('Sign in to send this form')
    expect(page).toMatch(/name="gatehouse-form" value="[\w-]{200,}"/)
    expect(page).not.toContain('secret')
    expect(gate.sent).toEqual([])
    expect(await env.DB.prepare('SELECT count(*) FROM taken').first('count(*)')).toBe(0)
    expect((await env.SESSIONS.list()).keys).toEqual([])
  })

  it.each([
    ['urlencoded, of 64 KB', 'application/x-www-form-urlencoded', 'a'.repeat(KB64)],
    [
      'of several parts, with a file',
      'multipart/form-data; boundary=x',
      new Uint8Array([0, 10, 13, 255, 254]),
    ],
    ['plain text that is not UTF-8', 'text/plain', new Uint8Array([233, 61, 10, 128])],
    [
      'urlencoded in another charset',
      'application/x-www-form-urlencoded; charset=windows-1252',
      'n=%E9',
    ],
    ['empty', 'application/x-www-form-urlencoded', ''],
  ])(
    'reaches the site after sign-in as it was posted, byte for byte: %s',
    async (_, type, body) => {
      const gate = createGate({ site })
      const sealed = await keep(gate, { type, body })
      const { token, user } = await signInAs('ada')
      const answer = await gate.ask(send(sealed, token))
      expect(await answer.text()).toBe('from the origin')
      expect(gate.sent).toHaveLength(1)
      const [request] = gate.sent
      expect(request?.url).toBe('https://origin.example.net/save?draft=2')
      expect(request?.method).toBe('POST')
      const expected = typeof body === 'string' ? utf8(body) : body
      expect(new Uint8Array((await request?.arrayBuffer()) ?? new ArrayBuffer())).toEqual(expected)
      expect(request?.headers.get('Content-Type')).toBe(type)
      // The page that the form was on: some sites lead back to it.
      expect(request?.headers.get('Referer')).toBe(`${SITE}/edit?draft=2`)
      expect(request?.headers.get('X-Forwarded-User')).toBe(user.id)
    },
  )

  it.each([
    ['of more than 64 KB', { body: 'a'.repeat(KB64 + 1) }],
    ['of a type that no form has', { type: 'application/json' }],
    ['with a type that is too long', { type: `multipart/form-data; boundary=${'x'.repeat(200)}` }],
    ['to an address that is too long', { path: `/${'x'.repeat(1500)}` }],
    ['of another host of the domain', { from: 'same-site' }],
    ['of no page', { from: 'none' }],
  ])('is not kept, and the browser can send it again by a reload: %s', async (_, form) => {
    const answer = await createGate({ site }).ask(post(form))
    expect(answer.status).toBe(401)
    const page = await answer.text()
    expect(page).toContain('choose to send the form')
    expect(page).not.toContain('gatehouse-form')
  })

  it('is neither kept nor to be sent again when another site made it', async () => {
    const page = await (await createGate({ site }).ask(post({ from: 'cross-site' }))).text()
    expect(page).toContain('It came from another site')
    expect(page).not.toContain('gatehouse-form')
  })
})

describe('whose form it is', () => {
  /** Ada posts a form; her session has just been revoked. */
  const adasForm = async (gate: Gate) => {
    const { token, session } = await signInAs('ada')
    await revokeSession(stores.db, session.id, noon)
    return keep(gate, { token })
  }

  it('is that of the session that ended, and nobody else can send it or see it', async () => {
    const gate = createGate({ site })
    const sealed = await adasForm(gate)
    const { token: graces } = await signInAs('grace')
    const answer = await gate.ask(send(sealed, graces))
    expect(answer.status).toBe(403)
    const page = await answer.text()
    expect(page).toContain('This form is another person')
    expect(page).not.toContain('secret')
    expect(gate.sent).toEqual([])
    // It is still Ada's to send.
    const { token } = await signInAs('ada')
    expect((await gate.ask(send(sealed, token))).status).toBe(200)
    expect(await gate.sent[0]?.text()).toBe('text=secret+plan')
  })

  it('stays that when the session ends once more', async () => {
    const gate = createGate({ site })
    const sealed = await adasForm(gate)
    expect(await sealedIn(await gate.ask(send(sealed, 'x'.repeat(43))))).toBe(sealed)
    const { token: graces } = await signInAs('grace')
    expect((await gate.ask(send(sealed, graces))).status).toBe(403)
    expect(gate.sent).toEqual([])
  })

  it('is unknown without a session: whoever confirms sends it', async () => {
    const gate = createGate({ site })
    const sealed = await keep(gate)
    const { token } = await signInAs('grace')
    expect((await gate.ask(send(sealed, token))).status).toBe(200)
  })
})

describe('a kept form', () => {
  const ready = async (form: Post = {}) => {
    const gate = createGate({ site })
    const sealed = await keep(gate, form)
    const { token } = await signInAs('ada')
    return { gate, sealed, token }
  }

  it('is sent once only, also when it is sent twice at the same moment', async () => {
    const { gate, sealed, token } = await ready()
    const answers = await Promise.all([1, 2, 3].map(() => gate.ask(send(sealed, token))))
    expect(answers.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([200, 409, 409])
    expect(gate.sent).toHaveLength(1)
    const again = await gate.ask(send(sealed, token))
    expect(again.status).toBe(409)
    // The person can still copy what they typed.
    expect(await again.text()).toContain('secret plan')
  })

  it('is sent within an hour', async () => {
    const { gate, sealed, token } = await ready()
    expect((await gate.ask(send(sealed, token), plusSeconds(noon, 3600))).status).toBe(410)
    expect((await gate.ask(send(sealed, token), plusSeconds(noon, 3599))).status).toBe(200)
  })

  it('goes to the address that it was posted to, and to no other', async () => {
    const { gate, sealed, token } = await ready()
    for (const path of ['/save', '/save?draft=3', '/admin', '/save?draft=2&']) {
      expect((await gate.ask(send(sealed, token, { path }))).status).toBe(410)
    }
    expect(gate.sent).toEqual([])
  })

  it('is judged by the policy as it is now, and is not used up by a refusal', async () => {
    const { gate, sealed, token } = await ready({ path: '/admin' })
    expect((await gate.ask(send(sealed, token, { path: '/admin' }))).status).toBe(403)
    const { token: roots } = await signInAs('root')
    expect((await gate.ask(send(sealed, roots, { path: '/admin' }))).status).toBe(200)
  })

  it.each([
    ['cut', (sealed: string) => sealed.slice(0, -1)],
    ['changed', (sealed: string) => (sealed.startsWith('A') ? 'B' : 'A') + sealed.slice(1)],
    ['longer', (sealed: string) => `${sealed}AAAA`],
    ['empty', () => ''],
    ['of another field', (sealed: string) => `${sealed}&x=y`],
  ])('is not taken when it is %s', async (_, change) => {
    const { gate, sealed, token } = await ready()
    expect((await gate.ask(send(change(sealed), token))).status).toBe(410)
    expect(gate.sent).toEqual([])
  })

  it('of another site is not taken', async () => {
    const other = createGate({ site: { ...site, url: 'https://wiki.example.com' } })
    const sealed = await keep(other)
    const { token } = await signInAs('ada')
    const gate = createGate({ site })
    expect((await gate.ask(send(sealed, token))).status).toBe(410)
  })

  it.each(['cross-site', 'same-site', 'none'])(
    'that a page of another origin sends stays sealed (%s)',
    async (from) => {
      const { gate, sealed, token } = await ready()
      await gate.ask(send(sealed, token, { from }))
      for (const request of gate.sent)
        expect(await request.text()).toBe(`gatehouse-form=${sealed}\r\n`)
    },
  )

  it('that a script sends stays sealed', async () => {
    const { gate, sealed, token } = await ready()
    const request = send(sealed, token)
    request.headers.set('Sec-Fetch-Mode', 'cors')
    request.headers.set('Sec-Fetch-Dest', 'empty')
    await gate.ask(request)
    expect(await gate.sent[0]?.text()).toBe(`gatehouse-form=${sealed}\r\n`)
  })
})

describe('a form of plain text that is none of ours', () => {
  it.each(['', 'a=b\r\n', 'gatehouse-for', 'x'.repeat(200_000)])(
    'passes as it is',
    async (body) => {
      const gate = createGate({ site })
      const { token } = await signInAs('ada')
      await gate.ask(post({ body, type: 'text/plain', token }))
      expect(await gate.sent[0]?.text()).toBe(body)
      expect(gate.sent[0]?.headers.get('Content-Type')).toBe('text/plain')
    },
  )
})
