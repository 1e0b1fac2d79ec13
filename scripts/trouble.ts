/** `npm run trouble` makes the sections of docs/trouble.md anew that the console shows, by reason. */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { root } from '../cli/project.ts'

export const troubleFile = join(root, 'assets', '.gatehouse', 'assets', 'trouble.json')

/** The paragraphs of each section whose heading is a reason, as they are written. */
export const troubleSections = (): readonly (readonly [string, readonly string[]])[] =>
  readFileSync(join(root, 'docs', 'trouble.md'), 'utf8')
    .split(/^(?=#{2,3} )/m)
    .flatMap((section) => {
      const [, reason, text = ''] = /^### `([^`\n]+)`\n([^]*)$/.exec(section) ?? []
      return reason === undefined ? [] : [[reason, text.trim().split(/\n{2,}/)] as const]
    })

export const troubleText = (): string =>
  `${JSON.stringify(Object.fromEntries(troubleSections()), null, 1)}\n`

if (import.meta.main) writeFileSync(troubleFile, troubleText())
