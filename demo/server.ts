/** Runs a handler of web requests on Node's own server, on the first free port. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { onFreePort, portOf } from '../cli/free-port.ts'

/** `incoming` has the headers exactly as they were sent. */
export type Handle = (request: Request, incoming: IncomingMessage) => Response | Promise<Response>

export interface Server {
  readonly url: string
  readonly port: number
  stop(): Promise<void>
}

const MAX_BODY_BYTES = 256 * 1024

/** @param from the first port to try; 0: the system chooses. */
export async function listen(from: number, handlerAt: (url: string) => Handle): Promise<Server> {
  return onFreePort(from, async (port) => {
    const server = createServer((incoming, outgoing) => {
      answer(incoming, outgoing).catch(() => outgoing.destroy())
    })
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject)
      server.listen(port, '127.0.0.1', resolve)
    })
    const chosen = portOf(server.address())
    const url = `http://127.0.0.1:${chosen}`
    const handle = handlerAt(url)

    async function answer(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
      const body = await readBody(incoming)
      const response = body
        ? await handle(toRequest(incoming, body, url), incoming)
        : new Response('Too large.\n', { status: 413 })
      await send(response, outgoing)
    }

    return {
      url,
      port: chosen,
      stop: () =>
        new Promise((resolve) => {
          server.close(() => resolve())
          server.closeAllConnections()
        }),
    }
  })
}

/** Null: the body is longer than anything sent here. */
async function readBody(incoming: IncomingMessage): Promise<Buffer | null> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of incoming) {
    const bytes = Buffer.from(chunk)
    size += bytes.length
    if (size > MAX_BODY_BYTES) return null
    chunks.push(bytes)
  }
  return Buffer.concat(chunks)
}

function toRequest(incoming: IncomingMessage, body: Buffer, base: string): Request {
  const headers = new Headers()
  for (const [name, values] of Object.entries(incoming.headersDistinct)) {
    for (const value of values ?? []) headers.append(name, value)
  }
  const { method = 'GET', url = '/' } = incoming
  const hasBody = method !== 'GET' && method !== 'HEAD'
  return new Request(base + url, { method, headers, ...(hasBody ? { body } : {}) })
}

async function send(response: Response, outgoing: ServerResponse): Promise<void> {
  outgoing.writeHead(response.status, [...response.headers].flat())
  if (!response.body) {
    outgoing.end()
    return
  }
  const reader = response.body.getReader()
  outgoing.once('close', () => void reader.cancel().catch(() => undefined))
  for (;;) {
    const { done, value } = await reader.read()
    if (done) break
    outgoing.write(value)
  }
  outgoing.end()
}
