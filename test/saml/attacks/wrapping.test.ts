import { describe, expect, it } from 'vitest'
import {
  FORGED,
  afterEndOf,
  beforeStatus,
  dsObject,
  extensions,
  forge,
  insideEndOf,
  insideStartOf,
  outcomeOf,
  piecesOf,
  seeds,
  unsignedAssertion,
  type Pieces,
  type Seed,
} from './stage.ts'

interface Wrapping {
  readonly name: string
  /** Which signature the attack plays with. */
  readonly needs: 'assertion' | 'response' | 'any'
  readonly make: (pieces: Pieces, xml: string) => string
  readonly reasons: readonly string[]
}

const withAssertion = ({ head, tail }: Pieces, assertion: string): string => head + assertion + tail
const responseOf = ({ head, assertion, tail }: Pieces): string => head + assertion + tail
const withoutDeclaration = (xml: string): string => xml.replace(/^<\?xml[^>]*\?>\s*/, '')

/** The signed assertion hidden somewhere in the forged one, or beside it. */
const hide =
  (place: (forged: string, genuine: string) => string) =>
  (pieces: Pieces): string =>
    withAssertion(pieces, place(forge(pieces), pieces.assertion))

const forgedResponse = (pieces: Pieces): string =>
  responseOf(pieces)
    .replace(pieces.responseSignature, '')
    .replace(`ID="${pieces.responseId}"`, 'ID="_forgedResponse"')
    .replace(pieces.assertion, forge(pieces))

const two = ['several-assertions']

