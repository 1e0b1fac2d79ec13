/** The guides beside the code: every command, message and reason they name is there. */
import { globSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { readFilter } from '../cli/audit/filter.ts'
import type { Input } from '../cli/command.ts'
import { commands } from '../cli/commands.ts'
import { parseInput } from '../cli/input.ts'
import { prepareTyped } from '../cli/operation.ts'
import { auditKinds } from '../src/audit/share.ts'
import { noFields, parseFields } from '../src/connection/fields.ts'
import { knownIdps } from '../src/connection/labels.ts'
import { toInstant } from '../src/lib/instant.ts'
import { toPublic, type LoginError } from '../src/login/error.ts'
import {
  blocksOf,
  codesOf,
  patternOf,
  quotesOf,
  rowsBehind,
  withoutBlocks,
  wordsOf,
} from './support/guide.ts'

const read = (path: string) => readFileSync(path, 'utf8')
const guides = globSync('docs/guides/*.md')
const documents = [
  'README.md',
  ...globSync('docs/**/*.md'),
  ...globSync('.github/ISSUE_TEMPLATE/*.yml'),
]
const now = toInstant(Date.parse('2026-11-25T12:00:00Z'))

/** null: the command would be run. */
function faultOf(words: readonly string[], isWhole: boolean): string | null {
  const line = words.join(' ')
  if (words.at(-1) === '--help') return null
  const command = commands.find(({ name }) => `${line} `.startsWith(`${name} `))
  const isGroup = !isWhole && commands.some(({ name }) => name.startsWith(`${line} `))
  if (!command) return isGroup ? null : `${line}: no such command`
  const input = parseInput(command, words.slice(command.name.split(' ').length))
  if (!input.ok) {
    const isNamed = !isWhole && input.error.message.includes('> is missing: ')
    return isNamed ? null : `${line}: ${input.error.message}`
  }
  const stores = ['local', 'remote'].filter((store) => input.value.switches.has(store))
  if (isWhole && stores.length !== 1) return `${line}: in which store?`
  const prepared = isWhole ? prepareTyped(command.name, input.value) : null
  if (prepared && !prepared.ok) return prepared.error.message
  return faultOfValues(command.name, input.value)
}

function faultOfValues(name: string, input: Input): string | null {
  if (/^connection (add|update)$/.test(name)) {
    const texts = Object.entries(noFields).map(([field, none]) => {
      const given = input.texts.get(field) ?? []
      return [field, Array.isArray(none) ? [...given] : (given[0] ?? null)] as const
    })
    const fields = parseFields({ ...noFields, ...Object.fromEntries(texts) }, now)
    if (!fields.ok) return fields.error.map(({ field, problem }) => `${field} ${problem}`).join()
  }
  const filter = name.startsWith('audit') ? readFilter(input) : null
  return filter && !filter.ok ? filter.error.message : null
}

describe('commands', () => {
  it.each(documents)('%s has none in a block that the command line would not take', (document) => {
    const lines = blocksOf(read(document))
      .filter(({ language }) => language === 'sh')
      .flatMap(({ text }) => text.split('\n'))
    const whole = guides.includes(document)
    const faults = lines.flatMap((line) => {
      const words = wordsOf(line)
      return words === null ? [] : (faultOf(words, whole) ?? [])
    })
    expect(faults).toEqual([])
  })

  it.each(documents)('%s names none, nor an option, that there is not', (document) => {
    const codes = codesOf(withoutBlocks(read(document)))
    const faults = codes.flatMap((code) => {
      const words = wordsOf(code)
      return words === null ? [] : (faultOf(words, false) ?? [])
    })
    const options = commands.flatMap((command) => command.options.map(({ name }) => `--${name}`))
    const unknown = guides.includes(document)
      ? codes.flatMap((code) => code.match(/(?<=^| )--[a-z][\w-]*/g) ?? [])
      : []
    expect([...faults, ...unknown.filter((name) => !options.includes(name))]).toEqual([])
  })
})

/** All that is said, as it is written in the source; `${…}` is what differs. */
const spoken = globSync('{src,cli}/**/*.ts')
  .map((file) => read(file).replaceAll(/\s+/g, ' '))
  .join('\n')
const notFound = [...spoken.matchAll(/notFound\('([\w ]+)'\)/g)].map(
  ([, what = '']) => `There is no ${what}.`,
)

describe('messages', () => {
  it.each(guides)('%s quotes nothing that is not said', (guide) => {
    const quotes = quotesOf(read(guide))
    expect(quotes.length).toBeGreaterThan(5)
    const unsaid = quotes.filter(
      (words) => !notFound.includes(words) && !patternOf(words).test(spoken),
    )
    expect(unsaid).toEqual([])
  })

  const literals = (text: string) => [...text.matchAll(/'([\w-]+)'/g)].map(([, name = '']) => name)
  const samlReasons = [...read('src/saml/explain.ts').matchAll(/case '([\w-]+)':/g)].map(
    ([, name = '']) => name,
  )
  const loginReasons = [
    read('src/login/error.ts').match(/^ +\| \{ readonly reason: .*$|^export type BodyFault.*$/gm),
    read('src/login/pending.ts').match(/^export type PendingError.*$/gm),
    read('src/saml/incoming/form.ts').match(/^export type FormFault.*$/gm),
    read('src/directory/join.ts').match(/^export type JoinError.*$/gm),
    read('src/connection/attributes.ts').match(/readonly reason: .*$/gm),
  ].flatMap((lines) => (lines ?? []).flatMap(literals))

  it.each(guides)('%s names no reason that there is not', (guide) => {
    const markdown = read(guide)
    const firsts = ['## 8. When something goes wrong', '## When a sign-in is refused'].flatMap(
      (heading) => rowsBehind(markdown, heading).map(([first = '']) => first),
    )
    const named = firsts.flatMap(codesOf).filter((code) => /^[a-z][a-z0-9]*(-[a-z]+)*$/.test(code))
    expect(named.length).toBeGreaterThan(5)
    const known = [...samlReasons, ...loginReasons, ...auditKinds]
    expect(named.filter((name) => !known.includes(name))).toEqual([])
  })

  it('README.md says what the page says for each reason', () => {
    const rows = rowsBehind(read('docs/guides/README.md'), '## When a sign-in is refused')
    expect(rows.length).toBeGreaterThan(20)
    for (const [reasons = '', page = ''] of rows) {
      for (const reason of codesOf(reasons)) {
        const error = samlReasons.includes(reason)
          ? { reason: 'response', error: { reason, codes: [] } }
          : { reason }
        // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- of a reason the title is all that is looked at
        expect([reason, page]).toEqual([reason, `"${toPublic(error as LoginError).title}"`])
      }
    }
  })
})

describe('what a directory is told', () => {
  const made = {
    401: (detail: string) => `refuseWith(401, ${detail}`,
    404: (detail: string) => `notFound(${detail.replace("'There is no ", "'").replace('.', '')}`,
    409: (detail: string) => `refuse('uniqueness', ${detail}`,
    400: (detail: string) => `refuse('invalidValue', ${detail}`,
    413: (detail: string) => `refuseWith(413, ${detail}`,
    429: (detail: string) => `refuseWith( 429, ${detail}`,
  }

  it('README.md has under the status that it comes with', () => {
    const rows = rowsBehind(read('docs/guides/README.md'), '## When the directory is refused')
    expect(rows.length).toBeGreaterThan(7)
    const source = spoken.replaceAll(/\$\{[^}]*\}/g, '…').replaceAll('`', "'")
    const squeezed = source.replaceAll('( ', '(')
    const astray = rows.filter(([status = '', says = '']) => {
      const detail = `'${says.slice(1, -1)}'`
      const write = Object.entries(made).find(([known]) => known === status)?.[1]
      return !write || !squeezed.includes(write(detail).replace('( ', '('))
    })
    expect(astray).toEqual([])
  })
})

describe('the guides', () => {
  it.each(knownIdps)('%s has the measured bound as operating.md has it', (idp) => {
    const rows = rowsBehind(read('docs/operating.md'), '### How soon')
    const seconds = rows.flatMap(([, ...cells]) => cells.map((cell) => Number.parseFloat(cell)))
    expect(seconds.length).toBe(20)
    const [least, most] = [Math.min(...seconds), Math.max(...seconds)]
    expect(read(`docs/guides/${idp}.md`)).toContain(`${least} to ${most} seconds at the default`)
  })

  it('are one for each identity provider whose labels are known', () => {
    const names = knownIdps.map((idp) => `docs/guides/${idp}.md`)
    expect(guides.toSorted()).toEqual([...names, 'docs/guides/README.md'].toSorted())
  })

  it.each(knownIdps)('%s has the steps in their order, and says what was checked', (idp) => {
    const headings = read(`docs/guides/${idp}.md`).match(/^## .*$/gm)
    expect(headings).toEqual([
      '## 1. What you need',
      '## 2. Add the connection',
      '## 3. The SAML side',
      '## 4. Sign in',
      '## 5. The SCIM side',
      '## 6. Who may sign in',
      '## 7. Deactivate a person, and watch',
      '## 8. When something goes wrong',
      '## What was checked, and against what',
    ])
  })
})
