/** Nobody has signed yet what is canonicalized: what a forger can make us do grows with its size. */
import { expect, it } from 'vitest'
import { expected, insideEndOf, outcomeOf, ownSeed } from './stage.ts'

const genuine = (await ownSeed('assertion')).xml
/** They took three and sixteen seconds when cost went by the square; now a tenth of one. */
const MOST_MS = 2000

async function soon(xml: string): Promise<string> {
  const begin = performance.now()
  const outcome = await outcomeOf(xml, expected)
  expect(performance.now() - begin).toBeLessThan(MOST_MS)
  return outcome
}

it('a long PrefixList over many elements', async () => {
  const list = `<ec:InclusiveNamespaces xmlns:ec="http://www.w3.org/2001/10/xml-exc-c14n#" PrefixList="${'p '.repeat(100_000)}"/>`
  const xml = insideEndOf(genuine, 'Assertion', '<a/>'.repeat(37_000))
  const [c14n = ''] = /<ds:Transform Algorithm="[^"]*exc-c14n#">/.exec(xml) ?? []
  const attack = xml.replace(c14n, c14n + list)
  expect(attack.length).toBeGreaterThan(340_000)
  expect(await soon(attack)).toBe('digest-mismatch')
})

it('many namespaces around many that declare one', async () => {
  const around = Array.from({ length: 44 }, (_, depth) =>
    Array.from({ length: 60 }, (__, i) => ` xmlns:p${depth}-${i}="u:"`).join(''),
  )
  const deep = around.reduceRight(
    (inner, declarations) => `<a${declarations}>${inner}</a>`,
    '<a xmlns:x="u:"/>'.repeat(20_000),
  )
  expect(await soon(insideEndOf(genuine, 'Assertion', deep))).toBe('digest-mismatch')
})
