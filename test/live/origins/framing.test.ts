/**
 * Requests whose length two programs may read differently (RFC 9112 §6.3), and names of hosts that
 * two programs may take for different ones: does a web server of Debian behind the gate read a
 * request that the gate did not judge, or does a visitor get the answer to another one?
 */
import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { GUARDED, names } from './servers.ts'
import { openOrigins, type Origins } from './stage.ts'
import { get, send } from './wire.ts'

let origins: Origins
beforeAll(async () => {
  origins = await openOrigins()
})
afterAll(() => origins?.stop())

interface Attack {
  /** The start line and the header lines, without those for the host. */
  readonly head: string
  readonly body: string
}
/** Made of the path of the outer request and the request that is to be smuggled. */
type Attacks = Readonly<Record<string, (path: string, inner: string) => Attack>>

const post = (path: string, lines: string, body: string): Attack => ({
  head: `POST ${path} HTTP/1.1\r\n${lines}`,
  body,
})
const length = (text: string): string => `Content-Length: ${text.length}\r\n`
const chunk = (text: string): string => `${text.length.toString(16)}\r\n${text}\r\n`
const END = '0\r\n\r\n'

/** A Transfer-Encoding that one program takes for `chunked` and another does not. */
const encodings = [
  'Transfer-Encoding: chunked',
  'transfer-encoding: CHUNKED',
  'Transfer-Encoding : chunked',
  'Transfer-Encoding:chunked',
  'Transfer-Encoding:\tchunked',
  'Transfer-Encoding:\vchunked',
  'Transfer-Encoding: chunked ',
  'Transfer-Encoding: chunked\t',
  'Transfer-Encoding: chunked\0',
  ' Transfer-Encoding: chunked',
  'X: y\nTransfer-Encoding: chunked',
  'X: y\rTransfer-Encoding: chunked',
  'Transfer-Encoding:\r\n chunked',
  'Transfer-Encoding: x\r\n chunked',
  'Transfer-Encoding: chunked\r\nTransfer-Encoding: x',
  'Transfer-Encoding: x\r\nTransfer-Encoding: chunked',
  'Transfer-Encoding: identity\r\nTransfer-Encoding: chunked',
  'Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked',
  'Transfer-Encoding: chunked, identity',
  'Transfer-Encoding: identity, chunked',
  'Transfer-Encoding: gzip, chunked',
  'Transfer-Encoding: chunked, chunked',
  'Transfer-Encoding: ,chunked',
  'Transfer-Encoding: chunked;a=b',
  'Transfer-Encoding: "chunked"',
  "Transfer-Encoding: 'chunked'",
  'Transfer-Encoding: xchunked',
  'Transfer-Encoding: x',
  'Transfer-Encoding:',
  'Transfer_Encoding: chunked',
  'Transfer-Encoding\0: chunked',
  'Transfer-Encoding\xa0: chunked',
  'Connection: Transfer-Encoding\r\nTransfer-Encoding: chunked',
  'TE: trailers\r\nTransfer-Encoding: chunked',
]

/** A Content-Length that two programs may read as two numbers. */
const lengths = (body: string): readonly string[] => {
  const n = body.length
  return [
    `Content-Length: 0\r\nContent-Length: ${n}`,
    `Content-Length: ${n}\r\nContent-Length: 0`,
    `Content-Length: 0, ${n}`,
    `Content-Length: ${n}, ${n}`,
    `Content-Length: +${n}`,
    `Content-Length: -${n}`,
    `Content-Length: 0x${n.toString(16)}`,
    `Content-Length: 0${n}`,
    `Content-Length: ${n}.0`,
    `Content-Length: ${n} 0`,
    `Content-Length: 1e1`,
    `Content-Length : ${n}`,
    `Content-Length\0: ${n}`,
    `Content-Length\t: ${n}`,
    `Content_Length: ${n}`,
    ` Content-Length: ${n}`,
    `Content-Length:\r\n ${n}`,
    `Content-Length: ${n}\0`,
    `Content-Length: \v${n}`,
    `Content-Length: 18446744073709551616`,
    `Content-Length: 18446744073709551${(616 + n).toString().padStart(3, '0')}`,
    `Content-Length: 4294967296`,
    `Content-Length:`,
    `Connection: Content-Length\r\nContent-Length: ${n}`,
    `Connection: close, Content-Length\r\nContent-Length: ${n}`,
    `X: y\nContent-Length: ${n}`,
  ]
}

