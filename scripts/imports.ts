/** Which file imports which, by the syntax tree. */
import { readdirSync, readFileSync } from 'node:fs'
import { posix, join } from 'node:path'
import { nameIn, nodesOf } from './syntax.ts'

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

/** Statements, `import()` in code, and `import()` in types. */
export const importsOf = (from: string, text: string): readonly Import[] =>
  nodesOf(from, text).flatMap((node) => {
    const to = /^(Import|Export|TSImportType)/.test(node.type) ? nameIn(node['source']) : null
    const kind = node['importKind'] ?? node['exportKind']
    const typeOnly = kind === 'type' || node.type === 'TSImportType'
    return to === null ? [] : [{ from, to, typeOnly }]
  })

/** Below the same folder as `from`; with `..` at the front where it leads out. */
export const inside = ({ from, to }: Import): string =>
  posix.normalize(posix.join(posix.dirname(from), to))

/** The folder at the top; the empty string for a file that is in none. */
export const folderOf = (file: string): string =>
  file.includes('/') ? (file.split('/')[0] ?? '') : ''
