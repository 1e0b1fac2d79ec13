/** Requests to a port, by an agent for many and as bytes for what no client would send. */
import { Agent, request } from 'node:http'
import { connect } from 'node:net'

export interface Answer {
  /** 0: the answer was not HTTP, or there was none. */
  readonly status: number
  readonly text: string
}

const agent = new Agent({ keepAlive: true, maxSockets: 24 })

/** The path goes into the request as it is. A connection that was closed meanwhile is opened again. */
export async function get(
  port: number,
  path: string,
  headers: Readonly<Record<string, string>>,
): Promise<Answer> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await once(port, path, headers)
    } catch {
      if (attempt === 3) return { status: 0, text: '' }
    }
  }
}

const once = (port: number, path: string, headers: Readonly<Record<string, string>>) =>
  new Promise<Answer>((resolve, reject) => {
    const asked = request({ host: '127.0.0.1', port, path, headers, agent }, (response) => {
      const chunks: Buffer[] = []
      response.on('data', (chunk: Buffer) => chunks.push(chunk))
      response.on('error', reject)
      response.on('end', () =>
        resolve({ status: response.statusCode ?? 0, text: Buffer.concat(chunks).toString() }),
      )
    })
    asked.on('error', reject).end()
  })

/** Asks for each path, a few at a time. */
export async function getAll(
  port: number,
  paths: readonly string[],
  headers: Readonly<Record<string, string>>,
): Promise<ReadonlyMap<string, Answer>> {
  const answers = new Map<string, Answer>()
  const left = paths.values()
  const work = async () => {
    for (const path of left) answers.set(path, await get(port, path, headers))
  }
  await Promise.all(Array.from({ length: 24 }, work))
  return answers
}

export type Bytes = readonly (string | Uint8Array)[]

/** Two seconds without a byte: what still waits for more of the request gets no more. */
const SILENCE_MS = 2000

/**
 * Writes bytes on one connection and returns all that comes back, as Latin-1. Letters are written
 * as Latin-1, too.
 */
export const send = (port: number, bytes: Bytes): Promise<string> =>
  new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1')
    const chunks: Buffer[] = []
    const done = () => {
      socket.destroy()
      resolve(Buffer.concat(chunks).toString('latin1'))
    }
    socket.setTimeout(SILENCE_MS, done)
    socket.on('data', (chunk: Buffer) => chunks.push(chunk))
    socket.on('error', done).on('close', done)
    socket.write(Buffer.concat(bytes.map((part) => Buffer.from(part as string, 'latin1'))))
  })

/** The status of each answer in what came back. */
export const statuses = (text: string): readonly number[] =>
  Array.from(text.matchAll(/HTTP\/1\.[01] (\d{3}) /g), ([, status]) => Number(status))
