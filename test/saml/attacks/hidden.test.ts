/** More places to hide something in, and more of what else the identity provider has signed. */
import { beforeAll, describe, expect, it } from 'vitest'
import {
  createTestIdp,
  responseXml,
  sign,
  signatureFor,
} from '../../../tools/signing/saml-signer.ts'
import {
  FORGED,
  afterEndOf,
  beforeStatus,
  dsObject,
  expected,
  extensions,
  forge,
  idp,
  insideEndOf,
  options,
  outcomeOf,
  ownSeed,
  piecesOf,
  unsignedAssertion,
} from './stage.ts'

const attacker = await createTestIdp()
const genuine = (await ownSeed('assertion')).xml
const pieces = piecesOf(genuine)
const whole = (await ownSeed('response')).xml
const wholePieces = piecesOf(whole)
const accepted = `accepted as ${options.nameId}`
const forgedXml = responseXml({ ...options, nameId: FORGED })
const metadata =
  '<md:EntityDescriptor xmlns:md="urn:oasis:names:tc:SAML:2.0:metadata" xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion" ID="_metadata"><saml:Issuer>x</saml:Issuer></md:EntityDescriptor>'
const statusDetail = (content: string) => `<samlp:StatusDetail>${content}</samlp:StatusDetail>`
const withAssertion = (assertion: string) => pieces.head + assertion + pieces.tail
const insideData = (xml: string, added: string) =>
  xml.replace(
    /(<saml:SubjectConfirmationData[^>]*)\/>/,
    (_, tag: string) => `${tag}>${added}</saml:SubjectConfirmationData>`,
  )
const evidence = (content: string) =>
  `<saml:AuthzDecisionStatement Resource="urn:x" Decision="Permit"><saml:Action Namespace="urn:x">x</saml:Action><saml:Evidence>${content}</saml:Evidence></saml:AuthzDecisionStatement>`

async function refusedAs(reason: string, attack: string): Promise<void> {
  expect(attack).toContain(FORGED)
  expect(await outcomeOf(attack, expected)).toBe(reason)
}

describe('the genuine assertion hidden', () => {
  const forged = forge(pieces)
  const withSignature = afterEndOf(forged, 'Issuer', pieces.assertionSignature)
  const original = unsignedAssertion(pieces)

  it.each([
    [
      'xsw-genuine-in-attributevalue',
      insideEndOf(forged, 'AttributeValue', pieces.assertion),
      'several-assertions',
    ],
    [
      'xsw-genuine-in-subjectconfirmationdata',
      insideData(forged, pieces.assertion),
      'several-assertions',
    ],
    [
      'xsw-genuine-in-evidence',
      insideEndOf(forged, 'Assertion', evidence(pieces.assertion)),
      'several-assertions',
    ],
    [
      'xsw-detached-original-in-attributevalue',
      insideEndOf(withSignature, 'AttributeValue', original),
      'several-assertions',
    ],
    [
      'xsw-detached-original-in-subjectconfirmationdata',
      insideData(withSignature, original),
      'several-assertions',
    ],
  ])('%s is refused', async (_, assertion, reason) => {
    expect(assertion).toContain('ID="_assertion"')
    await refusedAs(reason, withAssertion(assertion))
  })

  it.each([
    [
      'xsw-same-id-copied-signature-extensions',
      (assertion: string) => beforeStatus(assertion, extensions(pieces.assertion)),
    ],
    [
      'xsw-same-id-copied-signature-statusdetail',
      (assertion: string) => insideEndOf(assertion, 'Status', statusDetail(pieces.assertion)),
    ],
  ])('%s is refused', async (_, hide) => {
    const copied = afterEndOf(forge(pieces, '_assertion'), 'Issuer', pieces.assertionSignature)
    await refusedAs('several-assertions', hide(withAssertion(copied)))
  })

  it('xsw-response-in-object is refused', async () => {
    const outer = responseXml({
      ...options,
      nameId: FORGED,
      responseId: '_outer',
      assertionId: '_inner',
    })
    const signature = insideEndOf(wholePieces.responseSignature, 'Signature', dsObject(whole))
    await refusedAs('several-assertions', afterEndOf(outer, 'Issuer', signature))
  })

  it.each(['first', 'last'])('multiple-roots-evil-%s is refused', async (place) => {
    const attack = place === 'first' ? forgedXml + genuine : genuine + forgedXml
    await refusedAs('malformed-xml', attack)
  })
})

