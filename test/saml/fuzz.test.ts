/** What `npm run fuzz` found once, made small. What was mended stays so. */
import { describe, expect, it } from 'vitest'
import { utf8 } from '../../src/lib/bytes.ts'
import { parseXml } from '../../src/saml/xml/reader.ts'
import casesText from '../vectors/fuzz/cases.json?raw'

interface Found {
  readonly name: string
  readonly found: string
  readonly xml: string
  /** Null: it is read. */
  readonly fault: string | null
}
const cases: readonly Found[] = JSON.parse(casesText)

describe('documents that told us from libxml2', () => {
  it('has them all', () => {
    expect(cases.length).toBeGreaterThan(8)
  })

  it.each(cases.map((each) => [each.name, each] as const))('%s', (_, { xml, fault }) => {
    const read = parseXml(utf8(xml))
    expect(read.ok ? null : read.error).toBe(fault)
  })
})
