/**
 * `npm run licences`: whether each package that is used may be, by its licence; and what is in the
 * Worker.
 */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { stop } from 'esbuild'
import { bundleWorker } from '../cli/bundle.ts'
import { root } from '../cli/project.ts'
import { complain, say } from '../cli/terminal.ts'
import {
  licenceOf,
  nameOf,
  packagesIn,
  refuseLicence,
  staleStatements,
  type Package,
} from './spdx.ts'

/** The packages whose files a bundler puts into the Worker. */
export async function packagesInWorker(): Promise<readonly string[]> {
  const { metafile } = await bundleWorker(join(root, 'worker.ts'))
  await stop()
  const found = new Set<string>()
  for (const { inputs } of Object.values(metafile.outputs)) {
    for (const [path, { bytesInOutput }] of Object.entries(inputs)) {
      const [, name] = /(?:^|.*\/)node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(path) ?? []
      if (name !== undefined && bytesInOutput > 0) found.add(name)
    }
  }
  return [...found].toSorted()
}

if (import.meta.main) {
  const packages = packagesIn(JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')))
  const shipped = new Map<string, Package>()
  for (const each of packages) if (each.isShipped) shipped.set(each.name, each)
  const faults = [
    ...packages.flatMap((each) => {
      const reason = refuseLicence(each)
      return reason === null ? [] : [`${nameOf(each)} ${reason}.`]
    }),
    ...staleStatements(packages).map((name) => `${name} is in scripts/spdx.ts, and not installed.`),
  ]
  for (const name of await packagesInWorker()) {
    const each = shipped.get(name)
    if (each) say(`In the Worker: ${nameOf(each)}, ${licenceOf(each) ?? 'no licence'}`)
    else faults.push(`${name} is in the Worker, and no dependency of the package.`)
  }
  for (const fault of faults) complain(fault)
  if (faults.length > 0) process.exit(1)
  say(`The licences of all ${packages.length} packages are allowed.`)
}
