/** What stays open, and how it ends: over real sockets, because streams of tests are not those of a network. */
import { once } from 'node:events'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { connect, type Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { toInstant } from '../../src/lib/instant.ts'
import { revokeSession } from '../../src/session/revoke-store.ts'
import { processAt, residentMegabytes } from './memory.ts'
import { signIn } from '../../tools/stage/sign-in.ts'
import {
  answerTo,
  ask,
  createStage,
  open,
  REVOCATION_SECONDS,
  type Stage,
} from '../../tools/stage/stage.ts'
import {
  BINARY,
  CLOSE,
  frame,
  framesOf,
  TEXT,
  upgradeHeaders,
} from '../../tools/stage/websocket.ts'

const MEGABYTE = 1024 * 1024
const pass = (seconds: number) => new Promise((resolve) => setTimeout(resolve, seconds * 1000))
let stage: Stage
beforeAll(async () => {
  stage = await createStage()
})
afterAll(() => stage.stop())

/** Somebody with a session of their own, and how to end it. */
async function visitor(host = 'app.localhost') {
  const { cookie } = await signIn(stage, '/', {}, host)
  const id = await stage.db
    .prepare('SELECT id FROM sessions ORDER BY rowid DESC LIMIT 1')
    .first<string>('id')
  const asking = (headers: Record<string, string> = {}) => ({
    port: stage.ports[0],
    host,
    headers: { ...headers, Cookie: cookie },
  })
  const revoke = () => revokeSession(stage.db, id ?? '', toInstant(Date.now()))
  return { cookie, host, asking, revoke, id: id ?? '' }
}
type Visitor = Awaited<ReturnType<typeof visitor>>

async function listen(path: string, { asking }: Visitor) {
  const request = open(path, asking())
  request.end()
  const answer = await answerTo(request)
  const chunks = answer[Symbol.asyncIterator]()
  return { answer, next: async () => String((await chunks.next()).value) }
}

/** An answer that begins, and what becomes of it at the origin. */
function begins(path: string, headers: Record<string, string>) {
  const { promise, resolve } = Promise.withResolvers<ServerResponse>()
  stage.origin.at(path, (_, response) => {
    response.writeHead(200, headers)
    response.write('first')
    resolve(response)
  })
  return promise
}

describe('an answer that is still open when the session has ended', () => {
  it.each([
    ['text', { 'Content-Type': 'text/plain' }],
    ['a page', { 'Content-Type': 'text/html; charset=utf-8' }],
    ['a film', { 'Content-Type': 'video/mp2t' }],
    ['without a type', {}],
    ['of a stated length', { 'Content-Length': '1000000' }],
  ])('is broken off, here and at the origin: %s', async (name, headers) => {
    const who = await visitor()
    const path = `/open/${encodeURIComponent(name)}`
    const beginning = begins(path, headers)
    const { answer, next } = await listen(path, who)
    expect(answer.headers['content-length']).toBe(
      'Content-Length' in headers ? headers['Content-Length'] : undefined,
    )
    expect(await next()).toBe('first')
    const left = once(await beginning, 'close')
    await who.revoke()
    await expect(next()).rejects.toThrow('aborted')
    expect(answer.complete).toBe(false)
    await left
  })

  it('is closed as it would end by itself where it is a stream of events', async () => {
    const who = await visitor()
    const beginning = begins('/events', { 'Content-Type': 'text/event-stream' })
    const { answer, next } = await listen('/events', who)
    expect(await next()).toBe('first')
    const left = once(await beginning, 'close')
    await who.revoke()
    expect(await next()).toBe('undefined')
    expect(answer.complete).toBe(true)
    await left
  })

  it('is broken off where a Worker answers', async () => {
    const who = await visitor('bound.localhost')
    const { next } = await listen('/endless', who)
    expect(await next()).toBe('first')
    await who.revoke()
    await expect(next()).rejects.toThrow('aborted')
  })

  it('goes on while the session does', async () => {
    const who = await visitor()
    const beginning = begins('/long', { 'Content-Type': 'text/plain' })
    const { next } = await listen('/long', who)
    expect(await next()).toBe('first')
    const response = await beginning
    for (let i = 0; i < 6; i++) {
      await new Promise((resolve) => setTimeout(resolve, 1000))
      response.write(`more ${i}`)
      expect(await next()).toBe(`more ${i}`)
    }
    response.end()
    expect(await next()).toBe('undefined')
  })

  it('is finished where its length is stated and the site lets downloads finish', async () => {
    const who = await visitor('idle.localhost')
    const beginning = begins('/film', { 'Content-Length': '1000000' })
    const { answer, next } = await listen('/film', who)
    expect(await next()).toBe('first')
    await who.revoke()
    await new Promise((resolve) => setTimeout(resolve, 5000))
    ;(await beginning).end(Buffer.alloc(1_000_000 - 'first'.length))
    let size = 'first'.length
    for await (const chunk of answer) size += chunk.length
    expect(size).toBe(1_000_000)
  })

  it('is broken off at the origin when the visitor has gone', async () => {
    const who = await visitor()
    const beginning = begins('/left', { 'Content-Type': 'text/plain' })
    const { answer } = await listen('/left', who)
    const response = await beginning
    const left = once(response, 'close')
    // The runtime notices at a write.
    const sending = setInterval(() => response.write('more'), 50)
    answer.destroy()
    await left
    clearInterval(sending)
  })

  it('passes compressed bytes as they came, of stated length or not', async () => {
    const { asking } = await visitor()
    const packed = gzipSync('packed '.repeat(100_000), { level: 1 })
    for (const length of [null, packed.length]) {
      stage.origin.at('/packed', (_, response) => {
        response.setHeader('Content-Encoding', 'gzip')
        if (length !== null) response.setHeader('Content-Length', length)
        response.write(packed.subarray(0, 100))
        response.end(packed.subarray(100))
      })
      const answer = await ask('/packed', asking({ 'Accept-Encoding': 'gzip' }))
      expect(answer.headers['content-encoding']).toBe('gzip')
      expect(answer.bytes.equals(packed)).toBe(true)
    }
  })

  it('that breaks off at the origin breaks off here', async () => {
    const who = await visitor()
    const beginning = begins('/torn', { 'Content-Type': 'text/event-stream' })
    const { next } = await listen('/torn', who)
    expect(await next()).toBe('first')
    ;(await beginning).destroy()
    await expect(next()).rejects.toThrow('aborted')
  })
})

describe('a request that is still open when the session has ended', () => {
  it.each([
    ['of no stated length', {}],
    ['that is short', { 'Content-Length': '11' }],
    ['of events', { 'Content-Type': 'text/event-stream' }],
  ])(
    'is 401 when the answer comes, and the site is not listened to: one %s',
    async (name, headers) => {
      const who = await visitor()
      const path = `/poll/${encodeURIComponent(name)}`
      const asked = new Promise<ServerResponse>((resolve) =>
        stage.origin.at(path, (_, response) => resolve(response)),
      )
      const answered = ask(path, who.asking())
      const response = await asked
      await who.revoke()
      await pass(REVOCATION_SECONDS)
      const left = once(response, 'close')
      response.writeHead(200, headers)
      response.write('secret')
      const answer = await answered
      expect([answer.status, answer.text.includes('secret')]).toEqual([401, false])
      await left
    },
  )

  it('is 401 when a socket opens, and the site’s is closed', async () => {
    const who = await visitor()
    const before = stage.origin.sockets.length
    const request = open(`/socket?after=${3 * REVOCATION_SECONDS}`, who.asking(upgradeHeaders()))
    request.end()
    const answered = answerTo(request)
    await expect.poll(() => stage.origin.sockets.length).toBe(before + 1)
    await who.revoke()
    const behind = stage.origin.sockets.at(-1)?.resume()
    if (!behind) throw new Error('no socket behind')
    const left = once(behind, 'end')
    expect((await answered).statusCode).toBe(401)
    await left
  })

  it('passes when the answer comes late and the session lasts', async () => {
    const who = await visitor()
    stage.origin.at('/slow', (_, response) => {
      setTimeout(() => response.end('at last'), 2.5 * REVOCATION_SECONDS * 1000)
    })
    const answer = await ask('/slow', who.asking())
    expect([answer.status, answer.text]).toEqual([200, 'at last'])
  })

  it('of an upload ends for the origin too', async () => {
    const who = await visitor()
    const arrived = new Promise<IncomingMessage>((resolve) =>
      stage.origin.at('/up', (request) => {
        request.resume()
        resolve(request)
      }),
    )
    const upload = open('/up', { ...who.asking(), method: 'POST' })
    const answered = answerTo(upload).then(
      ({ statusCode }) => statusCode,
      ({ code }: { code?: string }) => code,
    )
    upload.write('a beginning')
    const sending = setInterval(() => upload.write('more'), 100)
    const request = await arrived
    const left = new Promise((resolve) => request.on('error', () => undefined).on('close', resolve))
    await who.revoke()
    expect([401, 'ECONNRESET', 'EPIPE']).toContain(await answered)
    await left
    clearInterval(sending)
    expect(request.complete).toBe(false)
  })
})

describe('an upload that the gate refuses', () => {
  const refusals = [
    ['/x', 'a program', 401, {}, 'application/json'],
    [
      '/form',
      'a form',
      401,
      { 'Sec-Fetch-Mode': 'navigate', 'Sec-Fetch-Dest': 'document' },
      'text/html',
    ],
    ['/engineering/x', 'a person who may not', 403, {}, 'application/json'],
    ['/.gatehouse/nothing', 'a page that there is not', 404, {}, 'application/json'],
  ] as const
  it.each(refusals)('of 30 MB to %s is answered whole: %s', async (...given) => {
    const [path, , status, more, type] = given
    const headers = { ...more, Cookie: status === 403 ? (await visitor()).cookie : 'a=1' }
    const socket = connect(stage.ports[0], '127.0.0.1')
    const size = 30 * MEGABYTE
    const heard = answerOf(socket)
    const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`)
    socket.write(
      `POST ${path} HTTP/1.1\r\nHost: app.localhost\r\nContent-Length: ${size}\r\n${lines.join('')}\r\n`,
    )
    const chunk = Buffer.alloc(64 * 1024)
    // As a browser does that sends all before it reads: a reset would be all that it sees.
    for (let sent = 0; sent < size; sent += chunk.length) {
      if (!socket.write(chunk)) await once(socket, 'drain')
    }
    const head = await heard
    expect(head.slice(0, 12)).toBe(`HTTP/1.1 ${status}`)
    expect(head.toLowerCase()).toContain(`content-type: ${type}`)
    socket.destroy()
  })
})

describe('a WebSocket', () => {
  const refusalOf = async (who: Visitor, origin: string | readonly string[]) => {
    const request = open('/socket', who.asking(upgradeHeaders()))
    request.setHeader('Origin', origin)
    request.end()
    return new Promise<number>((resolve, reject) => {
      request.on('upgrade', (_, socket: Duplex) => {
        socket.destroy()
        resolve(101)
      })
      request.on('response', ({ statusCode }) => resolve(statusCode ?? 0)).on('error', reject)
    })
  }

  it('opens for pages of the site and of corsOrigins, and for no other', async () => {
    const who = await visitor('idle.localhost')
    for (const origin of ['http://idle.localhost', 'https://friend.example', []]) {
      expect([origin, await refusalOf(who, origin)]).toEqual([origin, 101])
    }
    const others = [
      'http://app.localhost',
      'http://evil.idle.localhost',
      'https://idle.localhost',
      'http://idle.localhost:8080',
      'https://friend.example.evil',
      'null',
    ]
    for (const origin of others) {
      expect([origin, await refusalOf(who, origin)]).toEqual([origin, 403])
    }
    expect(await refusalOf(who, ['http://idle.localhost', 'http://evil.localhost'])).toBe(403)
    await expect
      .poll(() => stage.logged.filter((line) => line.includes('of another origin')).length)
      .toBe(7)
  })

  it('that only listens ends when its visitor is idle, and one that speaks does not', async () => {
    const [silent, speaking] = [await visitor('idle.localhost'), await visitor('idle.localhost')]
    const listener = await openSocket(silent)
    const listenedFrom = Date.now()
    const behind = stage.origin.sockets.at(-1)
    const speaker = await openSocket(speaking)
    const chatter = setInterval(() => behind?.write(frame(TEXT, Buffer.from('news'), false)), 500)
    const talk = setInterval(() => speaker.socket.write(frame(TEXT, Buffer.from('key'), true)), 500)
    let last = await listener.frames.next()
    while (last.value?.opcode === TEXT) last = await listener.frames.next()
    expect([last.value?.opcode, last.value?.payload.readUInt16BE(0)]).toEqual([CLOSE, 4401])
    expect(speaker.socket.closed).toBe(false)
    const seenAt = (id: string) =>
      stage.db
        .prepare(
          `SELECT last_seen_at AS at FROM sign_ins
           WHERE id = (SELECT sign_in FROM sessions WHERE id = ?1)`,
        )
        .bind(id)
        .first<number>('at')
    expect(await seenAt(speaking.id)).toBeGreaterThan(listenedFrom + 5000)
    // The request that opened it is the last that was seen.
    expect(await seenAt(silent.id)).toBeLessThanOrEqual(listenedFrom)
    clearInterval(chatter)
    clearInterval(talk)
    speaker.socket.destroy()
    listener.socket.destroy()
  })

  it('that is not read holds a bounded part of the memory, is closed with 1013 and then dropped', async () => {
    const pid = processAt(stage.ports[0])
    const who = await visitor()
    const { socket } = await openSocket(who)
    socket.pause()
    const behind = stage.origin.sockets.at(-1)
    if (!behind) throw new Error('no socket behind')
    const before = residentMegabytes(pid)
    const message = frame(BINARY, Buffer.alloc(256 * 1024), false)
    const atOrigin = framesOf(behind, Buffer.alloc(0))
    const closed = atOrigin.next()
    const state = { isOver: false }
    void closed.then(() => (state.isOver = true))
    let sent = 0
    let peak = 0
    while (!state.isOver && sent < 600) {
      if (!behind.write(message)) await Promise.race([once(behind, 'drain'), closed])
      sent++
      peak = Math.max(peak, residentMegabytes(pid) - before)
    }
    const last = (await closed).value
    expect([last?.opcode, last?.payload.readUInt16BE(0)]).toEqual([CLOSE, 1013])
    // 600 messages are 150 MB. What was let in is half of what all sockets may have, and the kernel's.
    expect(sent).toBeLessThan(200)
    expect(peak).toBeLessThan(128)
    behind.on('error', () => undefined)
    expect((await atOrigin.next().catch(() => ({ done: true }))).done).toBe(true)
    expect(await drained(socket)).toBeLessThan(30 * MEGABYTE)
  })

  it('is closed with 1011 where the origin is lost, for 1006 cannot be sent', async () => {
    const { frames } = await openSocket(await visitor())
    stage.origin.sockets.at(-1)?.destroy()
    const last = (await frames.next()).value
    expect([last?.opcode, last?.payload.readUInt16BE(0)]).toEqual([CLOSE, 1011])
  })

  it('takes messages of 32 MiB, and is closed with 1009 by longer ones', async () => {
    const who = await visitor()
    const { socket, frames } = await openSocket(who)
    const behind = stage.origin.sockets.at(-1)
    if (!behind) throw new Error('no socket behind')
    const up = framesOf(behind, Buffer.alloc(0))
    const whole = Buffer.alloc(32 * MEGABYTE)
    socket.write(frame(BINARY, whole, true))
    expect((await up.next()).value?.payload.length).toBe(whole.length)
    behind.write(frame(BINARY, whole, false))
    expect((await frames.next()).value?.payload.length).toBe(whole.length)
    // The head of the frame is enough: the rest would meet a connection that is closed.
    socket.write(frame(BINARY, Buffer.alloc(whole.length + 1), true).subarray(0, 14))
    const last = (await frames.next()).value
    expect([last?.opcode, last?.payload.readUInt16BE(0)]).toEqual([CLOSE, 1009])
  })
})

/** How much comes until the other side has dropped it. */
async function drained(socket: Duplex): Promise<number> {
  let size = 0
  socket.on('error', () => undefined)
  socket.on('data', (chunk: Buffer) => (size += chunk.length))
  socket.resume()
  await once(socket, 'close')
  return size
}

function answerOf(socket: Socket): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = ''
    socket.on('data', (chunk: Buffer) => {
      text += String(chunk)
      if (text.includes('\r\n\r\n')) resolve(text)
    })
    socket.on('error', reject)
    socket.on('close', () => reject(new Error('closed without an answer')))
  })
}

async function openSocket(who: Visitor) {
  const request = open('/socket', who.asking(upgradeHeaders()))
  request.end()
  const { socket, head } = await new Promise<{ socket: Duplex; head: Buffer }>(
    (resolve, reject) => {
      request.on('upgrade', (_: IncomingMessage, up: Duplex, rest: Buffer) =>
        resolve({ socket: up, head: rest }),
      )
      request.on('response', ({ statusCode }) => reject(new Error(`answered ${statusCode}`)))
      request.on('error', reject)
    },
  )
  return { socket, frames: framesOf(socket, head) }
}
