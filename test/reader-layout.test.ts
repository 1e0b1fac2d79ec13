import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { expect, it } from 'vitest'

const root = join(import.meta.dirname, '..')

/** Asks V8 about the parser that src/saml/xml/reader.ts has just read with. */
const ASK = `
  import { SaxesParser } from 'saxes'
  import { parseXml } from './src/saml/xml/reader.ts'
  const { close } = SaxesParser.prototype
  SaxesParser.prototype.close = function () {
    console.log(%HasFastProperties(this) ? 'a record' : 'a hash table')
    return close.call(this)
  }
  parseXml(new TextEncoder().encode('<a/>'))
`

it('reads XML with a parser that is a record to V8, not a hash table, which is five times slower', () => {
  const flags = ['--allow-natives-syntax', '--disable-warning=ExperimentalWarning']
  const script = ['--input-type=module', '--eval', ASK]
  const said = execFileSync(process.execPath, [...flags, ...script], {
    cwd: root,
    encoding: 'utf8',
  })
  expect(said.trim()).toBe('a record')
})
