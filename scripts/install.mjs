// Runs on any installed Node from 20 on, before anything is installed, so it is plain JavaScript.
import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

export const root = dirname(dirname(fileURLToPath(import.meta.url)))
export const pinnedNode = join(root, 'node_modules', 'node', 'bin', 'node')

/**
 * Installs the packages of package-lock.json if node_modules lacks any. npm's output goes to
 * stderr.
 */
export function installMissing() {
  if (isInstalled()) return true
  console.error('gatehouse: installing what is missing (npm ci) …')
  const args = ['ci', '--prefix', root, '--no-fund', '--no-audit', '--loglevel=error']
  const { status } = spawnSync('npm', args, { cwd: root, stdio: ['ignore', 2, 2] })
  if (status === 0 && existsSync(pinnedNode)) return true
  console.error(`gatehouse: npm ci failed. Run it in ${root} and see what it says.`)
  return false
}

/** npm writes a lockfile into node_modules when it has installed everything. */
function isInstalled() {
  const installed = join(root, 'node_modules', '.package-lock.json')
  if (!existsSync(pinnedNode) || !existsSync(installed)) return false
  const wanted = Object.entries(packagesOf(join(root, 'package-lock.json')))
  const found = packagesOf(installed)
  return wanted.every(
    ([path, { version, optional }]) =>
      path === '' || found[path]?.version === version || (optional && !(path in found)),
  )
}

const packagesOf = (file) => JSON.parse(readFileSync(file, 'utf8')).packages
