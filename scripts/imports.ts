/** Who imports what in src, as the statements say it. */
import { readdirSync, readFileSync } from 'node:fs'
import { posix, join } from 'node:path'

export interface Import {
  readonly from: string
  /** As it is written: a package, or a path relative to `from`. */
  readonly to: string
  readonly typeOnly: boolean
}

/** Path below `folder` → text, for every TypeScript file. */
export const readSources = (folder: string): ReadonlyMap<string, string> =>
  new Map(
    readdirSync(folder, { recursive: true, encoding: 'utf8' })
      .filter((file) => /\.tsx?$/.test(file))
      .map((file) => [file.replaceAll('\\', '/'), readFileSync(join(folder, file), 'utf8')]),
  )

export function importsOf(from: string, text: string): Import[] {
  const statements = text.matchAll(
    /^(?:import|export)\s+(type\s+)?(?:[^'"]*?from\s+)?['"]([^'"]+)['"]|import\(\s*['"]([^'"]+)['"]/gm,
  )
  return Array.from(statements, ([, type, target, dynamic]) => ({
    from,
    to: target ?? dynamic ?? '',
    typeOnly: type !== undefined,
  }))
}

/** Below the same folder as `from`; with `..` at the front where it leads out. */
export const inside = ({ from, to }: Import): string =>
  posix.normalize(posix.join(posix.dirname(from), to))

/** The folder at the top; the empty string for a file that is in none. */
export const folderOf = (file: string): string =>
  file.includes('/') ? (file.split('/')[0] ?? '') : ''
