/** What comes out is in the bytes that were hashed, and nothing of it can be changed. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { encodeBase64, sha256, utf8 } from '../../src/lib/bytes.ts'
import { canonicalize } from '../../src/saml/xml/c14n.ts'
import { openResponse, type Subject } from '../../src/saml/index.ts'
import { parseTime } from '../../src/lib/time.ts'
import {
  attributeOf,
  childElements,
  parseXml,
  textOf,
  type XmlElement,
} from '../../src/saml/xml/reader.ts'
import { descendants } from '../../src/saml/xml/tree.ts'
import {
  escapeXml,
  responseXml,
  sign,
  toPosted,
  type Signed,
} from '../../tools/signing/saml-signer.ts'
import { expected, idp, options, seeds, type Seed } from './attacks/stage.ts'

const DS = 'http://www.w3.org/2000/09/xmldsig#'

/** The text whose digest stands in the signature: that it does is checked here, by the digest. */
async function hashedText(xml: string): Promise<string> {
  const document = parseXml(utf8(xml))
  if (!document.ok) throw new Error(document.error)
  const elements = [...descendants(document.value)]
  const signatures = elements.filter((e) => e.namespace === DS && e.local === 'Signature')
  // The innermost: of two it is the assertion's that counts.
  const signature = signatures.at(-1)
  const parent = signature?.parent
  if (!signature || !parent) throw new Error('it is not signed')
  const found = (local: string) => [...descendants(signature)].find((e) => e.local === local)
  const list = found('InclusiveNamespaces')
  const prefixes = (list ? (attributeOf(list, 'PrefixList') ?? '') : '').split(' ')
  const text = canonicalize(parent, {
    withComments: false,
    inclusivePrefixes: prefixes.filter((prefix) => prefix !== ''),
    omit: signature,
  })
  const digest = found('DigestValue')
  const algorithm = attributeOf(found('DigestMethod') ?? parent, 'Algorithm') ?? ''
  if (algorithm.endsWith('#sha256')) {
    expect(encodeBase64(await sha256(utf8(text)))).toBe(digest && textOf(digest)?.trim())
  }
  return text
}

/** Every value that the signed text holds, as an attribute or as text. */
function valuesIn(hashed: string): ReadonlySet<string> {
  const document = parseXml(utf8(hashed))
  if (!document.ok) throw new Error(document.error)
  const valuesOf = (element: XmlElement): readonly string[] => [
    ...element.attributes.map(({ value }) => value),
    ...(childElements(element).length === 0 ? [textOf(element) ?? ''] : []),
  ]
  return new Set([...descendants(document.value)].flatMap(valuesOf))
}

const stringsOf = (subject: Subject): readonly string[] =>
  [
    subject.nameId,
    subject.nameIdFormat,
    subject.sessionIndex,
    subject.authnContext,
    subject.issuer,
    subject.assertionId,
    ...[...subject.attributes].flatMap(([name, values]) => [name, ...values]),
  ].filter((value) => value !== null)

async function expectHashed(xml: string, subject: Subject): Promise<void> {
  const values = valuesIn(await hashedText(xml))
  expect(stringsOf(subject).filter((value) => !values.has(value))).toEqual([])
  const times = new Set<number | null>(Array.from(values, parseTime))
  const dates = [subject.authnInstant, subject.notOnOrAfter, subject.sessionNotOnOrAfter]
  const unsigned = dates.filter((date) => date !== null && !times.has(date.getTime()))
  expect(unsigned).toEqual([])
}

async function subjectOf(xml: string, expect_: Seed['expect']): Promise<Subject> {
  const opened = await openResponse(toPosted(xml), expect_)
  if (!opened.ok) throw new Error(opened.error.reason)
  return opened.value
}

