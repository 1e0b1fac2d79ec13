/** The app of test/vectors/pwa/app, built by Vite with vite-plugin-pwa. */
import { execFile } from 'node:child_process'
import { cp, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { installed, npmDirectory } from './installed.ts'

const fixture = join(import.meta.dirname, '..', '..', 'vectors', 'pwa')

/** The plugin's options: none, or the line that docs/origin.md gives. */
const options = {
  default: '',
  denied: 'workbox: { navigateFallbackDenylist: [/^\\/\\.gatehouse\\//] }',
} as const
export type Kind = keyof typeof options
export const kinds: readonly Kind[] = ['default', 'denied']

/**
 * @param directory an empty one
 * @returns the directory of what was built
 */
export async function buildPwa(kind: Kind, directory: string): Promise<string> {
  await cp(join(fixture, 'app'), directory, { recursive: true })
  await symlink(join(npmDirectory, 'node_modules'), join(directory, 'node_modules'))
  await writeFile(join(directory, 'package.json'), '{ "private": true, "type": "module" }')
  await writeFile(
    join(directory, 'vite.config.js'),
    `import { VitePWA } from 'vite-plugin-pwa'
export default { plugins: [VitePWA({ ${options[kind]} })] }`,
  )
  const vite = [installed('vite/bin/vite.js'), 'build', '--logLevel', 'warn']
  await promisify(execFile)(process.execPath, vite, { cwd: directory, timeout: 120_000 })
  return join(directory, 'dist')
}
