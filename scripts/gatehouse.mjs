// The command line in this repository, on whichever Node is installed (20 or newer) and perhaps in
// a fresh clone. What is missing is installed; then the pinned Node runs cli/main.ts.
import { spawn } from 'node:child_process'
import { constants } from 'node:os'
import { join } from 'node:path'
import { installMissing, pinnedNode, root } from './install.mjs'

if (!installMissing()) process.exit(1)

// wrangler is large. Keeping its compiled code makes each later command a sixth faster.
const NODE_COMPILE_CACHE =
  process.env['NODE_COMPILE_CACHE'] ?? join(root, 'node_modules', '.cache', 'gatehouse', 'compiled')
const command = spawn(
  pinnedNode,
  ['--disable-warning=ExperimentalWarning', join(root, 'cli', 'main.ts'), ...process.argv.slice(2)],
  { stdio: 'inherit', env: { ...process.env, NODE_COMPILE_CACHE } },
)
command.on('error', () => {
  console.error(`gatehouse: ${pinnedNode} does not start. Run npm ci in ${root}.`)
  process.exit(1)
})
// The terminal sends Ctrl-C to both processes. The command decides what to do, and this process
// ends when it does.
process.on('SIGINT', () => {})
process.on('SIGTERM', () => command.kill('SIGTERM'))
command.on('exit', (code, signal) => process.exit(code ?? 128 + constants.signals[signal]))
