import { beforeEach, describe, expect, it } from 'vitest'
import { setUserActive } from '../../src/directory/store.ts'
import { plusSeconds } from '../../src/lib/instant.ts'
import { isEventStream } from '../../src/proxy/event-stream.ts'
import { revokeSession } from '../../src/session/standing-store.ts'
import { breakable } from '../support/binding.ts'
import { createGate, type GateOptions } from '../support/gate.ts'
import { addConnection, emptyStores, requestWith, signIn, stores } from '../support/session.ts'
import { noon } from '../support/site.ts'

const { db } = stores
/** Looks often, so that a test need not wait. */
const revocationSeconds = 0.02
const text = new TextEncoder()

beforeEach(async () => {
  await emptyStores()
  await addConnection('okta')
})

/** An origin that sends an event whenever the test says so, and tells when nobody listens. */
function eventOrigin(contentType = 'text/event-stream; charset=utf-8') {
  let controller: ReadableStreamDefaultController<Uint8Array> | null = null
  let leave = () => {}
  const left = new Promise<void>((resolve) => (leave = resolve))
  const origin = () => {
    const body = new ReadableStream<Uint8Array>({
      start: (started) => void (controller = started),
      cancel: () => leave(),
    })
    return new Response(body, { headers: { 'Content-Type': contentType } })
  }
  const send = (event: string) => controller?.enqueue(text.encode(`data: ${event}\n\n`))
  return { origin, send, end: () => controller?.close(), fail: () => controller?.error('x'), left }
}

async function listen(options: GateOptions = {}, contentType?: string) {
  const source = eventOrigin(contentType)
  const world = createGate({ revocationSeconds, origin: source.origin, ...options })
  const who = await signIn({ idleSeconds: 900 })
  const answer = await world.ask(who.request)
  const reader = answer.body?.pipeThrough(new TextDecoderStream()).getReader()
  const read = async () => reader?.read()
  return { ...source, ...who, world, answer, read, cancel: () => reader?.cancel() }
}

describe('an event stream', () => {
  it('is passed on event by event, and private', async () => {
    const { answer, send, end, read } = await listen()
    expect(answer.headers.get('Content-Type')).toBe('text/event-stream; charset=utf-8')
    expect(answer.headers.get('Cache-Control')).toBe('private')
    for (const event of ['one', 'two', 'three']) {
      send(event)
      expect(await read()).toEqual({ done: false, value: `data: ${event}\n\n` })
    }
    end()
    expect((await read())?.done).toBe(true)
  })

  it('goes on while the standing is good, however often that is looked at', async () => {
    const { send, read, world } = await listen()
    for (let round = 0; round < 5; round++) {
      await scheduler.wait(30)
      send('still')
      expect((await read())?.value).toBe('data: still\n\n')
    }
    expect(world.events).toEqual([])
  })

  it('ends when the session is revoked, for the origin too, and it is audited', async () => {
    const { send, read, user, session, world, left } = await listen()
    send('before')
    expect((await read())?.value).toBe('data: before\n\n')
    world.now = plusSeconds(noon, 100)
    await revokeSession(db, session.id, noon)
    expect((await read())?.done).toBe(true)
    await left
    expect(world.at).toEqual([plusSeconds(noon, 100)])
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

  it('ends when the user is disabled', async () => {
    const { read, user, world } = await listen()
    await setUserActive(db, user.id, false, noon)
    expect((await read())?.done).toBe(true)
    expect(world.events).toMatchObject([{ reason: 'user-disabled' }])
  })

  it('ends with the session itself, by the clock of then', async () => {
    const { read, session, world } = await listen()
    world.now = session.expiresAt
    expect((await read())?.done).toBe(true)
    expect(world.events).toMatchObject([{ reason: 'expired' }])
  })

  it('ends when the visitor is idle, for listening is no sign of life', async () => {
    const { read, world } = await listen()
    world.now = plusSeconds(noon, 960)
    expect((await read())?.done).toBe(true)
    expect(world.events).toMatchObject([{ reason: 'idle' }])
  })

  it('ends though a warm isolate would still let the session in', async () => {
    const source = eventOrigin()
    const world = createGate({ revocationSeconds: 15, origin: source.origin })
    const { request, session } = await signIn()
    await (await world.ask(request)).body?.cancel()
    await revokeSession(db, session.id, noon)
    const answer = await world.ask(request)
    expect(answer.status).toBe(200)
    expect(await answer.text()).toBe('')
  })

  it('ends when storage cannot be asked, and that is no audited end of a session', async () => {
    const broken = breakable(db)
    const { read, world, left } = await listen({ stores: { db: broken.binding } })
    broken.isBroken = true
    expect((await read())?.done).toBe(true)
    await left
    expect(world.events).toEqual([])
  })

  it('is given up at the origin when the visitor goes away, and watched no more', async () => {
    const { send, read, cancel, left, session, world } = await listen()
    send('one')
    await read()
    await cancel()
    await left
    await revokeSession(db, session.id, noon)
    await scheduler.wait(60)
    expect(world.events).toEqual([])
  })

  it('ends when the origin breaks off', async () => {
    const { fail, read } = await listen()
    fail()
    expect((await read().catch(() => ({ done: true })))?.done).toBe(true)
  })

  it('on a public route is nobody’s, and nobody ends it', async () => {
    const source = eventOrigin()
    const world = createGate({
      origin: source.origin,
      revocationSeconds,
      site: { routes: [{ path: '/', policy: { kind: 'public' } }] },
    })
    const { token, session } = await signIn()
    const answer = await world.ask(requestWith(token))
    await revokeSession(db, session.id, noon)
    await scheduler.wait(60)
    source.send('public')
    source.end()
    expect(await answer.text()).toBe('data: public\n\n')
  })
})

describe('isEventStream', () => {
  it('goes by the media type, in any case, with or without parameters', () => {
    const is = (type: string) => isEventStream(new Headers({ 'Content-Type': type }))
    expect(['text/event-stream', 'Text/Event-Stream;charset=utf-8'].map(is)).toEqual([true, true])
    expect(['text/plain', 'text/event-streams', 'x/text/event-stream', ''].map(is)).toEqual([
      false,
      false,
      false,
      false,
    ])
    expect(isEventStream(new Headers())).toBe(false)
    const others = ['application/x-ndjson', 'application/jsonl; charset=utf-8']
    expect([...others, 'multipart/x-mixed-replace; boundary=f'].map(is)).toEqual([true, true, true])
  })
})
