/** A request as bytes, over a socket: what no client library would send. */
import net from 'node:net'

export interface RawAnswer {
  readonly status: number
  /** The headers and the body, as one text. */
  readonly text: string
}

interface RawRequest {
  readonly method?: string
  readonly host?: string
  readonly body?: string
}

/** @param headers lines, each as text (sent as UTF-8) or as bytes. */
export async function askRaw(
  port: number,
  path: string,
  headers: readonly (string | Uint8Array)[],
  { method = 'GET', host = 'app.localhost', body = '' }: RawRequest = {},
): Promise<RawAnswer> {
  const connection = headers.some((line) => /^connection:/i.test(String(line)))
    ? []
    : ['Connection: close']
  const lines = [`${method} ${path} HTTP/1.1`, `Host: ${host}`, ...connection, ...headers, '']
  const socket = net.connect(port, '127.0.0.1')
  const head = lines.map((line) => Buffer.concat([Buffer.from(line), CRLF]))
  socket.write(Buffer.concat([...head, Buffer.from(body)]))
  const chunks: Buffer[] = []
  for await (const chunk of socket) chunks.push(chunk)
  const text = Buffer.concat(chunks).toString()
  return { status: Number(/^HTTP\/1\.1 (\d{3}) /.exec(text)?.[1]), text }
}

const CRLF = Buffer.from('\r\n')
