/**
 * Builds test/vectors/pwa: a small app with vite-plugin-pwa as it is by default (`default`), and
 * with the line that docs/origin.md gives (`denied`). The plugin brings 338 packages, so what it
 * builds is kept, not the plugin: node scripts/pwa-fixture.ts
 */
import { execFileSync } from 'node:child_process'
import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const packages = ['vite@8.3.8', 'vite-plugin-pwa@2.0.0', 'workbox-build@7.4.1']
const kinds = {
  default: '',
  denied: 'workbox: { navigateFallbackDenylist: [/^\\/\\.gatehouse\\//] }',
}

const fixture = join(import.meta.dirname, '..', 'test', 'vectors', 'pwa')
const place = mkdtempSync(join(tmpdir(), 'gatehouse-pwa-'))
const run = (command: string, ...args: readonly string[]) =>
  execFileSync(command, args, { cwd: place, stdio: 'inherit' })

try {
  cpSync(join(fixture, 'app'), place, { recursive: true })
  writeFileSync(join(place, 'package.json'), '{ "private": true, "type": "module" }')
  run('npm', 'install', '--no-audit', '--no-fund', ...packages)
  for (const [kind, options] of Object.entries(kinds)) {
    writeFileSync(
      join(place, 'vite.config.js'),
      `import { VitePWA } from 'vite-plugin-pwa'
export default { plugins: [VitePWA({ ${options} })] }`,
    )
    run('npx', 'vite', 'build')
    rmSync(join(fixture, kind), { recursive: true, force: true })
    cpSync(join(place, 'dist'), join(fixture, kind), { recursive: true })
  }
} finally {
  rmSync(place, { recursive: true })
}