const wrappings: readonly Wrapping[] = [
  {
    name: 'xsw1',
    needs: 'response',
    make: (p) =>
      beforeStatus(
        forgedResponse(p),
        insideEndOf(
          p.responseSignature,
          'Signature',
          withoutDeclaration(responseOf(p).replace(p.responseSignature, '')),
        ),
      ),
    reasons: two,
  },
  {
    name: 'xsw2',
    needs: 'response',
    make: (p) =>
      beforeStatus(
        forgedResponse(p),
        withoutDeclaration(responseOf(p).replace(p.responseSignature, '')) + p.responseSignature,
      ),
    reasons: ['unexpected-element'],
  },
  {
    name: 'xsw3',
    needs: 'any',
    make: (p) => withAssertion(p, forge(p) + p.assertion),
    reasons: two,
  },
  {
    name: 'xsw3-after',
    needs: 'any',
    make: (p) => withAssertion(p, p.assertion + forge(p)),
    reasons: two,
  },
  {
    name: 'xsw4',
    needs: 'any',
    make: hide((forged, genuine) => insideEndOf(forged, 'Assertion', genuine)),
    reasons: two,
  },
  {
    name: 'xsw5',
    needs: 'assertion',
    make: (p) =>
      withAssertion(p, afterEndOf(forge(p), 'Issuer', p.assertionSignature) + unsignedAssertion(p)),
    reasons: two,
  },
  {
    name: 'xsw6',
    needs: 'assertion',
    make: (p) =>
      withAssertion(
        p,
        afterEndOf(
          forge(p),
          'Issuer',
          insideEndOf(p.assertionSignature, 'Signature', unsignedAssertion(p)),
        ),
      ),
    reasons: two,
  },
  {
    name: 'xsw7',
    needs: 'any',
    make: (p, xml) => beforeStatus(xml, extensions(forge(p))),
    reasons: two,
  },
  {
    name: 'xsw7-same-id',
    needs: 'any',
    make: (p, xml) => beforeStatus(xml, extensions(forge(p, p.assertionId))),
    reasons: two,
  },
  {
    name: 'xsw8',
    needs: 'assertion',
    make: (p) =>
      withAssertion(
        p,
        afterEndOf(
          forge(p),
          'Issuer',
          insideEndOf(p.assertionSignature, 'Signature', dsObject(unsignedAssertion(p))),
        ),
      ),
    reasons: two,
  },
  {
    name: 'xsw8-same-id',
    needs: 'assertion',
    make: (p) =>
      withAssertion(
        p,
        afterEndOf(
          forge(p, p.assertionId),
          'Issuer',
          insideEndOf(p.assertionSignature, 'Signature', dsObject(unsignedAssertion(p))),
        ),
      ),
    reasons: two,
  },
  ...['NameID', 'SubjectConfirmation', 'Conditions', 'AuthnStatement', 'Issuer', 'Subject'].map(
    (place): Wrapping => ({
      name: `xsw-genuine-in-${place.toLowerCase()}`,
      needs: 'any',
      make: hide((forged, genuine) => insideEndOf(forged, place, genuine)),
      reasons: two,
    }),
  ),
  {
    name: 'xsw-genuine-in-advice',
    needs: 'any',
    make: hide((forged, genuine) =>
      afterEndOf(
        forged,
        'Conditions',
        `<saml:Advice xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion">${genuine}</saml:Advice>`,
      ),
    ),
    reasons: two,
  },
  {
    name: 'xsw-genuine-in-extensions',
    needs: 'any',
    make: (p) => beforeStatus(withAssertion(p, forge(p)), extensions(p.assertion)),
    reasons: two,
  },
  {
    name: 'xsw-genuine-in-statusdetail',
    needs: 'any',
    make: (p) =>
      insideEndOf(
        withAssertion(p, forge(p)),
        'Status',
        `<samlp:StatusDetail xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol">${p.assertion}</samlp:StatusDetail>`,
      ),
    reasons: two,
  },
  {
    name: 'xsw-genuine-in-wrapper',
    needs: 'any',
    make: (p) => beforeStatus(withAssertion(p, forge(p)), `<wrapper>${p.assertion}</wrapper>`),
    reasons: ['unexpected-element'],
  },
  ...['Advice', 'Extensions'].map((place): Wrapping => ({
    name: `xsw-detached-original-in-${place.toLowerCase()}`,
    needs: 'assertion',
    make: (p) => {
      const forged = afterEndOf(forge(p), 'Issuer', p.assertionSignature)
      const original = unsignedAssertion(p)
      return place === 'Advice'
        ? withAssertion(
            p,
            afterEndOf(
              forged,
              'Conditions',
              `<saml:Advice xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion">${original}</saml:Advice>`,
            ),
          )
        : beforeStatus(withAssertion(p, forged), extensions(original))
    },
    reasons: two,
  })),
  ...['Extensions', 'StatusDetail', 'Issuer', 'Wrapper'].map((place): Wrapping => ({
    name: `xsw-response-in-${place.toLowerCase()}`,
    needs: 'response',
    make: (p) => {
      const genuine = withoutDeclaration(responseOf(p))
      const outer = forgedResponse(p)
      if (place === 'Issuer') return insideEndOf(outer, 'Issuer', genuine)
      if (place === 'Wrapper') return beforeStatus(outer, `<wrapper>${genuine}</wrapper>`)
      return place === 'Extensions'
        ? beforeStatus(outer, extensions(genuine))
        : insideEndOf(
            outer,
            'Status',
            `<samlp:StatusDetail xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol">${genuine}</samlp:StatusDetail>`,
          )
    },
    reasons: place === 'Wrapper' ? ['unexpected-element'] : two,
  })),
  {
    name: 'dup-id-before',
    needs: 'any',
    make: (p) => withAssertion(p, forge(p, p.assertionId) + p.assertion),
    reasons: two,
  },
  {
    name: 'dup-id-after',
    needs: 'any',
    make: (p) => withAssertion(p, p.assertion + forge(p, p.assertionId)),
    reasons: two,
  },
  {
    name: 'dup-id-response',
    needs: 'assertion',
    make: (p, xml) => xml.replace(`ID="${p.responseId}"`, `ID="${p.assertionId}"`),
    reasons: ['duplicate-id'],
  },
  {
    name: 'two-assertions-first-forged',
    needs: 'assertion',
    make: (p) =>
      withAssertion(
        p,
        afterEndOf(forge(p, p.assertionId), 'Issuer', p.assertionSignature) + p.assertion,
      ),
    reasons: two,
  },
  {
    name: 'two-assertions-second-forged',
    needs: 'assertion',
    make: (p) =>
      withAssertion(p, p.assertion + afterEndOf(forge(p), 'Issuer', p.assertionSignature)),
    reasons: two,
  },
  {
    name: 'extra-assertion-in-signed-response',
    needs: 'response',
    make: (p) => withAssertion(p, p.assertion + forge(p)),
    reasons: two,
  },
  {
    name: 'sig-object-forged-assertion',
    needs: 'any',
    make: (p, xml) => insideEndOf(xml, 'Signature', dsObject(forge(p))),
    reasons: two,
  },
  {
    name: 'sig-keyinfo-forged-assertion',
    needs: 'any',
    make: (p, xml) => insideEndOf(xml, 'KeyInfo', forge(p)),
    reasons: two,
  },
  {
    name: 'forged-in-signature-object-only',
    needs: 'assertion',
    make: (p) =>
      withAssertion(p, '').replace(
        /<\/(?:\w+:)?Response>/,
        (end) => insideEndOf(p.assertionSignature, 'Signature', dsObject(forge(p))) + end,
      ),
    reasons: ['misplaced-assertion'],
  },
  {
    name: 'sig-twice',
    needs: 'assertion',
    make: (p) =>
      withAssertion(p, p.assertion.replace(p.assertionSignature, p.assertionSignature.repeat(2))),
    reasons: ['several-signatures'],
  },
  {
    name: 'sig-detached-at-response',
    needs: 'assertion',
    make: (p) =>
      beforeStatus(
        withAssertion(p, unsignedAssertion(p)).replace(p.responseSignature, ''),
        p.assertionSignature,
      ),
    reasons: ['reference-not-parent'],
  },
  {
    name: 'signature-on-response-references-assertion',
    needs: 'assertion',
    make: (p) =>
      beforeStatus(
        withAssertion(p, forge(p) + unsignedAssertion(p)).replace(p.responseSignature, ''),
        p.assertionSignature,
      ),
    reasons: two,
  },
  {
    name: 'many-signatures',
    needs: 'assertion',
    make: (p, xml) => beforeStatus(xml, extensions(p.assertionSignature.repeat(300))),
    reasons: ['misplaced-signature'],
  },
]

