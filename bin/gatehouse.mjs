#!/usr/bin/env node
// `npx gatehouse …` begins here, on whichever Node is installed: plain JavaScript. An installed
// package has the command line built; its repository has a script that runs the source.
import { existsSync } from 'node:fs'
import module from 'node:module'
import { fileURLToPath } from 'node:url'

const source = new URL('../scripts/gatehouse.mjs', import.meta.url)
if (existsSync(fileURLToPath(source))) {
  await import(source.href)
} else if (process.features.typescript) {
  // wrangler is large: its compiled code is kept, which makes each later command faster.
  module.enableCompileCache()
  await import('../dist/cli/main.js')
} else {
  console.error(
    `gatehouse needs Node.js 22.18 or newer, which reads gatehouse.config.ts; this is ${process.versions.node}. Install a newer one: https://nodejs.org`,
  )
  process.exitCode = 1
}
