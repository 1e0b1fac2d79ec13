import { createHash, randomBytes } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Duplex } from 'node:stream'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { findUsers, setUserActive } from '../../src/directory/sign-in-store.ts'
import { toInstant } from '../../src/lib/instant.ts'
import type { Told } from '../../tools/stage/origin.ts'
import { signIn } from '../../tools/stage/sign-in.ts'
import { answerTo, ask, createStage, open, type Stage } from '../../tools/stage/stage.ts'
import { CLOSE, frame, framesOf, TEXT, upgradeHeaders } from '../../tools/stage/websocket.ts'

let stage: Stage
let cookie: string
beforeAll(async () => {
  stage = await createStage()
  cookie = (await signIn(stage, '/')).cookie
})
afterAll(() => stage.stop())

const asking = (headers: Record<string, string> = {}) => ({
  port: stage.ports[0],
  headers: { ...headers, Cookie: cookie },
})

describe('through the gate', () => {
  it('an upload reaches the origin while it is still being sent', async () => {
    const first = new Promise<string>((resolve) => {
      stage.origin.at('/upload', (request, response) => {
        request.once('data', (chunk: Buffer) => {
          resolve(String(chunk))
          request.resume()
        })
        request.once('end', () => response.end('got it'))
      })
    })
    const upload = open('/upload', { ...asking(), method: 'POST' })
    upload.write('first')
    expect(await first).toBe('first')
    upload.end('last')
    expect((await answerTo(upload)).statusCode).toBe(200)
  })

  it('a download reaches the visitor while it is still being sent', async () => {
    const sending = new Promise<ServerResponse>((resolve) => {
      stage.origin.at('/download', (_, response) => {
        response.write('first')
        resolve(response)
      })
    })
    const request = open('/download', asking())
    request.end()
    const answer = await answerTo(request)
    const chunks = answer[Symbol.asyncIterator]()
    expect(String((await chunks.next()).value)).toBe('first')
    ;(await sending).end('last')
    expect(String((await chunks.next()).value)).toBe('last')
  })

  it('32 MB arrive whole, in either direction', async () => {
    const body = randomBytes(32 * 1024 * 1024)
    const hash = createHash('sha256').update(body).digest('hex')
    const upload = open('/echo?big', { ...asking(), method: 'PUT' })
    upload.end(body)
    const chunks: Buffer[] = []
    for await (const chunk of await answerTo(upload)) chunks.push(chunk)
    const told: Told = JSON.parse(String(Buffer.concat(chunks)))
    expect([told.method, told.bodyLength, told.bodyHash]).toEqual(['PUT', body.length, hash])

    stage.origin.at('/big', (_, response) => response.end(body))
    const down = await ask('/big', asking())
    expect(createHash('sha256').update(down.bytes).digest('hex')).toBe(hash)
  })

  it.each(['GET', 'POST', 'DELETE'])('%s may have a body, and an empty one', async (method) => {
    for (const body of ['{"query":{}}', '']) {
      const headers = { 'Content-Length': String(body.length) }
      const answer = await ask('/echo?body', { ...asking(headers), method }, body)
      const told: Told = JSON.parse(answer.text)
      expect([answer.status, told.method, told.bodyLength]).toEqual([200, method, body.length])
    }
  })

  it('what is compressed stays as it came', async () => {
    const packed = gzipSync('packed '.repeat(1000))
    stage.origin.at('/packed', (request, response) => {
      response.setHeader('Content-Encoding', 'gzip')
      response.setHeader('X-Asked', request.headers['accept-encoding'] ?? '')
      response.end(packed)
    })
    const answer = await ask('/packed', asking({ 'Accept-Encoding': 'gzip' }))
    expect(answer.headers['content-encoding']).toBe('gzip')
    expect(answer.bytes.equals(packed)).toBe(true)
  })

  it('parts, conditions, HEAD and OPTIONS are the origin’s to answer', async () => {
    stage.origin.at('/file', (request, response) => {
      response.setHeader('ETag', '"v1"')
      if (request.headers['if-none-match'] === '"v1"') return response.writeHead(304).end()
      if (request.method === 'OPTIONS') return response.writeHead(204, { Allow: 'GET' }).end()
      if (request.headers.range === 'bytes=2-4') {
        return response.writeHead(206, { 'Content-Range': 'bytes 2-4/10' }).end('234')
      }
      response.setHeader('Content-Length', '10')
      return response.end(request.method === 'HEAD' ? undefined : '0123456789')
    })
    const part = await ask('/file', asking({ Range: 'bytes=2-4' }))
    expect([part.status, part.headers['content-range'], part.text]).toEqual([
      206,
      'bytes 2-4/10',
      '234',
    ])
    const same = await ask('/file', asking({ 'If-None-Match': '"v1"' }))
    expect([same.status, same.headers.etag, same.text]).toEqual([304, '"v1"', ''])
    const head = await ask('/file', { ...asking(), method: 'HEAD' })
    expect([head.status, head.headers['content-length'], head.text]).toEqual([200, '10', ''])
    const options = await ask('/file', { ...asking(), method: 'OPTIONS' })
    expect([options.status, options.headers.allow]).toEqual([204, 'GET'])
  })

  it('TRACE goes no further, for its answer would show a person their own token', async () => {
    let asked = 0
    stage.origin.at('/trace', (_, response) => {
      asked++
      response.end()
    })
    const answer = await ask('/trace', { ...asking(), method: 'TRACE' })
    expect([answer.status, answer.text.includes('method-not-allowed'), asked]).toEqual([
      405,
      true,
      0,
    ])
  })

  it('a redirect to the origin’s own address becomes one to the site', async () => {
    stage.origin.at('/old', (_, response) =>
      response.writeHead(302, { Location: `${stage.origin.url}/new?x=1` }).end(),
    )
    const answer = await ask('/old', asking())
    expect([answer.status, answer.headers.location]).toEqual([302, 'http://app.localhost/new?x=1'])
  })

  it('several cookies of the origin arrive as several', async () => {
    stage.origin.at('/cookies', (_, response) => {
      response.setHeader('Set-Cookie', ['a=1; Path=/', 'b=2', '__Host-gatehouse=mine; Path=/'])
      response.end()
    })
    expect((await ask('/cookies', asking())).headers['set-cookie']).toEqual(['a=1; Path=/', 'b=2'])
  })

  it('an origin that changes the protocol unasked is a bad gateway', async () => {
    stage.origin.at('/switch', (request) =>
      request.socket.end(
        'HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: tls\r\n\r\n',
      ),
    )
    const answer = await ask('/switch', asking({ Accept: 'text/html' }))
    expect(answer.status).toBe(502)
  })

  it('an origin that hangs up is a page with a request number, and a line in the log', async () => {
    stage.origin.at('/down', (request) => request.socket.destroy())
    const answer = await ask('/down', asking({ Accept: 'text/html' }))
    expect(answer.status).toBe(502)
    const id = /<code>([0-9a-f-]{36})/.exec(answer.text)?.[1] ?? 'none'
    await expect
      .poll(() => stage.logged.find((line) => line.includes(id)) ?? 'nothing')
      .toContain('"audit":"origin-failed"')
  })
})

