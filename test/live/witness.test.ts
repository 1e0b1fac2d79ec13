/** What real IdPs signed, and what was made of it, before two judges: xmlsec1 and ours. */
import { readFile } from 'node:fs/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { spOf } from '../../src/connection/sp.ts'
import { openResponse, type Expect } from '../../src/saml/index.ts'
import { openGate, type Gate } from './gate.ts'
import { bob } from './people.ts'
import { answersIn, connect, expectNoLeaks, products, readAnswer, type Connected } from './stage.ts'
import { everyPlace, xmlsecVerdict } from './xmlsec.ts'

let gate: Gate
beforeAll(async () => {
  gate = await openGate()
})
afterAll(() => gate.close())

/** One letter for another, by which base64 stays base64. */
const otherLetter = (letter: string): string => (letter === 'A' ? 'B' : 'A')
const change = (xml: string, pattern: RegExp, to: (found: string) => string): string => {
  const changed = xml.replace(pattern, (found) => to(found))
  if (changed === xml) throw new Error(`nothing matches ${pattern.source}`)
  return changed
}

const forgeries: readonly (readonly [string, string, (xml: string) => string])[] = [
  [
    'one letter of the signature is another',
    'signature-mismatch',
    (xml) => change(xml, /(?<=SignatureValue>\s*)[A-Za-z0-9+/]/, otherLetter),
  ],
  [
    'one letter of the digest is another',
    'digest-mismatch',
    (xml) => change(xml, /(?<=DigestValue>\s*)[A-Za-z0-9+/]/, otherLetter),
  ],
  [
    'one letter of an attribute is another',
    'digest-mismatch',
    (xml) => change(xml, /bob@example\.com(?=<)/, () => 'bot@example.com'),
  ],
  [
    'the audience is another',
    'digest-mismatch',
    (xml) => change(xml, /(?<=Audience>)http(?=:)/, () => 'nttp'),
  ],
]

describe.each(products)('%s', (product) => {
  let connected: Connected
  let xml: string
  let expectations: Expect
  const open = (text: string) =>
    openResponse(Buffer.from(text, 'utf8').toString('base64'), expectations)
  const xmlsec = (text: string) =>
    Promise.all(
      everyPlace.map((place) => xmlsecVerdict(text, place, connected.idp.certificateFile)),
    )

  beforeAll(async () => {
    connected = await connect(gate, product, { signs: 'both' })
    const [answer] = answersIn(await gate.browser().visit(`${gate.url}/wiki`, bob))
    if (!answer) throw new Error('no answer')
    const read = readAnswer(answer)
    xml = read.xml
    expectations = {
      idp: {
        entityId: connected.idp.entityId,
        certificates: [await readFile(connected.idp.certificateFile, 'utf8')],
      },
      sp: spOf(gate, connected.id),
      inResponseTo: read.inResponseTo,
      now: new Date(),
    }
  })
  afterAll(() => connected.disconnect())

  it('signs what both judges accept', async () => {
    expect(await xmlsec(xml)).toEqual(['holds', 'holds'])
    expect(await open(xml)).toMatchObject({ ok: true, value: { issuer: connected.idp.entityId } })
  })

  it.each(forgeries)('is not believed by either where %s', async (_, reason, forge) => {
    expect(await xmlsec(forge(xml))).toContain('does not hold')
    expect(await open(forge(xml))).toMatchObject({ ok: false, error: { reason } })
  })

  it('is not believed about a wrapped copy, whose signature holds for xmlsec1', async () => {
    const wrapped = wrap(xml)
    expect(wrapped).toContain('mallory@example.com')
    expect(await xmlsecVerdict(wrapped, 'assertion', connected.idp.certificateFile)).toBe('holds')
    expect(await open(wrapped)).toMatchObject({
      ok: false,
      error: { reason: 'several-assertions' },
    })
  })
})

it('has said nothing that is secret', expectNoLeaks)

/**
 * Signature wrapping: the signed assertion is kept whole where nobody looks, and one of the forger's
 * takes its place and its signature. That of the Response goes, since it would not hold.
 */
function wrap(xml: string): string {
  const [assertion = ''] = /<saml:Assertion [\s\S]*<\/saml:Assertion>/.exec(xml) ?? []
  const [signature = ''] = SIGNATURE.exec(assertion) ?? []
  const original = assertion.replace(signature, '')
  const forged = assertion
    .replace(/ ID="[^"]*"/, ' ID="_forged"')
    .replaceAll('bob@example.com', 'mallory@example.com')
  const extensions = `<samlp:Extensions>${original}</samlp:Extensions>`
  return xml
    .replace(assertion, '')
    .replace(SIGNATURE, '')
    .replace('<samlp:Status', `${extensions}<samlp:Status`)
    .replace('</samlp:Response>', `${forged}</samlp:Response>`)
}

const SIGNATURE = /<(ds:)?Signature [\s\S]*?<\/(ds:)?Signature>/
