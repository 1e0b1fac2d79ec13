/**
 * `npm run sbom -- --out <folder>`: a CycloneDX document of what is installed with the package, and
 * one of all that builds and tests it too. The same commit gives the same bytes.
 */
import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { root } from '../cli/project.ts'
import { say } from '../cli/terminal.ts'

const { values } = parseArgs({ options: { out: { type: 'string', default: '.wrangler/sbom' } } })
const { name } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))

/** npm takes the name of the folder for that of the package, and the time and a random number. */
function sbomOf(...args: readonly string[]): string {
  const command = ['sbom', '--sbom-format', 'cyclonedx', '--package-lock-only', ...args]
  const text = execFileSync('npm', command, { cwd: root, encoding: 'utf8', maxBuffer: 1e8 })
  const { serialNumber: _, metadata, ...rest } = JSON.parse(text)
  const { timestamp: __, component, tools: ___, ...about } = metadata
  const same = { ...rest, metadata: { ...about, component: { ...component, name } } }
  const hash = createHash('sha256').update(JSON.stringify(same)).digest('hex')
  const uuid = hash.replace(/^(.{8})(.{4}).(.{3}).(.{3})(.{12}).*$/, '$1-$2-5$3-8$4-$5')
  return `${JSON.stringify({ ...same, serialNumber: `urn:uuid:${uuid}` }, null, 2)}\n`
}

mkdirSync(values.out, { recursive: true })
for (const [file, text] of [
  ['gatehouse.cdx.json', sbomOf('--omit', 'dev')],
  ['gatehouse-with-tools.cdx.json', sbomOf()],
] as const) {
  writeFileSync(join(values.out, file), text)
  say(`${join(values.out, file)}: ${JSON.parse(text).components.length} components`)
}
