/** Which licences the packages may have that this project uses, by SPDX expression. */

/** For what is in the Worker, or is installed with the package: they ask for a notice at most. */
const permissive = [
  '0BSD',
  'Apache-2.0',
  'BSD-2-Clause',
  'BSD-3-Clause',
  'BlueOak-1.0.0',
  'ISC',
  'MIT',
]

/** For what only builds and tests: it is not passed on to anybody. */
const forTools = [
  ...permissive,
  'CC0-1.0',
  'LGPL-3.0-or-later',
  'MPL-2.0',
  'Python-2.0',
  'Unlicense',
  'WTFPL',
]

/** Packages that state none in package.json as SPDX wants it, and what their own files say. */
const stated: Readonly<Record<string, string>> = {
  '@auth0/xmldom@0.1.21': 'MIT',
  'samlp@8.0.0': 'MIT',
  'utils-flatten@1.0.0': 'MIT',
  'valid-url@1.0.9': 'MIT',
  'xpath@0.0.5': 'MIT',
  'xtend@1.0.3': 'MIT',
}

export interface Package {
  readonly name: string
  readonly version: string
  readonly license: string | null
  /** Whether it is installed with the package, so that it may be in a Worker. */
  readonly isShipped: boolean
}

/** What a package-lock.json (version 3) lists, but for the workspaces themselves. */
export function packagesIn(lock: {
  readonly packages: Readonly<Record<string, LockedPackage>>
}): readonly Package[] {
  return Object.entries(lock.packages).flatMap(([path, found]) => {
    const at = path.lastIndexOf('node_modules/')
    if (at < 0 || found.link) return []
    const isShipped = !found.dev && !found.devOptional && !found.peer
    const name = found.name ?? path.slice(at + 'node_modules/'.length)
    return [{ name, version: found.version ?? '', license: found.license ?? null, isShipped }]
  })
}

export interface LockedPackage {
  readonly name?: string
  readonly version?: string
  readonly license?: string
  readonly link?: boolean
  readonly dev?: boolean
  readonly devOptional?: boolean
  readonly peer?: boolean
}

export const nameOf = ({ name, version }: Package): string => `${name}@${version}`

export const licenceOf = (each: Package): string | null => stated[nameOf(each)] ?? each.license

/** Null where it may be used; otherwise the reason why not. */
export function refuseLicence(each: Package): string | null {
  const licence = licenceOf(each)
  if (licence === null) return 'states no licence'
  const list = each.isShipped ? permissive : forTools
  if (isAllowed(licence, list)) return null
  return `has ${licence}, which is not allowed for ${each.isShipped ? 'the package' : 'tools'}`
}

/** Entries of `stated` that no package needs any more. */
export const staleStatements = (packages: readonly Package[]): readonly string[] => {
  const names = new Set(packages.map(nameOf))
  return Object.keys(stated).filter((name) => !names.has(name))
}

/** SPDX 2.3 Annex D: `OR` needs one, `AND` needs all, and `AND` binds closer. */
export function isAllowed(expression: string, allowed: readonly string[]): boolean {
  const words = expression.match(/[()]|[^\s()]+/g) ?? []
  let at = 0
  const either = (): boolean => {
    let found = all()
    while (words[at] === 'OR') {
      at++
      const next = all()
      found ||= next
    }
    return found
  }
  const all = (): boolean => {
    let found = one()
    while (words[at] === 'AND') {
      at++
      const next = one()
      found &&= next
    }
    return found
  }
  const one = (): boolean => {
    const word = words[at++]
    if (word !== '(') return word !== undefined && allowed.includes(word)
    const found = either()
    return words[at++] === ')' && found
  }
  const found = either()
  return at === words.length && found
}
