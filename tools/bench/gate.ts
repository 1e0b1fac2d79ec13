/**
 * `npm run bench:gate [rounds]`: what the gate adds to a request, compared with a Worker that only
 * passes it on, and with one that makes the calls for the same headers and decides nothing (the floor). Measures CPU time of the process. The contenders take turns, so that other load on
 * the machine affects all of them.
 */
import { cpus } from 'node:os'
import {
  addConnection,
  addSessions,
  bind,
  browserHeaders,
  signInAt,
  startBare,
  startFloor,
  startGate,
} from './gate-server.ts'
import { isInstalled, startMellon, startOrigin, startProxy, type Server } from './peers.ts'
import { load, processorTime, residentMegabytes } from './process.ts'
import { startStores } from './stores.ts'
import { summary } from './summary.ts'
import { measureTransfers } from './transfer.ts'
import { ask } from './wrk.ts'

const rounds = Number(process.argv[2] ?? 7)
const SECONDS = 2
const CONNECTIONS = 32
/** More than one round can use. */
const COLD_SESSIONS = 8000

interface Contender {
  readonly name: string
  readonly server: Server
  readonly path: string
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  /**
   * Gives a new session cookie for each request, one that the isolate has not seen. Absent: always
   * the same cookie.
   */
  readonly takeCookies?: () => Promise<readonly string[]>
}

for (const program of ['wrk', 'nginx']) {
  if (isInstalled(program)) continue
  console.error(
    `bench:gate needs ${program}, which is not installed: tools/bench/install.sh does that.`,
  )
  process.exit(1)
}
const started: { stop(): void }[] = []
const begin = async <T extends { stop(): void }>(starting: Promise<T>): Promise<T> => {
  const server = await starting
  started.push(server)
  return server
}
try {
  await main()
} finally {
  for (const server of started.toReversed()) server.stop()
}

async function main(): Promise<void> {
  const origin = await begin(startOrigin())
  const originUrl = `http://127.0.0.1:${origin.port}`
  const stores = await begin(startStores())
  const idp = await addConnection(stores)
  const bare: Contender = {
    name: 'bare passthrough Worker',
    server: await begin(startBare(originUrl)),
    path: '/page',
    status: 200,
    headers: browserHeaders,
  }
  const warm = await signedIn('warm session', '/page', 200)
  const cold = await signedIn('cold session', '/page', 200)
  const floor: Contender = {
    ...warm,
    name: 'the floor',
    server: await begin(startFloor(originUrl)),
  }
  const workers: readonly Contender[] = [
    bare,
    floor,
    { ...(await gateOf('public page')), path: '/public', status: 200 },
    warm,
    await bound(),
    { ...cold, takeCookies: () => addSessions(stores, COLD_SESSIONS) },
    await signedIn('signed in, denied', '/engineering', 403),
    await gateOf('nobody, sent to sign in'),
  ]
  const nginx = { ...bare, name: 'nginx proxy_pass', server: await begin(startProxy(origin)) }
  const peers: readonly Contender[] = [nginx, ...(await mellon())]

  console.log(`${cpus().length} × ${cpus()[0]?.model}, load ${load()} at the start.`)
  await measureRequests([...workers, ...peers], { bare, floor })
  await measureConnections([bare, warm, ...peers])
  await measureTransfers({ idp, stores, begin })
  console.log(`Load ${load()} at the end.`)

  async function gateOf(name: string): Promise<Contender> {
    const server = await begin(startGate(originUrl, stores))
    return { name, server, path: '/page', status: 302, headers: browserHeaders }
  }

  async function signedIn(name: string, path: string, status: number): Promise<Contender> {
    const gate = await gateOf(name)
    const Cookie = await signInAt(gate.server, idp)
    return { ...gate, path, status, headers: { ...browserHeaders, Cookie } }
  }

  async function bound(): Promise<Contender> {
    const server = await begin(startGate(originUrl, stores, 'bound-worker.ts'))
    const Cookie = await bind(stores, await signInAt(warm.server, idp))
    const headers = { ...browserHeaders, Cookie }
    return { name: 'warm session, bound', server, path: '/page', status: 200, headers }
  }

  async function mellon(): Promise<readonly Contender[]> {
    if (!isInstalled('apache2')) {
      console.log(
        'Apache with mod_auth_mellon is left out: tools/bench/install.sh would install it.',
      )
      return []
    }
    const server = await begin(startMellon(origin))
    const headers = { ...browserHeaders, Host: server.host, Cookie: server.cookie }
    return [{ name: 'Apache, mod_auth_mellon', server, path: '/page', status: 200, headers }]
  }
}

/** Runs all contenders in rounds, and takes the difference to the two Workers of the same round. */
async function measureRequests(
  contenders: readonly Contender[],
  { bare, floor }: { readonly bare: Contender; readonly floor: Contender },
): Promise<void> {
  for (const contender of contenders) await costOf(contender, CONNECTIONS)
  const costs = new Map(contenders.map((each) => [each, [] as number[]]))
  for (let round = 0; round < rounds; round++) {
    for (const contender of contenders) {
      costs.get(contender)?.push((await costOf(contender, CONNECTIONS)).microseconds)
    }
  }
  const ofBare = costs.get(bare) ?? []
  const ofFloor = costs.get(floor) ?? []
  console.log(
    `\n${rounds} rounds of ${SECONDS} s, ${CONNECTIONS} connections: µs of the processor for a request, median (least-most)`,
  )
  console.log(row('', 'cost', 'over bare', 'of bare', 'over the floor'))
  for (const [{ name }, own] of costs) {
    const over = (base: readonly number[]) =>
      summary(
        own.map((cost, round) => cost - (base[round] ?? Number.NaN)),
        0,
      )
    const ratio = own.map((cost, round) => cost / (ofBare[round] ?? Number.NaN))
    console.log(row(name, summary(own, 0), over(ofBare), summary(ratio, 2), over(ofFloor)))
  }
}

async function measureConnections(contenders: readonly Contender[]): Promise<void> {
  console.log(
    '\nConnections: requests in a second, median (least-most), and MiB in memory after it',
  )
  for (const connections of [1, 64]) {
    const rates = new Map(contenders.map((each) => [each, [] as number[]]))
    for (let round = 0; round < rounds; round++) {
      for (const [contender, list] of rates) {
        list.push((await costOf(contender, connections)).perSecond)
      }
    }
    for (const [{ name, server }, list] of rates) {
      const memory = `${residentMegabytes(server.pid).toFixed(0)} MiB`
      console.log(row(`${String(connections).padStart(2)}: ${name}`, summary(list, 0), memory))
    }
  }
}

async function costOf(
  contender: Contender,
  connections: number,
): Promise<{ readonly microseconds: number; readonly perSecond: number }> {
  const { server, path, status, headers, takeCookies } = contender
  const cookies = takeCookies ? { cookies: await takeCookies() } : {}
  const asked = { port: server.port, path, headers, connections, seconds: SECONDS, ...cookies }
  const before = processorTime(server.pid)
  const { requests, perSecond } = await ask(asked, status)
  return { microseconds: (processorTime(server.pid) - before) / requests / 1000, perSecond }
}

function row(...cells: readonly string[]): string {
  return cells.map((cell, i) => (i === 0 ? cell.padEnd(30) : cell.padStart(20))).join('')
}
