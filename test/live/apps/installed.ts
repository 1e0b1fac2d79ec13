/** The packages that test/live/install.sh installed from npm. */
import { existsSync } from 'node:fs'
import { join } from 'node:path'

export const npmDirectory = join(import.meta.dirname, 'npm')

/** A file of an installed package. */
export function installed(path: string): string {
  const file = join(npmDirectory, 'node_modules', path)
  if (!existsSync(file)) throw new Error(`${path} is missing. Run test/live/install.sh`)
  return file
}
