import { beforeEach, describe, expect, it, vi } from 'vitest'
import { setUserActive } from '../../src/directory/sign-in-store.ts'
import { plusSeconds } from '../../src/lib/instant.ts'
import { LOOK_UP_SECONDS } from '../../src/lib/store-error.ts'
import { revokeSession } from '../../src/session/revoke-store.ts'
import { SESSION_OVER } from '../../src/proxy/websocket.ts'
import { breakable, slowly, watched } from '../support/binding.ts'
import { createGate, type GateOptions } from '../support/gate.ts'
import { addConnection, emptyStores, requestWith, signIn, stores } from '../support/session.ts'
import { noon } from '../support/site.ts'

const { db } = stores
const revocationSeconds = 0.02
const url = 'https://app.example.com/live'
const upgrade = { Upgrade: 'websocket', Connection: 'Upgrade', 'Sec-WebSocket-Protocol': 'chat' }

beforeEach(async () => {
  await emptyStores()
  await addConnection('okta')
})

interface Closed {
  readonly code: number
  readonly reason: string
}

/** What a socket got, and how it was closed. */
function hear(socket: WebSocket) {
  const waiting: ((data: unknown) => void)[] = []
  const heard: unknown[] = []
  socket.addEventListener('message', ({ data }) => {
    const next = waiting.shift()
    if (next) next(data)
    else heard.push(data)
  })
  const closed = new Promise<Closed>((resolve) => {
    socket.addEventListener('close', ({ code, reason }) => resolve({ code, reason }))
  })
  const next = async () =>
    heard.length > 0 ? heard.shift() : new Promise((resolve) => waiting.push(resolve))
  return { socket, next, closed, heard }
}

interface Connecting extends GateOptions {
  readonly session?: { readonly idleSeconds: number }
  /** The visitor accepts it later. */
  readonly isUnread?: boolean
}

async function connect({ session, isUnread, ...options }: Connecting = {}) {
  const { 0: toGate, 1: atOrigin } = new WebSocketPair()
  const origin = () =>
    new Response(null, {
      status: 101,
      webSocket: toGate,
      headers: { 'Sec-WebSocket-Protocol': 'chat', 'Set-Cookie': '__Host-gatehouse=evil' },
    })
  const world = createGate({ revocationSeconds, origin, ...options })
  const who = await signIn(session)
  const answer = await world.ask(requestWith(who.token, url, { headers: upgrade }))
  atOrigin.accept()
  const visitor = answer.webSocket
  if (!visitor) throw new Error(`no socket, but ${answer.status}`)
  const [there, here] = [hear(atOrigin), hear(visitor)]
  if (!isUnread) visitor.accept()
  return { ...who, world, answer, origin: there, visitor: here }
}

describe('a WebSocket', () => {
  it('is asked of the origin as one, for who is signed in', async () => {
    const { answer, world, user } = await connect()
    expect(answer.status).toBe(101)
    expect(answer.headers.get('Sec-WebSocket-Protocol')).toBe('chat')
    expect(answer.headers.getSetCookie()).toEqual([])
    expect(world.sent[0]?.headers.get('Upgrade')).toBe('websocket')
    expect(world.sent[0]?.headers.get('Sec-WebSocket-Protocol')).toBe('chat')
    expect(world.sent[0]?.headers.get('X-Forwarded-User')).toBe(user.id)
  })

  it('carries text and bytes both ways, whole and in order', async () => {
    const { origin, visitor } = await connect()
    origin.socket.addEventListener('message', ({ data }) => origin.socket.send(data))
    const long = 'é'.repeat(100_000)
    origin.socket.binaryType = visitor.socket.binaryType = 'arraybuffer'
    for (const message of ['one', '', long]) {
      visitor.socket.send(message)
      expect(await visitor.next()).toBe(message)
    }
    visitor.socket.send(Uint8Array.of(0, 255, 128))
    const echoed = await visitor.next()
    expect(echoed).toBeInstanceOf(ArrayBuffer)
    if (echoed instanceof ArrayBuffer) expect([...new Uint8Array(echoed)]).toEqual([0, 255, 128])
    origin.socket.send('unasked')
    expect(await visitor.next()).toBe('unasked')
  })

  it.each([
    [1000, 'done'],
    [1001, 'going away'],
    [1011, ''],
    [3000, 'of a library'],
    [4999, 'of the site'],
  ])('closed with %i by either side is closed so for the other', async (code, reason) => {
    const one = await connect()
    one.visitor.socket.close(code, reason)
    expect(await one.origin.closed).toEqual({ code, reason })
    const two = await connect()
    two.origin.socket.close(code, reason)
    expect(await two.visitor.closed).toEqual({ code, reason })
  })

  it('closed without a code is closed for the other', async () => {
    const { origin, visitor } = await connect()
    visitor.socket.close()
    expect((await origin.closed).code).toBe(1005)
  })

  it('is not begun for who is not signed in', async () => {
    const { ask, sent } = createGate({ revocationSeconds })
    const answer = await ask(new Request(url, { headers: upgrade }))
    expect(answer.status).toBe(401)
    expect(answer.webSocket ?? null).toBeNull()
    expect(sent).toEqual([])
  })

  it('that the origin refuses is an answer like any', async () => {
    const { ask } = createGate({ origin: () => new Response('no sockets', { status: 426 }) })
    const { token } = await signIn()
    const answer = await ask(requestWith(token, url, { headers: upgrade }))
    expect([answer.status, await answer.text()]).toEqual([426, 'no sockets'])
  })

  it('on a public route is passed on, and nobody ends it', async () => {
    const routes = [{ path: '/', policy: { kind: 'public' } }] as const
    const { origin, visitor, session } = await connect({ site: { routes } })
    await revokeSession(db, session.id, noon)
    await scheduler.wait(60)
    origin.socket.send('public')
    expect(await visitor.next()).toBe('public')
  })
})

