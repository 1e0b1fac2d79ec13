/**
 * Sends 100 MB through the gate in each direction while the receiver pauses: how much does the gate
 * accept meanwhile, and how much more memory does the Worker need?
 */
import { once } from 'node:events'
import {
  createServer,
  request as begin,
  type IncomingMessage,
  type ServerResponse,
} from 'node:http'
import type { TestIdp } from '../signing/saml-signer.ts'
import { SITE_HOST, signInAt, startBare, startGate } from './gate-server.ts'
import { listen } from './listen.ts'
import type { Server } from './peers.ts'
import { forgetPeak, peakMegabytes, residentMegabytes } from './process.ts'
import type { Stores } from './stores.ts'
import { answerTo } from '../stage/stage.ts'

const MEGABYTE = 1024 * 1024
const SIZE = 100 * MEGABYTE
const STOP_MILLISECONDS = 1000

interface World {
  readonly idp: TestIdp
  readonly stores: Stores
  readonly begin: <T extends { stop(): void }>(starting: Promise<T>) => Promise<T>
}

export async function measureTransfers({ idp, stores, begin: start }: World): Promise<void> {
  const origin = createServer((request, response) => {
    void (request.method === 'PUT' ? take(request, response) : send(response))
  })
  const originUrl = `http://127.0.0.1:${await listen(origin)}`
  const bare = await start(startBare(originUrl))
  const gate = await start(startGate(originUrl, stores))
  const cookie = await signInAt(gate, idp)
  console.log(
    `\n100 MB, whose taker stops for a second: MB sent by then, and MiB of memory more than before`,
  )
  for (const [name, server] of Object.entries({ bare, gate })) {
    for (const [direction, move] of Object.entries({ down, up })) {
      const before = residentMegabytes(server.pid)
      forgetPeak(server.pid)
      const ahead = await move(server, cookie)
      const growth = peakMegabytes(server.pid) - before
      console.log(
        `  ${name} ${direction}: ${(ahead / MEGABYTE).toFixed(1)} MB, ${growth.toFixed(1)} MiB`,
      )
    }
  }
  origin.closeAllConnections()
  origin.close()
}

/** Bytes sent of the current transfer. */
let sent = 0

async function send(response: ServerResponse): Promise<void> {
  response.setHeader('Content-Length', SIZE)
  await pour(response)
}

async function pour(to: NodeJS.WritableStream): Promise<void> {
  const chunk = Buffer.alloc(64 * 1024)
  for (sent = 0; sent < SIZE; sent += chunk.length) {
    if (!to.write(chunk)) await once(to, 'drain')
  }
  to.end()
}

async function down(server: Server, cookie: string): Promise<number> {
  const asked = ask(server, cookie, 'GET')
  asked.end()
  const answer = await answerTo(asked)
  await pause()
  const ahead = sent
  if ((await lengthOf(answer)) !== SIZE) throw new Error('not all of it came')
  return ahead
}

let seen: (ahead: number) => void = () => undefined

async function take(request: IncomingMessage, response: ServerResponse): Promise<void> {
  await pause()
  seen(sent)
  response.end(String(await lengthOf(request)))
}

async function up(server: Server, cookie: string): Promise<number> {
  const ahead = new Promise<number>((resolve) => (seen = resolve))
  const asked = ask(server, cookie, 'PUT')
  const answered = answerTo(asked)
  await pour(asked)
  const chunks: Buffer[] = []
  for await (const chunk of await answered) chunks.push(chunk)
  if (String(Buffer.concat(chunks)) !== String(SIZE)) throw new Error('not all of it came')
  return ahead
}

const ask = ({ port }: Server, Cookie: string, method: string) =>
  begin({ host: '127.0.0.1', port, path: '/file', method, headers: { Host: SITE_HOST, Cookie } })

async function lengthOf(message: IncomingMessage): Promise<number> {
  let length = 0
  for await (const chunk of message) length += Buffer.from(chunk).length
  return length
}

const pause = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, STOP_MILLISECONDS))
