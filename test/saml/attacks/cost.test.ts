/** Nobody has signed yet what is canonicalized: what a forger can make us do grows with its size. */
import { expect, it } from 'vitest'
import { expected, insideEndOf, outcomeOf, ownSeed } from './stage.ts'

const genuine = (await ownSeed('assertion')).xml
const TIMEOUT_MS = 120_000

async function millisecondsOf(xml: string): Promise<number> {
  const begin = performance.now()
  expect(await outcomeOf(xml, expected)).toBe('digest-mismatch')
  return performance.now() - begin
}

/** By the square, an attack took twenty to eighty times what the same size takes otherwise. */
async function expectLinear(attack: string, harmless: string): Promise<void> {
  await millisecondsOf(harmless)
  const usual = await millisecondsOf(harmless)
  expect(await millisecondsOf(attack)).toBeLessThan(usual * 10 + 200)
}

it(
  'a long PrefixList over many elements',
  async () => {
    const many = insideEndOf(genuine, 'Assertion', '<a/>'.repeat(37_000))
    const [c14n = ''] = /<ds:Transform Algorithm="[^"]*exc-c14n#">/.exec(many) ?? []
    const withList = (prefixes: number) =>
      many.replace(
        c14n,
        `${c14n}<ec:InclusiveNamespaces xmlns:ec="http://www.w3.org/2001/10/xml-exc-c14n#" PrefixList="${'p '.repeat(prefixes)}"/>`,
      )
    expect(c14n).not.toBe('')
    await expectLinear(withList(100_000), withList(1))
  },
  TIMEOUT_MS,
)

it(
  'many namespaces around many elements that declare one',
  async () => {
    const deep = (namespaces: number) =>
      Array.from({ length: 44 }, (_, depth) =>
        Array.from({ length: namespaces }, (__, i) => ` xmlns:p${depth}-${i}="u:"`).join(''),
      ).reduceRight(
        (inner, declarations) => `<a${declarations}>${inner}</a>`,
        '<a xmlns:x="u:"/>'.repeat(40_000),
      )
    await expectLinear(
      insideEndOf(genuine, 'Assertion', deep(60)),
      insideEndOf(genuine, 'Assertion', deep(0)),
    )
  },
  TIMEOUT_MS,
)
