/** What is left out of wrangler's output at a deploy, and what is not. */
import { spawnSync } from 'node:child_process'
import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { expect, it } from 'vitest'

const shortList = pathToFileURL(resolve(import.meta.dirname, '../../cli/deploy/short-list.ts')).href

/** As wrangler prints it: in one message, with colours on a terminal. */
const tableOf = (total: string, color = ''): string =>
  [
    '┌───────────────────┬──────┬─────────────┐',
    '│ Name              │ Type │ Size        │',
    '├───────────────────┼──────┼─────────────┤',
    '│ acs-2EXDTBG2.js   │ esm  │ 6.10 KiB    │',
    '├───────────────────┼──────┼─────────────┤',
    `│ ${total} │      │ 1053.97 KiB │`,
    '└───────────────────┴──────┴─────────────┘',
  ]
    .map((line) => line.replace(/[┌├│└]/, (border) => `${color}${border}${color && '\u001b[39m'}`))
    .join('\n')

function printed(how: 'log' | 'info' | 'warn' | 'error', message: string): readonly string[] {
  const script = `console.${how}(${JSON.stringify(message)})`
  const words = ['--no-warnings', '--import', shortList, '--eval', script]
  const { stdout, stderr } = spawnSync(process.execPath, words, { encoding: 'utf8' })
  return [stdout, stderr]
}

it.each(['', '\u001b[90m'])('the table of modules becomes its last row', (color) => {
  expect(printed('log', tableOf('Total (126 modules)', color))).toEqual([
    '126 modules, 1053.97 KiB\n',
    '',
  ])
})

it.each([
  ['another table', tableOf('acs-3EXDTBG2.js    ')],
  ['a table with a word beside it', `${tableOf('Total (126 modules)')}\nBut one is too large.`],
  ['a line', 'Total Upload: 1054.07 KiB / gzip: 358.42 KiB'],
])('%s stays as it is', (_, message) => {
  expect(printed('log', message)).toEqual([`${message}\n`, ''])
})

it.each(['warn', 'error'] as const)('a message of console.%s stays as it is', (how) => {
  const table = tableOf('Total (126 modules)')
  expect(printed(how, table)).toEqual(['', `${table}\n`])
})