describe('an open WebSocket', () => {
  it('stays open while the standing is good', async () => {
    const { origin, visitor, world } = await connect()
    for (let round = 0; round < 5; round++) {
      await scheduler.wait(30)
      origin.socket.send('still')
      expect(await visitor.next()).toBe('still')
    }
    expect(world.events).toEqual([])
  })

  it('is closed on both sides when the session is revoked, and it is audited', async () => {
    const { origin, visitor, user, session, world } = await connect()
    await revokeSession(db, session.id, noon)
    const over = { code: SESSION_OVER, reason: 'session over' }
    expect(await visitor.closed).toEqual(over)
    expect(await origin.closed).toEqual(over)
    expect(world.events).toEqual([
      {
        kind: 'session-ended',
        site: 'app.example.com',
        connection: 'okta',
        user: user.id,
        session: session.id,
        reason: 'revoked',
      },
    ])
  })

  it('is closed when the user is disabled, though messages never pause', async () => {
    const { origin, visitor, user } = await connect()
    const talk = (socket: WebSocket) => {
      if (socket.readyState !== WebSocket.OPEN) return
      socket.send('still here')
      setTimeout(() => talk(socket), 1)
    }
    talk(origin.socket)
    talk(visitor.socket)
    await setUserActive(db, user.id, false, noon)
    expect((await visitor.closed).code).toBe(SESSION_OVER)
  })

  it('is closed with the session itself, by the clock of then', async () => {
    const { visitor, session, world } = await connect()
    world.now = session.expiresAt
    expect((await visitor.closed).code).toBe(SESSION_OVER)
  })

  it('carries nothing more once it is over', async () => {
    const { origin, visitor, session } = await connect()
    await revokeSession(db, session.id, noon)
    await origin.closed
    await visitor.closed
    expect(() => origin.socket.send('late')).toThrow()
    expect(visitor.heard).toEqual([])
  })

  it('is closed to be tried again when storage cannot be asked', async () => {
    const broken = breakable(db)
    const { visitor, world } = await connect({ stores: { db: broken.binding } })
    broken.isBroken = true
    expect(await visitor.closed).toEqual({ code: 1013, reason: 'try again later' })
    expect(world.events).toEqual([])
  })

  it('is closed to be tried again when storage hangs', async () => {
    let isHanging = false
    const meanwhile = () => (isHanging ? new Promise(() => {}) : Promise.resolve())
    const { visitor } = await connect({ stores: { db: slowly(db, 'first', meanwhile) } })
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    isHanging = true
    const afterTime = async () => {
      await vi.advanceTimersByTimeAsync(LOOK_UP_SECONDS * 1000)
      return visitor.socket.readyState
    }
    await expect.poll(afterTime).not.toBe(WebSocket.OPEN)
    vi.useRealTimers()
    expect(await visitor.closed).toEqual({ code: 1013, reason: 'try again later' })
  })

  it('is closed on both sides when one does not read, and dropped soon after', async () => {
    let dropped = 0
    const { origin, visitor } = await connect({
      mostUnsent: 50_000,
      breakOff: () => void dropped++,
      isUnread: true,
    })
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    for (let i = 0; i < 60; i++) origin.socket.send('x'.repeat(1000))
    expect(await origin.closed).toEqual({ code: 1013, reason: 'too much unread' })
    await vi.advanceTimersByTimeAsync(4999)
    expect(dropped).toBe(0)
    await vi.advanceTimersByTimeAsync(1)
    expect(dropped).toBe(1)
    vi.useRealTimers()
    visitor.socket.accept()
    expect(await visitor.closed).toEqual({ code: 1013, reason: 'too much unread' })
    expect(visitor.heard.length).toBeLessThan(50)
  })
})