/** Bodies in chunks that two programs may end at different places (RFC 9112 §7.1). */
const chunkedBodies = (inner: string): readonly string[] => [
  `0\r\n\r\n${inner}`,
  `0;a=b\r\n\r\n${inner}`,
  `0;a="\r\n\r\n${inner}"\r\n\r\n`,
  `1;\nx\r\n0\r\n\r\n${inner}`,
  `1;a=b\nx\r\n${inner}`,
  `1 \r\nx\r\n0\r\n\r\n${inner}`,
  `0x1\r\nx\r\n0\r\n\r\n${inner}`,
  `+1\r\nx\r\n0\r\n\r\n${inner}`,
  `-1\r\nx\r\n0\r\n\r\n${inner}`,
  `1_0\r\n0123456789abcdef\r\n0\r\n\r\n${inner}`,
  `10000000000000001\r\nx\r\n0\r\n\r\n${inner}`,
  `ffffffffffffffff\r\nx\r\n0\r\n\r\n${inner}`,
  `1\nx\n0\n\n${inner}`,
  `1\rx\r0\r\r${inner}`,
  `1\r\nxx\r\n0\r\n\r\n${inner}`,
  `1\r\nxyz0\r\n\r\n${inner}`,
  `5\r\nx\r\n0\r\n\r\n${inner}`,
  `00000000000000000000\r\n\r\n${inner}`,
  `\r\n0\r\n\r\n${inner}`,
  `0\r\nX-Forwarded-User: forged\r\nContent-Length: ${inner.length}\r\n\r\n${inner}`,
  `0\r\nTransfer-Encoding: chunked\r\n\r\n${inner}`,
  `0\r\n\n${inner}`,
  `0\n\r\n${inner}`,
  `0\r\n\r${inner}`,
  `1;${'a'.repeat(9000)}\r\nx\r\n0\r\n\r\n${inner}`,
  chunk(inner) + END,
  chunk(inner),
]

const attacks: Attacks = {
  ...Object.fromEntries(
    encodings.flatMap((line): [string, Attacks[string]][] => [
      [
        `CL.TE: ${line}`,
        (path, inner) => post(path, `${length(END + inner)}${line}\r\n`, END + inner),
      ],
      [
        `TE.CL: ${line}`,
        (path, inner) => {
          const body = chunk(inner) + END
          const first = body.indexOf('\n') + 1
          return post(path, `Content-Length: ${first}\r\n${line}\r\n`, body)
        },
      ],
      [`TE first: ${line}`, (path, inner) => post(path, `${line}\r\n${length(END)}`, END + inner)],
      [`no length: ${line}`, (path, inner) => post(path, `${line}\r\n`, END + inner)],
    ]),
  ),
  ...Object.fromEntries(
    lengths('').map((_, i): [string, Attacks[string]] => [
      `length ${i}`,
      (path, inner) => post(path, `${lengths(inner)[i]}\r\n`, inner),
    ]),
  ),
  ...Object.fromEntries(
    chunkedBodies('').flatMap((_, i): [string, Attacks[string]][] => [
      [
        `chunks ${i}`,
        (path, inner) =>
          post(path, 'Transfer-Encoding: chunked\r\n', chunkedBodies(inner)[i] ?? ''),
      ],
      [
        `chunks by HTTP/1.0 ${i}`,
        (path, inner) => ({
          head: `POST ${path} HTTP/1.0\r\nConnection: keep-alive\r\nTransfer-Encoding: chunked\r\n`,
          body: chunkedBodies(inner)[i] ?? '',
        }),
      ],
    ]),
  ),
  ...Object.fromEntries(
    ['GET', 'HEAD', 'OPTIONS', 'DELETE', 'PUT', 'TRACE', 'CONNECT', 'PROPFIND', 'POST'].map(
      (method): [string, Attacks[string]] => [
        `CL.0: ${method}`,
        (path, inner) => ({ head: `${method} ${path} HTTP/1.1\r\n${length(inner)}`, body: inner }),
      ],
    ),
  ),
  'Expect: 100-continue': (path, inner) =>
    post(path, `Expect: 100-continue\r\n${length(inner)}`, inner),
  'Expect: 100-continue, in chunks': (path, inner) =>
    post(path, 'Expect: 100-continue\r\nTransfer-Encoding: chunked\r\n', chunk(inner) + END),
  'Expect: y 100-continue': (path, inner) =>
    post(path, `Expect: y 100-continue\r\n${length(inner)}`, inner),
  'an upgrade to h2c': (path, inner) =>
    post(
      path,
      `Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAARAAAAAAAIAAAAA\r\n${length(inner)}`,
      inner,
    ),
  'an upgrade to a WebSocket': (path, inner) => ({
    head: `GET ${path} HTTP/1.1\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n`,
    body: inner,
  }),
  'an upgrade to a WebSocket of another version': (path, inner) => ({
    head: `GET ${path} HTTP/1.1\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 777\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n`,
    body: inner,
  }),
  'the preface of HTTP/2': (_, inner) => ({
    head: 'PRI * HTTP/2.0\r\n',
    body: `SM\r\n\r\n${inner}`,
  }),
  'a version that there is not': (path, inner) => ({
    head: `POST ${path} HTTP/1.2\r\n${length('')}`,
    body: inner,
  }),
  'HTTP/0.9': (path, inner) => ({ head: `GET ${path}\r\n`, body: inner }),
  'a second request in the path, after LF': (path, inner) => ({
    head: `GET ${path}?\n${inner.trimEnd().replaceAll('\r', '')}\n\n HTTP/1.1\r\n`,
    body: '',
  }),
  'a second request in the query, encoded': (path, inner) => ({
    head: `GET ${path}?${encodeURIComponent(` HTTP/1.1\r\nHost: x\r\n\r\n${inner}`)} HTTP/1.1\r\n`,
    body: '',
  }),
  'a second request in the path, encoded': (path, inner) => ({
    head: `GET ${path}${encodeURIComponent(` HTTP/1.1\r\nHost: x\r\n\r\n${inner}`)} HTTP/1.1\r\n`,
    body: '',
  }),
  'a second request in the method': (path, inner) => ({
    head: `${inner}POST ${path} HTTP/1.1\r\n${length('')}`,
    body: '',
  }),
}

