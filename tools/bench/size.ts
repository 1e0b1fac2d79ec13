/**
 * `npm run bench:size [rounds]`: what the modules of the Worker weigh, by the part that loads them,
 * and the CPU time from the start of workerd to a first answer, compared with a Worker that does
 * nothing.
 */
import { createServer } from 'node:http'
import { cpus } from 'node:os'
import { bundleOwn, weigh, type Weight } from '../../cli/bundle.ts'
import { LOGIN_PATH } from '../../src/lib/paths.ts'
import { ask } from '../stage/stage.ts'
import {
  addConnection,
  browserHeaders,
  signInAt,
  startColdFloor,
  startEmpty,
  startGate,
} from './gate-server.ts'
import { listen } from './listen.ts'
import type { Server } from './peers.ts'
import { load, processorTime } from './process.ts'
import { startStores } from './stores.ts'
import { summary } from './summary.ts'

const rounds = Number(process.argv[2] ?? 15)

await measureSizes()
await measureStart()

async function measureSizes(): Promise<void> {
  const { gate, parts } = weigh(await bundleOwn())
  const line = (name: string, { minified, gzipped }: Weight) =>
    console.log(
      `${name.padEnd(34)}${minified.toFixed(1).padStart(10)}${gzipped.toFixed(1).padStart(10)}`,
    )
  console.log(`KiB${' '.repeat(33)}minified   gzipped`)
  line('the gate', gate)
  for (const [name, weight] of parts) line(`${name} adds`, weight)
}

interface Contender {
  readonly start: () => Promise<Server>
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  readonly status: number
}

async function measureStart(): Promise<void> {
  const stores = await startStores()
  const origin = createServer((_, response) => response.end('page'))
  const originUrl = `http://127.0.0.1:${await listen(origin)}`
  try {
    const idp = await addConnection(stores)
    const first = await startGate(originUrl, stores)
    const Cookie = await signInAt(first, idp)
    first.stop()
    const signedIn = { ...browserHeaders, Cookie }
    const gate = () => startGate(originUrl, stores)
    const withConsole = () => startGate(originUrl, stores, 'console-worker.ts')
    const contenders: Readonly<Record<string, Contender>> = {
      'an empty Worker': { start: startEmpty, path: '/', headers: browserHeaders, status: 200 },
      'the floor': {
        start: () => startColdFloor(originUrl, stores),
        path: '/',
        headers: signedIn,
        status: 200,
      },
      'sent to sign in': { start: gate, path: '/', headers: browserHeaders, status: 302 },
      'a proxied request': { start: gate, path: '/', headers: signedIn, status: 200 },
      '… with a console': { start: withConsole, path: '/', headers: signedIn, status: 200 },
      'the sign-in page': { start: gate, path: LOGIN_PATH, headers: browserHeaders, status: 200 },
    }
    const costs = new Map(Object.keys(contenders).map((name) => [name, [] as number[]]))
    for (let round = 0; round < rounds; round++) {
      for (const [name, { start, path, headers, status }] of Object.entries(contenders)) {
        const server = await start()
        const answer = await ask(path, { port: server.port, headers })
        costs.get(name)?.push(processorTime(server.pid) / 1e6)
        server.stop()
        if (answer.status !== status) throw new Error(`${name}: ${answer.status}`)
      }
    }
    console.log(
      `\nFrom the start of workerd to the first answer, ms of the processor over an empty Worker, ${rounds} rounds, ${cpus().length} × ${cpus()[0]?.model}, load ${load()}`,
    )
    const empty = costs.get('an empty Worker') ?? []
    console.log(`an empty Worker itself  ${summary(empty, 1)}`)
    for (const [name, own] of [...costs].slice(1)) {
      const added = own.map((cost, round) => cost - (empty[round] ?? Number.NaN))
      console.log(`${name.padEnd(24)}${summary(added, 1)}`)
    }
  } finally {
    origin.closeAllConnections()
    origin.close()
    stores.stop()
  }
}