describe('what is sent on a WebSocket', () => {
  const idle = { idleSeconds: 600 }
  const seen = (id: string) =>
    db
      .prepare(
        `SELECT last_seen_at AS at FROM sign_ins
         WHERE id = (SELECT sign_in FROM sessions WHERE id = ?1)`,
      )
      .bind(id)
      .first<number>('at')

  it('by the visitor is a sign of life, written at most once a minute', async () => {
    const watchedDb = watched(db)
    const { visitor, origin, world, session } = await connect({
      stores: { db: watchedDb.binding },
      revocationSeconds: 15,
      session: idle,
    })
    const say = async () => {
      visitor.socket.send('key')
      expect(await origin.next()).toBe('key')
    }
    watchedDb.calls.length = 0
    await say()
    expect(watchedDb.calls).toEqual([])
    world.now = plusSeconds(noon, 60)
    for (let i = 0; i < 5; i++) await say()
    await expect.poll(() => seen(session.id)).toBe(world.now)
    world.now = plusSeconds(noon, 119)
    await say()
    expect(watchedDb.calls).toEqual(['prepare'])
    world.now = plusSeconds(noon, 120)
    await say()
    await expect.poll(() => seen(session.id)).toBe(world.now)
  })

  it('by the origin is none', async () => {
    const { visitor, origin, world, session } = await connect({
      revocationSeconds: 15,
      session: idle,
    })
    world.now = plusSeconds(noon, 120)
    origin.socket.send('news')
    expect(await visitor.next()).toBe('news')
    expect(await seen(session.id)).toBe(noon)
  })
})

describe('the page that opens a WebSocket', () => {
  const site = { corsOrigins: ['https://friend.example'] }
  const openFrom = async (origin: string | null, options: GateOptions = {}) => {
    const world = createGate({ site, origin: () => new Response('asked'), ...options })
    const { token } = await signIn()
    const headers = { ...upgrade, ...(origin === null ? {} : { Origin: origin }) }
    return { world, answer: await world.ask(requestWith(token, url, { headers })) }
  }

  it.each(['https://app.example.com', 'https://friend.example', null])(
    'is one of the site or of corsOrigins, or a program says none: %s',
    async (origin) => {
      expect((await openFrom(origin)).answer.status).toBe(200)
    },
  )

  it.each([
    'https://evil.example.com',
    'https://app.example.com.evil.example',
    'https://app.example.com:8443',
    'http://app.example.com',
    'https://friend.example, https://app.example.com',
    'null',
    '',
  ])('is no other: %s', async (origin) => {
    const { world, answer } = await openFrom(origin)
    expect(answer.status).toBe(403)
    expect(await answer.json()).toMatchObject({ error: 'foreign-origin' })
    expect(world.sent).toEqual([])
    expect(world.events).toMatchObject([
      { kind: 'access-denied', reason: 'a WebSocket from a page of another origin' },
    ])
  })

  it('is of no matter to any other request, which the origin judges by itself', async () => {
    const world = createGate({ site })
    const { token } = await signIn()
    const headers = { Origin: 'https://evil.example.com' }
    const answer = await world.ask(requestWith(token, url, { method: 'POST', headers }))
    expect(answer.status).toBe(200)
    expect(world.sent[0]?.headers.get('Origin')).toBe('https://evil.example.com')
  })

  it('is of no matter on a public route, where nobody is anybody', async () => {
    const routes = [{ path: '/', policy: { kind: 'public' } }] as const
    const { answer } = await openFrom('https://evil.example.com', { site: { routes } })
    expect(answer.status).toBe(200)
  })
})
