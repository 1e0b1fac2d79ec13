/** `npm run demo`: starts it, says what to try, and shows what the gate logs. */
import { parseArgs } from 'node:util'
import { defaults, startDemo } from './demo.ts'
import { introduction } from './introduction.ts'

const ports = readPorts(process.argv.slice(2))
console.log('Starting the demo …')
let hasBegun = false
const early: string[] = []
const starting = startDemo({
  ...defaults,
  ports,
  log: (line) => (hasBegun ? console.log(line) : void early.push(line)),
})

let isStopping = false
function stop(): void {
  // Whoever asks twice does not want to wait.
  if (isStopping) process.exit(1)
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
  if (!isStopping) console.log(introduction(demo, ports))
  hasBegun = true
  for (const line of early) console.log(line)
} catch (error) {
  if (!isStopping) {
    console.error(`The demo does not start: ${error instanceof Error ? error.message : 'a bug'}`)
  }
  process.exitCode = 1
}

/** `npm run demo -- --port 9000`: the site there, the others on the next two. */
function readPorts(args: string[]): typeof defaults.ports {
  const { port } = parseArgs({ args, options: { port: { type: 'string' } } }).values
  if (port === undefined) return defaults.ports
  const site = Number(port)
  if (!/^\d+$/.test(port) || site < 1 || site > 65_000) {
    console.error('--port must be a number from 1 to 65000.')
    process.exit(2)
  }
  return { site, idp: site + 1, origin: site + 2 }
}