const suits = (wrapping: Wrapping, seed: Seed): boolean =>
  wrapping.needs === 'any' || seed.signed === 'both' || seed.signed === wrapping.needs

describe.each(seeds.map((seed) => [seed.name, seed] as const))('%s', (_, seed) => {
  const pieces = piecesOf(seed.xml)

  it('is accepted as it is', async () => {
    expect(pieces.head + pieces.assertion + pieces.tail).toBe(seed.xml)
    expect(await outcomeOf(seed.xml, seed.expect)).toBe(`accepted as ${seed.nameId}`)
  })

  it.each(wrappings.filter((w) => suits(w, seed)).map((w) => [w.name, w] as const))(
    'refuses %s',
    async (__, wrapping) => {
      const attack = wrapping.make(pieces, seed.xml)
      expect(attack).not.toBe(seed.xml)
      if (!/^(sig-|dup-id-response|many)/.test(wrapping.name)) expect(attack).toContain(FORGED)
      expect(wrapping.reasons).toContain(await outcomeOf(attack, seed.expect))
    },
  )

  it.each([
    ['tamper-nameid', (xml: string) => xml.replace(/(<(?:\w+:)?NameID[^>]*>)[^<]*/, `$1${FORGED}`)],
    ['tamper-newline-inserted', (xml: string) => insideEndOf(xml, 'Subject', '\n')],
    ['tamper-audience', (xml: string) => insideStartOf(xml, 'Audience', 'x')],
  ])('refuses %s', async (__, change) => {
    expect(await outcomeOf(change(seed.xml), seed.expect)).toBe('digest-mismatch')
  })

  it('refuses no-signature', async () => {
    const bare = seed.xml
      .replace(pieces.assertionSignature, '')
      .replace(pieces.responseSignature, '')
    expect(await outcomeOf(bare, seed.expect)).toBe('unsigned')
  })

  it.each([
    ['comment-nameid-middle', (id: string) => `${id.slice(0, 3)}<!-- x -->${id.slice(3)}`],
    ['comment-nameid-start', (id: string) => `<!-- x -->${id}`],
    ['comment-nameid-end', (id: string) => `${id}<!---->`],
  ])('takes %s for the whole name that was signed', async (__, comment) => {
    const changed = seed.xml.replace(
      /(<(?:\w+:)?NameID[^>]*>)([^<]*)/,
      (___, tag: string, id: string) => tag + comment(id),
    )
    expect(changed).not.toBe(seed.xml)
    expect(await outcomeOf(changed, seed.expect)).toBe(`accepted as ${seed.nameId}`)
  })
})