describe('what stays open', () => {
  it('ends on both sides when one closes it with what is no code', async () => {
    for (const code of [999, 1004, 1006, 5000]) {
      const { socket, frames } = await openSocket(stage.ports[0])
      const behind = stage.origin.sockets.at(-1)
      if (!behind) throw new Error('no socket behind')
      const payload = Buffer.of(code >> 8, code & 0xff)
      socket.write(frame(CLOSE, payload, true))
      for (const side of [frames, framesOf(behind, Buffer.alloc(0))]) {
        const last = (await side.next()).value
        expect([last?.opcode, last?.payload.readUInt16BE(0)]).toEqual([CLOSE, 1011])
      }
      socket.destroy()
      behind.destroy()
    }
  })

  it('goes both ways, and ends everywhere when its person is disabled', async () => {
    const first = await openSocket(stage.ports[0])
    const behind = stage.origin.sockets.at(-1)
    if (!behind) throw new Error('no socket behind')
    const sockets = [first, await openSocket(stage.ports[1])]
    first.socket.write(frame(TEXT, Buffer.from('up'), true))
    const fromBehind = framesOf(behind, Buffer.alloc(0))
    expect(String((await fromBehind.next()).value?.payload)).toBe('up')
    behind.write(frame(TEXT, Buffer.from('down'), false))
    expect(String((await first.frames.next()).value?.payload)).toBe('down')

    stage.origin.at('/events', (_, response) => {
      response.writeHead(200, { 'Content-Type': 'text/event-stream' })
      response.write('data: hello\n\n')
    })
    const stream = open('/events', asking({ Accept: 'text/event-stream' }))
    stream.end()
    const events = (await answerTo(stream))[Symbol.asyncIterator]()
    expect(String((await events.next()).value)).toBe('data: hello\n\n')

    const [user] = await findUsers(stage.db, 'zoe@example.test')
    await setUserActive(stage.db, user?.id ?? '', false, toInstant(Date.now()))
    for (const { frames } of sockets) {
      const last = (await frames.next()).value
      expect([last?.opcode, last?.payload.readUInt16BE(0)]).toEqual([CLOSE, 4401])
    }
    expect((await events.next()).done).toBe(true)
    await expect
      .poll(() => stage.logged.filter((line) => line.includes('"audit":"session-ended"')).length)
      .toBe(3)
    const kept = () =>
      stage.db
        .prepare("SELECT count(*) AS n FROM audit WHERE kind = 'session-ended' AND user_id = ?1")
        .bind(user?.id)
        .first('n')
    await expect.poll(kept).toBe(3)
  })
})

async function openSocket(port: number) {
  const request = open('/socket', { port, headers: { ...upgradeHeaders(), Cookie: cookie } })
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
