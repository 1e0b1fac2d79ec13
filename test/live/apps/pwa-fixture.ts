/**
 * Builds test/vectors/pwa: a small app with vite-plugin-pwa as it is by default (`default`), and
 * with the line that docs/origin.md gives (`denied`), by the packages of the live tests. What is
 * built is kept, so that `npm test` needs no such package: node test/live/apps/pwa-fixture.ts
 */
import { cpSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { buildPwa, kinds } from './pwa-app.ts'

const fixture = join(import.meta.dirname, '..', '..', 'vectors', 'pwa')

for (const kind of kinds) {
  const place = mkdtempSync(join(tmpdir(), 'gatehouse-pwa-'))
  try {
    const built = await buildPwa(kind, place)
    rmSync(join(fixture, kind), { recursive: true, force: true })
    cpSync(built, join(fixture, kind), { recursive: true })
  } finally {
    rmSync(place, { recursive: true })
  }
}
