import { beforeEach, describe, expect, it } from 'vitest'
import { setUserActive } from '../../src/directory/store.ts'
import { revokeSession } from '../../src/session/standing-store.ts'
import { SESSION_OVER } from '../../src/proxy/websocket.ts'
import { breakable } from '../support/binding.ts'
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

async function connect(options: GateOptions = {}) {
  const { 0: toGate, 1: atOrigin } = new WebSocketPair()
  const origin = () =>
    new Response(null, {
      status: 101,
      webSocket: toGate,
      headers: { 'Sec-WebSocket-Protocol': 'chat', 'Set-Cookie': '__Host-gatehouse=evil' },
    })
  const world = createGate({ revocationSeconds, origin, ...options })
  const who = await signIn()
  const answer = await world.ask(requestWith(who.token, url, { headers: upgrade }))
  atOrigin.accept()
  const visitor = answer.webSocket
  if (!visitor) throw new Error(`no socket, but ${answer.status}`)
  const [there, here] = [hear(atOrigin), hear(visitor)]
  visitor.accept()
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
})
