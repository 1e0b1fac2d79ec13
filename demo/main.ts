/** `npm run demo`: starts the demo, prints what to try, and shows what the gate logs. */
import { parseConfig } from '../src/config.ts'
import { readArguments } from '../cli/arguments.ts'
import { demoConfig } from './gatehouse.config.ts'
import { help, introduction } from './introduction.ts'
import { defaults } from './options.ts'

const { ports, origin } = readTyped(process.argv.slice(2))
console.log('Starting the demo …')
let hasBegun = false
const early: string[] = []
const log = (line: string) => (hasBegun ? console.log(line) : void early.push(line))
const starting = import('./demo.ts').then(({ startDemo }) =>
  startDemo({ ...defaults, ports, origin, log }),
)

let isStopping = false
function stop(signal: NodeJS.Signals): void {
  // A second Ctrl-C ends the process at once. Other signals may come twice by themselves: from the
  // sender to the whole process group, and from scripts/run.mjs, which passes them on.
  if (isStopping && signal === 'SIGINT') process.exit(1)
  if (isStopping) return
  isStopping = true
  console.log('\nStopping …')
  starting
    .then((demo) => demo.stop())
    .then(
      () => process.exit(0),
      () => process.exit(1),
    )
}
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, stop)

try {
  const demo = await starting
  if (!isStopping) console.log(introduction(demo, ports, origin === null))
  if (!isStopping && origin !== null && (await isSilent(origin))) {
    console.log(`  Nothing answers at ${origin} yet: start your site there.\n`)
  }
  hasBegun = true
  for (const line of early) console.log(line)
} catch (error) {
  if (!isStopping) {
    console.error(`The demo does not start: ${error instanceof Error ? error.message : 'a bug'}`)
  }
  process.exitCode = 1
}

interface Typed {
  readonly ports: typeof defaults.ports
  readonly origin: string | null
}

function readTyped(argv: readonly string[]): Typed {
  const given = readArguments(argv, ['port', 'origin'], ['help'])
  if (!given.ok) refuse(given.error)
  const { texts, switches, others } = given.value
  if (switches.has('help')) {
    console.log(help)
    process.exit(0)
  }
  const [other] = others
  if (other !== undefined) refuse(`"${other}" is not an option of the demo.\n\n${help}`)
  const wanted = readPorts(texts.get('port'))
  return { ports: wanted, origin: readOrigin(texts.get('origin'), wanted.site) }
}

/** The site gets this port, the two others the next ones. */
function readPorts(port: string | undefined): typeof defaults.ports {
  if (port === undefined) return defaults.ports
  const site = Number(port)
  if (!/^\d+$/.test(port) || site < 1 || site > 65_000) {
    refuse('--port must be a number from 1 to 65000.')
  }
  return { site, idp: site + 1, origin: site + 2 }
}

/** Checks the URL as the gate will. */
function readOrigin(url: string | undefined, port: number): string | null {
  if (url === undefined) return null
  const { session, revocationSeconds, corsOrigins } = defaults
  const siteUrl = `http://localhost:${port}`
  const settings = {
    siteUrl,
    loginUrl: siteUrl,
    originUrl: url,
    moreSites: [],
    session,
    revocationSeconds,
    corsOrigins,
  }
  const config = parseConfig(demoConfig(settings))
  if (!config.ok) refuse(config.error.map(({ problem }) => `--origin ${problem}.`).join('\n'))
  return new URL(url).origin
}

function refuse(message: string): never {
  console.error(message)
  process.exit(2)
}

async function isSilent(url: string): Promise<boolean> {
  const signal = AbortSignal.timeout(3000)
  const answer = await fetch(url, { redirect: 'manual', signal }).catch(() => null)
  await answer?.body?.cancel()
  return answer === null
}
