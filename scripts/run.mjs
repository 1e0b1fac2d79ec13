// What the scripts of package.json do: `node scripts/run.mjs <task> …`, on any Node from 20 on and
// in a fresh clone. Each step runs on the pinned Node, with node_modules/.bin first on the path.
import { spawn } from 'node:child_process'
import { constants } from 'node:os'
import { delimiter, dirname, join } from 'node:path'
import { installMissing, pinnedNode, root } from './install.mjs'

const bin = (name, path) => [join(root, 'node_modules', name, path)]
const vitest = bin('vitest', 'vitest.mjs')
const oxlint = bin('oxlint', 'bin/oxlint')
const prettier = bin('prettier', 'bin/prettier.cjs')
const tsc = bin('typescript', 'bin/tsc')
const publint = bin('publint', 'src/cli.js')
const attw = bin('@arethetypeswrong/cli', 'dist/index.js')
const script = (name) => ['--disable-warning=ExperimentalWarning', join(root, name)]

const projects = ['unit', 'node', 'flows', 'browser'].flatMap((name) => ['--project', name])
const test = (args) => [...vitest, 'run', ...projects, ...args]

const build = [
  // tsc leaves what an earlier build made of a file that is gone.
  [
    '-e',
    "for (const at of ['dist', 'create-gatehouse/dist']) require('node:fs').rmSync(at, { recursive: true, force: true })",
  ],
  [...tsc, '-p', 'tsconfig.build.json'],
  [...tsc, '-p', 'create-gatehouse'],
]

/** Each task's steps, which are arguments of Node; `args` follow the task on the command line. */
const tasks = {
  demo: (args) => [[...script('demo/main.ts'), ...args]],
  dev: (args) => [[...script('cli/main.ts'), 'dev', ...args]],
  test: (args) => [test(args)],
  'test:live': (args) => [[...vitest, 'run', '--project', 'live', ...args]],
  fuzz: (args) => [[...script('tools/fuzz/main.ts'), ...args]],
  'fuzz:readers': (args) => [[...script('tools/fuzz/readers-main.ts'), ...args]],
  mutate: (args) => [[...script('tools/mutate/main.ts'), ...args]],
  'mutate:hosts': (args) => [[...script('tools/mutate/hosts.ts'), ...args]],
  'bench:saml': (args) => [[...script('tools/bench/saml.ts'), ...args]],
  'bench:gate': (args) => [[...script('tools/bench/gate.ts'), ...args]],
  'bench:size': (args) => [[...script('tools/bench/size.ts'), ...args]],
  'bench:scale': (args) => [[...script('tools/bench/scale.ts'), ...args]],
  'bench:scim': (args) => [[...script('tools/bench/scim.ts'), ...args]],
  'bench:endings': (args) => [[...script('tools/bench/endings.ts'), ...args]],
  'bench:kill-switch': (args) => [[...script('tools/bench/kill-switch.ts'), ...args]],
  load: (args) => [[...script('tools/load/main.ts'), ...args]],
  build: () => build,
  check: () => [
    [...tsc, '-p', 'tsconfig.json'],
    [...tsc, '-p', 'test/tsconfig.json'],
    [...tsc, '-p', 'client'],
    [...oxlint, '--type-aware', '--deny-warnings'],
    [...prettier, '--check', '--log-level', 'warn', '.'],
    script('scripts/size.ts'),
    ...build,
    // Both commands pack the package first.
    [...publint, '--strict'],
    [...attw, '--pack', '.', '--profile', 'esm-only', '--quiet'],
    test([]),
  ],
  deploy: (args) => [[...script('cli/main.ts'), 'deploy', ...args]],
  drawing: () => [script('scripts/drawing.ts')],
  client: () => [script('scripts/client.ts')],
  openapi: () => [script('scripts/openapi.ts')],
  trouble: () => [script('scripts/trouble.ts')],
  pictures: () => [script('test/pictures/main.ts')],
  audit: () => [script('scripts/audit.ts')],
  licences: () => [script('scripts/licences.ts')],
  sbom: (args) => [[...script('scripts/sbom.ts'), ...args]],
  reproduce: (args) => [[...script('scripts/reproduce.ts'), ...args]],
  attack: (args) => [[...script('tools/attack/main.ts'), ...args]],
}

const [task = '', ...args] = process.argv.slice(2)
const steps = Object.hasOwn(tasks, task) ? tasks[task] : null
if (!steps) {
  console.error(`"${task}" is not a task. There is: ${Object.keys(tasks).join(', ')}.`)
  process.exit(2)
}
if (!installMissing()) process.exit(1)
for (const step of steps(args)) {
  const code = await run(step)
  if (code !== 0) process.exit(code)
}

function run(step) {
  const path = [dirname(pinnedNode), join(root, 'node_modules', '.bin'), process.env['PATH']]
  const env = {
    // Each test file is a process of its own, and most load wrangler: its compiled code is kept.
    NODE_COMPILE_CACHE: join(root, 'node_modules', '.cache', 'gatehouse', 'compiled'),
    ...process.env,
    PATH: path.join(delimiter),
    WRANGLER_SEND_METRICS: process.env['WRANGLER_SEND_METRICS'] ?? 'false',
  }
  const child = spawn(pinnedNode, step, { cwd: root, stdio: 'inherit', env })
  // The terminal sends Ctrl-C to both processes. The child decides what to do, and this process
  // ends when it does.
  const ignore = () => undefined
  const pass = () => child.kill('SIGTERM')
  process.on('SIGINT', ignore).on('SIGTERM', pass)
  return new Promise((resolve) => {
    child.on('error', (error) => {
      console.error(`gatehouse: ${pinnedNode} does not start: ${error.message}`)
      resolve(1)
    })
    child.on('exit', (code, signal) => {
      process.off('SIGINT', ignore).off('SIGTERM', pass)
      resolve(code ?? 128 + constants.signals[signal])
    })
  })
}