/** Every place where a value of the subject is written, as characters of the message. */
function placesOf(xml: string, subject: Subject): readonly number[] {
  const places = new Set<number>()
  // Only what stands between tags or quotes as a whole: `a` is not every a.
  const quote = (text: string) => text.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`)
  for (const value of stringsOf(subject)) {
    if (value === '') continue
    const written = new RegExp(`(?<=[>"])${quote(escapeXml(value))}(?=[<"])`, 'g')
    for (const { index, 0: text } of xml.matchAll(written)) {
      for (let at = index; at < index + text.length; at++) places.add(at)
    }
  }
  return [...places]
}

const isWithin = (xml: string, at: number, local: string): boolean => {
  const start = xml.search(new RegExp(`<(?:\\w+:)?${local}[\\s>]`))
  return start >= 0 && start < at && at < xml.search(new RegExp(`</(?:\\w+:)?${local}>`))
}

describe('what openResponse returns', () => {
  it.each(seeds.map((seed) => [seed.name, seed] as const))(
    '%s: is in the bytes that were hashed',
    async (_, seed) => {
      await expectHashed(seed.xml, await subjectOf(seed.xml, seed.expect))
    },
  )

  it.each(seeds.map((seed) => [seed.name, seed] as const))(
    '%s: is refused with any character of it changed',
    async (_, seed) => {
      const subject = await subjectOf(seed.xml, seed.expect)
      const places = placesOf(seed.xml, subject).filter((at) => isWithin(seed.xml, at, 'Assertion'))
      expect(places.length).toBeGreaterThan(50)
      // Each would be a verification: a spread of them.
      for (let i = 0; i < places.length; i += Math.ceil(places.length / 60)) {
        const at = places[i] ?? 0
        const other = seed.xml[at] === 'x' ? 'y' : 'x'
        const opened = await openResponse(
          toPosted(seed.xml.slice(0, at) + other + seed.xml.slice(at + 1)),
          seed.expect,
        )
        expect([at, opened.ok]).toEqual([at, false])
      }
    },
  )

  const text = fc.string({
    unit: fc.constantFrom('a', 'B', '0', ' ', '&', '<', '>', '"', "'", 'ä', '李', '𝒵', ']]>', '.'),
    minLength: 1,
    maxLength: 12,
  })
  const person = fc.record({
    nameId: text.filter((name) => name.trim() !== ''),
    attributes: fc.dictionary(text, fc.array(text, { maxLength: 3 }), { maxKeys: 4 }),
    signed: fc.constantFrom<Signed>('assertion', 'response', 'both'),
    at: fc.nat(),
  })

  it('is in the bytes that were hashed, and refused with one character changed, for anybody', async () => {
    await fc.assert(
      fc.asyncProperty(person, async ({ nameId, attributes, signed, at }) => {
        let xml = responseXml({ ...options, nameId, attributes }).replaceAll(']]>', ']]&gt;')
        if (signed !== 'response') xml = await sign(xml, '_assertion', idp)
        if (signed !== 'assertion') xml = await sign(xml, '_response', idp)
        const subject = await subjectOf(xml, expected)
        expect(subject.nameId).toBe(nameId)
        await expectHashed(xml, subject)
        const places = placesOf(xml, subject)
        expect(places.length).toBeGreaterThan(20)
        const place = places[at % places.length] ?? 0
        const changed = `${xml.slice(0, place)}${xml[place] === 'x' ? 'y' : 'x'}${xml.slice(place + 1)}`
        // The Response's own Issuer is not signed with the assertion, and judged all the same.
        expect((await openResponse(toPosted(changed), expected)).ok).toBe(false)
      }),
      { numRuns: 60 },
    )
  }, 60_000)

  it('is the very same when a mutant of the message is accepted', async () => {
    const change = fc.record({
      seed: fc.constantFrom(...seeds),
      at: fc.nat(20_000),
      length: fc.nat(3),
      added: fc.constantFrom('', ' ', '\n', 'x', '<!-- x -->', '&#97;', ' xmlns:p="urn:x"', '<x/>'),
    })
    await fc.assert(
      fc.asyncProperty(change, async ({ seed, at, length, added }) => {
        const from = at % seed.xml.length
        const mutant = seed.xml.slice(0, from) + added + seed.xml.slice(from + length)
        const opened = await openResponse(toPosted(mutant), seed.expect)
        if (opened.ok) expect(opened.value).toEqual(await subjectOf(seed.xml, seed.expect))
      }),
      { numRuns: 400 },
    )
  }, 60_000)
})
