/** An origin behind the gate, in plain node:http. A test defines what each path does. */
import { createHash } from 'node:crypto'
import http from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Duplex } from 'node:stream'
import { acceptKey } from './websocket.ts'

type Handler = (request: http.IncomingMessage, response: http.ServerResponse) => void

export interface Origin {
  readonly url: string
  /**
   * Sets the handler of a path from now on. Every other path returns the request that it received.
   */
  readonly at: (path: string, handler: Handler) => void
  /** The origin's ends of WebSockets, oldest first. `?after=3` is accepted 3 seconds later. */
  readonly sockets: readonly Duplex[]
  readonly stop: () => Promise<void>
}

export async function startOrigin(): Promise<Origin> {
  const handlers = new Map<string, Handler>()
  const sockets: Duplex[] = []
  // On a busy machine the gate may be late, which is no fault that a test looks for.
  const server = http.createServer({ requestTimeout: 0 }, (request, response) => {
    const handler = handlers.get(request.url?.split('?')[0] ?? '') ?? tell
    handler(request, response)
  })
  server.on('upgrade', (request, socket) => {
    socket.on('error', () => undefined)
    sockets.push(socket)
    const accept = (): boolean =>
      socket.write(
        'HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n' +
          `Sec-WebSocket-Accept: ${acceptKey(request.headers['sec-websocket-key'] ?? '')}\r\n\r\n`,
      )
    const [, seconds] = /\?after=(\d+)$/.exec(request.url ?? '') ?? []
    if (seconds === undefined) accept()
    else setTimeout(accept, Number(seconds) * 1000)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}`,
    at: (path, handler) => void handlers.set(path, handler),
    sockets,
    stop: async () => {
      server.closeAllConnections()
      for (const socket of sockets) socket.destroy()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

export interface Told {
  readonly method: string
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly bodyHash: string
  readonly bodyLength: number
}

const tell: Handler = (request, response) => {
  const hash = createHash('sha256')
  let bodyLength = 0
  request.on('data', (chunk: Buffer) => {
    hash.update(chunk)
    bodyLength += chunk.length
  })
  request.on('end', () => {
    const { method = '', url = '', headers } = request
    response.setHeader('Content-Type', 'application/json')
    response.end(JSON.stringify({ method, url, headers, bodyHash: hash.digest('hex'), bodyLength }))
  })
}