describe('more than one', () => {
  it('two-signed-assertions: both genuine, and still refused', async () => {
    const second = piecesOf((await ownSeed('assertion')).xml).assertion
    const other = await sign(responseXml({ ...options, assertionId: '_other' }), '_other', idp)
    const attack = withAssertion(second + piecesOf(other).assertion)
    expect(await outcomeOf(attack, expected)).toBe('several-assertions')
  })

  it('two-assertions-under-signed-response is refused', async () => {
    const two = afterEndOf(responseXml(options), 'Assertion', forge(pieces))
    await refusedAs('several-assertions', await sign(two, '_response', idp))
  })

  it('advice-assertion-signed: an assertion in the Advice of the signed one is refused', async () => {
    const advised = afterEndOf(
      responseXml(options),
      'Conditions',
      `<saml:Advice>${forge(pieces)}</saml:Advice>`,
    )
    await refusedAs('several-assertions', await sign(advised, '_assertion', idp))
  })

  it('two-signatures-on-assertion: the genuine one and the attacker’s are refused', async () => {
    const byAttacker = await signatureFor(forgedXml, '_assertion', attacker)
    for (const both of [
      pieces.assertionSignature + byAttacker,
      byAttacker + pieces.assertionSignature,
    ]) {
      const start = forgedXml.indexOf('<saml:Assertion')
      const attack = forgedXml.slice(0, start) + afterEndOf(forgedXml.slice(start), 'Issuer', both)
      await refusedAs('several-signatures', attack)
    }
  })

  it('signedinfo-fake-in-keyinfo: what stands in KeyInfo is no SignedInfo', async () => {
    const [signedInfo = ''] =
      /<ds:SignedInfo>[^]*<\/ds:SignedInfo>/.exec(pieces.assertionSignature) ?? []
    const fake = signedInfo.replace(/(<ds:DigestValue>)[^<]*/, '$1AAAA')
    const swapped = insideEndOf(
      pieces.assertionSignature.replace(signedInfo, fake),
      'KeyInfo',
      signedInfo,
    )
    const attack = genuine.replace(pieces.assertionSignature, swapped)
    expect(await outcomeOf(attack, expected)).toBe('digest-mismatch')
  })

  it('extra-reference: a Reference added after signing is refused', async () => {
    const other = await signatureFor(forgedXml, '_assertion', attacker)
    const [reference = ''] = /<ds:Reference[^]*<\/ds:Reference>/.exec(other) ?? []
    const attack = genuine.replace('</ds:SignedInfo>', `${reference}</ds:SignedInfo>`)
    expect(attack).not.toBe(genuine)
    expect(await outcomeOf(attack, expected)).toBe('several-references')
  })
})

describe('both must verify', () => {
  it('a genuine Assertion does not excuse a signature of the Response by somebody else', async () => {
    expect(await outcomeOf(await sign(genuine, '_response', attacker), expected)).toBe(
      'signature-mismatch',
    )
  })

  it('nor one of the Response that does not fit it', async () => {
    const signed = await sign(genuine, '_response', idp)
    const changed = signed.replace('IssueInstant="2026', 'IssueInstant="2025')
    expect(await outcomeOf(changed, expected)).toBe('digest-mismatch')
  })
})

describe('where the signature stands', () => {
  it('sig-position-last: at the end of the assertion it signs just as well', async () => {
    const moved = insideEndOf(
      genuine.replace(pieces.assertionSignature, ''),
      'Assertion',
      pieces.assertionSignature,
    )
    expect(moved).not.toBe(genuine)
    expect(await outcomeOf(moved, expected)).toBe(accepted)
  })

  it.each(['assertion', 'response'] as const)(
    'sig-uri-empty-on-%s: the whole document is not what it may refer to',
    async (signed) => {
      const xml = await sign(responseXml(options), `_${signed}`, idp, { referenceUri: '' })
      expect(await outcomeOf(xml, expected)).toBe('reference-not-parent')
    },
  )

  it('sig-covers-status-only is refused', async () => {
    const xml = forgedXml.replace('<samlp:Status>', '<samlp:Status ID="_status">')
    const signature = await signatureFor(xml, '_status', idp)
    await refusedAs('misplaced-signature', insideEndOf(xml, 'Status', signature))
    await refusedAs('reference-not-parent', afterEndOf(xml, 'Issuer', signature))
  })
})

describe('donors', () => {
  let signature = ''
  let signedMetadata = ''
  beforeAll(async () => {
    signature = await signatureFor(metadata, '_metadata', idp)
    signedMetadata = afterEndOf(metadata, 'Issuer', signature)
  })

  it('donor-signed-metadata-in-extensions does not sign its surroundings', async () => {
    await refusedAs('misplaced-signature', beforeStatus(forgedXml, extensions(signedMetadata)))
  })

  it('donor-metadata-signature-moved is refused', async () => {
    const start = forgedXml.indexOf('<saml:Assertion')
    const moved =
      forgedXml.slice(0, start) + afterEndOf(forgedXml.slice(start), 'Issuer', signature)
    await refusedAs('reference-not-parent', beforeStatus(moved, extensions(metadata)))
  })

  it('donor-signed-error-twin is refused', async () => {
    const error = responseXml({ ...options, responseId: '_error' })
      .replace(/<saml:Assertion[^]*<\/saml:Assertion>/, '')
      .replace('status:Success', 'status:Responder')
    const signed = await sign(error, '_error', idp)
    const { responseSignature } = piecesOf(`${signed}<saml:Assertion ></saml:Assertion>`)
    const twin = insideEndOf(
      responseSignature,
      'Signature',
      dsObject(piecesOf(forgedXml).assertion),
    )
    expect(twin).toContain(FORGED)
    const attack = signed.replace(responseSignature, responseSignature + twin)
    await refusedAs('misplaced-assertion', attack)
  })
})

describe('comments', () => {
  it('comment-truncates-to-forged: the name that comes out is the long one', async () => {
    const long = `${FORGED}.corpus.test`
    const xml = await sign(responseXml({ ...options, nameId: long }), '_assertion', idp)
    const cut = xml.replace(long, `${FORGED}<!-- x -->.corpus.test`)
    expect(cut).not.toBe(xml)
    expect(await outcomeOf(cut, expected)).toBe(`accepted as ${long}`)
  })

  it('comment-swallows-prefix: what is in a comment was signed as text', async () => {
    const xml = await sign(responseXml({ ...options, nameId: `not-${FORGED}` }), '_assertion', idp)
    await refusedAs('digest-mismatch', xml.replace('not-', '<!--not--->'.replace('--->', '-->')))
    await refusedAs('digest-mismatch', xml.replace('not-', '<x>not-</x>'))
  })

  it('ok-comment-between-elements changes nothing', async () => {
    expect(await outcomeOf(genuine.replaceAll('><', '><!-- x --><'), expected)).toBe(accepted)
  })
})
