/**
 * With `GATEHOUSE_SLOW_PAGES=head` or `=tail`, every page comes in two parts with a pause between
 * them, and its scripts and styles come late, as from a busy machine. A test that reads a page before
 * it is whole fails then each time, not now and then.
 */
import { once } from 'node:events'
import { createServer, request, type IncomingMessage, type ServerResponse } from 'node:http'
import { connect, type AddressInfo } from 'node:net'
import type { Duplex } from 'node:stream'
import { setTimeout as wait } from 'node:timers/promises'

const PAUSE_MS = 700
const LATE_MS = 500
const where = process.env['GATEHOUSE_SLOW_PAGES']

/** Arguments of Chromium that lead it through a proxy which does this; none without the variable. */
export async function slowly(): Promise<readonly string[]> {
  if (where === undefined) return []
  if (where !== 'head' && where !== 'tail') {
    throw new Error('GATEHOUSE_SLOW_PAGES must be "head" or "tail": where a page is interrupted.')
  }
  const server = createServer(passOn).on('connect', tunnel).listen(0, '127.0.0.1').unref()
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  return [`--proxy-server=http://127.0.0.1:${port}`, '--proxy-bypass-list=<-loopback>']
}

/** Every host is this machine. */
function passOn(asked: IncomingMessage, answer: ServerResponse): void {
  const { port, pathname, search } = new URL(asked.url ?? '')
  const onward = request({
    host: '127.0.0.1',
    port: port === '' ? 80 : port,
    method: asked.method,
    path: pathname + search,
    // A compressed page cannot be cut where it is wanted.
    headers: { ...asked.headers, 'accept-encoding': 'identity' },
  })
  onward.on('response', (got) => void give(got, answer).catch(() => answer.destroy()))
  onward.on('error', () => answer.destroy())
  answer.on('close', () => onward.destroy())
  asked.pipe(onward)
}

async function give(got: IncomingMessage, answer: ServerResponse): Promise<void> {
  const type = got.headers['content-type'] ?? ''
  if (/css|javascript/.test(type)) await wait(LATE_MS)
  const { 'transfer-encoding': _, ...headers } = got.headers
  answer.writeHead(got.statusCode ?? 502, headers).flushHeaders()
  if (!type.startsWith('text/html')) return void got.pipe(answer)
  const chunks: Buffer[] = []
  for await (const chunk of got) chunks.push(chunk)
  const page = Buffer.concat(chunks)
  const cut = where === 'head' ? page.indexOf('<body') : page.lastIndexOf('</')
  answer.write(page.subarray(0, Math.max(cut, 0)))
  await wait(PAUSE_MS)
  answer.end(page.subarray(Math.max(cut, 0)))
}

/** WebSockets, and what is sent over TLS, as they are. */
function tunnel({ url = '' }: IncomingMessage, socket: Duplex, first: Buffer): void {
  const onward = connect(Number(url.slice(url.lastIndexOf(':') + 1)), '127.0.0.1', () => {
    socket.write('HTTP/1.1 200 OK\r\n\r\n')
    onward.write(first)
    onward.pipe(socket).pipe(onward)
  })
  onward.on('error', () => socket.destroy())
  socket.on('error', () => onward.destroy())
}