const MARK = 'smuggled'

describe.each(names)('the length of a request in front of %s', (name) => {
  it('is one: no part of its body is a request, and each visitor has the own answer', async () => {
    const server = origins.serverOf(name)
    const host = `open.${name}.localhost`
    const folders = [`/public/${server.reading}`, '/public/page.txt', '/public/', '/public/none']
    const wrong: string[] = []
    const cases = Object.entries(attacks).flatMap(([what, make], i) =>
      // Each on a page that reads its body, and on one that does not.
      [folders[0] ?? '', folders[1 + (i % 3)] ?? ''].map((path) => ({ what, make, path })),
    )
    const waiting = cases.values()
    const work = async () => {
      for (const { what, make, path } of waiting) {
        const id = randomUUID()
        const inner = `GET /guarded/page.txt?${MARK}-${id} HTTP/1.1\r\nHost: ${host}\r\nX-Forwarded-User: root\r\n\r\n`
        const { head, body } = make(`${path}?outer-${id}`, inner)
        const next = `GET /public/page.txt?next-${id} HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`
        const text = await send(origins.port, [`${head}Host: ${host}\r\n\r\n${body}${next}`])
        // A header after the body (RFC 9110 §6.5) that a server may merge with the others.
        if (text.includes('forged')) wrong.push(`${what}: a trailer`)
        if (text.includes(GUARDED)) wrong.push(`${what}: a guarded page`)
        const victim = `/public/${server.reading}?victim-${name}-${id}`
        const answer = await get(origins.port, victim, { Host: host })
        if (answer.status !== 200 || !answer.text.includes(`victim-${name}-${id}`)) {
          wrong.push(`${what}: another answer than to ${victim}: ${answer.status}`)
        }
      }
    }
    await Promise.all(Array.from({ length: 12 }, work))
    const log = await server.log()
    // A request line begins with a method: what the body was to become begins with `/guarded`.
    wrong.push(...log.filter((line) => !/^[A-Z]+ \/public\//.test(line)))
    expect(wrong).toEqual([])
    // The log is that of the server, and has what was passed on.
    expect(log.filter((line) => line.includes(`victim-${name}-`)).length).toBe(cases.length)
    // It would show such a request: this one comes without the gate.
    const inner = `GET /guarded/page.txt?${MARK} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n`
    await send(server.port, [inner])
    const shows = async () =>
      (await server.log()).some((line) => line.startsWith(`GET /guarded/page.txt?${MARK} `))
    await expect.poll(shows).toBe(true)
  })
})
