#!/usr/bin/env node
// `npx gatehouse …` begins here, on whichever Node is installed (20 or newer) and perhaps in a
// fresh clone. What is missing is installed; then the pinned Node runs cli/main.ts.
import { spawn } from 'node:child_process'
import { constants } from 'node:os'
import { join } from 'node:path'
import { installMissing, pinnedNode, root } from '../scripts/install.mjs'

if (!installMissing()) process.exit(1)

const command = spawn(
  pinnedNode,
  ['--disable-warning=ExperimentalWarning', join(root, 'cli', 'main.ts'), ...process.argv.slice(2)],
  { stdio: 'inherit' },
)
command.on('error', () => {
  console.error(`gatehouse: ${pinnedNode} does not start. Run npm ci in ${root}.`)
  process.exit(1)
})
// The terminal sends Ctrl-C to both; the command decides, and this process ends with it.
process.on('SIGINT', () => {})
process.on('SIGTERM', () => command.kill('SIGTERM'))
command.on('exit', (code, signal) => process.exit(code ?? 128 + constants.signals[signal]))
